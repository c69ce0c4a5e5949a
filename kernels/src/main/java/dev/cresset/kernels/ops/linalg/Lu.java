package dev.cresset.kernels.ops.linalg;

/** A = P L U with partial pivoting; L has ones on its diagonal. */
final class Lu {
    /** L below the diagonal, U from the diagonal on. */
    final Matrix lu;
    /** Row i was exchanged with row pivots[i], in this order; counted from 0. */
    final int[] pivots;
    /** One more than the first column without a pivot, 0 if there is none. */
    final int info;

    /** @param pivot false keeps the rows where they are */
    Lu(Matrix a, boolean pivot) {
        lu = a.copy();
        int n = Math.min(a.rows, a.cols);
        pivots = new int[n];
        int firstZero = 0;
        for (int k = 0; k < n; k++) {
            pivots[k] = pivot ? largest(k) : k;
            lu.swapRows(k, pivots[k]);
            double pr = lu.re(k, k);
            double pi = lu.im(k, k);
            if (pr == 0 && pi == 0) {
                if (firstZero == 0) firstZero = k + 1;
                continue;
            }
            for (int i = k + 1; i < lu.rows; i++) {
                lu.divide(i, k, pr, pi);
                lu.addRow(i, -lu.re(i, k), -lu.im(i, k), lu, k, k + 1);
            }
        }
        info = firstZero;
    }

    private Lu(Matrix lu, int[] pivots) {
        this.lu = lu;
        this.pivots = pivots;
        info = 0;
    }

    static Lu of(Matrix lu, int[] pivots) { return new Lu(lu, pivots); }

    private int largest(int k) {
        int best = k;
        double size = -1;
        for (int i = k; i < lu.rows; i++) {
            double s = Math.abs(lu.re(i, k)) + Math.abs(lu.im(i, k));
            if (s > size) {
                size = s;
                best = i;
            }
        }
        return best;
    }

    /** X of A X = B. */
    Matrix solve(Matrix b) {
        Matrix x = b.copy();
        for (int i = 0; i < pivots.length; i++) x.swapRows(i, pivots[i]);
        Triangular.solve(lu, x, false, true);
        Triangular.solve(lu, x, true, false);
        return x;
    }

    /** X of Aᴴ X = B. */
    Matrix solveAdjoint(Matrix b) {
        Matrix x = b.copy();
        Matrix t = lu.adjoint();
        Triangular.solve(t, x, false, false);
        Triangular.solve(t, x, true, true);
        for (int i = pivots.length - 1; i >= 0; i--) x.swapRows(i, pivots[i]);
        return x;
    }

    /** P of A = P L U. */
    Matrix permutation() {
        Matrix p = Matrix.identity(lu.rows, lu.isComplex());
        for (int i = pivots.length - 1; i >= 0; i--) p.swapRows(i, pivots[i]);
        return p;
    }

    Matrix lower() {
        Matrix l = lu.top(lu.rows, pivots.length).triangle(false);
        for (int i = 0; i < l.cols; i++) l.set(i, i, 1, 0);
        return l;
    }

    Matrix upper() { return lu.top(pivots.length, lu.cols).triangle(true); }

    /** Phase of the determinant (re, im) and the logarithm of its size. */
    double[] signAndLog() {
        double sr = 1;
        double si = 0;
        double log = 0;
        for (int i = 0; i < pivots.length; i++) {
            double abs = lu.abs(i, i);
            if (abs == 0) return new double[] {0, 0, Double.NEGATIVE_INFINITY};
            double ur = lu.re(i, i) / abs;
            double ui = lu.im(i, i) / abs;
            if (pivots[i] != i) {
                ur = -ur;
                ui = -ui;
            }
            double t = sr * ur - si * ui;
            si = sr * ui + si * ur;
            sr = t;
            log += Math.log(abs);
        }
        return new double[] {sr, si, log};
    }

    /** Real and imaginary part. */
    double[] determinant() {
        double r = 1;
        double m = 0;
        for (int i = 0; i < pivots.length; i++) {
            double sign = pivots[i] == i ? 1 : -1;
            double t = sign * (r * lu.re(i, i) - m * lu.im(i, i));
            m = sign * (r * lu.im(i, i) + m * lu.re(i, i));
            r = t;
        }
        return new double[] {r, m};
    }
}
