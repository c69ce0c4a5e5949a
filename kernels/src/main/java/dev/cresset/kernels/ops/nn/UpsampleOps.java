package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaResample;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Interpolation to another size: nearest, linear, cubic, with and without antialiasing. */
final class UpsampleOps implements OpFamily {
    private enum Mode { NEAREST, NEAREST_EXACT, LINEAR, CUBIC, LINEAR_AA, CUBIC_AA }

    @Override public void declare(Catalog ops) {
        String[] linear = {"upsample_linear", "upsample_bilinear", "upsample_trilinear"};
        for (int d = 1; d <= 3; d++) {
            declare(ops, "upsample_nearest" + d + "d", Mode.NEAREST, d);
            declare(ops, "_upsample_nearest_exact" + d + "d", Mode.NEAREST_EXACT, d);
            declare(ops, linear[d - 1] + d + "d", Mode.LINEAR, d);
        }
        declare(ops, "upsample_bicubic2d", Mode.CUBIC, 2);
        declare(ops, "_upsample_bilinear2d_aa", Mode.LINEAR_AA, 2);
        declare(ops, "_upsample_bicubic2d_aa", Mode.CUBIC_AA, 2);
    }

    private static void declare(Catalog ops, String name, Mode mode, int d) {
        boolean aligns = mode != Mode.NEAREST && mode != Mode.NEAREST_EXACT;
        String align = aligns ? "bool align_corners, " : "";
        String[] factors = {"float? scales=None", "float? scales_h=None, float? scales_w=None",
            "float? scales_d=None, float? scales_h=None, float? scales_w=None"};
        ops.op("aten::" + name + ".vec(Tensor input, SymInt[]? output_size, " + align + "float[]? scale_factors) -> Tensor")
            .kernel(a -> meta(a.tensor(0), sizes(a, d)),
                (a, out) -> run(a, out, mode, aligns && a.bool(2), a.doubles(aligns ? 3 : 2), d)).everywhere();
        ops.op("aten::" + name + "(Tensor self, SymInt[" + d + "] output_size, " + align + factors[d - 1] + ") -> Tensor")
            .kernel(a -> meta(a.tensor(0), a.longs(1, d)),
                (a, out) -> run(a, out, mode, aligns && a.bool(2), factors(a, aligns ? 3 : 2, d), d)).everywhere().out();
    }

    private static double[] factors(Args a, int from, int d) {
        double[] out = new double[d];
        for (int i = 0; i < d; i++) out[i] = a.float64Or(from + i, 0);
        return out;
    }

    private static long[] sizes(Args a, int d) {
        if (!a.isNone(1)) return a.longs(1, d);
        Tensor t = checked(a.tensor(0), d);
        double[] factors = a.doubles(a.size() - 1);
        if (factors == null) throw new ScriptError("either size or scale_factor should be defined");
        long[] out = new long[d];
        for (int i = 0; i < d; i++) out[i] = (long) (t.size(i - d) * factors[i]);
        return out;
    }

    private static Tensor checked(Tensor t, int d) {
        if (t.dim() != d + 2) {
            throw new ScriptError("It is expected input_size equals to " + (d + 2) + ", but got size " + t.dim());
        }
        return t;
    }

    private static Meta meta(Tensor t, long[] spatial) {
        long[] sizes = checked(t, spatial.length).sizes().clone();
        System.arraycopy(spatial, 0, sizes, 2, spatial.length);
        for (long s : spatial) {
            if (s <= 0) {
                throw new ScriptError("Input and output sizes should be greater than 0, but got input " + Arrays.toString(t.sizes())
                    + " output " + Arrays.toString(sizes));
            }
        }
        return new Meta(t.dtype(), sizes, ConvolutionCall.isChannelsLast(t) ? Shapes.channelsLastStrides(sizes)
            : Shapes.contiguousStrides(sizes));
    }

    private static void run(Args a, Tensor out, Mode mode, boolean align, double[] factors, int d) {
        Tensor t = a.tensor(0);
        boolean wide = t.dtype() == ScalarType.FLOAT64;
        Taps[] taps = new Taps[d];
        for (int i = 0; i < d; i++) {
            long from = t.size(i - d), to = out.size(i - d);
            double factor = factors == null ? 0 : factors[i];
            taps[i] = switch (mode) {
                case NEAREST -> Taps.nearest(from, to, factor, false);
                case NEAREST_EXACT -> Taps.nearest(from, to, factor, true);
                case LINEAR -> Taps.linear(from, to, factor, align, wide);
                case CUBIC -> Taps.cubic(from, to, factor, align, wide);
                case LINEAR_AA -> Taps.antialiased(from, to, factor, align, false, wide);
                case CUBIC_AA -> Taps.antialiased(from, to, factor, align, true, wide);
            };
        }
        if (out.storage().isOnDevice()) onDevice(a.context(), t, out, taps);
        else Resample.run(a.context().threads(), t, out, taps);
    }

    private static void onDevice(CallContext context, Tensor from, Tensor to, Taps[] taps) {
        List<CudaResample.Taps> three = new ArrayList<>();
        for (int d = taps.length; d < 3; d++) three.add(new CudaResample.Taps(new int[][] {{0}}, new double[][] {{1}}));
        for (Taps t : taps) three.add(new CudaResample.Taps(t.at(), t.weight()));
        CudaResample.run(context, Pool.five(from, taps.length), Pool.five(to, taps.length), three);
    }
}
