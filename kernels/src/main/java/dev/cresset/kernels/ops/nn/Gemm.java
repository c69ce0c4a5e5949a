package dev.cresset.kernels.ops.nn;

/** Matrix products of row-major Java arrays, in an order of loops that the JIT compiler turns into vector code. */
final class Gemm {
    /** Rows of B that stay in the cache while all rows of A pass. */
    private static final int BLOCK = 128;

    private Gemm() {}

    /** C[m, n] += A[m, k] · B[k, n], each from its offset on. */
    static void multiply(double[] a, int a0, double[] b, int b0, double[] c, int c0, int m, int n, int k) {
        for (int from = 0; from < k; from += BLOCK) {
            int to = Math.min(k, from + BLOCK);
            for (int i = 0; i < m; i++) {
                for (int p = from; p < to; p++) axpy(a[a0 + i * k + p], b, b0 + p * n, c, c0 + i * n, n);
            }
        }
    }

    private static void axpy(double factor, double[] x, int x0, double[] y, int y0, int n) {
        for (int j = 0; j < n; j++) y[y0 + j] += factor * x[x0 + j];
    }

    /** The same on integers, modulo 2^64. */
    static void multiply(long[] a, int a0, long[] b, int b0, long[] c, int c0, int m, int n, int k) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                long factor = a[a0 + i * k + p];
                for (int j = 0; j < n; j++) c[c0 + i * n + j] += factor * b[b0 + p * n + j];
            }
        }
    }
}
