package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;

/**
 * A product of float32 with a constant matrix: rows of x · W, and a constant row added to each.
 *
 * @param weight       W or, if it is {@code transposed}, Wᵀ
 * @param bias         as many numbers as a row of the result has, one after the other; null for none
 * @param onlyMatrices true if x must have two dimensions, else the last one of any number is multiplied
 */
public record ConstantProduct(Value x, Tensor weight, boolean transposed, Tensor bias, boolean onlyMatrices) {
    /** A node as such a product; null if it is none. Nothing of x is looked at. */
    public static ConstantProduct of(Node n, KnownValues constants) {
        if (n.operator() == null) return null;
        return switch (n.operator().schema().qualifiedName()) {
            case "aten::mm" -> of(n.input(0), n.input(1), false, null, true, constants);
            case "aten::matmul" -> of(n.input(0), n.input(1), false, null, false, constants);
            case "aten::linear" -> of(n.input(0), n.input(1), true, n.input(2), false, constants);
            case "aten::addmm" -> isOne(n.input(3), constants) && isOne(n.input(4), constants) && constants.of(n.input(0)) != null
                ? of(n.input(1), n.input(2), false, n.input(0), true, constants) : null;
            default -> null;
        };
    }

    private static ConstantProduct of(Value x, Value w, boolean transposed, Value bias, boolean onlyMatrices, KnownValues constants) {
        if (constants.has(x) || !(constants.of(w) instanceof Tensor weight) || bias != null && !constants.has(bias)) return null;
        Tensor row = bias != null && constants.of(bias) instanceof Tensor t ? t : null;
        ConstantProduct p = new ConstantProduct(x, weight, transposed, row, onlyMatrices);
        return weight.dim() == 2 && weight.dtype() == ScalarType.FLOAT32 && weight.numel() > 0 && (row == null || p.isRow(row)) ? p : null;
    }

    private static boolean isOne(Value v, KnownValues constants) { return constants.of(v) instanceof Number n && n.doubleValue() == 1; }

    private boolean isRow(Tensor t) { return t.dim() == 1 && t.size(0) == outputs() && t.dtype() == ScalarType.FLOAT32 && t.isContiguous(); }

    private int columnsAt() { return transposed ? 1 : 0; }

    /** The length of x's rows. */
    public long columns() { return weight.size(columnsAt()); }

    /** The length of the result's rows. */
    public long outputs() { return weight.size(1 - columnsAt()); }

    /** The strides of W, [columns, outputs]. */
    public long[] strides() { return new long[] {weight.strides()[columnsAt()], weight.strides()[1 - columnsAt()]}; }
}
