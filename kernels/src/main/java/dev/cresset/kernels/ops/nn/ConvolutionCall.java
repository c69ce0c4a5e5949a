package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.ConvSpec;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * One convolution: its tensors (with a batch dimension) and its geometry, one number per spatial dimension each.
 *
 * @param unbatched the program's input had no batch dimension, so the result has none
 */
public record ConvolutionCall(Tensor input, Tensor weight, Tensor bias, long[] stride, long[] padLeft, long[] padRight, long[] dilation,
    boolean transposed, long[] outputPadding, long groups, boolean unbatched) {

    /** Checks the geometry in PyTorch's words and adds the batch dimension. */
    static ConvolutionCall of(Tensor input, Tensor weight, Tensor bias, long[] stride, long[] padLeft, long[] padRight, long[] dilation,
        boolean transposed, long[] outputPadding, long groups) {
        int spatial = weight.dim() - 2;
        boolean unbatched = input.dim() == spatial + 1;
        if (spatial < 1 || !unbatched && input.dim() != spatial + 2) {
            throw new ScriptError("Expected " + (spatial + 1) + "D (unbatched) or " + (spatial + 2) + "D (batched) input to conv" + spatial
                + "d, but got input of size: " + Arrays.toString(input.sizes()));
        }
        Tensor batched = unbatched ? dev.cresset.tensor.Views.unsqueeze(input, 0) : input;
        ConvolutionCall call = new ConvolutionCall(batched, weight, bias, fit(stride, spatial), fit(padLeft, spatial),
            fit(padRight, spatial), fit(dilation, spatial), transposed, fit(outputPadding, spatial), groups, unbatched);
        call.check();
        return call;
    }

    private static long[] fit(long[] v, int n) {
        if (v.length == n) return v;
        if (v.length != 1) throw new ScriptError("expected " + n + " values for a convolution's geometry, got " + Arrays.toString(v));
        long[] out = new long[n];
        Arrays.fill(out, v[0]);
        return out;
    }

    private void check() {
        if (input.dtype() != weight.dtype()) {
            throw new ScriptError("Input type (" + input.dtype().printName() + ") and weight type (" + weight.dtype().printName()
                + ") should be the same");
        }
        long channels = transposed ? weight.size(0) : weight.size(1) * groups;
        if (groups < 1 || weight.size(0) % groups != 0 || input.size(1) != channels) {
            throw new ScriptError("Given groups=" + groups + (transposed ? ", transposed=1" : "") + ", weight of size "
                + Arrays.toString(weight.sizes()) + ", expected input" + Arrays.toString(input.sizes()) + " to have " + channels
                + " channels, but got " + input.size(1) + " channels instead");
        }
        if (bias != null && (bias.dim() != 1 || bias.size(0) != outChannels())) {
            throw new ScriptError("Given weight of size " + Arrays.toString(weight.sizes()) + ", expected bias to be 1-dimensional with "
                + outChannels() + " elements, but got bias of size " + Arrays.toString(bias.sizes()) + " instead");
        }
        for (int d = 0; d < spatial(); d++) {
            if (stride[d] <= 0) throw new ScriptError("non-positive stride is not supported");
            if (dilation[d] <= 0) throw new ScriptError("dilation should be greater than zero");
            if (padLeft[d] < 0) throw new ScriptError("negative padding is not supported");
            long padded = input.size(d + 2) + padLeft[d] + padRight[d], kernel = dilation[d] * (weight.size(d + 2) - 1) + 1;
            if (!transposed && padded < kernel) {
                throw new ScriptError("Calculated padded input size per channel: (" + padded + "). Kernel size: (" + kernel
                    + "). Kernel size can't be greater than actual input size");
            }
        }
    }

    /** How many spatial dimensions there are. */
    public int spatial() { return stride.length; }

    public long outChannels() { return transposed ? weight.size(1) * groups : weight.size(0); }

    /** With the batch dimension. */
    public long[] outSizes() {
        long[] out = new long[spatial() + 2];
        out[0] = input.size(0);
        out[1] = outChannels();
        for (int d = 0; d < spatial(); d++) {
            long window = dilation[d] * (weight.size(d + 2) - 1) + 1, size = input.size(d + 2);
            out[d + 2] = transposed ? (size - 1) * stride[d] - padLeft[d] - padRight[d] + window + outputPadding[d]
                : (size + padLeft[d] + padRight[d] - window) / stride[d] + 1;
        }
        return out;
    }

    /** Of the program's result: channels-last where the input or the weight is. */
    Meta meta() {
        long[] sizes = outSizes();
        boolean channelsLast = isChannelsLast(input) || isChannelsLast(weight);
        long[] strides = channelsLast ? Shapes.channelsLastStrides(sizes) : Shapes.contiguousStrides(sizes);
        if (!unbatched) return new Meta(input.dtype(), sizes, strides);
        return new Meta(input.dtype(), dev.cresset.tensor.Views.without(sizes, 0), dev.cresset.tensor.Views.without(strides, 0));
    }

    /** The program's result with the batch dimension. */
    Tensor batched(Tensor out) {
        return unbatched ? dev.cresset.tensor.Views.unsqueeze(out, 0) : out;
    }

    /** PyTorch's test, by which a row-major tensor is not channels-last even where sizes of 1 would allow it. */
    public static boolean isChannelsLast(Tensor t) {
        if (t.dim() != 4 && t.dim() != 5) return false;
        long below = 0;
        for (int k = 0; k < t.dim(); k++) {
            int d = k == 0 ? 1 : k == t.dim() - 1 ? 0 : t.dim() - k;
            long stride = t.strides()[d];
            if (t.sizes()[d] == 0 || stride < below || stride == 0 && d == 1) return false;
            if (d == 0 && below == t.strides()[1]) return false;
            below = Math.max(stride, stride * t.sizes()[d]);
        }
        return true;
    }

    /** The same on other tensors. */
    public ConvolutionCall with(Tensor newInput, Tensor newWeight, Tensor newBias) {
        return new ConvolutionCall(newInput, newWeight, newBias, stride, padLeft, padRight, dilation, transposed, outputPadding, groups,
            unbatched);
    }

    /** As oneDNN describes it, without bias. */
    public ConvSpec spec() {
        long[] src = input.sizes(), weights = weight.sizes();
        return transposed ? ConvSpec.transposed(ScalarType.FLOAT32, src, weights, groups, stride, dilation, padLeft, outputPadding)
            : ConvSpec.forward(ScalarType.FLOAT32, src, weights, groups, stride, dilation, padLeft, padRight);
    }
}
