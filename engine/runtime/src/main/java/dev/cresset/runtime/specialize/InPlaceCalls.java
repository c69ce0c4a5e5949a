package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Makes calls that write a tensor into calls that return a fresh one, where nobody can tell. */
final class InPlaceCalls {
    private final Facts facts;
    private final MetaExecution meta;
    private final OperatorTable operators;
    private final Set<Node> notFunctional;

    /** @param notFunctional calls that must stay what they are */
    InPlaceCalls(Facts facts, MetaExecution meta, OperatorTable operators, Set<Node> notFunctional) {
        this.facts = facts;
        this.meta = meta;
        this.operators = operators;
        this.notFunctional = notFunctional;
    }

    /**
     * {@code x.relu_() → x' = relu(x)}, if x's memory was allocated in this block and nobody else knows it: from then on x'
     * stands for x. Should an older view of x be needed later, the evaluation starts again without this.
     *
     * @param mirrors of the facts
     * @param inputs  the values in the new graph
     * @return false if the call has to stay
     */
    boolean functional(Node node, Operator op, List<Fact> in, Object[] mirrors, Supplier<List<Value>> inputs) {
        if (notFunctional.contains(node) || node.outputs().size() != 1 || !(in.getFirst() instanceof Fact.Shaped self)) return false;
        if (self.isConstant() || !facts.isPrivate(self.mirror().storage()) || !node.kind().endsWith("_")) return false;
        if (readsAnotherView(self.mirror(), mirrors)) return false;
        Operator pure = functionalForm(op);
        if (pure == null) return false;
        Object result = meta.run(pure, mirrors).map(MetaExecution.Result::value).orElse(null);
        if (!(result instanceof Tensor t) || facts.ofMirror(t) != null || !sameLayout(t, self.mirror())) return false;
        Value now = new Value(Facts.typeOf(self.mirror()), node.output().hint());
        facts.emission.add(Node.call(pure, inputs.get(), List.of(now), node.location()));
        facts.bind(node.output(), facts.replace(self, t, now, node));
        return true;
    }

    private Operator functionalForm(Operator op) {
        String name = op.schema().qualifiedName();
        int dot = name.indexOf('.');
        String base = dot < 0 ? name : name.substring(0, dot);
        Operator pure = (Operator) operators.find(base.substring(0, base.length() - 1) + (dot < 0 ? "" : name.substring(dot))).orElse(null);
        boolean fits = pure != null && pure.isImplemented() && !pure.schema().mutates() && !pure.isNondeterministic()
            && pure.schema().arguments().size() == op.schema().arguments().size() && !pure.schema().hasAliasedReturn();
        return fits ? pure : null;
    }

    /** Whether the written memory is also read by way of another view: the operator may refuse that, and its pure form does not. */
    private static boolean readsAnotherView(Tensor written, Object[] mirrors) {
        return Arrays.stream(mirrors).anyMatch(m -> m instanceof Tensor t && t.storage() == written.storage()
            && !(t.offset() == written.offset() && sameLayout(t, written)));
    }

    private static boolean sameLayout(Tensor a, Tensor b) {
        return a.dtype() == b.dtype() && Arrays.equals(a.sizes(), b.sizes()) && Arrays.equals(a.strides(), b.strides());
    }
}
