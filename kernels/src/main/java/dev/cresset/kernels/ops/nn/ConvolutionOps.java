package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.function.Function;

/** Convolutions, forward and transposed, over one to three spatial dimensions. */
final class ConvolutionOps implements OpFamily {
    private static final long[] ZERO = {0}, ONE = {1};
    private final Convolve convolve;

    ConvolutionOps(CpuLibraries libraries) { convolve = new Convolve(libraries); }

    @Override public void declare(Catalog ops) {
        for (int d = 1; d <= 3; d++) declareForward(ops, d);
        declareTransposed(ops);
        declareGeneral(ops);
        declareOldNames(ops);
        ops.op("aten::conv_tbc(Tensor self, Tensor weight, Tensor bias, int pad=0) -> Tensor").composite(ConvolutionOps::timeFirst);
    }

    private void declare(Catalog ops, String schema, Function<Args, ConvolutionCall> call) {
        ops.op(schema).kernels(new ConvolutionRule(call), (a, out) -> convolve.run(a.context(), call.apply(a), out[0])).everywhere();
    }

    private void declareForward(Catalog ops, int d) {
        String n = "int[" + d + "] ", one = d == 1 ? "[1]" : "1", zero = d == 1 ? "[0]" : "0";
        String head = "(Tensor input, Tensor weight, Tensor? bias=None, " + n + "stride=" + one + ", ";
        String tail = n + "dilation=" + one + ", int groups=1) -> Tensor";
        declare(ops, "aten::conv" + d + "d" + head + n + "padding=" + zero + ", " + tail,
            a -> forward(a, 2, a.longs(3), a.longs(4), a.longs(5), a.int64(6)));
        declare(ops, "aten::conv" + d + "d.padding" + head + "str padding=\"valid\", " + tail,
            a -> named(a, a.longs(3), a.str(4), a.longs(5), a.int64(6)));
    }

    private void declareTransposed(Catalog ops) {
        declare(ops, "aten::conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=[1], int[1] padding=[0], "
            + "int[1] output_padding=[0], int groups=1, int[1] dilation=[1]) -> Tensor", ConvolutionOps::transposed);
        declare(ops, "aten::conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, "
            + "int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor", ConvolutionOps::transposed);
        declare(ops, "aten::conv_transpose3d.input(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, "
            + "int[3] output_padding=0, int groups=1, int[3] dilation=1) -> Tensor", ConvolutionOps::transposed);
    }

    private void declareGeneral(Catalog ops) {
        String general = "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, "
            + "int[] output_padding, int groups";
        declare(ops, "aten::convolution" + general + ") -> Tensor", ConvolutionOps::general);
        declare(ops, "aten::convolution_overrideable" + general + ") -> Tensor", ConvolutionOps::general);
        declare(ops, "aten::_convolution" + general + ", bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor",
            ConvolutionOps::general);
        declare(ops, "aten::_convolution.deprecated" + general + ", bool benchmark, bool deterministic, bool cudnn_enabled) -> Tensor",
            ConvolutionOps::general);
        declare(ops, "aten::_convolution_mode(Tensor input, Tensor weight, Tensor? bias, int[] stride, str padding, int[] dilation, "
            + "int groups) -> Tensor", a -> named(a, a.longs(3), a.str(4), a.longs(5), a.int64(6)));
        declare(ops, "aten::mkldnn_convolution(Tensor self, Tensor weight, Tensor? bias, int[] padding, int[] stride, int[] dilation, "
            + "int groups) -> Tensor", a -> forward(a, 2, a.longs(4), a.longs(3), a.longs(5), a.int64(6)));
    }

    private void declareOldNames(Catalog ops) {
        declare(ops, "aten::thnn_conv2d(Tensor self, Tensor weight, int[2] kernel_size, Tensor? bias=None, int[2] stride=1, "
            + "int[2] padding=0) -> Tensor", a -> forward(a, 3, a.longs(4), a.longs(5), ONE, 1));
        declare(ops, "aten::_slow_conv2d_forward(Tensor self, Tensor weight, int[2] kernel_size, Tensor? bias, int[2] stride, "
            + "int[2] padding) -> Tensor", a -> forward(a, 3, a.longs(4), a.longs(5), ONE, 1));
        declare(ops, "aten::slow_conv3d(Tensor self, Tensor weight, int[3] kernel_size, Tensor? bias=None, int[3] stride=1, "
            + "int[3] padding=0) -> Tensor", a -> forward(a, 3, a.longs(4), a.longs(5), ONE, 1));
        for (int d = 2; d <= 3; d++) {
            String n = "int[" + d + "] ";
            declare(ops, "aten::slow_conv_dilated" + d + "d(Tensor self, Tensor weight, " + n + "kernel_size, Tensor? bias=None, " + n
                + "stride=1, " + n + "padding=0, " + n + "dilation=1) -> Tensor",
                a -> forward(a, 3, a.longs(4), a.longs(5), a.longs(6), 1));
            declare(ops, "aten::slow_conv_transpose" + d + "d(Tensor self, Tensor weight, " + n + "kernel_size, Tensor? bias=None, " + n
                + "stride=1, " + n + "padding=0, " + n + "output_padding=0, " + n + "dilation=1) -> Tensor",
                a -> ConvolutionCall.of(a.tensor(0), a.tensor(1), a.tensorOrNull(3), a.longs(4), a.longs(5), a.longs(5), a.longs(7), true,
                    a.longs(6), 1));
        }
        declare(ops, "aten::_conv_depthwise2d(Tensor self, Tensor weight, int[2] kernel_size, Tensor? bias, int[2] stride, "
            + "int[2] padding, int[2] dilation) -> Tensor",
            a -> forward(a, 3, a.longs(4), a.longs(5), a.longs(6), a.tensor(0).size(-3)));
        declare(ops, "aten::conv_depthwise3d(Tensor self, Tensor weight, int[3] kernel_size, Tensor? bias, int[3] stride, "
            + "int[3] padding, int[3] dilation) -> Tensor",
            a -> forward(a, 3, a.longs(4), a.longs(5), a.longs(6), a.tensor(0).size(-4)));
    }

    private static ConvolutionCall forward(Args a, int bias, long[] stride, long[] padding, long[] dilation, long groups) {
        return ConvolutionCall.of(a.tensor(0), a.tensor(1), a.tensorOrNull(bias), stride, padding, padding, dilation, false, ZERO, groups);
    }

    private static ConvolutionCall transposed(Args a) {
        return ConvolutionCall.of(a.tensor(0), a.tensor(1), a.tensorOrNull(2), a.longs(3), a.longs(4), a.longs(4), a.longs(7), true,
            a.longs(5), a.int64(6));
    }

    private static ConvolutionCall general(Args a) {
        return ConvolutionCall.of(a.tensor(0), a.tensor(1), a.tensorOrNull(2), a.longs(3), a.longs(4), a.longs(4), a.longs(5), a.bool(6),
            a.longs(7), a.int64(8));
    }

    /** padding="same" adds what keeps the size, the odd one on the right. */
    private static ConvolutionCall named(Args a, long[] stride, String padding, long[] dilation, long groups) {
        int spatial = a.tensor(1).dim() - 2;
        long[] left = new long[spatial], right = new long[spatial];
        if (padding.equals("same")) {
            for (long s : stride) if (s != 1) throw new ScriptError("padding='same' is not supported for strided convolutions");
            for (int d = 0; d < spatial; d++) {
                long total = (dilation.length == 1 ? dilation[0] : dilation[d]) * (a.tensor(1).size(d + 2) - 1);
                left[d] = total / 2;
                right[d] = total - left[d];
            }
        } else if (!padding.equals("valid")) {
            throw new ScriptError("Invalid padding string: '" + padding + "'");
        }
        return ConvolutionCall.of(a.tensor(0), a.tensor(1), a.tensorOrNull(2), stride, left, right, dilation, false, ZERO, groups);
    }

    /** Input [time, batch, channels], weight [width, in, out]. */
    private static Object timeFirst(Args a) {
        Tensor out = a.context().tensor("aten::conv1d", Views.permute(a.tensor(0), 1, 2, 0), Views.permute(a.tensor(1), 2, 1, 0),
            a.tensor(2), ONE, new long[] {a.int64(3)}, ONE, 1);
        return a.context().tensor("aten::contiguous", Views.permute(out, 2, 0, 1));
    }
}
