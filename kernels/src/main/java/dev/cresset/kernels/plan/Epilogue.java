package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.DnnLayout;
import dev.cresset.kernels.cpu.onednn.PostOps;
import dev.cresset.kernels.plan.passes.ElementFunctions;
import dev.cresset.kernels.plan.passes.KnownValues;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a library call does to each element of its result before it is written, made from pointwise nodes that follow it.
 *
 * <p>Results differ from the operators' own in the last bits; and oneDNN's relu and clamp give their bound where the
 * operators give NaN.
 */
final class Epilogue {
    private final Lowering lowering;
    private final KnownValues constants;
    private final Place out;
    private final Shape shape;
    private PostOps postOps = PostOps.NONE;
    private final List<Place> operands = new ArrayList<>();

    /** How the library sees an operand that broadcasts to the result: with as many dimensions as its own result has; null if it cannot. */
    interface Shape { Place of(Place operand); }

    Epilogue(Lowering lowering, Place out, Shape shape) {
        this.lowering = lowering;
        this.constants = lowering.constants();
        this.out = out;
        this.shape = shape;
    }

    PostOps postOps() { return postOps; }

    /** The operands of the binary steps, in order. */
    List<Place> operands() { return operands; }

    void scale(float by) { postOps = postOps.linear(by, 0); }

    /** result + operand · 1 for an operand that is known to be expressible. @return false if it is not */
    boolean add(Operand o) { return binary(o, "add"); }

    /** Takes a node that follows, if the library can do what it does. @param chain the value it is applied to */
    boolean take(Node n, Value chain) {
        if (!Arrays.equals(Lowering.meta(n.output().type()).sizes(), out.sizes()) || Lowering.meta(n.output().type()).dtype() != ScalarType.FLOAT32) return false;
        PostOps longer = ElementFunctions.append(postOps, n, chain, constants);
        if (longer != null) {
            postOps = longer;
            return true;
        }
        PostOps before = postOps;
        int count = operands.size();
        if (arithmetic(n, chain)) return true;
        postOps = before;
        operands.subList(count, operands.size()).clear();
        return false;
    }

    // ---- two elements

    private boolean arithmetic(Node n, Value chain) {
        String name = n.operator().schema().name();
        boolean first = n.input(0) == chain;
        boolean scaled = name.equals("aten::add") || name.equals("aten::sub") || name.equals("aten::rsub");
        if (n.inputs().size() < 2 || scaled && !isOne(n.input(2)) || n.input(0) == n.input(1)) return false;
        Operand other = lowering.operand(n.input(first ? 1 : 0));
        return switch (name) {
            case "aten::add" -> add(other);
            case "aten::mul" -> binary(other, "mul");
            case "aten::sub" -> first ? binary(other, "sub") : negated() && add(other);
            case "aten::div" -> first && n.inputs().size() == 2 && binary(other, "div");
            default -> false;
        };
    }

    private boolean isOne(Value v) { return !(constants.of(v) instanceof Number n) || n.doubleValue() == 1; }

    private boolean negated() {
        scale(-1);
        return true;
    }

    private boolean binary(Operand o, String operation) {
        Place p = place(o);
        if (p == null || p.type() != ScalarType.FLOAT32) return false;
        Place seen = shape.of(p);
        if (seen == null || !isDense(seen)) return false;     // oneDNN reads such operands as if they had no gaps
        DnnLayout layout = Library.layout(seen);
        postOps = switch (operation) {
            case "add" -> postOps.add(layout);
            case "mul" -> postOps.multiply(layout);
            case "sub" -> postOps.subtract(layout);
            default -> postOps.divide(layout);
        };
        operands.add(seen);
        return true;
    }

    /** True if the elements fill the memory they lie in. */
    private static boolean isDense(Place p) {
        long extent = 1;
        for (int d = 0; d < p.rank(); d++) extent += (p.sizes()[d] - 1) * p.strides()[d];
        return extent == p.elements();
    }

    private Place place(Operand o) {
        return switch (o) {
            case Place p -> p;
            case Operand.Constant(Tensor t) -> lowering.memory().constant(t);
            default -> null;
        };
    }

    /** The operand with leading dimensions of size 1 up to this rank; null if it is larger than the result. */
    static Place widened(Place p, long[] result) {
        int shift = result.length - p.rank();
        if (shift < 0) return null;
        long[] sizes = new long[result.length], strides = new long[result.length];
        for (int d = 0; d < result.length; d++) {
            sizes[d] = d < shift ? 1 : p.sizes()[d - shift];
            strides[d] = d < shift ? 1 : p.strides()[d - shift];
            if (sizes[d] != 1 && sizes[d] != result[d]) return null;
            if (sizes[d] != 1 && strides[d] == 0) sizes[d] = 1;
        }
        return new Place(p.buffer(), p.type(), p.offset(), sizes, strides);
    }

    static boolean isFull(Place p, long[] result) { return Arrays.equals(p.sizes(), result) && Shapes.numel(result) > 0; }
}
