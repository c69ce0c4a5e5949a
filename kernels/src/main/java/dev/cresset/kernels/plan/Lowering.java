package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.plan.passes.KnownValues;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** From a subgraph to steps over places: one walk over its nodes. */
final class Lowering {
    private final Workshop workshop;
    private final Holdings holdings;
    private final Memory memory = new Memory();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Value, Operand> operands = new IdentityHashMap<>();
    private final ViewRules views;
    private final List<Place> inputs = new ArrayList<>();
    private List<Place> results;

    private final GrowingCats cats;
    private final Form form;

    private Lowering(Workshop workshop, Graph graph, Form form) {
        this.form = form;
        this.workshop = workshop;
        this.cats = new GrowingCats(graph);
        boolean library = !workshop.isOnDevice() && OneDnnLibrary.isAvailable();
        this.holdings = new Holdings(library ? OneDnn.create(OneDnn.Settings.ofThreads(workshop.threads())) : null);
        this.views = new ViewRules(workshop, this::copied);
    }

    /** What a plan is made of. */
    record Lowered(List<Place> inputs, List<Place> results, Frame.Layout layout) {}

    static Lowered lower(Graph graph, Workshop workshop, Form form) {
        Lowering l = new Lowering(workshop, graph, form);
        int before = workshop.made();
        try {
            for (Value v : graph.inputs()) l.input(v);
            for (Node n : graph.nodes()) l.node(n);
            l.results = new Results(l).of(graph.outputs().stream().map(l::operand).toList(),
                graph.outputs().stream().map(v -> meta(v.type())).toList());
            l.holdings.own(workshop.takeMade(before));
            return new Lowered(l.inputs, l.results, l.layout());
        } catch (RuntimeException | Error e) {
            l.holdings.close();
            throw e;
        }
    }

    private Frame.Layout layout() {
        for (int i = 0; i < steps.size(); i++) for (Buffer b : steps.get(i).buffers()) b.usedAt(i);
        StepOrder order = form.branches() ? StepOrder.ofTensors(steps) : StepOrder.chain(steps.size());
        long block = MemoryPlan.place(memory.buffers(), steps, order);
        return new Frame.Layout(memory.buffers(), memory.constants(), block, List.copyOf(steps), !order.isChain(), holdings);
    }

    private void input(Value v) {
        Place p = memory.input(meta(v.type()));
        inputs.add(p);
        operands.put(v, p);
    }

    /** The description that a complete type gives. @throws CressetException if it is not complete */
    static Meta meta(Type type) {
        if (!(type instanceof TensorType t) || !t.isComplete()) throw new CressetException("a static plan needs complete types, got " + type);
        return new Meta(t.dtype(), t.sizes().stream().mapToLong(s -> s).toArray(), t.strides().stream().mapToLong(s -> s).toArray());
    }

    Operand operand(Value v) {
        Operand o = operands.get(v);
        if (o == null) throw new CressetException("no definition of " + v);
        return o;
    }

    /** The values that are constants. */
    KnownValues constants() {
        return new KnownValues() {
            @Override public boolean has(Value v) { return operand(v) instanceof Operand.Constant; }

            @Override public Object of(Value v) { return operand(v) instanceof Operand.Constant c ? c.value() : null; }
        };
    }

    /** Where an operand that is a tensor lies. */
    Place place(Operand o) {
        return switch (o) {
            case Place p -> p;
            case Operand.Constant(Tensor t) -> memory.constant(t);
            case Operand other -> throw new CressetException("not a tensor: " + other);
        };
    }

    // ---- what the parts that make steps use

    Workshop workshop() { return workshop; }

    Holdings holdings() { return holdings; }

    DeviceConvolutions.Layout convolutions() { return form.convolutions(); }

    Memory memory() { return memory; }

    void add(Step step) { steps.add(step); }

    void define(Value v, Operand o) { operands.put(v, o); }

    /** The same tensor in memory of its own with these strides. */
    Place copied(Place from, long[] strides) {
        Place to = memory.internal(new Meta(from.type(), from.sizes(), strides));
        copy(from, to);
        return to;
    }

    void copy(Place from, Place to) {
        Step step = Library.copy(this, from, to);
        steps.add(step != null ? step : new OperatorSteps.Copy(from, to));
    }

    // ---- nodes

    void node(Node n) {
        switch (n.kind()) {
            case Kinds.CONSTANT -> operands.put(n.output(), new Operand.Constant(n.attribute("value")));
            case Kinds.LIST_CONSTRUCT -> operands.put(n.output(), list(n));
            case Kinds.LIST_UNPACK -> unpack(n);
            case Kinds.LIBRARY_GROUP -> libraryGroup(n);
            case Kinds.FUSION_GROUP -> new Fusion(this, n).lower();
            case Kinds.PRODUCT_GROUP -> new ProductGroup(this, n).lower();
            case Kinds.FUSION_LOOP -> new FusedLoop(this, n).lower();
            default -> operator(n);
        }
    }

    private Operand list(Node n) {
        List<Operand> items = n.inputs().stream().map(this::operand).toList();
        if (!items.stream().allMatch(i -> i instanceof Operand.Constant)) return new Operand.Items(items);
        return new Operand.Constant(new ScriptList(((dev.cresset.ir.type.ListType) n.output().type()).element(),
            Arrays.asList(items.stream().map(i -> ((Operand.Constant) i).value()).toArray())));
    }

    private void unpack(Node n) {
        for (int i = 0; i < n.outputs().size(); i++) {
            operands.put(n.outputs().get(i), switch (operand(n.input(0))) {
                case Operand.Items l -> l.items().get(i);
                case Operand.Constant(List<?> l) -> new Operand.Constant(l.get(i));
                case Operand o -> throw new CressetException("not a list: " + o);
            });
        }
    }

    /** The nodes of a group that there is no kernel for. @param inputs of the group */
    void oneByOne(Node group, List<Place> inputs) {
        Graph g = group.subgraph().orElseThrow();
        for (int i = 0; i < inputs.size(); i++) define(g.inputs().get(i), inputs.get(i));
        g.nodes().forEach(this::node);
        for (int i = 0; i < g.outputs().size(); i++) define(group.outputs().get(i), operand(g.outputs().get(i)));
    }

    /** A library call with what follows it, or its nodes one by one. */
    private void libraryGroup(Node group) {
        Graph g = group.subgraph().orElseThrow();
        for (int i = 0; i < g.inputs().size(); i++) operands.put(g.inputs().get(i), operand(group.input(i)));
        List<Node> calls = new ArrayList<>();
        for (Node n : g.nodes()) if (n.operator() != null) calls.add(n); else node(n);
        int taken = library(calls.getFirst(), calls.subList(1, calls.size()));
        for (Node n : calls.subList(taken + 1, calls.size())) node(n);
        for (int i = 0; i < g.outputs().size(); i++) operands.put(group.outputs().get(i), operand(g.outputs().get(i)));
    }

    /** How many nodes of the chain were done together with the node, -1 if the library does not do it. */
    private int library(Node n, List<Node> chain) {
        if (n.outputs().size() != 1 || !(n.output().type() instanceof TensorType)) return -1;
        if (workshop.isOnDevice()) {
            int done = new DeviceProducts(this).lower(n, chain);
            return done >= 0 ? done : new DeviceConvolutions(this).lower(n, arguments(n), chain);
        }
        int taken = new Products(this).lower(n, chain);
        if (taken < 0) taken = new Convolutions(this).lower(n, arguments(n), chain);
        return taken;
    }

    private Arguments arguments(Node n) { return new Arguments(n.inputs().stream().map(this::operand).toList()); }

    private void operator(Node n) {
        Operator operator = (Operator) n.operator();
        if (operator == null) throw new CressetException("a static plan cannot run " + n.kind());
        if (library(n, List.of()) >= 0 || cats.lower(n, this)) return;
        if (workshop.isOnDevice() ? Joins.lower(this, n) : Pools.lower(this, n, arguments(n))) return;
        Arguments arguments = arguments(n);
        switch (operator.body()) {
            case Body.Pointwise _ -> pointwise(n, operator, arguments);
            case Body.Kernel k -> kernel(n, operator, k, arguments);
            case Body.Host _ -> {
                if (!views.apply(n, operator, arguments, operands)) call(n, operator, arguments);
            }
            case Body.Composite _ -> {
                boolean passes = ViewRules.mayPassOn(operator) && views.apply(n, operator, arguments, operands);
                if (!passes) call(n, operator, arguments);
            }
            case null -> call(n, operator, arguments);
        }
    }

    private void pointwise(Node n, Operator operator, Arguments arguments) {
        var args = arguments.described(workshop.context());
        Place out = memory.internal(checked(operator.pointwise().shape(args), n.output()));
        steps.add(new OperatorSteps.Pointwise(operator, operator.pointwise().prepare(args), arguments, out));
        operands.put(n.output(), out);
    }

    private void kernel(Node n, Operator operator, Body.Kernel body, Arguments arguments) {
        if (workshop.isOnDevice() && body.cuda() == null) {
            call(n, operator, arguments);
            return;
        }
        Meta[] metas = body.shape().infer(arguments.described(workshop.context()));
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < metas.length; i++) {
            out.add(memory.internal(checked(metas[i], n.outputs().get(i))));
            operands.put(n.outputs().get(i), out.get(i));
        }
        steps.add(new OperatorSteps.Kernel(operator, body, workshop.isOnDevice(), arguments, out));
    }

    /** An inferred description must agree with the type but for the strides, which are the plan's own affair. */
    private static Meta checked(Meta inferred, Value v) {
        Meta stated = meta(v.type());
        if (stated.dtype() != inferred.dtype() || !Arrays.equals(stated.sizes(), inferred.sizes())) {
            throw new CressetException("a value of type " + v.type() + " is inferred to be " + inferred.dtype() + Arrays.toString(inferred.sizes()));
        }
        return inferred;
    }

    /** Runs the operator as it is; what it gets lies as its type states, so that what it returns does, too. */
    private void call(Node n, Operator operator, Arguments arguments) {
        List<Operand> stated = new ArrayList<>();
        for (int i = 0; i < n.inputs().size(); i++) stated.add(asStated(arguments.operands().get(i), n.input(i).type()));
        List<Place> writes = new ArrayList<>();
        for (Value v : n.outputs()) {
            switch (v.type()) {
                case TensorType t -> writes.add(memory.returned(meta(t)));
                default -> throw new CressetException("a static plan cannot run " + operator + ", which returns " + v.type());
            }
            operands.put(v, writes.getLast());
        }
        steps.add(new OperatorSteps.Call(operator, new Arguments(stated), writes));
    }

    private Operand asStated(Operand o, Type type) {
        if (!(o instanceof Place p) || !(type instanceof TensorType t) || !t.isComplete()) return o;
        Meta m = meta(type);
        return p.hasStrides(m.strides()) ? p : copied(p, m.strides());
    }
}
