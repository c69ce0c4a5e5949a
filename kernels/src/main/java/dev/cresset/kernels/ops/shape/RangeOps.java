package dev.cresset.kernels.ops.shape;

import static dev.cresset.kernels.ops.shape.CreationOps.OPTIONS;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaLayout;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.function.LongFunction;
import java.util.function.LongToDoubleFunction;

/** Tensors of numbers computed from their position: ranges, windows, triangle indices. */
final class RangeOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareRanges(ops);
        declareWindows(ops);
        ops.op("aten::tril_indices(int row, int col, int offset=0, *, ScalarType? dtype=4, Layout? layout=None, "
            + "Device? device=None,"
            + " bool? pin_memory=None) -> Tensor").host(a -> a.context().madeOnHost(() -> triangle(a, true)));
        ops.op("aten::triu_indices(int row, int col, int offset=0, *, ScalarType? dtype=4, Layout? layout=None, "
            + "Device? device=None,"
            + " bool? pin_memory=None) -> Tensor").host(a -> a.context().madeOnHost(() -> triangle(a, false)));
        ops.op("aten::_dim_arange(Tensor like, int dim) -> Tensor")
            .kernel(a -> Meta.of(ScalarType.INT64, a.tensor(0).size(a.int32(1))), (a, out) -> arange(a, out, 0L, 1L)).everywhere();
        ops.op("aten::_shape_as_tensor(Tensor self) -> Tensor")
            .kernel(a -> Meta.of(ScalarType.INT64, a.tensor(0).dim()),
            (a, out) -> values(out, i -> a.tensor(0).sizes()[(int) i])).madeOnHost();
    }

    private static void declareRanges(Catalog ops) {
        ops.op("aten::arange(Scalar end, " + OPTIONS + ") -> Tensor")
            .kernel(a -> arangeMeta(a, 0L, a.get(0), 1L, 1), (a, out) -> arange(a, out, 0L, 1L)).everywhere();
        ops.op("aten::arange.start(Scalar start, Scalar end, " + OPTIONS + ") -> Tensor")
            .kernel(a -> arangeMeta(a, a.get(0), a.get(1), 1L, 2), (a, out) -> arange(a, out, a.get(0), 1L)).everywhere();
        ops.op("aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, " + OPTIONS + ") -> Tensor")
            .kernel(a -> arangeMeta(a, a.get(0), a.get(1), a.get(2), 3), (a, out) -> arange(a, out, a.get(0), a.get(2))).everywhere();
        ops.op("aten::arange.start_out(Scalar start, Scalar end, Scalar step=1, *, Tensor(a!) out) -> Tensor(a!)")
            .kernel(a -> arangeMeta(a, a.get(0), a.get(1), a.get(2), -1), (a, out) -> arange(a, out, a.get(0), a.get(2))).everywhere();
        ops.op("aten::arange.out(Scalar end, *, Tensor(a!) out) -> Tensor(a!)")
            .kernel(a -> arangeMeta(a, 0L, a.get(0), 1L, -1), (a, out) -> arange(a, out, 0L, 1L)).everywhere();
        ops.op("aten::range.step(Scalar start, Scalar end, Scalar step=1, " + OPTIONS + ") -> Tensor")
            .kernel(a -> rangeMeta(a, a.get(2), 3), (a, out) -> arange(a, out, a.get(0), a.get(2))).everywhere();
        ops.op("aten::range(Scalar start, Scalar end, " + OPTIONS + ") -> Tensor")
            .kernel(a -> rangeMeta(a, 1L, 2), (a, out) -> arange(a, out, a.get(0), 1L)).everywhere();
        ops.op("aten::linspace(Scalar start, Scalar end, int steps, " + OPTIONS + ") -> Tensor")
            .kernel(a -> steps(a, 3), (a, out) -> fill(out, linear(a, out.dtype()))).madeOnHost();
        ops.op("aten::logspace(Scalar start, Scalar end, int steps, float base=10., " + OPTIONS + ") -> Tensor")
            .kernel(a -> steps(a, 4), (a, out) -> {
                LongToDoubleFunction exponent = linear(a, ScalarType.FLOAT64);
                double base = a.float64(3);
                fill(out, i -> Math.pow(base, exponent.applyAsDouble(i)));
            }).madeOnHost();
    }

    private static void declareWindows(Catalog ops) {
        window(ops, "bartlett_window", "", 0, (_, x) -> 1 - Math.abs(2 * x - 1));
        window(ops, "hann_window", "", 0, (_, x) -> 0.5 - 0.5 * Math.cos(2 * Math.PI * x));
        window(ops, "blackman_window", "", 0,
            (_, x) -> 0.42 - 0.5 * Math.cos(2 * Math.PI * x) + 0.08 * Math.cos(4 * Math.PI * x));
        window(ops, "hamming_window", "", 0, (_, x) -> 0.54 - 0.46 * Math.cos(2 * Math.PI * x));
        window(ops, "hamming_window", "_alpha", 1, (a, x) -> a.float64(2) - 0.46 * Math.cos(2 * Math.PI * x));
        window(ops, "hamming_window", "_alpha_beta", 2, (a, x) ->
            a.float64(2) - a.float64(3) * Math.cos(2 * Math.PI * x));
        window(ops, "kaiser_window", "", 0, (_, x) -> kaiser(12, x));
        window(ops, "kaiser_window", "beta", 1, (a, x) -> kaiser(a.float64(2), x));
    }

    private interface WindowShape { double at(Args a, double x); }

    /**
     * Declares a window: the plain overload and the one with {@code periodic}.
     *
     * @param suffix of the overload name; "" declares both overloads without further parameters
     * @param shape  the window over x from 0 to 1
     */
    private static void window(Catalog ops, String name, String suffix, int parameters, WindowShape shape) {
        String head = "aten::" + name;
        if (parameters == 0) {
            ops.op(head + "(int window_length, " + OPTIONS + ") -> Tensor")
                .kernel(a -> windowMeta(a, 1), (a, out) -> window(a, out, true, shape)).madeOnHost();
        }
        String overload = name.equals("kaiser_window") && parameters == 1 ? "beta" : "periodic" + suffix;
        String extra = parameters == 0 ? "" : overload.equals("beta") ? "float beta, " : parameters == 1
            ? "float alpha, "
            : "float alpha, float beta, ";
        ops.op(head + "." + overload + "(int window_length, bool periodic, " + extra + OPTIONS + ") -> Tensor")
            .kernel(a -> windowMeta(a, 2 + parameters), (a, out) -> window(a, out, a.bool(1), shape)).madeOnHost();
    }

    private static Meta windowMeta(Args a, int dtype) {
        if (a.int64(0) < 0) throw new ScriptError("window_length must be non-negative, got " + a.int64(0));
        return Meta.of(a.dtypeOr(dtype, ScalarType.FLOAT32), a.int64(0));
    }

    private static void window(Args a, Tensor out, boolean periodic, WindowShape shape) {
        long n = out.numel();
        double length = periodic ? n : n - 1;
        fill(out, n == 1 ? _ -> 1 : i -> shape.at(a, i / length));
    }

    private static double kaiser(double beta, double x) {
        double r = 2 * x - 1;
        return besselI0(beta * Math.sqrt(Math.max(0, 1 - r * r))) / besselI0(beta);
    }

    /**
     * The modified Bessel function of order 0 by its power series, which converges quickly for a window's arguments.
     */
    private static double besselI0(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > 1e-17 * sum; k++) {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }
        return sum;
    }

    private static double number(Object scalar) {
        return switch (scalar) {
            case Complex c -> c.re();
            case Boolean b -> b ? 1 : 0;
            case Object o -> ((Number) o).doubleValue();
        };
    }

    private static Meta arangeMeta(Args a, Object start, Object end, Object step, int dtype) {
        boolean integers = !(start instanceof Double || end instanceof Double || step instanceof Double);
        ScalarType given = dtype < 0 ? a.tensor(a.size() - 1).dtype() : a.dtype(dtype);
        ScalarType type = given != null ? given : integers ? ScalarType.INT64 : ScalarType.FLOAT32;
        checkRange(number(start), number(end), number(step));
        long size = integers || type == ScalarType.INT64 ? Math.ceilDiv(whole(end) - whole(start), whole(step))
            : (long) Math.ceil((number(end) - number(start)) / number(step));
        return Meta.of(type, size);
    }

    private static long whole(Object scalar) { return scalar instanceof Long l ? l : (long) number(scalar); }

    private static Meta rangeMeta(Args a, Object step, int dtype) {
        checkRange(number(a.get(0)), number(a.get(1)), number(step));
        double steps = (number(a.get(1)) - number(a.get(0))) / number(step);
        return Meta.of(a.dtypeOr(dtype, ScalarType.FLOAT32), (long) steps + 1);
    }

    private static void checkRange(double start, double end, double step) {
        if (step == 0) throw new ScriptError("step must be nonzero");
        if (!Double.isFinite(start) || !Double.isFinite(end)) {
            throw new ScriptError("unsupported range: " + start + " -> " + end);
        }
        if (step > 0 ? end < start : end > start) {
            throw new ScriptError("upper bound and larger bound inconsistent with step sign");
        }
    }

    private static void arange(Args a, Tensor out, Object start, Object step) {
        boolean whole = out.dtype().isIntegral();
        if (a.context().isOnDevice()) {
            CudaLayout.range(a.context(), out, whole ? (Number) whole(start) : (Number) number(start), whole ? (Number) whole(step) : (Number) number(step));
        } else if (whole) integers(out, whole(start), whole(step));
        else fill(out, i -> number(start) + number(step) * i);
    }

    private static Meta steps(Args a, int dtype) {
        if (a.int64(2) < 0) throw new ScriptError("number of steps must be non-negative");
        return Meta.of(a.dtypeOr(dtype, ScalarType.FLOAT32), a.int64(2));
    }

    /** From both ends towards the middle, in the precision of the result, so that both ends are exact. */
    private static LongToDoubleFunction linear(Args a, ScalarType type) {
        double start = a.float64(0);
        double end = a.float64(1);
        long n = a.int64(2);
        if (n == 1) return _ -> start;
        if (type != ScalarType.FLOAT32) {
            double step = (end - start) / (n - 1);
            return i -> i < n / 2 ? start + step * i : end - step * (n - i - 1);
        }
        float step = ((float) end - (float) start) / (n - 1);
        return i -> i < n / 2 ? (float) start + step * i : (float) end - step * (n - i - 1);
    }

    // ---- filling row-major tensors

    static void integers(Tensor out, long start, long step) { values(out, i -> start + step * i); }

    private static void values(Tensor out, java.util.function.LongUnaryOperator value) {
        for (long i = 0, n = out.numel(); i < n; i++) {
            Elements.setLong(out.data(), out.dtype(), out.offset() + i, value.applyAsLong(i));
        }
    }

    private static void fill(Tensor out, LongToDoubleFunction value) {
        for (long i = 0, n = out.numel(); i < n; i++) {
            Elements.setDouble(out.data(), out.dtype(), out.offset() + i, value.applyAsDouble(i));
        }
    }

    private static Tensor triangle(Args a, boolean lower) {
        long rows = a.int64(0);
        long columns = a.int64(1);
        long offset = a.int64(2);
        if (rows < 0 || columns < 0) {
            throw new ScriptError("row and col must be non-negative, got " + rows + " and " + columns);
        }
        LongFunction<long[]> span = r -> lower ? new long[] {0, Math.clamp(r + offset + 1, 0, columns)}
            : new long[] {Math.clamp(r + offset, 0, columns), columns};
        long count = 0;
        for (long r = 0; r < rows; r++) count += span.apply(r)[1] - span.apply(r)[0];
        Tensor out = a.context().empty(a.dtypeOr(3, ScalarType.INT64), 2, count);
        Shapes.numel(out.sizes());
        long at = 0;
        for (long r = 0; r < rows; r++) {
            for (long c = span.apply(r)[0]; c < span.apply(r)[1]; c++, at++) {
                Elements.setLong(out.data(), out.dtype(), at, r);
                Elements.setLong(out.data(), out.dtype(), count + at, c);
            }
        }
        return out;
    }
}
