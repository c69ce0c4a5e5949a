package dev.cresset.kernels.fuse;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.tensor.Elements;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a loop nest coordinate by coordinate: the living definition of what a {@link LoopNest} means. Clear, not fast. Sums
 * of floats are taken in double precision and rounded to their type; a kernel may add in its type and in any order.
 */
public final class LoopNestInterpreter {
    private final LoopNest nest;
    private final List<MemorySegment> memory;
    private final long[] at;        // the coordinate
    private final Object[] folded;  // of the present row

    private LoopNestInterpreter(LoopNest nest, List<MemorySegment> memory) {
        this.nest = nest;
        this.memory = memory;
        this.at = new long[nest.sizes().length];
        this.folded = new Object[nest.reductions().size()];
    }

    /** @param memory that the operands' offsets count from: of each input, then of each result */
    public static void run(LoopNest nest, List<MemorySegment> memory) { new LoopNestInterpreter(nest, memory).rows(0); }

    private void rows(int d) {
        if (d == at.length - 1) {
            row();
            return;
        }
        for (at[d] = 0; at[d] < nest.sizes()[d]; at[d]++) rows(d + 1);
    }

    private void row() {
        int last = at.length - 1;
        for (int i = 0; i < folded.length; i++) folded[i] = fold(nest.reductions().get(i));
        for (at[last] = 0; at[last] < nest.rowLength(); at[last]++) {
            Map<Expr, Object> values = new IdentityHashMap<>();
            // all are computed before one is written: a result may lie where an input is read
            Object[] computed = nest.results().stream().map(r -> value(r.value(), values)).toArray();
            for (int i = 0; i < computed.length; i++) store(i, computed[i]);
        }
    }

    private Object fold(LoopNest.Reduction r) {
        int last = at.length - 1;
        ScalarType t = r.value().type();
        Object result = null;
        for (at[last] = 0; at[last] < nest.rowLength(); at[last]++) {
            Object v = value(r.value(), new IdentityHashMap<>());
            result = result == null ? v : join(r.fold(), result, v);
        }
        return ScalarInterpreter.convert(result, t);
    }

    private static Object join(LoopNest.Fold fold, Object a, Object b) {
        if (a instanceof Long x) {
            long y = (Long) b;
            return switch (fold) {
                case SUM -> x + y;
                case MAX -> Math.max(x, y);
                case MIN -> Math.min(x, y);
            };
        }
        double x = (Double) a;
        double y = (Double) b;
        return switch (fold) {
            case SUM -> x + y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
        };
    }

    /** The value of an expression at the coordinate; what is shared is computed once. */
    private Object value(Expr e, Map<Expr, Object> values) {
        Object before = values.get(e);
        if (before != null) return before;
        Object now = ScalarInterpreter.evaluateStep(e, operand -> value(operand, values), new ScalarInterpreter.Inputs() {
            @Override public Object load(int input) { return element(input); }

            @Override public Object param(int input) { throw new IllegalStateException("numbers are constants here"); }

            @Override public Object reduced(int index) { return folded[index]; }
        });
        values.put(e, now);
        return now;
    }

    private Object element(int input) {
        LoopNest.Operand o = nest.inputs().get(input);
        return Elements.get(memory.get(input), o.type(), position(o.offset(), o.strides()));
    }

    private void store(int result, Object value) {
        LoopNest.Result r = nest.results().get(result);
        MemorySegment to = memory.get(nest.inputs().size() + result);
        Elements.set(to, r.type(), position(r.offset(), r.strides()), ScalarInterpreter.convert(value, r.type()));
    }

    private long position(long offset, long[] strides) {
        long p = offset;
        for (int d = 0; d < at.length; d++) p += at[d] * strides[d];
        return p;
    }

    @Override public String toString() { return "at " + Arrays.toString(at) + " of " + nest; }
}
