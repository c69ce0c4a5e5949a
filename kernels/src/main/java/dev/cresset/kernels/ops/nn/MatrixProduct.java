package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.MatmulSpec;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.PostOps;
import dev.cresset.kernels.cuda.ops.CudaProduct;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The one matrix product behind all operators: C = beta · C + alpha · A · B (+ bias), batched, of any number type. */
final class MatrixProduct {
    private final CpuLibraries libraries;

    MatrixProduct(CpuLibraries libraries) { this.libraries = libraries; }

    /** C = A · B; A is […, m, k], B is […, k, n] and C […, m, n], of one rank, batch dimensions of A and B broadcast. */
    void run(CallContext context, Tensor a, Tensor b, Tensor c) { run(context, a, b, null, 1, 0, c); }

    /** @param bias one number per column, or null; only with alpha 1 and beta 0 */
    void run(CallContext context, Tensor a, Tensor b, Tensor bias, double alpha, double beta, Tensor c) {
        if (c.numel() == 0 || c.storage().isMeta()) return;
        if (c.storage().isOnDevice()) {
            CudaProduct.run(context, a, b, bias, alpha, beta, c);
            return;
        }
        ScalarType type = a.dtype();
        if (type.isComplex()) {
            complex(context, a, b, alpha, beta, c);
        } else if (type == ScalarType.FLOAT16 || type == ScalarType.BFLOAT16) {
            half(context, a, b, bias, alpha, beta, c);
        } else {
            OneDnn oneDnn = libraries.oneDnn(context, type);
            if (oneDnn == null || a.size(-1) == 0) loops(a, b, bias, alpha, beta, c);
            else library(context, oneDnn, a, b, bias, alpha, beta, c);
        }
    }

    // ---- oneDNN

    private static void library(CallContext context, OneDnn oneDnn, Tensor a, Tensor b, Tensor bias, double alpha, double beta, Tensor c) {
        Tensor left = plain(context, a);
        Tensor right = plain(context, b);
        if (repeatTogether(left, right)) {
            left = copy(context, left, left.dtype());
            right = copy(context, right, right.dtype());
        }
        MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, left.sizes(), left.strides(), right.sizes(), right.strides(), c.sizes(),
            c.strides(), bias != null);
        PostOps then = PostOps.NONE;
        if (alpha != 1) then = then.linear((float) alpha, 0);
        if (beta != 0) then = then.sum((float) beta);
        if (then != PostOps.NONE) spec = spec.withPostOps(then);
        MemorySegment shift = bias == null ? null : CpuLibraries.from(bias);
        if (right.storage().isConstant()) {
            oneDnn.matmulPacked(spec, CpuLibraries.from(left), CpuLibraries.weights(right), shift, CpuLibraries.from(c));
        } else {
            oneDnn.matmul(spec, CpuLibraries.from(left), CpuLibraries.from(right), shift, CpuLibraries.from(c));
        }
    }

    /** Itself if its elements lie apart from each other, where batch dimensions may repeat; else a copy. */
    private static Tensor plain(CallContext context, Tensor t) {
        int rank = t.dim();
        long[] sizes = t.sizes().clone();
        for (int d = 0; d < rank - 2; d++) if (t.strides()[d] == 0) sizes[d] = 1;
        for (int d = rank - 2; d < rank; d++) if (sizes[d] != 1 && t.strides()[d] == 0) return copy(context, t, t.dtype());
        return overlaps(sizes, t.strides()) ? copy(context, t, t.dtype()) : t;
    }

    /** Whether a batch of the result comes from one matrix on both sides: the library then wants that batch once only. */
    private static boolean repeatTogether(Tensor a, Tensor b) {
        for (int d = 0; d < a.dim() - 2; d++) {
            boolean several = a.sizes()[d] > 1 || b.sizes()[d] > 1;
            if (several && repeats(a, d) && repeats(b, d)) return true;
        }
        return false;
    }

    private static boolean repeats(Tensor t, int d) { return t.sizes()[d] == 1 || t.strides()[d] == 0; }

    private static boolean overlaps(long[] sizes, long[] strides) {
        Integer[] order = new Integer[sizes.length];
        for (int i = 0; i < order.length; i++) order[i] = i;
        Arrays.sort(order, (x, y) -> Long.compare(strides[x], strides[y]));
        long below = 1;
        for (int d : order) {
            if (sizes[d] == 1) continue;
            if (strides[d] < below) return true;
            below = strides[d] * sizes[d];
        }
        return false;
    }

    static Tensor copy(CallContext context, Tensor t, ScalarType type) {
        Tensor out = context.empty(type, t.sizes());
        Elementwise.copy(t, out);
        return out;
    }

    // ---- other number types

    private void half(CallContext context, Tensor a, Tensor b, Tensor bias, double alpha, double beta, Tensor c) {
        ScalarType f = ScalarType.FLOAT32;
        Tensor wide = beta == 0 ? context.empty(f, c.sizes()) : copy(context, c, f);
        run(context, copy(context, a, f), copy(context, b, f), bias == null ? null : copy(context, bias, f), alpha, beta, wide);
        Elementwise.copy(wide, c);
    }

    /** (ar + i·ai)(br + i·bi) as four real products. */
    private void complex(CallContext context, Tensor a, Tensor b, double alpha, double beta, Tensor c) {
        Tensor cr = Views.select(Views.asReal(c), -1, 0), ci = Views.select(Views.asReal(c), -1, 1);
        Tensor ar = Views.select(Views.asReal(a), -1, 0), ai = Views.select(Views.asReal(a), -1, 1);
        Tensor br = Views.select(Views.asReal(b), -1, 0), bi = Views.select(Views.asReal(b), -1, 1);
        run(context, ar, br, null, alpha, beta, cr);
        run(context, ai, bi, null, -alpha, 1, cr);
        run(context, ar, bi, null, alpha, beta, ci);
        run(context, ai, br, null, alpha, 1, ci);
    }

    private static void loops(Tensor a, Tensor b, Tensor bias, double alpha, double beta, Tensor c) {
        if (a.dtype() == ScalarType.BOOL) throw new ScriptError("\"addmm_impl_cpu_\" not implemented for 'Bool'");
        long[] batch = Arrays.copyOf(c.sizes(), c.dim() - 2);
        Tensor left = Views.expand(a, matrix(batch, a));
        Tensor right = Views.expand(b, matrix(batch, b));
        int m = (int) c.size(-2), n = (int) c.size(-1), k = (int) a.size(-1);
        int batches = (int) Shapes.numel(batch);
        if (a.dtype().isFloating()) {
            double[] x = Heap.doubles(left), y = Heap.doubles(right), z = new double[batches * m * n];
            for (int i = 0; i < batches; i++) Gemm.multiply(x, i * m * k, y, i * k * n, z, i * m * n, m, n, k);
            finish(z, bias == null ? null : Heap.doubles(bias), alpha, beta, c);
        } else {
            long[] x = Heap.longs(left), y = Heap.longs(right), z = new long[batches * m * n];
            for (int i = 0; i < batches; i++) Gemm.multiply(x, i * m * k, y, i * k * n, z, i * m * n, m, n, k);
            finish(z, bias == null ? null : Heap.longs(bias), (long) alpha, (long) beta, c);
        }
    }

    private static long[] matrix(long[] batch, Tensor t) {
        long[] out = Arrays.copyOf(batch, batch.length + 2);
        out[batch.length] = t.size(-2);
        out[batch.length + 1] = t.size(-1);
        return out;
    }

    private static void finish(double[] z, double[] bias, double alpha, double beta, Tensor c) {
        double[] before = beta == 0 ? null : Heap.doubles(c);
        for (int i = 0; i < z.length; i++) {
            z[i] = alpha * z[i] + (bias == null ? 0 : bias[i % bias.length]) + (before == null ? 0 : beta * before[i]);
        }
        Heap.store(z, c);
    }

    private static void finish(long[] z, long[] bias, long alpha, long beta, Tensor c) {
        long[] before = beta == 0 ? null : Heap.longs(c);
        for (int i = 0; i < z.length; i++) {
            z[i] = alpha * z[i] + (bias == null ? 0 : bias[i % bias.length]) + (before == null ? 0 : beta * before[i]);
        }
        Heap.store(z, c);
    }
}
