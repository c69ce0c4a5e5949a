package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;

/** Eigenvalues of any square matrix: A = Z T Zᴴ with T upper triangular, by shifted QR steps on a Hessenberg matrix. */
final class Schur {
    private static final double EPS = 0x1p-52;
    private static final int STEPS_PER_VALUE = 60;

    private final Matrix t;
    private final Matrix z;
    private final int n;
    private double c, sr, si;   // the current rotation

    private Schur(Matrix a) {
        t = a.toComplex();
        n = a.rows;
        z = Matrix.identity(n, true);
        toHessenberg();
        iterate();
    }

    /** @param values a column, vectors of length 1 as columns */
    record Eigen(Matrix values, Matrix vectors) {}

    static Eigen eigen(Matrix a) {
        if (a.hasNaN()) throw new ScriptError("linalg.eig: The input matrix contains NaNs or infinities, which have no eigenvalues");
        Schur s = new Schur(a);
        Matrix values = new Matrix(s.n, 1, true);
        for (int i = 0; i < s.n; i++) values.set(i, 0, s.t.re(i, i), s.t.im(i, i));
        Matrix vectors = s.z.times(s.triangularVectors());
        normalize(vectors);
        return a.isComplex() ? new Eigen(values, vectors) : ConjugatePairs.of(values, vectors, a.norm1());
    }

    /** Chooses the rotation that takes (x, y) to (r, 0). */
    private void choose(double xr, double xi, double yr, double yi) {
        double x = Math.hypot(xr, xi);
        double h = Math.hypot(x, Math.hypot(yr, yi));
        if (h == 0) {
            c = 1;
            sr = si = 0;
            return;
        }
        c = x / h;
        double pr = x == 0 ? 1 : xr / x;
        double pi = x == 0 ? 0 : xi / x;
        sr = (pr * yr + pi * yi) / h;
        si = (pi * yr - pr * yi) / h;
    }

    private void rotateRows(int p, int from) {
        int q = p + 1;
        for (int j = from; j < n; j++) {
            double xr = t.re(p, j), xi = t.im(p, j), yr = t.re(q, j), yi = t.im(q, j);
            t.set(p, j, c * xr + sr * yr - si * yi, c * xi + sr * yi + si * yr);
            t.set(q, j, c * yr - sr * xr - si * xi, c * yi - sr * xi + si * xr);
        }
    }

    private void rotateColumns(Matrix m, int p, int to, double cc, double ssr, double ssi) {
        int q = p + 1;
        for (int i = 0; i < to; i++) {
            double xr = m.re(i, p), xi = m.im(i, p), yr = m.re(i, q), yi = m.im(i, q);
            m.set(i, p, cc * xr + ssr * yr + ssi * yi, cc * xi + ssr * yi - ssi * yr);
            m.set(i, q, cc * yr - ssr * xr + ssi * xi, cc * yi - ssr * xi - ssi * xr);
        }
    }

    private void toHessenberg() {
        for (int k = 0; k < n - 2; k++) {
            for (int i = n - 1; i > k + 1; i--) {
                if (t.abs(i, k) == 0) continue;
                choose(t.re(i - 1, k), t.im(i - 1, k), t.re(i, k), t.im(i, k));
                rotateRows(i - 1, k);
                rotateColumns(t, i - 1, n, c, sr, si);
                rotateColumns(z, i - 1, n, c, sr, si);
                t.set(i, k, 0, 0);
            }
        }
    }

    private void iterate() {
        int hi = n - 1;
        int steps = 0;
        while (hi > 0) {
            int lo = hi;
            while (lo > 0 && !isNegligible(lo)) lo--;
            if (lo > 0) t.set(lo, lo - 1, 0, 0);
            if (lo == hi) {
                hi--;
                steps = 0;
                continue;
            }
            if (++steps > STEPS_PER_VALUE) throw new ScriptError("linalg.eig: The algorithm failed to converge");
            step(lo, hi, steps % 11 == 10);
        }
    }

    private boolean isNegligible(int i) {
        double around = t.abs(i, i) + t.abs(i - 1, i - 1);
        if (around == 0) around = t.norm1();
        return t.abs(i, i - 1) <= EPS * around;
    }

    /** One QR step with the eigenvalue of the last 2×2 block that is nearer to its corner as shift. */
    private void step(int lo, int hi, boolean exceptional) {
        double[] shift = exceptional ? new double[] {t.abs(hi, hi - 1) + t.re(hi, hi), t.im(hi, hi)} : shift(hi);
        for (int i = lo; i <= hi; i++) t.set(i, i, t.re(i, i) - shift[0], t.im(i, i) - shift[1]);
        double[] cs = new double[3 * (hi - lo)];
        for (int i = lo; i < hi; i++) {
            choose(t.re(i, i), t.im(i, i), t.re(i + 1, i), t.im(i + 1, i));
            rotateRows(i, i);
            t.set(i + 1, i, 0, 0);
            int at = 3 * (i - lo);
            cs[at] = c;
            cs[at + 1] = sr;
            cs[at + 2] = si;
        }
        for (int i = lo; i < hi; i++) {
            int at = 3 * (i - lo);
            rotateColumns(t, i, i + 2, cs[at], cs[at + 1], cs[at + 2]);
            rotateColumns(z, i, n, cs[at], cs[at + 1], cs[at + 2]);
        }
        for (int i = 0; i < n; i++) if (i >= lo && i <= hi) t.set(i, i, t.re(i, i) + shift[0], t.im(i, i) + shift[1]);
    }

    private double[] shift(int hi) {
        double dr = t.re(hi, hi), di = t.im(hi, hi);
        double hr = (t.re(hi - 1, hi - 1) - dr) / 2, hm = (t.im(hi - 1, hi - 1) - di) / 2;
        double br = t.re(hi - 1, hi), bi = t.im(hi - 1, hi), cr = t.re(hi, hi - 1), ci = t.im(hi, hi - 1);
        double pr = br * cr - bi * ci, pi = br * ci + bi * cr;
        double qr = hr * hr - hm * hm + pr, qi = 2 * hr * hm + pi;
        double abs = Math.hypot(qr, qi);
        double rr = Math.sqrt(Math.max(0, (abs + qr) / 2)), ri = Math.copySign(Math.sqrt(Math.max(0, (abs - qr) / 2)), qi);
        if (hr * rr + hm * ri < 0) {
            rr = -rr;
            ri = -ri;
        }
        // λ − d = −bc / (h + √(h² + bc)), with the root on the side of h
        double sumR = hr + rr, sumI = hm + ri, size = sumR * sumR + sumI * sumI;
        if (size == 0) return new double[] {dr, di};
        return new double[] {dr - (pr * sumR + pi * sumI) / size, di - (pi * sumR - pr * sumI) / size};
    }

    /** Eigenvectors of T, by back substitution. */
    private Matrix triangularVectors() {
        Matrix x = new Matrix(n, n, true);
        double least = Math.max(EPS * t.norm1(), Double.MIN_NORMAL);
        for (int k = 0; k < n; k++) {
            x.set(k, k, 1, 0);
            for (int i = k - 1; i >= 0; i--) {
                double r = 0, m = 0;
                for (int j = i + 1; j <= k; j++) {
                    r -= t.re(i, j) * x.re(j, k) - t.im(i, j) * x.im(j, k);
                    m -= t.re(i, j) * x.im(j, k) + t.im(i, j) * x.re(j, k);
                }
                double dr = t.re(i, i) - t.re(k, k), di = t.im(i, i) - t.im(k, k);
                if (Math.hypot(dr, di) < least) {
                    dr = least;
                    di = 0;
                }
                x.set(i, k, r, m);
                x.divide(i, k, dr, di);
            }
            double norm = x.columnNorm(k, 0);
            for (int i = 0; i <= k; i++) x.divide(i, k, norm, 0);
        }
        return x;
    }

    /** Length 1, and the largest element real. */
    private static void normalize(Matrix v) {
        for (int j = 0; j < v.cols; j++) {
            double norm = v.columnNorm(j, 0);
            int largest = 0;
            for (int i = 1; i < v.rows; i++) if (v.abs(i, j) > v.abs(largest, j) * (1 + 1e-12)) largest = i;
            double abs = v.abs(largest, j);
            double pr = v.re(largest, j) / abs * norm, pi = v.im(largest, j) / abs * norm;
            for (int i = 0; i < v.rows; i++) v.divide(i, j, pr, pi);
            v.set(largest, j, v.re(largest, j), 0);
        }
    }
}
