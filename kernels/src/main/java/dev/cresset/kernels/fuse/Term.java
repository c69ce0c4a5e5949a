package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.tensor.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * What an operator's result is, as an expression over whole tensors: fusion rules write results in these terms, and
 * {@link RowLowering} turns them into expressions over elements. Compared by identity.
 */
sealed interface Term {
    /** The element type. */
    ScalarType type();

    long[] sizes();

    /** A tensor argument of the operator. */
    record Source(Value value, ScalarType type, long[] sizes) implements Term {}

    /** The same number everywhere: Long or Double. */
    record Uniform(Object number, ScalarType type, long[] sizes) implements Term {}

    /**
     * An expression over the elements of operands that broadcast to {@code sizes}; {@code Load(i)} is operand i.
     *
     * @param operands null where the expression loads nothing
     */
    record Map(Expr expression, List<Term> operands, long[] sizes) implements Term {
        @Override public ScalarType type() { return expression.type(); }
    }

    /** Other sizes over the elements of {@code base}, which count as row-major: element c is number {@code offset + c·strides}. */
    record View(Term base, long offset, long[] strides, long[] sizes) implements Term {
        @Override public ScalarType type() { return base.type(); }
    }

    /** The fold of the last dimensions, which become 1; in the compute type of the operand. @param kept dimensions not folded */
    record Fold(LoopNest.Fold fold, Term operand, int kept) implements Term {
        @Override public ScalarType type() { return Expr.compute(operand.type()); }

        @Override public long[] sizes() {
            long[] s = operand.sizes().clone();
            Arrays.fill(s, kept, s.length, 1);
            return s;
        }

        /** The number of elements folded into one. */
        long length() {
            long n = 1;
            for (int d = kept; d < operand.sizes().length; d++) n *= operand.sizes()[d];
            return n;
        }
    }

    /** Parts of one shape side by side along a dimension; only as a result of a group. */
    record Join(List<Term> parts, int dim, ScalarType type, long[] sizes) implements Term {}

    default long numel() { return Shapes.numel(sizes()); }

    // ---- building

    /** An expression over this term and others, in the order of its loads; they broadcast to the sizes of this one. */
    default Term map(Expr expression, Term... others) {
        Term[] all = new Term[others.length + 1];
        all[0] = this;
        System.arraycopy(others, 0, all, 1, others.length);
        return new Map(expression, Arrays.asList(all), sizes());
    }

    /** The load of operand i of a {@link #map} over terms. */
    static Expr load(int i, Term operand) { return new Expr.Load(i, operand.type()); }

    /** This term converted to another element type. */
    default Term to(ScalarType t) { return type() == t ? this : map(load(0, this).to(t)); }

    default Term fold(LoopNest.Fold fold, int kept) { return new Fold(fold, this, kept); }

    /** The same elements in another shape. */
    default Term reshaped(long... sizes) { return new View(this, 0, Shapes.contiguousStrides(sizes), sizes); }
}
