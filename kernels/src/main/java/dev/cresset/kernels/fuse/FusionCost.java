package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNest.Reduction;
import dev.cresset.kernels.fuse.LoopNest.Result;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a loop nest costs, and how large one may be. Two groups become one if that is estimated to cost no more than both
 * apart; this decides all at once whether to save the memory traffic between them, to spare a call, or to leave them
 * because computing a small tensor again for every element of a large one, or an expensive one several times, is dearer.
 *
 * <p>The unit is a simple arithmetic step on one float in a vectorised loop, about a sixteenth of a processor's cycle. What
 * stays the same within a row counts once per row. Each reduction is a pass over the row of its own; what is expensive and
 * shared by several passes is computed once and kept, the rest computed again.
 */
final class FusionCost {
    /** Expressions in a nest, operands and constants counted. */
    static final int MAX_EXPRESSIONS = 120;
    /** Tensors that a group reads. */
    static final int MAX_INPUTS = 16;
    /** Views of them, each with offset and strides of its own. */
    static final int MAX_OPERANDS = 32;
    static final int MAX_RESULTS = 16;

    /** Starting a kernel on some threads: a microsecond. */
    private static final double CALL = 50_000;
    // moving four bytes: from a farther cache, from the nearest one, to memory; and in addition if they do not lie side by side
    private static final double LOAD = 6, RELOAD = 1, STORE = 8, SCATTERED = 16;
    /** From this weight on a function is expensive. */
    private static final double EXPENSIVE = 8;

    private final LoopNest nest;
    private final double rows, elements;
    private final Map<Expr, Boolean> varying = new IdentityHashMap<>();
    private final Map<Expr, Boolean> expensive = new IdentityHashMap<>();
    private final Map<Expr, Boolean> computed = new IdentityHashMap<>();
    private final Map<Integer, Boolean> loaded = new HashMap<>();

    private FusionCost(LoopNest nest) {
        this.nest = nest;
        this.rows = nest.rows();
        this.elements = rows * nest.rowLength();
    }

    static double of(LoopNest nest) { return new FusionCost(nest).total(); }

    private double total() {
        double sum = CALL;
        for (Reduction r : nest.reductions()) sum += pass(List.of(r.value())) + elements;
        sum += pass(nest.results().stream().map(Result::value).toList());
        for (Result r : nest.results()) sum += moves(r.strides(), r.type(), STORE);
        return sum;
    }

    /** Everything that one run along the rows computes. */
    private double pass(List<Expr> roots) {
        Map<Expr, Boolean> seen = new IdentityHashMap<>();
        double sum = 0;
        for (Expr e : roots) sum += visit(e, seen);
        computed.putAll(seen);
        return sum;
    }

    private double visit(Expr e, Map<Expr, Boolean> seen) {
        if (seen.put(e, true) != null) return 0;
        double times = varies(e) ? elements : rows;
        if (computed.containsKey(e) && isExpensive(e)) return times * 2 * RELOAD;
        return switch (e) {
            case Expr.Load(int i, ScalarType _) -> load(i);
            case Expr.Const _, Expr.Param _, Expr.Reduced _ -> 0;
            case Expr.Cast(Expr x, ScalarType _) -> times + visit(x, seen);
            case Expr.Unary(UnaryFn fn, Expr x) -> times * weight(fn) + visit(x, seen);
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> times * weight(fn) + visit(a, seen) + visit(b, seen);
            case Expr.Select(Expr c, Expr yes, Expr no) -> times + visit(c, seen) + visit(yes, seen) + visit(no, seen);
        };
    }

    private double load(int input) {
        Operand o = nest.inputs().get(input);
        boolean again = loaded.put(input, true) != null || repeats(o.strides());
        return moves(o.strides(), o.type(), again ? RELOAD : LOAD);
    }

    /** True if the same elements are read in several rows. */
    private boolean repeats(long[] strides) {
        for (int d = 0; d < strides.length - 1; d++) if (strides[d] == 0) return true;
        return false;
    }

    private double moves(long[] strides, ScalarType type, double each) {
        long inner = strides[strides.length - 1];
        boolean isScattered = inner != 0 && inner != 1 && nest.rowLength() > 1;
        return (inner == 0 ? rows : elements) * (each * type.byteSize() / 4 + (isScattered ? SCATTERED : 0));
    }

    private boolean varies(Expr e) {
        Boolean known = varying.get(e);
        if (known != null) return known;
        boolean v = switch (e) {
            case Expr.Load(int i, ScalarType _) -> nest.inputs().get(i).strides()[nest.sizes().length - 1] != 0;
            case Expr.Const _, Expr.Param _, Expr.Reduced _ -> false;
            case Expr.Cast(Expr x, ScalarType _) -> varies(x);
            case Expr.Unary(UnaryFn _, Expr x) -> varies(x);
            case Expr.Binary(BinaryFn _, Expr a, Expr b) -> varies(a) | varies(b);
            case Expr.Select(Expr c, Expr yes, Expr no) -> varies(c) | varies(yes) | varies(no);
        };
        varying.put(e, v);
        return v;
    }

    private boolean isExpensive(Expr e) {
        Boolean known = expensive.get(e);
        if (known != null) return known;
        boolean v = switch (e) {
            case Expr.Load _, Expr.Const _, Expr.Param _, Expr.Reduced _ -> false;
            case Expr.Cast(Expr x, ScalarType _) -> isExpensive(x);
            case Expr.Unary(UnaryFn fn, Expr x) -> weight(fn) >= EXPENSIVE | isExpensive(x);
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> weight(fn) >= EXPENSIVE | isExpensive(a) | isExpensive(b);
            case Expr.Select(Expr c, Expr yes, Expr no) -> isExpensive(c) | isExpensive(yes) | isExpensive(no);
        };
        expensive.put(e, v);
        return v;
    }

    private static double weight(UnaryFn fn) {
        return switch (fn) {
            case NEG, ABS, BIT_NOT, NOT, IS_NAN, IS_INF, IS_FINITE, SIGN_BIT, CONJ, REAL, IMAG -> 1;
            case SIGN, CEIL, FLOOR, TRUNC, ROUND -> 4;
            case SQRT -> 10;
            case EXP, EXP2 -> 16;
            case TANH, ERF, LOG, LOG1P, EXPM1 -> 24;
            case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH, LOG2, LOG10, ANGLE -> 40;
            case ERFC, ERFINV, LGAMMA, DIGAMMA, BESSEL_I0 -> 100;
        };
    }

    private static double weight(BinaryFn fn) {
        return switch (fn) {
            case ADD, SUB, MUL, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, EQ, NE, LT, LE, GT, GE -> 1;
            case MIN, MAX, FMIN, FMAX, COPYSIGN -> 3;
            case DIV -> 10;
            case POW, FLOOR_DIV, TRUNC_DIV, REMAINDER, FMOD, NEXTAFTER, ATAN2, HYPOT, GCD, LCM -> 60;
        };
    }
}
