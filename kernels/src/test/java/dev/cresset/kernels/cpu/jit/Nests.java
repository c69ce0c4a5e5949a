package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Loop nests over tensors, for tests. */
final class Nests {
    static final ScalarType F32 = ScalarType.FLOAT32;

    private static final double[] SPECIAL = {0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, 88.9, -103.5, 1e-45, -1e-42, 1e-38, 3.4e38, -3.4e38,
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 127, -128, 255, 65504, 8388607.5, -0.3, 2.5};

    private Nests() {}

    static Expr x(int input) { return new Expr.Load(input, F32); }

    static Expr reduced(int index) { return new Expr.Reduced(index, F32); }

    static LoopNest.Operand operand(Tensor t, long... sizes) {
        return new LoopNest.Operand(t.dtype(), t.offset(), Shapes.broadcastStrides(t.sizes(), t.strides(), sizes));
    }

    static LoopNest.Result result(Tensor t, Expr value) { return new LoopNest.Result(t.dtype(), t.offset(), t.strides(), value); }

    /** One result, no reductions; inputs broadcast. */
    static LoopNest pointwise(Expr e, Tensor out, Tensor... in) {
        return new LoopNest(out.sizes(), Arrays.stream(in).map(t -> operand(t, out.sizes())).toList(), List.of(), List.of(result(out, e)));
    }

    static void run(FusedKernel k, int threads, Tensor out, Tensor... in) {
        long[] addresses = new long[in.length + 1];
        for (int i = 0; i < in.length; i++) addresses[i] = in[i].data().address();
        addresses[in.length] = out.data().address();
        k.run(threads, addresses);
    }

    /** Numbers of all magnitudes, and the special ones. */
    static Tensor filled(Random random, ScalarType t, long... sizes) {
        Tensor out = Tensor.zeros(t, sizes);
        for (long i = 0; i < out.numel(); i++) {
            double v = random.nextInt(4) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * Math.pow(10, random.nextInt(4) - 1);
            if (t.isIntegral()) Elements.setLong(out.data(), t, i, t == ScalarType.BOOL ? random.nextInt(2) : random.nextInt(-100, 100));
            else Elements.setDouble(out.data(), t, i, v);
        }
        return out;
    }

    /** Numbers as networks have them. */
    static Tensor normal(Random random, long... sizes) {
        Tensor out = Tensor.zeros(F32, sizes);
        for (long i = 0; i < out.numel(); i++) Elements.setDouble(out.data(), F32, i, random.nextGaussian() * 2);
        return out;
    }

    static double at(Tensor t, long index) { return Elements.getDouble(t.data(), t.dtype(), t.offset() + index); }

    static Expr softmaxValue() { return x(0).sub(reduced(0)).exp(); }

    static LoopNest softmax(Tensor out, Tensor in) {
        return new LoopNest(out.sizes(), List.of(operand(in, out.sizes())),
            List.of(new LoopNest.Reduction(LoopNest.Fold.MAX, x(0)), new LoopNest.Reduction(LoopNest.Fold.SUM, softmaxValue())),
            List.of(result(out, softmaxValue().div(reduced(1)))));
    }

    /** Inputs: the rows, weight, bias. */
    static LoopNest layerNorm(Tensor out, Tensor in, Tensor weight, Tensor bias) {
        long n = out.size(out.dim() - 1);
        Expr centred = x(0).sub(reduced(0).mul(1.0 / n));
        Expr scale = reduced(1).mul(1.0 / n).add(1e-5).sqrt().recip();
        return new LoopNest(out.sizes(), List.of(operand(in, out.sizes()), operand(weight, out.sizes()), operand(bias, out.sizes())),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, x(0)), new LoopNest.Reduction(LoopNest.Fold.SUM, centred.mul(centred))),
            List.of(result(out, centred.mul(scale).mul(x(1)).add(x(2)))));
    }
}
