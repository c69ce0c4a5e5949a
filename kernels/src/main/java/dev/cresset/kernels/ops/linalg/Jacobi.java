package dev.cresset.kernels.ops.linalg;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Singular values and eigenvalues of Hermitian matrices by Jacobi's rotations, which are accurate also for small values. */
final class Jacobi {
    private static final int SWEEPS = 60;
    private static final double TOLERANCE = 1e-15;

    private Jacobi() {}

    /** @param u left singular vectors as columns, s falling, v right singular vectors as columns */
    record Svd(Matrix u, double[] s, Matrix v) {}

    /** @param values rising, vectors as columns */
    record Eigen(double[] values, Matrix vectors) {}

    /** The singular values and the vectors that belong to them. */
    static Svd svd(Matrix a) {
        if (a.rows < a.cols) {
            Svd t = svd(a.adjoint());
            return new Svd(t.v, t.s, t.u);
        }
        // columns of A as rows, so that a rotation works on adjacent memory
        Matrix w = a.transpose();
        Matrix v = Matrix.identity(a.cols, a.isComplex());
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < w.rows; p++) for (int q = p + 1; q < w.rows; q++) rotated |= orthogonalize(w, v, p, q);
        }
        return sorted(w.transpose(), v.transpose());
    }

    /** Rotates rows p and q so that their product vanishes. @return whether that was needed */
    private static boolean orthogonalize(Matrix w, Matrix v, int p, int q) {
        double pp = 0, qq = 0, cr = 0, ci = 0;
        for (int i = 0; i < w.cols; i++) {
            double xr = w.re(p, i), xi = w.im(p, i), yr = w.re(q, i), yi = w.im(q, i);
            pp += xr * xr + xi * xi;
            qq += yr * yr + yi * yi;
            cr += xr * yr + xi * yi;
            ci += xr * yi - xi * yr;
        }
        double c = Math.hypot(cr, ci);
        if (!(c > TOLERANCE * Math.sqrt(pp) * Math.sqrt(qq)) || c == 0) return false;
        double[] cs = rotation(pp, qq, c);
        rotate(w, p, q, cs[0], cs[1], cr / c, ci / c);
        rotate(v, p, q, cs[0], cs[1], cr / c, ci / c);
        return true;
    }

    /** Cosine and sine that make the Hermitian matrix ((a, c), (c, b)) diagonal. */
    private static double[] rotation(double a, double b, double c) {
        double zeta = (b - a) / (2 * c);
        double t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        double cos = 1 / Math.hypot(1, t);
        return new double[] {cos, cos * t};
    }

    /** Rows x, y become cos x − sin ȳ, sin x + cos ȳ, where ȳ is y without the phase it has towards x. */
    private static void rotate(Matrix m, int p, int q, double cos, double sin, double phaseRe, double phaseIm) {
        for (int i = 0; i < m.cols; i++) {
            double xr = m.re(p, i), xi = m.im(p, i);
            double yr = m.re(q, i) * phaseRe + m.im(q, i) * phaseIm;
            double yi = m.im(q, i) * phaseRe - m.re(q, i) * phaseIm;
            m.set(p, i, cos * xr - sin * yr, cos * xi - sin * yi);
            m.set(q, i, sin * xr + cos * yr, sin * xi + cos * yi);
        }
    }

    private static Svd sorted(Matrix w, Matrix v) {
        double[] norms = IntStream.range(0, w.cols).mapToDouble(j -> w.columnNorm(j, 0)).toArray();
        int[] order = order(norms, Comparator.<Double>reverseOrder());
        double[] s = IntStream.of(order).mapToDouble(j -> norms[j]).toArray();
        Matrix u = w.columns(order);
        int rank = 0;
        while (rank < s.length && s[rank] > s[0] * 1e-300 && s[rank] > 0) rank++;
        for (int j = 0; j < rank; j++) for (int i = 0; i < u.rows; i++) u.divide(i, j, s[j], 0);
        return new Svd(complete(u, rank, u.cols), s, v.columns(order));
    }

    /** Orthonormal columns, of which the first {@code known} are these. */
    static Matrix complete(Matrix u, int known, int columns) {
        if (known == columns && columns == u.cols) return u;
        Householder h = new Householder(u.top(u.rows, known));
        Matrix q = h.q(columns);
        for (int j = 0; j < known; j++) for (int i = 0; i < u.rows; i++) q.set(i, j, u.re(i, j), u.im(i, j));
        return q;
    }

    private static int[] order(double[] keys, Comparator<Double> by) {
        return IntStream.range(0, keys.length).boxed().sorted((a, b) -> by.compare(keys[a], keys[b]))
            .mapToInt(Integer::intValue).toArray();
    }

    /** Eigenvalues and vectors of a Hermitian matrix. */
    static Eigen hermitian(Matrix h) {
        Matrix a = h.copy();
        int n = a.rows;
        Matrix vectors = Matrix.identity(n, a.isComplex());
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < n; p++) for (int q = p + 1; q < n; q++) rotated |= annihilate(a, vectors, p, q);
        }
        double[] diagonal = IntStream.range(0, n).mapToDouble(i -> a.re(i, i)).toArray();
        int[] order = order(diagonal, Comparator.naturalOrder());
        return new Eigen(IntStream.of(order).mapToDouble(i -> diagonal[i]).toArray(), vectors.transpose().columns(order));
    }

    /** Makes elements (p, q) and (q, p) zero; {@code vectors} holds the eigenvectors as rows. */
    private static boolean annihilate(Matrix a, Matrix vectors, int p, int q) {
        double r = a.re(p, q), m = a.im(p, q), c = Math.hypot(r, m);
        double app = a.re(p, p), aqq = a.re(q, q);
        double size = Math.sqrt(Math.abs(app)) * Math.sqrt(Math.abs(aqq));
        if (c == 0 || c <= 1e-17 * Math.max(size, 1e-3 * (Math.abs(app) + Math.abs(aqq)))) return false;
        double[] cs = rotation(app, aqq, c);
        // columns first: A J, where J takes the phase out of column q
        for (int i = 0; i < a.rows; i++) {
            double xr = a.re(i, p), xi = a.im(i, p);
            double yr = (a.re(i, q) * r + a.im(i, q) * m) / c, yi = (a.im(i, q) * r - a.re(i, q) * m) / c;
            a.set(i, p, cs[0] * xr - cs[1] * yr, cs[0] * xi - cs[1] * yi);
            a.set(i, q, cs[1] * xr + cs[0] * yr, cs[1] * xi + cs[0] * yi);
        }
        rotate(a, p, q, cs[0], cs[1], r / c, -m / c);
        rotate(vectors, p, q, cs[0], cs[1], r / c, m / c);
        a.set(p, q, 0, 0);
        a.set(q, p, 0, 0);
        a.set(p, p, a.re(p, p), 0);
        a.set(q, q, a.re(q, q), 0);
        return true;
    }
}
