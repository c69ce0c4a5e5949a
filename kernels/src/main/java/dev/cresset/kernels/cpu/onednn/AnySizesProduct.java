package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * C[…, m, n] = A[…, m, k] · B[…, k, n] for float32 matrices of any sizes, batched or not, without a primitive for each. Safe
 * from any number of threads. See {@link OpenCall}.
 */
public final class AnySizesProduct implements AutoCloseable {
    private static final int MOST_DIMENSIONS = 6;

    private final OneDnn oneDnn;
    private final Map<Kind, OpenCall> calls = new ConcurrentHashMap<>();

    /** What is not open: which of a matrix's two dimensions has the stride 1. */
    private record Kind(int rank, boolean transposedA, boolean transposedB, int threads) {}

    /** @param oneDnn with the number of threads that large products use; must outlive this */
    public AnySizesProduct(OneDnn oneDnn) { this.oneDnn = oneDnn; }

    /** How a batch of matrices lies: strides in elements. */
    public record Matrices(long[] sizes, long[] strides) {
        private int rank() { return sizes.length; }

        /** Without batch dimensions of size 1, of which the library makes nonsense where batches lie inside of rows. */
        private Matrices squeezed() {
            int batch = rank() - 2, kept = 0;
            long[] someSizes = new long[rank()], someStrides = new long[rank()];
            for (int d = 0; d < rank(); d++) {
                if (d < batch && sizes[d] == 1) continue;
                someSizes[kept] = sizes[d];
                someStrides[kept++] = strides[d];
            }
            return kept == rank() ? this : new Matrices(Arrays.copyOf(someSizes, kept), Arrays.copyOf(someStrides, kept));
        }

        /** Null if the library does not take matrices that lie so. */
        private DnnLayout layout() {
            if (rank() < 2 || rank() > MOST_DIMENSIONS) return null;
            try {
                DnnLayout layout = DnnLayout.matrix(ScalarType.FLOAT32, sizes, strides);
                return layout.hasUnitStride(2) ? layout : null;
            } catch (UnsupportedException e) {
                return null;    // an element lies in two places
            }
        }
    }

    /**
     * Computes.
     *
     * @param a,b,c at least one element each; c row-major
     * @param from  addresses of the first elements of a and b
     * @param to    as {@code from}, of c
     * @return false, and nothing is done, if they lie in a way, or have batch dimensions, that this does not take
     */
    public boolean run(Matrices a, long fromA, Matrices b, long fromB, Matrices c, long to) {
        int batch = a.rank() - 2;
        if (a.rank() != b.rank() || batch < 0 || !Arrays.equals(a.sizes, 0, batch, b.sizes, 0, batch)) return false;
        DnnLayout left = a.squeezed().layout(), right = b.squeezed().layout(), result = c.squeezed().layout();
        if (left == null || right == null || result == null) return false;
        long work = 2 * a.sizes[batch + 1];
        for (long s : c.sizes) work *= s;
        call(left, right, OneDnn.isSmall(work) ? 1 : oneDnn.threads()).run(new DnnLayout[] {left, right, result}, new long[] {fromA, fromB, to});
        return true;
    }

    /** Makes ready what products of such matrices need, as far as this takes them. */
    public void prepare(Matrices a, Matrices b) {
        DnnLayout left = a.squeezed().layout(), right = b.squeezed().layout();
        if (left == null || right == null || left.rank() != right.rank()) return;
        call(left, right, 1);
        call(left, right, oneDnn.threads());
    }

    private OpenCall call(DnnLayout a, DnnLayout b, int threads) {
        return calls.computeIfAbsent(new Kind(a.rank(), !a.hasUnitStride(1), !b.hasUnitStride(1), threads), this::made);
    }

    private OpenCall made(Kind kind) {
        MatmulSpec spec = new MatmulSpec(open(kind.rank, kind.transposedA), open(kind.rank, kind.transposedB), null, open(kind.rank, false), PostOps.NONE);
        return new OpenCall(oneDnn, spec, kind.threads);
    }

    private static DnnLayout open(int rank, boolean transposed) {
        long[] sizes = new long[rank], strides = new long[rank];
        Arrays.fill(sizes, DnnLayout.OPEN);
        Arrays.fill(strides, DnnLayout.OPEN);
        strides[transposed ? rank - 2 : rank - 1] = 1;
        return DnnLayout.open(ScalarType.FLOAT32, sizes, strides);
    }

    /** Which of the library's kernels are in use, by their own names. */
    public String kernelNames() { return String.join(", ", calls.values().stream().map(OpenCall::kernelName).distinct().sorted().toList()); }

    /** No run may be going on. */
    @Override public void close() {
        calls.values().forEach(OpenCall::close);
        calls.clear();
    }
}
