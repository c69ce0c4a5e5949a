package dev.cresset.kernels.ops.linalg;

/** What is known of the eigenvalues of real matrices: they are real or come in conjugate pairs, exactly. */
final class ConjugatePairs {
    private static final double ROUNDING = 1e-13;

    private ConjugatePairs() {}

    /** The same with the partner of each complex value behind it, the one with positive imaginary part first. */
    static Schur.Eigen of(Matrix values, Matrix vectors, double norm) {
        int n = values.rows;
        Matrix outValues = new Matrix(n, 1, true);
        Matrix outVectors = new Matrix(n, n, true);
        boolean[] used = new boolean[n];
        int at = 0;
        for (int i = 0; i < n; i++) {
            if (used[i]) continue;
            used[i] = true;
            int partner = Math.abs(values.im(i, 0)) <= ROUNDING * norm ? -1 : partner(values, used, i);
            if (partner >= 0) used[partner] = true;
            copy(values, vectors, i, outValues, outVectors, at++, partner < 0 ? 0 : values.im(i, 0) > 0 ? 1 : -1);
            if (partner >= 0) copy(values, vectors, i, outValues, outVectors, at++, values.im(i, 0) > 0 ? -1 : 1);
        }
        return new Schur.Eigen(outValues, outVectors);
    }

    private static int partner(Matrix values, boolean[] used, int i) {
        int best = -1;
        double distance = Double.POSITIVE_INFINITY;
        for (int j = 0; j < used.length; j++) {
            double d = Math.hypot(values.re(j, 0) - values.re(i, 0), values.im(j, 0) + values.im(i, 0));
            if (used[j] || d >= distance) continue;
            distance = d;
            best = j;
        }
        return best;
    }

    /** @param sign multiplies imaginary parts: 0 for a real value, −1 for the conjugate */
    private static void copy(Matrix values, Matrix vectors, int from, Matrix outValues, Matrix outVectors, int to, int sign) {
        outValues.set(to, 0, values.re(from, 0), sign * values.im(from, 0));
        for (int i = 0; i < vectors.rows; i++) outVectors.set(i, to, vectors.re(i, from), sign * vectors.im(i, from));
    }
}
