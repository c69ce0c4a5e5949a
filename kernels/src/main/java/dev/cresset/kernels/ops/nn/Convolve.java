package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.cpu.onednn.ConvSpec;
import dev.cresset.kernels.cpu.onednn.DnnLayout;
import dev.cresset.kernels.cpu.onednn.DnnMemory;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cuda.ops.CudaConvolution;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;

/** Runs a convolution: on the host by oneDNN on float32, by {@link ConvolutionLoops} on all else. */
final class Convolve {
    private final CpuLibraries libraries;

    Convolve(CpuLibraries libraries) { this.libraries = libraries; }

    /** @param out as {@link ConvolutionCall#meta} describes it */
    void run(CallContext context, ConvolutionCall call, Tensor out) {
        if (out.numel() == 0 || out.storage().isMeta()) return;
        Tensor result = call.batched(out);
        if (out.storage().isOnDevice()) {
            CudaConvolution.run(context, call, result);
            return;
        }
        ScalarType type = out.dtype();
        if (type == ScalarType.FLOAT16 || type == ScalarType.BFLOAT16) {
            half(context, call, result);
        } else if (type.isComplex()) {
            complex(context, call, result);
        } else {
            OneDnn oneDnn = libraries.oneDnn(context, type);
            if (oneDnn != null && call.input().numel() > 0) library(context, oneDnn, call, result);
            else ConvolutionLoops.run(call, result);
        }
    }

    private static void library(CallContext context, OneDnn oneDnn, ConvolutionCall call, Tensor out) {
        Tensor arranged = ChannelsLast.view(call.input());
        Tensor input = arranged != null ? arranged : apart(context, call.input());
        Tensor weight = apart(context, call.weight());
        Tensor bias = call.bias() == null || call.bias().isContiguous() ? call.bias() : apart(context, call.bias());
        Tensor target = ChannelsLast.suits(out) ? ChannelsLast.arrange(out) : out;
        ConvSpec spec = call.spec().withBias(bias != null);
        DnnMemory from = memory(input);
        DnnMemory to = memory(target);
        // a row-major source is left to oneDNN, which may read it as it is (few channels) or convert it on the way
        DnnLayout source = ConvolutionCall.isChannelsLast(input) ? from.layout() : null;
        DnnLayout result = call.spatial() == 1 ? null : to.layout();
        MemorySegment shift = bias == null ? null : CpuLibraries.from(bias);
        oneDnn.convolution(spec, source, result).run(from, CpuLibraries.weights(weight), shift, to);
    }

    private static DnnMemory memory(Tensor t) {
        return DnnMemory.plain(t.dtype(), t.sizes(), t.strides(), CpuLibraries.from(t));
    }

    /** Itself if each element has its own place, else a copy. */
    private static Tensor apart(CallContext context, Tensor t) {
        for (int d = 0; d < t.dim(); d++) {
            if (t.sizes()[d] != 1 && t.strides()[d] == 0) return MatrixProduct.copy(context, t, t.dtype());
        }
        return dev.cresset.kernels.op.Meta.isDense(t) ? t : MatrixProduct.copy(context, t, t.dtype());
    }

    private void half(CallContext context, ConvolutionCall call, Tensor out) {
        ScalarType f = ScalarType.FLOAT32;
        Tensor wide = context.empty(f, out.sizes());
        Tensor bias = call.bias() == null ? null : MatrixProduct.copy(context, call.bias(), f);
        ConvolutionCall c = call.with(MatrixProduct.copy(context, call.input(), f), MatrixProduct.copy(context, call.weight(), f), bias);
        OneDnn oneDnn = libraries.oneDnn(context, f);
        if (oneDnn != null && c.input().numel() > 0) library(context, oneDnn, c, wide);
        else ConvolutionLoops.run(c, wide);
        Elementwise.copy(wide, out);
    }

    /** (wr + i·wi) * (xr + i·xi) as four real convolutions. */
    private void complex(CallContext context, ConvolutionCall call, Tensor out) {
        long[] sizes = out.sizes();
        Tensor sum = context.zeros(out.dtype().toReal(), with2(sizes));
        for (int w = 0; w < 2; w++) {
            for (int x = 0; x < 2; x++) {
                Tensor part = context.empty(sum.dtype(), sizes);
                Tensor bias = call.bias() == null || x == 1 ? null : Views.select(Views.asReal(call.bias()), -1, w);
                Tensor shift = x == 0 && bias != null ? MatrixProduct.copy(context, bias, sum.dtype()) : null;
                ConvolutionLoops.run(call.with(Views.select(Views.asReal(call.input()), -1, x),
                    Views.select(Views.asReal(call.weight()), -1, w), shift), part);
                String op = w == 1 && x == 1 ? "aten::sub_.Tensor" : "aten::add_.Tensor";
                context.call(op, Views.select(sum, -1, (w + x) % 2), part, 1);
            }
        }
        Elementwise.copy(Views.asComplex(sum), out);
    }

    private static long[] with2(long[] sizes) { return Views.with(sizes, sizes.length, 2); }

    static long pixels(Tensor t) {
        return Shapes.numel(java.util.Arrays.copyOfRange(t.sizes(), 2, t.dim()));
    }
}
