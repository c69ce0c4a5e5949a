package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import java.util.Arrays;
import java.util.List;

/**
 * What a fused kernel computes: at every coordinate of {@link #sizes} it writes the value of each result's expression.
 * The innermost dimension is a row; reductions fold an expression over a row, and results and later reductions may use
 * what they gave ({@link Expr.Reduced}).
 *
 * <p>Expressions load input {@code i} at the coordinate ({@link Expr.Load}); where it lies follows from the operand's
 * offset and strides, so every strided view – transposed, sliced, chunked, broadcast – is read in place. All strides and
 * offsets count elements. A result whose innermost stride is 0 while the row is longer than 1 is written once per row,
 * and its expression loads nothing that differs within the row. Results do not overlap inputs, other than element by
 * element, nor each other.
 *
 * <p>There is at least one dimension. Expressions have no {@link Expr.Param}: numbers are constants.
 */
public record LoopNest(long[] sizes, List<Operand> inputs, List<Reduction> reductions, List<Result> results) {
    public LoopNest {
        inputs = List.copyOf(inputs);
        reductions = List.copyOf(reductions);
        results = List.copyOf(results);
        if (sizes.length == 0 || results.isEmpty()) throw new IllegalArgumentException("a loop nest needs a dimension and a result");
    }

    /** A tensor read: the element at coordinate c lies at {@code offset + c·strides}. */
    public record Operand(ScalarType type, long offset, long[] strides) {
        @Override public String toString() { return type + "@" + offset + Arrays.toString(strides); }
    }

    /** How a row is folded. NaN wins MAX and MIN. */
    public enum Fold { SUM, MAX, MIN }

    /**
     * The fold of an expression over each row; may use the reductions before it. Its value has the compute type of the
     * expression; sums of floats may be taken in any order and in any precision that is at least the type's.
     */
    public record Reduction(Fold fold, Expr value) {}

    /** A tensor written, converted to its type. */
    public record Result(ScalarType type, long offset, long[] strides, Expr value) {}

    /** The length of a row. */
    public long rowLength() { return sizes[sizes.length - 1]; }

    /** The number of rows. */
    public long rows() {
        long n = 1;
        for (int d = 0; d < sizes.length - 1; d++) n *= sizes[d];
        return n;
    }

    /** The nest as text, one operand, reduction and result a line. */
    @Override public String toString() { return LoopNestText.of(this); }
}
