package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.ConvolutionKernels;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;

/** Convolutions on a CUDA device: by cuDNN for floats, by a plain kernel for all other number types and what cuDNN does not take. */
public final class CudaConvolution {
    private CudaConvolution() {}

    /** @param out with the batch dimension, not empty */
    public static void run(CallContext context, ConvolutionCall call, Tensor out) {
        ConvolutionCall even = evenly(context, call);
        if (!byLibrary(context, even, out)) plain(context, even, out);
        if (call.bias() == null) return;
        long[] sizes = new long[out.dim() - 1], strides = new long[sizes.length];
        Arrays.fill(sizes, 1);
        sizes[0] = call.bias().size(0);
        strides[0] = call.bias().strides()[0];
        context.call("aten::add_.Tensor", out, call.bias().view(sizes, strides), 1L);
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
        ConvolutionHandle.Key key = new ConvolutionHandle.Key(ElementType.of(out.dtype()), call.transposed(), last, sizes(call.input()),
            sizes(call.weight()), sizes(out), space(call.padLeft(), 0), space(call.stride(), 1), space(call.dilation(), 1),
            Math.toIntExact(call.groups()));
        boolean[] done = {false};
        CudaCall.stream(context).dnn(workshop -> {
            ConvolutionHandle handle = workshop.prepared(key, ConvolutionHandle.class, dnn -> new ConvolutionHandle(dnn, key));
            if (!handle.isSupported()) return;
            Tensor x = arranged(context, call.input(), last), w = arranged(context, call.weight(), last);
            Tensor y = lies(out, last) ? out : context.emptyStrided(out.dtype(), out.sizes(), strides(out, last));
            long bytes = handle.workspaceBytes();
            long workspace = bytes == 0 ? 0 : context.empty(ScalarType.UINT8, bytes).address();
            handle.run(x.address(), w.address(), workspace, y.address());
            if (y != out) Elementwise.copy(context, y, out);
            done[0] = true;
        });
        return done[0];
    }

    /** One dimension of space is the second of two. */
    private static List<Integer> space(long[] v, int first) {
        return v.length == 1 ? List.of(first, Math.toIntExact(v[0])) : Arrays.stream(v).mapToObj(Math::toIntExact).toList();
    }

    private static List<Integer> sizes(Tensor t) {
        long[] s = t.dim() == 3 ? Views.with(t.sizes(), 2, 1) : t.sizes();
        return Arrays.stream(s).mapToObj(Math::toIntExact).toList();
    }

    private static long[] strides(Tensor t, boolean last) {
        return last ? Shapes.channelsLastStrides(t.sizes()) : Shapes.contiguousStrides(t.sizes());
    }

    private static boolean lies(Tensor t, boolean last) { return Shapes.sameLayout(t.sizes(), t.strides(), strides(t, last)); }

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
