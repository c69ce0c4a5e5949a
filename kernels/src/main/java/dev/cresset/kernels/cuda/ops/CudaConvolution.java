package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.PackedConstants;
import dev.cresset.kernels.cuda.code.ConvolutionKernels;
import dev.cresset.kernels.cuda.driver.CudaCallException;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.DnnConvolution.Algorithm;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;

/** Convolutions on a CUDA device: by cuDNN for floats, by a plain kernel for all other number types and what cuDNN does not take. */
public final class CudaConvolution {
    /** Bytes, of which addresses that cuDNN's convolutions are given are multiples. */
    public static final int ALIGNMENT = 16;

    private CudaConvolution() {}

    /** @param out with the batch dimension, not empty */
    public static void run(CallContext context, ConvolutionCall call, Tensor out) {
        ConvolutionCall even = evenly(context, call);
        if (!byLibrary(context, even, out)) plain(context, even, out);
        if (call.bias() == null) return;
        context.call("aten::add_.Tensor", out, overChannels(call.bias(), out), 1L);
    }

    /** A vector over the channels as it broadcasts to the result. */
    static Tensor overChannels(Tensor bias, Tensor out) {
        long[] sizes = new long[out.dim() - 1], strides = new long[sizes.length];
        Arrays.fill(sizes, 1);
        sizes[0] = bias.size(0);
        strides[0] = bias.strides()[0];
        return bias.view(sizes, strides);
    }

    /** With the same padding on both sides: what is more is made of zeros. */
    private static ConvolutionCall evenly(CallContext context, ConvolutionCall call) {
        if (Arrays.equals(call.padLeft(), call.padRight())) return call;
        Tensor x = call.input();
        long[] sizes = x.sizes().clone(), none = new long[call.spatial()];
        for (int d = 0; d < none.length; d++) sizes[d + 2] += call.padLeft()[d] + call.padRight()[d];
        Tensor padded = context.zeros(x.dtype(), sizes);
        Tensor inside = padded;
        for (int d = 0; d < none.length; d++) inside = Views.narrow(inside, d + 2, call.padLeft()[d], x.size(d + 2));
        Elementwise.copy(context, x, inside);
        return new ConvolutionCall(padded, call.weight(), call.bias(), call.stride(), none, none, call.dilation(), call.transposed(),
            call.outputPadding(), call.groups(), call.unbatched());
    }

    // ---- cuDNN

    private static boolean byLibrary(CallContext context, ConvolutionCall call, Tensor out) {
        if (!CudaProduct.hasLibrary(out.dtype()) || call.input().numel() == 0) return false;
        for (int d = 0; d < call.spatial(); d++) {
            // then cuDNN would count one window more in the result
            if (call.transposed() && call.outputPadding()[d] >= call.stride()[d]) return false;
        }
        boolean last = ConvolutionCall.isChannelsLast(out) && out.dtype() != ScalarType.FLOAT64;
        return byLibrary(context, call, out, last) || last && byLibrary(context, call, out, false);
    }

    private static boolean byLibrary(CallContext context, ConvolutionCall call, Tensor out, boolean last) {
        ConvolutionHandle.Key key = ConvolutionHandle.Key.of(call, out.dtype(), last, CudaCall.precision(context));
        boolean[] done = {false};
        CudaStream stream = CudaCall.stream(context);
        stream.dnn(workshop -> {
            ConvolutionHandle handle = workshop.prepared(key, ConvolutionHandle.class, dnn -> new ConvolutionHandle(dnn, key));
            if (handle.algorithms().isEmpty()) return;
            Tensor x = arranged(context, call.input(), last);
            Tensor y = lies(out, last) ? out : context.emptyStrided(out.dtype(), out.sizes(), strides(out, last));
            if (lies(call.weight(), last) || !call.weight().storage().isConstant()) {
                done[0] = run(context, handle, x, arranged(context, call.weight(), last).address(), y);
            } else {
                try (PackedConstants.Entry w = packed(context, call.weight(), last)) {
                    done[0] = run(context, handle, x, w.address(), y);
                }
            }
            if (done[0] && y != out) Elementwise.copy(context, y, out);
        });
        return done[0];
    }

    /** By the best algorithm that cuDNN does not refuse. @return false if it refuses all */
    private static boolean run(CallContext context, ConvolutionHandle handle, Tensor x, long weight, Tensor y) {
        while (!handle.algorithms().isEmpty()) {
            Algorithm algorithm = handle.algorithms().getFirst();
            long workspace = algorithm.workspaceBytes() == 0 ? 0 : context.empty(ScalarType.UINT8, algorithm.workspaceBytes()).address();
            try {
                handle.run(algorithm, x.address(), weight, workspace, y.address());
                return true;
            } catch (CudaUnsupportedException | CudaCallException e) {
                if (CudaCall.stream(context).isRecording()) throw e;
                handle.refuse(algorithm);
            }
        }
        return false;
    }

    /** A constant weight, arranged once for the device. */
    public static PackedConstants.Entry packed(CallContext context, Tensor weight, boolean last) {
        record Order(boolean channelsLast) {}
        CudaStream stream = CudaCall.stream(context);
        long bytes = weight.numel() * weight.dtype().byteSize();
        return stream.owner().packed().enter(List.of(weight), new Order(last), bytes, stream, space -> Elementwise.copy(context, weight,
            new Tensor(Storage.within(stream, space, bytes), weight.dtype(), 0, weight.sizes(), strides(weight, last))));
    }

    private static long[] strides(Tensor t, boolean last) {
        return last ? Shapes.channelsLastStrides(t.sizes()) : Shapes.contiguousStrides(t.sizes());
    }

    private static boolean lies(Tensor t, boolean last) { return Shapes.sameLayout(t.sizes(), t.strides(), strides(t, last)) && t.address() % ALIGNMENT == 0; }

    private static Tensor arranged(CallContext context, Tensor t, boolean last) {
        if (lies(t, last)) return t;
        Tensor copy = context.emptyStrided(t.dtype(), t.sizes(), strides(t, last));
        Elementwise.copy(context, t, copy);
        return copy;
    }

    // ---- the plain kernel

    private static void plain(CallContext context, ConvolutionCall call, Tensor out) {
        Tensor x = call.input(), w = call.weight();
        List<ConvolutionKernels.Axis> axes = new java.util.ArrayList<>();
        for (int d = call.spatial(); d < 3; d++) axes.add(new ConvolutionKernels.Axis(1, 1, 1, 0, 1));
        for (int d = 0; d < call.spatial(); d++) {
            axes.add(new ConvolutionKernels.Axis(x.size(d + 2), w.size(d + 2), call.stride()[d], call.padLeft()[d], call.dilation()[d]));
        }
        long perGroupIn = x.size(1) / call.groups(), perGroupOut = out.size(1) / call.groups();
        var arguments = new ConvolutionKernels.Arguments(x.address(), w.address(), out.address(), call.transposed(), perGroupIn, perGroupOut,
            five(out.sizes(), 1), five(x.strides(), 0), five(w.strides(), 0), five(out.strides(), 0), axes);
        CudaCall.stream(context).launch(ConvolutionKernels.plain(out.dtype()), arguments.slots(), out.numel());
    }

    /** Missing dimensions of space come first. */
    private static long[] five(long[] v, long missing) {
        long[] out = {v[0], v[1], missing, missing, missing};
        System.arraycopy(v, 2, out, 7 - v.length, v.length - 2);
        return out;
    }
}
