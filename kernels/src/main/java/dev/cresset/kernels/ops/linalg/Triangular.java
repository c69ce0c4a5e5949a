package dev.cresset.kernels.ops.linalg;

/** Triangular systems, and the Cholesky factor, which is triangular. */
final class Triangular {
    private Triangular() {}

    /** Replaces x by the solution of T X = x, where T is one triangle of a square matrix; the rest of it is not read. */
    static void solve(Matrix t, Matrix x, boolean upper, boolean unit) {
        int n = x.rows;
        for (int step = 0; step < n; step++) {
            int i = upper ? n - 1 - step : step;
            for (int k = upper ? i + 1 : 0; k < (upper ? n : i); k++) x.addRow(i, -t.re(i, k), -t.im(i, k), x, k, 0);
            if (!unit) x.divideRow(i, t.re(i, i), t.im(i, i));
        }
    }

    /** L of A = L Lᴴ from the lower triangle of A, in place. @return the order of the first minor that is not positive, or 0 */
    static int cholesky(Matrix a) {
        int n = a.rows;
        for (int j = 0; j < n; j++) {
            double d = a.re(j, j);
            for (int k = 0; k < j; k++) d -= a.re(j, k) * a.re(j, k) + a.im(j, k) * a.im(j, k);
            if (!(d > 0)) return j + 1;
            double root = Math.sqrt(d);
            a.set(j, j, root, 0);
            for (int i = j + 1; i < n; i++) {
                double r = a.re(i, j);
                double m = a.im(i, j);
                for (int k = 0; k < j; k++) {
                    r -= a.re(i, k) * a.re(j, k) + a.im(i, k) * a.im(j, k);
                    m -= a.im(i, k) * a.re(j, k) - a.re(i, k) * a.im(j, k);
                }
                a.set(i, j, r / root, m / root);
            }
        }
        return 0;
    }
}
