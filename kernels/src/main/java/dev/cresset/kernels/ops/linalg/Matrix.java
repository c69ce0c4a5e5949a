package dev.cresset.kernels.ops.linalg;

import java.util.Arrays;

/** A small dense matrix of double-precision numbers, row-major; real matrices carry no imaginary parts. */
final class Matrix {
    final int rows;
    final int cols;
    final double[] re;
    /** Null for a real matrix. */
    final double[] im;

    Matrix(int rows, int cols, boolean complex) {
        this.rows = rows;
        this.cols = cols;
        re = new double[rows * cols];
        im = complex ? new double[rows * cols] : null;
    }

    private Matrix(Matrix m) {
        rows = m.rows;
        cols = m.cols;
        re = m.re.clone();
        im = m.im == null ? null : m.im.clone();
    }

    static Matrix identity(int n, boolean complex) {
        Matrix m = new Matrix(n, n, complex);
        for (int i = 0; i < n; i++) m.re[i * n + i] = 1;
        return m;
    }

    boolean isComplex() { return im != null; }

    Matrix copy() { return new Matrix(this); }

    Matrix toComplex() {
        Matrix m = new Matrix(rows, cols, true);
        System.arraycopy(re, 0, m.re, 0, re.length);
        if (im != null) System.arraycopy(im, 0, m.im, 0, im.length);
        return m;
    }

    double re(int i, int j) { return re[i * cols + j]; }

    double im(int i, int j) { return im == null ? 0 : im[i * cols + j]; }

    double abs(int i, int j) { return im == null ? Math.abs(re(i, j)) : Math.hypot(re(i, j), im(i, j)); }

    void set(int i, int j, double r, double m) {
        re[i * cols + j] = r;
        if (im != null) im[i * cols + j] = m;
    }

    /** The first rows and columns. */
    Matrix top(int m, int n) { return slice(0, m, 0, n); }

    Matrix slice(int row, int rowEnd, int col, int colEnd) {
        Matrix out = new Matrix(rowEnd - row, colEnd - col, isComplex());
        for (int i = 0; i < out.rows; i++) {
            System.arraycopy(re, (row + i) * cols + col, out.re, i * out.cols, out.cols);
            if (im != null) System.arraycopy(im, (row + i) * cols + col, out.im, i * out.cols, out.cols);
        }
        return out;
    }

    /** The lower (or upper) triangle, other elements 0. */
    Matrix triangle(boolean upper) {
        Matrix out = copy();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) if (upper ? j < i : j > i) out.set(i, j, 0, 0);
        }
        return out;
    }

    Matrix transpose() { return transposed(1); }

    /** Conjugate transpose. */
    Matrix adjoint() { return transposed(-1); }

    private Matrix transposed(int sign) {
        Matrix out = new Matrix(cols, rows, isComplex());
        for (int i = 0; i < rows; i++) for (int j = 0; j < cols; j++) out.set(j, i, re(i, j), sign * im(i, j));
        return out;
    }

    Matrix times(Matrix b) {
        Matrix out = new Matrix(rows, b.cols, isComplex() || b.isComplex());
        for (int i = 0; i < rows; i++) for (int k = 0; k < cols; k++) out.addRow(i, re(i, k), im(i, k), b, k, 0);
        return out;
    }

    Matrix plus(Matrix b, double factor) {
        Matrix out = copy();
        for (int i = 0; i < rows; i++) out.addRow(i, factor, 0, b, i, 0);
        return out;
    }

    Matrix scaled(double factor) {
        Matrix out = new Matrix(rows, cols, isComplex());
        return out.plus(this, factor);
    }

    /** Row i += f × row k of b, from a column on. */
    void addRow(int i, double fr, double fi, Matrix b, int k, int from) {
        int d = i * cols;
        int s = k * b.cols;
        if (im == null || b.im == null && fi == 0) {
            if (fr != 0) for (int j = from; j < cols; j++) re[d + j] += fr * b.re[s + j];
            return;
        }
        for (int j = from; j < cols; j++) {
            double x = b.re[s + j];
            double y = b.im == null ? 0 : b.im[s + j];
            re[d + j] += fr * x - fi * y;
            im[d + j] += fr * y + fi * x;
        }
    }

    /** Row i divided by a number. */
    void divideRow(int i, double dr, double di) {
        for (int j = 0; j < cols; j++) divide(i, j, dr, di);
    }

    void divide(int i, int j, double dr, double di) {
        int at = i * cols + j;
        if (im == null || di == 0) {
            re[at] /= dr;
            if (im != null) im[at] /= dr;
            return;
        }
        double scale = Math.max(Math.abs(dr), Math.abs(di));
        double a = dr / scale;
        double b = di / scale;
        double norm = (a * a + b * b) * scale;
        double x = re[at];
        double y = im[at];
        re[at] = (x * a + y * b) / norm;
        im[at] = (y * a - x * b) / norm;
    }

    void swapRows(int i, int k) {
        if (i == k) return;
        for (int j = 0; j < cols; j++) {
            swap(re, i * cols + j, k * cols + j);
            if (im != null) swap(im, i * cols + j, k * cols + j);
        }
    }

    private static void swap(double[] v, int a, int b) {
        double t = v[a];
        v[a] = v[b];
        v[b] = t;
    }

    /** Columns in another order: column j of the result is column order[j]. */
    Matrix columns(int[] order) {
        Matrix out = new Matrix(rows, order.length, isComplex());
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < order.length; j++) out.set(i, j, re(i, order[j]), im(i, order[j]));
        }
        return out;
    }

    /** The largest sum of absolute values in a column. */
    double norm1() {
        double[] sums = new double[cols];
        for (int i = 0; i < rows; i++) for (int j = 0; j < cols; j++) sums[j] += abs(i, j);
        return Arrays.stream(sums).max().orElse(0);
    }

    double columnNorm(int j, int from) {
        double largest = 0;
        for (int i = from; i < rows; i++) largest = Math.max(largest, Math.max(Math.abs(re(i, j)), Math.abs(im(i, j))));
        if (largest == 0 || Double.isNaN(largest) || Double.isInfinite(largest)) return largest;
        double sum = 0;
        for (int i = from; i < rows; i++) {
            double x = re(i, j) / largest;
            double y = im(i, j) / largest;
            sum += x * x + y * y;
        }
        return largest * Math.sqrt(sum);
    }

    boolean hasNaN() {
        for (double v : re) if (!Double.isFinite(v)) return true;
        if (im != null) for (double v : im) if (!Double.isFinite(v)) return true;
        return false;
    }
}
