package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Evaluates calls of operators on facts: runs the operator on the mirrors. What comes out known needs no node; what is a
 * fresh tensor gets one, with a value of complete type.
 */
final class OperatorEvaluation {
    /**
     * They look only at how many elements a list has and where, never at what they are. So do all that are for dicts: these
     * look at keys, which are known.
     */
    private static final Set<String> STRUCTURAL = Set.of("aten::len", "aten::__getitem__", "aten::append", "aten::insert", "aten::add",
        "aten::add_", "aten::slice", "aten::list", "aten::copy", "aten::reverse", "aten::pop", "aten::_set_item", "aten::clear",
        "aten::extend", "aten::select", "aten::Delete", "aten::mul");
    /** They tell what a mirror does not know: gradient flags, and where in its storage a tensor begins. */
    private static final Set<String> UNMIRRORED = Set.of("prim::requires_grad", "aten::storage_offset", "aten::as_strided",
        "aten::is_leaf", "aten::is_grad_enabled", "aten::data_ptr", "aten::_reshape_alias");

    private static final Set<String> RESHAPING = Set.of("aten::resize_", "aten::resize_as_", "aten::set_", "aten::squeeze_",
        "aten::unsqueeze_", "aten::t_", "aten::transpose_", "aten::swapaxes_", "aten::swapdims_", "aten::as_strided_", "aten::detach_");

    private final Facts facts;
    private final MetaExecution meta;
    private final InPlaceCalls inPlace;
    private final Written written;

    /** @param notFunctional in-place calls that must stay what they are */
    OperatorEvaluation(Facts facts, MetaExecution meta, OperatorTable operators, Set<Node> notFunctional, Written written) {
        this.written = written;
        this.facts = facts;
        this.meta = meta;
        this.inPlace = new InPlaceCalls(facts, meta, operators, notFunctional);
    }

    void evaluate(Node node) {
        Operator op = (Operator) node.operator();
        List<Fact> in = facts.of(node.inputs());
        if (in.size() == 1 && in.getFirst() instanceof Fact.Unknown u && u.value().type() instanceof TensorType t) {
            Optional<Fact> answer = TypeQueries.answer(node, t);
            if (answer.isPresent()) {
                facts.bind(node.output(), answer.get());
                return;
            }
        }
        if (Identities.isInput(node, in)) {
            facts.bind(node.output(), in.getFirst());
            return;
        }
        if (op.hasSideEffects() || UNMIRRORED.contains(node.kind()) || !isReliable(node, op, in)) {
            leave(node, in);
            return;
        }
        noteWrittenAttributes(op, in);
        Object[] mirrors = mirrors(op, in);
        long[][] before = layouts(mirrors);
        Optional<MetaExecution.Result> result = meta.run(op, mirrors);
        if (!Arrays.deepEquals(before, layouts(mirrors))) {
            throw new Unspecialisable(op.schema().qualifiedName() + " changes the shape of a tensor in place");
        }
        if (result.isEmpty()) {
            if (facts.isOutermost()) meta.failure(op, mirrors).ifPresent(why -> { throw new Unspecialisable("it fails: " + why); });
            leave(node, in);
            return;
        }
        List<Object> results = results(node, result.get().value());
        if (updatesStatistics(node, in)) written.note(node);
        if (writesTensor(op, mirrors)) inPlace(node, op, in, mirrors, results);
        else if (!bindKnown(node, op, results)) emit(node, in, results);
    }

    private static List<Object> results(Node node, Object value) {
        if (node.outputs().size() == 1) return Collections.singletonList(value);
        return value instanceof Object[] several ? Arrays.asList(several) : List.of();
    }

    /** A norm that trains, or may, writes its running statistics, which its schema does not say. */
    private static boolean updatesStatistics(Node node, List<Fact> in) {
        boolean norm = node.is("aten::batch_norm") || node.is("aten::instance_norm");
        return norm && in.size() > 5 && !(in.get(5) instanceof Fact.Known(Object training, Type _) && Boolean.FALSE.equals(training));
    }

    /** A list that is an attribute and is written is not constant, so that the write must be left in the graph. */
    private static void noteWrittenAttributes(Operator op, List<Fact> in) {
        List<Argument> formal = op.schema().arguments();
        for (int i = 0; i < Math.min(in.size(), formal.size()); i++) {
            if (formal.get(i).isWritten() && in.get(i) instanceof Fact.Container c && c.frozen != null) throw new Restart.Unfrozen(c.frozen);
        }
    }

    // ---- inputs

    private boolean isReliable(Node node, Operator op, List<Fact> in) {
        boolean structural = STRUCTURAL.contains(node.kind()) || !in.isEmpty() && in.getFirst() instanceof Fact.Dicted;
        for (int i = 0; i < in.size(); i++) {
            Fact f = in.get(i);
            if (f instanceof Fact.Unknown u && !mayBeUnknown(node, op, u, i)) return false;
            boolean isContainer = f instanceof Fact.Container || f instanceof Fact.Tupled;
            if (isContainer && !facts.isReliable(f.mirror(), !structural)) return false;
        }
        return true;
    }

    /** A number for an elementwise operator, or anything that is put into a list or dict. */
    private static boolean mayBeUnknown(Node node, Operator op, Fact.Unknown u, int at) {
        return isElementwise(op) && dummy(u.value().type()) != null || node.is("aten::append") && at == 1
            || node.is("aten::_set_item") && at == 2;
    }

    private static boolean isElementwise(Operator op) { return op.body() instanceof Body.Pointwise; }

    /** Some number of this type: elementwise operators give the same shape and type for any. */
    private static Object dummy(Type t) {
        if (t == SimpleType.INT) return 2L;
        if (t == SimpleType.FLOAT) return 2.5;
        return t == SimpleType.BOOL ? Boolean.TRUE : null;
    }

    private static Object[] mirrors(Operator op, List<Fact> in) {
        Object[] mirrors = new Object[in.size()];
        for (int i = 0; i < mirrors.length; i++) {
            Fact f = in.get(i);
            mirrors[i] = f instanceof Fact.Unknown u && isElementwise(op) ? dummy(u.value().type()) : f.mirror();
        }
        return mirrors;
    }

    private static long[][] layouts(Object[] mirrors) {
        List<long[]> out = new ArrayList<>();
        for (Object m : mirrors) {
            if (!(m instanceof Tensor t)) continue;
            out.add(t.sizes());
            out.add(t.strides());
            out.add(new long[] {t.offset(), System.identityHashCode(t.storage())});
        }
        return out.toArray(long[][]::new);
    }

    private static boolean writesTensor(Operator op, Object[] mirrors) {
        List<Argument> formal = op.schema().arguments();
        for (int i = 0; i < Math.min(mirrors.length, formal.size()); i++) {
            if (!formal.get(i).isWritten()) continue;
            if (mirrors[i] instanceof Tensor || mirrors[i] instanceof ScriptList l && l.stream().anyMatch(Tensor.class::isInstance)
                && formal.get(i).type() instanceof ListType t && t.element().isTensor()) return true;
        }
        return false;
    }

    // ---- results

    /** Binds the outputs if all of them are known without the call; false if a node is needed. */
    private boolean bindKnown(Node node, Operator op, List<Object> results) {
        if (op.isNondeterministic() || results.size() != node.outputs().size()) return false;
        List<Fact> out = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Fact f = facts.wrap(results.get(i), node.outputs().get(i).type());
            if (f == null) return false;
            out.add(f);
        }
        for (int i = 0; i < out.size(); i++) facts.bind(node.outputs().get(i), out.get(i));
        return true;
    }

    private void emit(Node node, List<Fact> in, List<Object> results) {
        if (results.size() != node.outputs().size()) {
            leave(node, in);
            return;
        }
        List<Value> inputs = inputs(node, in);
        List<Value> outputs = new ArrayList<>();
        List<Runnable> bindings = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Value old = node.outputs().get(i);
            Value now = new Value(results.get(i) instanceof Tensor t ? Facts.typeOf(t) : old.type(), old.hint());
            outputs.add(now);
            Object result = results.get(i);
            bindings.add(() -> facts.bind(old, output(result, now, node)));
        }
        facts.emission.add(node.withInputs(inputs).withOutputs(outputs));
        bindings.forEach(Runnable::run);
    }

    /** The fact of an output of the node just added. */
    private Fact output(Object result, Value value, Node node) {
        Fact known = facts.ofMirror(result);
        if (known != null) return known;
        if (result instanceof Tensor t) {
            facts.allocated(t.storage());
            return facts.shaped(t, value);
        }
        if (result instanceof ScriptList l && !l.isEmpty() && l.stream().allMatch(Tensor.class::isInstance)) return unpacked(l, value, node);
        Fact wrapped = result instanceof Object[] ? null : facts.wrap(result, value.type());
        boolean plain = wrapped instanceof Fact.Known && !((Operator) node.operator()).isNondeterministic();
        return plain ? wrapped : new Fact.Unknown(value);
    }

    private Fact unpacked(ScriptList tensors, Value list, Node node) {
        List<Value> elements = new ArrayList<>();
        for (Object t : tensors) elements.add(new Value(Facts.typeOf((Tensor) t)));
        facts.emission.add(Node.prim(Kinds.LIST_UNPACK, List.of(list), elements, node.location()));
        Set<Tensor> fresh = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        for (int i = 0; i < elements.size(); i++) {
            Tensor t = (Tensor) tensors.get(i);
            if (facts.ofMirror(t) != null) continue;
            fresh.add(t);
            facts.allocated(t.storage());
        }
        for (int i = 0; i < elements.size(); i++) {
            Tensor t = (Tensor) tensors.get(i);
            if (!fresh.contains(t)) continue;
            facts.shaped(t, elements.get(i));
        }
        return facts.register(new Fact.Listed(new ListType(tensors.elementType()), tensors));
    }

    private List<Value> inputs(Node node, List<Fact> in) {
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) out.add(facts.value(in.get(i), node.input(i).type()));
        return out;
    }

    /** Keeps a call as it is; of its results only the static types are known. */
    private void leave(Node node, List<Fact> in) {
        List<Argument> formal = node.operator().schema().arguments();
        written.note(node);
        if (mayReshape(node, formal)) throw new Unspecialisable(node.operator().schema().qualifiedName() + " may change the shape of a tensor in place");
        boolean returnsContainer = node.operator().schema().returns().stream().anyMatch(r -> r.type().isMutable() && !r.type().isTensor());
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            boolean kept = i >= formal.size() || formal.get(i).alias() != null || returnsContainer;
            Type type = node.input(i).type();
            inputs.add(kept ? facts.escape(in.get(i), type) : facts.value(in.get(i), type));
        }
        List<Value> outputs = node.outputs().stream().map(v -> new Value(v.type(), v.hint())).toList();
        facts.emission.add(node.withInputs(inputs).withOutputs(outputs));
        for (int i = 0; i < outputs.size(); i++) facts.bind(node.outputs().get(i), new Fact.Unknown(outputs.get(i)));
    }

    /** A call that gives a tensor that is written another shape, or writes one given as {@code out}. */
    private static boolean mayReshape(Node node, List<Argument> formal) {
        return RESHAPING.contains(node.kind()) || formal.stream().anyMatch(a -> a.isWritten() && a.keywordOnly());
    }

    // ---- writes

    private void inPlace(Node node, Operator op, List<Fact> in, Object[] mirrors, List<Object> results) {
        written.note(node);
        if (inPlace.functional(node, op, in, mirrors, () -> inputs(node, in))) return;
        emit(node, in, results);
    }
}
