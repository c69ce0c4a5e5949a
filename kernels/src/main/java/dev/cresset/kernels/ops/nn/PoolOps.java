package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Pooling over one to three spatial dimensions: maximum and average, with sliding or adaptive windows. */
final class PoolOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        for (int d = 1; d <= 3; d++) {
            declareMaximum(ops, d);
            declareAverage(ops, d);
            declareAdaptive(ops, d);
        }
    }

    private static void declareMaximum(Catalog ops, int d) {
        String n = "int[" + d + "] ", one = d == 1 ? "[1]" : "1", zero = d == 1 ? "[0]" : "0";
        String arguments = "(Tensor self, " + n + "kernel_size, " + n + "stride=[], " + n + "padding=" + zero + ", " + n + "dilation=" + one
            + ", bool ceil_mode=False) -> ";
        String name = "aten::max_pool" + d + "d";
        ops.op(name + arguments + "Tensor").kernels(new PoolRule(d, true, a -> maxWindows(a, d), _ -> 0),
            (a, out) -> new Pool(maxWindows(a, d), 0, a.context()).maximum(a.tensor(0), out[0], d)).everywhere();
        ops.op(name + "_with_indices" + arguments + "(Tensor, Tensor)").kernels(a -> withIndices(a.tensor(0), maxWindows(a, d)),
            (a, out) -> new Pool(maxWindows(a, d), 0, a.context()).maximum(a.tensor(0), out[0], out[1], d)).everywhere();
    }

    private static void declareAverage(Catalog ops, int d) {
        String n = "int[" + d + "] ", zero = d == 1 ? "[0]" : "0";
        String divisor = d == 1 ? "" : ", int? divisor_override=None";
        ops.op("aten::avg_pool" + d + "d(Tensor self, " + n + "kernel_size, " + n + "stride=[], " + n + "padding=" + zero
            + ", bool ceil_mode=False, bool count_include_pad=True" + divisor + ") -> Tensor")
            .kernels(new PoolRule(d, false, a -> averageWindows(a, d), a -> divisor(a, d)),
                (a, out) -> new Pool(averageWindows(a, d), divisor(a, d), a.context()).average(a.tensor(0), out[0], d)).everywhere();
    }

    private static double divisor(Args a, int d) {
        if (d == 1 || a.isNone(6)) return 0;
        if (a.int64(6) == 0) throw new ScriptError("divisor must be not zero");
        return a.int64(6);
    }

    private static void declareAdaptive(Catalog ops, int d) {
        String n = (d == 2 ? "SymInt[2] " : "int[" + d + "] ") + "output_size) -> ";
        String name = "pool" + d + "d(Tensor self, ";
        ops.op("aten::adaptive_avg_" + name + n + "Tensor").kernels(new PoolRule(d, false, a -> adaptive(a, d), _ -> 0),
            (a, out) -> new Pool(adaptive(a, d), 0, a.context()).average(a.tensor(0), out[0], d)).everywhere();
        if (d > 1) {
            ops.op("aten::_adaptive_avg_" + name + n + "Tensor").kernels(new PoolRule(d, false, a -> adaptive(a, d), _ -> 0),
                (a, out) -> new Pool(adaptive(a, d), 0, a.context()).average(a.tensor(0), out[0], d)).everywhere();
        }
        ops.op("aten::adaptive_max_" + name + "int[" + d + "] output_size) -> (Tensor, Tensor)")
            .kernels(a -> withIndices(a.tensor(0), adaptive(a, d)),
                (a, out) -> new Pool(adaptive(a, d), 0, a.context()).maximum(a.tensor(0), out[0], out[1], d)).everywhere();
    }

    // ---- windows

    private static Window[] maxWindows(Args a, int d) {
        long[] kernel = a.longs(1, d), stride = a.list(2).isEmpty() ? kernel : a.longs(2, d), padding = a.longs(3, d);
        long[] dilation = a.longs(4, d);
        Tensor t = checked(a.tensor(0), d);
        Window[] out = new Window[d];
        for (int i = 0; i < d; i++) {
            out[i] = Window.sliding(t.size(i - d), kernel[i], stride[i], padding[i], dilation[i], a.bool(5), false);
        }
        return out;
    }

    private static Window[] averageWindows(Args a, int d) {
        long[] kernel = a.longs(1, d), stride = a.list(2).isEmpty() ? kernel : a.longs(2, d), padding = a.longs(3, d);
        Tensor t = checked(a.tensor(0), d);
        if (t.dtype().isIntegral()) {
            throw new ScriptError("\"avg_pool" + d + "d_out_frame\" not implemented for '" + t.dtype().printName() + "'");
        }
        Window[] out = new Window[d];
        for (int i = 0; i < d; i++) {
            out[i] = Window.sliding(t.size(i - d), kernel[i], stride[i], padding[i], 1, a.bool(4), a.bool(5));
        }
        return out;
    }

    /** An output size of None keeps the size. */
    private static Window[] adaptive(Args a, int d) {
        Tensor t = checked(a.tensor(0), d);
        Window[] out = new Window[d];
        for (int i = 0; i < d; i++) {
            Object n = a.list(1).get(a.list(1).size() == 1 ? 0 : i);
            out[i] = Window.adaptive(t.size(i - d), n == null ? t.size(i - d) : (Long) n);
        }
        return out;
    }

    private static Tensor checked(Tensor t, int d) {
        boolean empty = false;
        for (int i = Math.max(0, t.dim() - d - 1); i < t.dim(); i++) empty |= t.sizes()[i] == 0;
        if (t.dim() != d + 1 && t.dim() != d + 2 || empty) {
            throw new ScriptError("Expected " + (d + 1) + "D or " + (d + 2) + "D (batch mode) tensor with optional 0 dim batch size for "
                + "input, but got: " + Arrays.toString(t.sizes()));
        }
        return t;
    }

    // ---- results

    static Meta meta(Tensor t, Window[] windows) { return meta(t, windows, t.dtype()); }

    private static Meta meta(Tensor t, Window[] windows, ScalarType type) {
        long[] sizes = Pool.sizes(t, windows);
        boolean channelsLast = ConvolutionCall.isChannelsLast(t);
        return new Meta(type, sizes, channelsLast ? Shapes.channelsLastStrides(sizes) : Shapes.contiguousStrides(sizes));
    }

    private static Meta[] withIndices(Tensor t, Window[] windows) {
        return new Meta[] {meta(t, windows), meta(t, windows, ScalarType.INT64)};
    }
}
