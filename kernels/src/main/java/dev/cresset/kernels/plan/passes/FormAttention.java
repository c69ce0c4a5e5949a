package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.code.AttentionKernels;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.plan.passes.AttentionScores.Kind;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the operator that a device has one kernel for in the place of attention, so that scores never get to memory.
 *
 * <pre>{@code
 * %s = aten::matmul(%q, %keys)
 * %d = aten::div(%s, 8.)
 * %m = aten::masked_fill(%d, %hidden, -inf)     →     %k = aten::transpose(%keys, -2, -1)
 * %w = aten::softmax(%m, -1, None)                    %seen = aten::logical_not(%hidden)
 * %r = aten::matmul(%w, %v)                           %r = cresset::attention(%q, %k, %v, %seen, 0.125, -inf, False, False)
 * }</pre>
 *
 * <p>PyTorch's own operators of that kind likewise, where nobody reads the weights. Equal up to rounding, NaN included: the kernel divides by the
 * sums after the product. Only for element types and rows that the kernel takes.
 */
public final class FormAttention implements Pass {
    private final Catalog catalog;

    public FormAttention(Catalog catalog) { this.catalog = catalog; }

    @Override public Graph run(Graph graph, PassContext context) {
        Uses uses = Uses.of(graph);
        return Rewriter.rewrite(graph, (n, _) -> {
            if (n.operator() == null) return null;
            return switch (n.kind()) {
                case "aten::matmul", "aten::bmm" -> ofProduct(n, uses, context);
                case "aten::scaled_dot_product_attention" -> ofOperator(n, 5, 6, uses, context);
                case "aten::_scaled_dot_product_attention", "aten::_scaled_dot_product_attention_forward", "aten::_scaled_dot_product_attention_math" ->
                    uses.count(n.outputs().get(1)) > 0 ? null : ofOperator(n, 6, -1, uses, context);
                default -> null;
            };
        });
    }

    private List<Node> ofProduct(Node n, Uses uses, PassContext context) {
        Value weights = n.input(0);
        Node softmax = softmax(weights, uses);
        if (softmax == null) return null;
        AttentionScores s = AttentionScores.of(softmax.input(0), uses);
        if (s == null || !suits(s.query(), s.keys(), -2, n.input(1)) || !context.mayChange()) return null;
        Calls calls = new Calls(n.location());
        Value keys = calls.make("aten::transpose.int", s.keys(), -2L, -1L);
        calls.finish(n.output(), s.query(), keys, n.input(1), mask(s, calls), s.scale(), s.hidden(), false, false);
        return calls.nodes;
    }

    /** One mask in the place of all: what is added, or a bool that is true of scores that count; null if there is none. */
    private static Value mask(AttentionScores s, Calls calls) {
        Value all = null;
        for (AttentionScores.Mask m : s.masks()) {
            Value one = m.kind() == Kind.HIDDEN ? calls.make("aten::logical_not", m.value()) : m.value();
            if (all == null) all = one;
            else all = m.kind() == Kind.ADDED ? calls.make("aten::add.Tensor", all, one, 1L) : calls.make("aten::logical_and", all, one);
        }
        return all;
    }

    /**
     * The node whose weights a product reads, alone. Dropout that does nothing may stand between, and a conversion back to the type of
     * the scores, as where the softmax of narrow scores is computed in float32.
     */
    private static Node softmax(Value weights, Uses uses) {
        TensorType t = AttentionScores.complete(weights);
        Value v = weights;
        Node n = uses.definition(v);
        while (t != null && n != null && passesOn(n, t.dtype(), uses)) n = uses.definition(v = n.input(0));
        if (t == null || n == null || !n.kind().equals("aten::softmax") || uses.count(v) != 1 || !isExact(v, t.dtype())) return null;
        TensorType from = AttentionScores.complete(n.input(0));
        if (from == null || t.dtype() != from.dtype()) return null;
        double dim = Constants.number(n.input(1), uses, Double.NaN);
        return dim == -1 || dim == t.sizes().size() - 1 ? n : null;
    }

    /** Dropout that does nothing, or a conversion: what it gives, only the next node reads. */
    private static boolean passesOn(Node n, ScalarType scores, Uses uses) {
        if (n.kind().equals("aten::dropout")) return Constants.number(n.input(2), uses, 1) == 0 && uses.count(n.output()) == 1;
        return (n.kind().equals("aten::to") || n.kind().equals("aten::type_as")) && uses.count(n.output()) == 1 && isExact(n.output(), scores);
    }

    /** True of weights as exact as the scores, or float32. */
    private static boolean isExact(Value weights, ScalarType scores) {
        TensorType t = AttentionScores.complete(weights);
        return t != null && (t.dtype() == scores || t.dtype() == ScalarType.FLOAT32);
    }

    /** @param causal,scale where the operator has these arguments; -1 if it has none */
    private List<Node> ofOperator(Node n, int causal, int scale, Uses uses, PassContext context) {
        boolean known = Constants.is(n.input(causal), uses) && Constants.number(n.input(4), uses, Double.NaN) == 0
            && (scale < 0 || Constants.is(n.input(scale), uses) && Constants.number(n.input(scale + 1), uses, 1) == 0);
        if (!known || !suits(n.input(0), n.input(1), -1, n.input(2))) return null;
        boolean none = n.input(3).type() == SimpleType.NONE, isCausal = Constants.number(n.input(causal), uses, 1) != 0;
        TensorType query = AttentionScores.complete(n.input(0)), mask = none ? null : AttentionScores.complete(n.input(3));
        boolean suits = none || !isCausal && mask != null && (mask.dtype() == query.dtype() || mask.dtype() == ScalarType.BOOL);
        if (!suits || !context.mayChange()) return null;
        double usual = 1 / Math.sqrt(query.sizes().getLast());
        Calls calls = new Calls(n.location());
        calls.finish(n.outputs().getFirst(), n.input(0), n.input(1), n.input(2), none ? null : n.input(3),
            scale < 0 ? usual : Constants.number(n.input(scale), uses, usual), Double.NEGATIVE_INFINITY, isCausal, false);
        return calls.nodes;
    }

    /** True if the kernel takes such tensors. @param width the dimension of {@code keys} over which products sum, from the end */
    private static boolean suits(Value query, Value keys, int width, Value values) {
        TensorType q = AttentionScores.complete(query), k = AttentionScores.complete(keys), v = AttentionScores.complete(values);
        if (q == null || k == null || v == null || q.dtype() != k.dtype() || q.dtype() != v.dtype()) return false;
        int least = Math.min(q.sizes().size(), Math.min(k.sizes().size(), v.sizes().size()));
        if (least < 2 || !AttentionKernels.suits(q.dtype(), q.sizes().getLast(), v.sizes().getLast())) return false;
        int rank = k.sizes().size();
        long keyCount = k.sizes().get(rank - 3 - width);
        return keyCount > 0 && k.sizes().get(rank + width).equals(q.sizes().getLast()) && keyCount == v.sizes().get(v.sizes().size() - 2);
    }

    /** New calls, one after the other. */
    private final class Calls {
        final List<Node> nodes = new ArrayList<>();
        private final Location location;
        private final MetaExecution meta = new MetaExecution(catalog);

        Calls(Location location) { this.location = location; }

        /** A call whose result has the type that follows. @param arguments values, or constants */
        Value make(String operator, Object... arguments) {
            Operator o = catalog.get(operator);
            Object[] samples = Arrays.stream(arguments).map(a -> a instanceof Value v ? MetaExecution.tensor((TensorType) v.type()) : a).toArray();
            Tensor t = (Tensor) meta.run(o, samples).orElseThrow().value();
            Value out = new Value(t.type());
            call(o, out, arguments);
            return out;
        }

        /** The fused operator, for a result that is there already. */
        void finish(Value result, Object... arguments) { call(catalog.get("cresset::attention"), result, arguments); }

        private void call(Operator o, Value out, Object... arguments) {
            List<Value> in = Arrays.stream(arguments).map(a -> a instanceof Value v ? v : constant(a)).toList();
            nodes.add(Node.call(o, in, List.of(out), location));
        }

        private Value constant(Object value) {
            Value v = new Value(switch (value) {
                case null -> SimpleType.NONE;
                case Long _ -> SimpleType.INT;
                case Double _ -> SimpleType.FLOAT;
                case Boolean _ -> SimpleType.BOOL;
                default -> throw new IllegalArgumentException("not a constant: " + value);
            });
            nodes.add(Node.constant(value, v, location));
            return v;
        }
    }
}
