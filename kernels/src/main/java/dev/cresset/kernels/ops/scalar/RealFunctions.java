package dev.cresset.kernels.ops.scalar;

/** Real functions of C's math library that Java lacks, to about double precision. */
final class RealFunctions {
    // Lanczos approximation with g = 607/128, 15 terms
    private static final double G = 607.0 / 128;
    private static final double[] LANCZOS = {
        0.99999999999999709182, 57.156235665862923517, -59.597960355475491248, 14.136097974741747174,
        -0.49191381609762019978, .33994649984811888699e-4, .46523628927048575665e-4, -.98374475304879564677e-4,
        .15808870322491248884e-3, -.21026444172410488319e-3, .21743961811521264320e-3, -.16431810653676389022e-3,
        .84418223983852743293e-4, -.26190838401581408670e-4, .36899182659531622704e-5};

    private RealFunctions() {}

    static double asinh(double x) {
        double a = Math.abs(x);
        if (a < 1e-8 || Double.isInfinite(a)) return x;
        double r = a > 1e150 ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(r, x);
    }

    static double acosh(double x) {
        if (x > 1e150) return Math.log(x) + Math.log(2);
        double t = x - 1;
        return x < 1 ? Double.NaN : Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) { return 0.5 * Math.log1p(2 * x / (1 - x)); }

    /** Gamma: exact factorials for small whole numbers, reflection for negative arguments. */
    static double gamma(double x) {
        if (x == Math.rint(x)) {
            if (x == 0) return 1 / x;
            if (x < 0) return Double.NaN;
            if (x <= 23) return (double) factorial((long) x - 1, 1.0);
        }
        if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
        if (x > 171.7) return Double.POSITIVE_INFINITY;
        double t = x - 1 + G + 0.5;
        double half = Math.pow(t, (x - 0.5) / 2); // in two steps, since the power alone overflows early
        return Math.sqrt(2 * Math.PI) * half * Math.exp(-t) * half * series(x - 1);
    }

    private static double factorial(long n, double product) { return n < 2 ? product : factorial(n - 1, product * n); }

    /** log |gamma|. */
    static double lgamma(double x) {
        if (Double.isInfinite(x) || x <= 0 && x == Math.rint(x)) return Double.POSITIVE_INFINITY;
        if (x == 1 || x == 2) return 0;
        if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
        double t = x - 1 + G + 0.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series(x - 1));
    }

    private static double series(double x) {
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x + i);
        return sum;
    }

    /** By its Taylor series near zero, else through the complement. */
    static double erf(double x) {
        double a = Math.abs(x);
        if (a >= 2) return Math.copySign(1 - erfc(a), x);
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** By a continued fraction, evaluated backwards, for larger arguments. */
    static double erfc(double x) {
        if (x < 2) return 1 - erf(x);
        if (x > 27.3) return 0;
        double f = x;
        for (int k = 120; k >= 1; k--) f = x + k / 2.0 / f;
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / f;
    }

    /** The fraction in [0.5, 1) and the power of two. */
    static Object[] frexp(double x) {
        if (x == 0 || !Double.isFinite(x)) return new Object[] {x, 0L};
        int shift = Math.abs(x) < Double.MIN_NORMAL ? 64 : 0;
        double v = x * Math.scalb(1.0, shift);
        int e = Math.getExponent(v) + 1;
        return new Object[] {Math.scalb(v, -e), (long) e - shift};
    }

    static Object[] modf(double x) {
        double whole = x < 0 ? Math.ceil(x) : Math.floor(x);
        return new Object[] {Math.copySign(Double.isInfinite(x) ? 0 : x - whole, x), whole};
    }
}
