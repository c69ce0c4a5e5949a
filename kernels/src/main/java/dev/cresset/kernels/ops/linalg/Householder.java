package dev.cresset.kernels.ops.linalg;

/** A = Q R by reflections, with LAPACK's signs: the diagonal of R is real and of the sign opposite to the column's first element. */
final class Householder {
    /** R from the diagonal on, below it the reflections without their leading ones. */
    final Matrix packed;
    /** Factors of the reflections, as a column. */
    final Matrix tau;

    Householder(Matrix a) {
        packed = a.copy();
        int k = Math.min(a.rows, a.cols);
        tau = new Matrix(k, 1, a.isComplex());
        for (int j = 0; j < k; j++) reflect(j);
    }

    Householder(Matrix packed, Matrix tau) {
        this.packed = packed;
        this.tau = tau;
    }

    private void reflect(int j) {
        double ar = packed.re(j, j);
        double ai = packed.im(j, j);
        double below = packed.columnNorm(j, j + 1);
        if (below == 0 && ai == 0) return;
        double norm = Math.hypot(Math.hypot(ar, ai), below);
        double beta = ar >= 0 && !(ar == 0 && 1 / ar < 0) ? -norm : norm;
        tau.set(j, 0, (beta - ar) / beta, -ai / beta);
        for (int i = j + 1; i < packed.rows; i++) packed.divide(i, j, ar - beta, ai);
        packed.set(j, j, beta, 0);
        apply(packed, j, true, j + 1);
    }

    /** Applies reflection j, or its adjoint, to the columns of m from one on. */
    private void apply(Matrix m, int j, boolean adjoint, int from) {
        double tr = tau.re(j, 0);
        double ti = adjoint ? -tau.im(j, 0) : tau.im(j, 0);
        if (tr == 0 && ti == 0) return;
        Matrix w = new Matrix(1, m.cols, m.isComplex());
        for (int i = j; i < m.rows; i++) w.addRow(0, i == j ? 1 : packed.re(i, j), i == j ? 0 : -packed.im(i, j), m, i, from);
        for (int i = j; i < m.rows; i++) {
            double vr = i == j ? 1 : packed.re(i, j);
            double vi = i == j ? 0 : packed.im(i, j);
            m.addRow(i, -(tr * vr - ti * vi), -(tr * vi + ti * vr), w, 0, from);
        }
    }

    /** Q m, or Qᴴ m. */
    Matrix multiply(Matrix m, boolean adjoint) {
        Matrix out = m.copy();
        int k = tau.rows;
        for (int s = 0; s < k; s++) apply(out, adjoint ? s : k - 1 - s, adjoint, 0);
        return out;
    }

    /** The first columns of Q. */
    Matrix q(int columns) {
        Matrix e = new Matrix(packed.rows, columns, packed.isComplex());
        for (int i = 0; i < Math.min(columns, packed.rows); i++) e.set(i, i, 1, 0);
        return multiply(e, false);
    }

    Matrix r(int rows) { return packed.top(rows, packed.cols).triangle(true); }
}
