package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the values of a graph are in one run, as far as that can be told without elements: tensors without memory, numbers.
 * Nothing relies on it – it tells which operators are worth putting together. Of branches both sides are followed, of loops
 * the first time round.
 */
final class Samples {
    private final MetaExecution meta;
    private final ScriptObject root;
    private final Map<Value, Object> values = new IdentityHashMap<>();

    private Samples(MetaExecution meta, ScriptObject root) {
        this.meta = meta;
        this.root = root;
    }

    /** @param arguments for each input of the graph what it is like */
    static Samples of(Graph graph, List<Pattern> arguments, ScriptObject root, MetaExecution meta) {
        Samples s = new Samples(meta, root);
        for (int i = 0; i < arguments.size(); i++) s.argument(graph.inputs().get(i), arguments.get(i));
        s.block(graph.body());
        return s;
    }

    boolean has(Value v) { return values.containsKey(v); }

    /** Null also for None. */
    Object of(Value v) { return values.get(v); }

    private void argument(Value v, Pattern pattern) {
        Unsure unsure = new Unsure();
        Object sample = sample(v, pattern, unsure);
        if (!unsure.is) values.put(v, sample);
    }

    private static final class Unsure { boolean is; }

    private Object sample(Value v, Pattern pattern, Unsure unsure) {
        return switch (pattern) {
            case Pattern.OfTensor t -> MetaExecution.tensor(t.type());
            case Pattern.OfConstant(Object value) -> value;
            case Pattern.OfModule _ -> root;
            case Pattern.OfElements e -> {
                Object[] items = e.elements().stream().map(p -> sample(v, p, unsure)).toArray();
                yield e.list() && v.type() instanceof ListType l ? new ScriptList(l.element(), Arrays.asList(items))
                    : !e.list() && v.type() instanceof TupleType t ? ScriptTuple.of(t, items) : unsure(unsure);
            }
            case Pattern.OfAny(boolean none) -> none ? null : unsure(unsure);
            case Pattern.OfRank _ -> unsure(unsure);
        };
    }

    private static Object unsure(Unsure u) {
        u.is = true;
        return null;
    }

    private void block(Block block) {
        for (Node n : block.nodes()) {
            for (Value v : n.outputs()) if (v.type() instanceof TensorType t && t.isComplete()) values.put(v, MetaExecution.tensor(t));
            node(n);
        }
    }

    private void node(Node n) {
        if (n.operator() != null) {
            call(n, (Operator) n.operator());
            return;
        }
        switch (n.kind()) {
            case Kinds.CONSTANT -> constant(n);
            case Kinds.IF -> n.blocks().forEach(b -> inside(n, b));
            case Kinds.LOOP -> loop(n);
            case Kinds.GET_ATTR -> attribute(n);
            case Kinds.UNCHECKED_CAST, Kinds.GUARD -> pass(n.input(0), n.output());
            default -> { if (allKnown(n)) container(n); }
        }
    }

    /** None is a constant without value. */
    private void constant(Node n) {
        boolean isFunction = n.attributes().containsKey("function") || n.attributes().containsKey("name");
        if (!isFunction) values.put(n.output(), n.attribute("value"));
    }

    private boolean allKnown(Node n) { return n.inputs().stream().allMatch(this::has); }

    private void pass(Value from, Value to) { if (has(from)) values.putIfAbsent(to, of(from)); }

    private void inside(Node n, Block b) {
        block(b);
        for (int i = 0; i < n.outputs().size(); i++) pass(b.returns().get(i), n.outputs().get(i));
    }

    private void loop(Node n) {
        Block body = n.blocks().getFirst();
        values.put(body.params().getFirst(), 0L);
        for (int i = 2; i < n.inputs().size(); i++) pass(n.input(i), body.params().get(i - 1));
        block(body);
        for (int i = 0; i < n.outputs().size(); i++) pass(body.returns().get(i + 1), n.outputs().get(i));
    }

    private void attribute(Node n) {
        if (!(of(n.input(0)) instanceof ScriptObject o) || o.type().slot(n.text("name")) < 0) return;
        Object value = o.get(n.text("name"));
        if (value instanceof Tensor t) values.put(n.output(), MetaExecution.tensor(t.type()));
        else if (!(value instanceof List<?>) && !(value instanceof Map<?, ?>)) values.put(n.output(), value);
    }

    private void container(Node n) {
        Object[] in = n.inputs().stream().map(this::of).toArray();
        switch (n.kind()) {
            case Kinds.LIST_CONSTRUCT -> {
                if (n.output().type() instanceof ListType l) values.put(n.output(), new ScriptList(l.element(), new ArrayList<>(Arrays.asList(in))));
            }
            case Kinds.TUPLE_CONSTRUCT -> { if (n.output().type() instanceof TupleType t) values.put(n.output(), ScriptTuple.of(t, in)); }
            case Kinds.LIST_UNPACK, Kinds.TUPLE_UNPACK -> {
                if (in[0] instanceof List<?> items && items.size() == n.outputs().size()) bind(n, items.toArray());
            }
            default -> { }
        }
    }

    private void call(Node n, Operator operator) {
        if (operator.hasSideEffects() || !allKnown(n)) return;
        Object[] in = n.inputs().stream().map(this::of).map(Samples::withoutMemory).toArray();
        meta.run(operator, in).ifPresent(result -> {
            if (n.outputs().size() == 1) bind(n, new Object[] {result.value()});
            else if (result.value() instanceof Object[] several) bind(n, several);
        });
    }

    /** Operators that write must not get at a tensor that is somebody's. */
    private static Object withoutMemory(Object sample) {
        return sample instanceof Tensor t && !t.storage().isMeta() ? MetaExecution.tensor(t.type()) : sample;
    }

    private void bind(Node n, Object[] results) {
        for (int i = 0; i < Math.min(results.length, n.outputs().size()); i++) values.putIfAbsent(n.outputs().get(i), results[i]);
    }
}
