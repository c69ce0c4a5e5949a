package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.fuse.RowsAtOnce;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Loop nests as fusion makes them, with tensors. */
final class NestCases {
    private static final ScalarType F32 = ScalarType.FLOAT32;
    private final Random random;

    NestCases(Random random) { this.random = random; }

    /** A nest with its memory, which results lie at the end of. */
    record Case(String what, LoopNest nest, List<Tensor> tensors, double tolerance) {
        boolean aligned() {
            for (int k = 0; k < tensors.size(); k++) {
                long offset = k < nest.inputs().size() ? nest.inputs().get(k).offset() : nest.results().get(k - nest.inputs().size()).offset();
                if ((tensors.get(k).data().address() + offset * tensors.get(k).dtype().byteSize()) % 16 != 0) return false;
            }
            return true;
        }

        KernelText kernel() { return CudaKernels.nest(nest, aligned()); }
    }

    static LoopNest.Operand operand(Tensor t, long... sizes) {
        return new LoopNest.Operand(t.dtype(), t.offset(), Shapes.broadcastStrides(t.sizes(), t.strides(), sizes));
    }

    static Expr x(int i) { return new Expr.Load(i, F32); }

    private static Expr r(int i) { return new Expr.Reduced(i, F32); }

    private Tensor normal(ScalarType t, long... sizes) {
        Tensor out = Tensor.zeros(t, sizes);
        for (long i = 0; i < out.numel(); i++) {
            Elements.setDouble(out.data(), t, i, t.isIntegral() ? random.nextInt(-50, 50) : random.nextGaussian());
        }
        return out;
    }

    private static LoopNest.Result result(Tensor t, Expr e) { return new LoopNest.Result(t.dtype(), t.offset(), t.strides(), e); }

    Case softmax(long... sizes) { return softmax(false, sizes); }

    private Case softmax(boolean log, long... sizes) {
        Tensor in = normal(F32, sizes), out = Tensor.zeros(F32, sizes);
        return new Case("softmax", RowNests.softmax(sizes, operand(in, sizes), F32, 0, out.strides(), log), List.of(in, out), 1e-6);
    }

    /** Two results, one of them an element for each row; weights that broadcast. */
    private Case layerNorm(ScalarType t, long... sizes) {
        long n = sizes[sizes.length - 1];
        Tensor in = normal(t, sizes), weight = normal(t, n), out = Tensor.zeros(t, sizes);
        long[] perRow = sizes.clone();
        perRow[sizes.length - 1] = 1;
        Tensor scale = Tensor.zeros(F32, perRow);
        long[] once = scale.strides().clone();
        once[sizes.length - 1] = 0;
        Expr v = new Expr.Load(0, t), centred = v.to(F32).sub(r(0).mul(1.0 / n)), s = r(1).mul(1.0 / n).add(1e-5).sqrt().recip();
        LoopNest nest = new LoopNest(sizes, List.of(operand(in, sizes), operand(weight, sizes)),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, v.to(F32)), new LoopNest.Reduction(LoopNest.Fold.SUM, centred.mul(centred))),
            List.of(result(out, centred.mul(s).mul(new Expr.Load(1, t).to(F32))), new LoopNest.Result(F32, 0, once, s)));
        return new Case("layer norm " + t, nest, List.of(in, weight, out, scale), t == F32 ? 1e-5 : 1e-2);
    }

    private Case fold(ScalarType t, LoopNest.Fold fold, long rows, long n) {
        Tensor in = normal(t, rows, n), out = Tensor.zeros(ScalarType.FLOAT64, rows);
        Expr value = new Expr.Load(0, t);
        LoopNest nest = new LoopNest(new long[] {rows, n}, List.of(operand(in, rows, n)), List.of(new LoopNest.Reduction(fold, value)),
            List.of(new LoopNest.Result(ScalarType.FLOAT64, 0, new long[] {1, 0}, new Expr.Reduced(0, Expr.compute(t)).to(ScalarType.FLOAT64))));
        return new Case(fold + " of " + t, nest, List.of(in, out), t == F32 ? 1e-4 : 1e-12);
    }

    /** A product of few rows with a matrix, a row added, and a function of that: as plans have it, all rows at once. */
    private Case product(ScalarType t, long rows, long n, long k) {
        Tensor w = normal(t, n, k), x = normal(t, rows, k), bias = normal(t, n), out = Tensor.zeros(t, rows, n);
        ScalarType f = Expr.compute(t);
        Expr sum = new Expr.Reduced(0, f).add(new Expr.Load(2, t).to(f));
        LoopNest nest = new LoopNest(new long[] {rows, n, k}, List.of(operand(w, rows, n, k), operand(x.view(new long[] {rows, 1, k}, new long[] {k, k, 1}), rows, n, k),
            operand(bias.view(new long[] {n, 1}, new long[] {1, 1}), rows, n, k)),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, new Expr.Load(0, t).to(f).mul(new Expr.Load(1, t).to(f)))),
            List.of(new LoopNest.Result(t, 0, new long[] {n, 1, 0}, sum.gt(0).select(sum, sum.exp().sub(1)).to(t))));
        LoweredGroup group = RowsAtOnce.of(new LoweredGroup(nest, List.of(0, 1, 2), List.of(0)));
        List<Tensor> tensors = new ArrayList<>(group.inputs().stream().map(i -> List.of(w, x, bias).get(i)).toList());
        group.results().forEach(_ -> tensors.add(out));
        return new Case("product of " + rows + " rows of " + t, group.nest(), tensors, f == t ? 1e-4 : 1e-2);
    }

    private Case gelu(Tensor in, Tensor bias, Tensor out) {
        Expr v = x(0).add(x(1)), e = v.mul(0.5).mul(v.mul(Math.sqrt(0.5)).erf().add(1));
        LoopNest nest = new LoopNest(out.sizes(), List.of(operand(in, out.sizes()), operand(bias, out.sizes())), List.of(), List.of(result(out, e)));
        return new Case("bias and gelu", nest, List.of(in, bias, out), 1e-6);
    }

    /** Of all schedules, types and layouts. */
    List<Case> all() {
        List<Case> all = new ArrayList<>();
        for (long n : new long[] {1, 5, 32, 100, 1000, 1500, 9000}) {
            all.add(softmax(3, n));
            all.add(softmax(true, 3, n));
            all.add(layerNorm(F32, 2, 3, n));
            all.add(layerNorm(ScalarType.FLOAT16, 5, n));
            for (ScalarType t : List.of(F32, ScalarType.FLOAT64, ScalarType.INT64, ScalarType.BOOL)) {
                for (LoopNest.Fold f : LoopNest.Fold.values()) all.add(fold(t, f, 3, n));
            }
        }
        for (ScalarType t : List.of(F32, ScalarType.FLOAT64, ScalarType.FLOAT16, ScalarType.BFLOAT16)) {
            for (long k : new long[] {45, 512, 1040}) for (long rows : new long[] {1, 3, 4}) all.add(product(t, rows, 5, k));
        }
        all.add(gelu(normal(F32, 4, 8), normal(F32, 8), Tensor.zeros(F32, 4, 8)));
        all.add(gelu(normal(F32, 1027), normal(F32), Tensor.zeros(F32, 1027)));
        all.add(gelu(normal(F32, 5, 7), normal(F32, 5, 1), Tensor.zeros(F32, 5, 7)));
        all.add(gelu(normal(F32, 7, 5).view(new long[] {5, 7}, new long[] {1, 5}), normal(F32, 5, 7), Tensor.zeros(F32, 5, 7)));
        all.add(gelu(normal(F32, 3, 1, 6), normal(F32, 4, 1), Tensor.zeros(F32, 3, 4, 6)));
        all.add(gelu(normal(F32, 41).view(new long[] {40}, new long[] {1}, 1), normal(F32, 1), Tensor.zeros(F32, 40)));
        return all;
    }
}
