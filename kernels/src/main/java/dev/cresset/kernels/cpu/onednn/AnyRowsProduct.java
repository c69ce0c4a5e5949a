package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * C[m, n] = A[m, k] · B[k, n] (+ bias[n]), then the post-ops, for a constant B and any m. B is packed once. Rows of A and C lie
 * one after the other without gaps; float32. Safe from any number of threads. See {@link OpenCall}.
 */
public final class AnyRowsProduct implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final long n, k;
    private final DnnMemory weights, bias;
    private final OpenCall one, all;

    /**
     * Packs B.
     *
     * @param oneDnn  with the number of threads that large products use; must outlive this
     * @param b       B's elements from the first on, by {@code strides}, counted in elements
     * @param bias    n floats one after the other, or null; copied
     * @param postOps functions of one element only
     * @throws dev.cresset.ir.diag.UnsupportedException if the library has no fast kernel for it
     */
    public AnyRowsProduct(OneDnn oneDnn, MemorySegment b, long k, long n, long[] strides, MemorySegment bias, PostOps postOps) {
        this.n = n;
        this.k = k;
        MatmulSpec spec = MatmulSpec.ofAnyRows(ScalarType.FLOAT32, n, k, bias != null).withPostOps(postOps);
        OpenCall many = null, single = null;
        try {
            many = new OpenCall(oneDnn, spec, oneDnn.threads());
            single = oneDnn.threads() == 1 ? many : new OpenCall(oneDnn, spec.withB(many.layout(1)), 1);
            weights = DnnMemory.allocate(arena, many.layout(1));
            oneDnn.reorder(DnnMemory.plain(ScalarType.FLOAT32, new long[] {k, n}, strides, b), weights);
            this.bias = bias == null ? null : DnnMemory.allocate(arena, spec.bias());
            if (bias != null) this.bias.segment().copyFrom(bias.asSlice(0, 4 * n));
        } catch (RuntimeException | Error e) {
            if (many != null) many.close();
            if (single != null && single != many) single.close();
            arena.close();
            throw e;
        }
        all = many;
        one = single;
    }

    /**
     * Computes rows.
     *
     * @param rows at least 1
     * @param a,c  addresses of the first row
     */
    public void run(long rows, long a, long c) {
        DnnLayout left = DnnLayout.contiguous(ScalarType.FLOAT32, rows, k), result = DnnLayout.contiguous(ScalarType.FLOAT32, rows, n);
        OpenCall call = OneDnn.isSmall(2 * rows * n * k) ? one : all;
        if (bias == null) call.run(new DnnLayout[] {left, weights.layout(), result}, new long[] {a, weights.segment().address(), c});
        else call.run(new DnnLayout[] {left, weights.layout(), result, bias.layout()}, new long[] {a, weights.segment().address(), c, bias.segment().address()});
    }

    /** Which of the library's kernels it is. */
    public String kernelName() { return all.kernelName(); }

    /** Bytes of packed weights. */
    public long byteSize() { return weights.layout().byteSize() + (bias == null ? 0 : bias.layout().byteSize()); }

    /** No run may be going on. */
    @Override public void close() {
        all.close();
        if (one != all) one.close();
        arena.close();
    }
}
