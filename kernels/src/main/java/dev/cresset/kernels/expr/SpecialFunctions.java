package dev.cresset.kernels.expr;

/** Special functions in double precision: errors of a few ulp, of about 1e-14 absolute near the zeros of lgamma and digamma. */
final class SpecialFunctions {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double SMALLEST_ASYMPTOTIC = 12;
    /** Bernoulli numbers B2, B4 … of the asymptotic series. */
    private static final double[] BERNOULLI = {1 / 6.0, -1 / 30.0, 1 / 42.0, -1 / 30.0, 5 / 66.0, -691 / 2730.0, 7 / 6.0};

    private SpecialFunctions() {}

    static double erf(double x) {
        double a = Math.abs(x);
        if (!(a < 6)) return Double.isNaN(x) ? x : Math.signum(x);
        return a < 2 ? erfSeries(x) : Math.signum(x) * (1 - erfcFraction(a));
    }

    static double erfc(double x) {
        if (Double.isNaN(x)) return x;
        if (x > 28) return 0;
        if (x < 2) return 1 - erf(x);
        return erfcFraction(x);
    }

    /** All terms have one sign, so nothing cancels. */
    private static double erfSeries(double x) {
        double term = x, sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
    }

    /** The continued fraction of erfc, from its tail; for x of 2 or more. */
    private static double erfcFraction(double x) {
        double tail = x;
        for (int k = 90; k >= 1; k--) tail = x + k / 2.0 / tail;
        return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
    }

    /** By Newton's method on erf, or on erfc where erf is nearly 1. */
    static double erfinv(double y) {
        if (!(Math.abs(y) < 1)) return Math.abs(y) == 1 ? y * Double.POSITIVE_INFINITY : Double.NaN;
        if (y == 0) return y;
        double logarithm = Math.log1p(-y * y);
        double t = 2 / (Math.PI * 0.147) + logarithm / 2;
        double x = Math.signum(y) * Math.sqrt(Math.sqrt(t * t - logarithm / 0.147) - t);
        for (int i = 0; i < 4; i++) {
            double error = Math.abs(x) < 1 ? erf(x) - y : Math.signum(y) * (1 - Math.abs(y) - erfc(Math.abs(x)));
            double slope = TWO_OVER_ROOT_PI * Math.exp(-x * x);
            double step = error / slope;
            x -= step / (1 + x * step);
        }
        return x;
    }

    static double lgamma(double x) {
        if (Double.isNaN(x)) return x;
        if (Double.isInfinite(x)) return Double.POSITIVE_INFINITY;
        if (x <= 0) {
            if (x == Math.rint(x)) return Double.POSITIVE_INFINITY;
            return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
        }
        double product = 1;
        for (; x < SMALLEST_ASYMPTOTIC; x++) product *= x;
        double series = 0, power = x;
        for (int k = 1; k <= BERNOULLI.length; k++, power *= x * x) series += BERNOULLI[k - 1] / (2 * k * (2 * k - 1) * power);
        return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
    }

    /** Power series (Abramowitz and Stegun 9.6.12); for large arguments the asymptotic series 9.7.1. */
    static double besselI0(double x) {
        double a = Math.abs(x);
        if (a > 30) {
            double term = 1, sum = 1;
            for (int k = 1; k < 20; k++) sum += term *= (2 * k - 1) * (2 * k - 1) / (8 * a * k);
            return Math.exp(a) / Math.sqrt(2 * Math.PI * a) * sum;
        }
        double quarter = a * a / 4, term = 1, sum = 1;
        for (int k = 1; term > sum * 1e-17; k++) sum += term *= quarter / ((double) k * k);
        return sum + (a - a);   // NaN stays NaN
    }

    static double digamma(double x) {
        if (x == 0) return Math.copySign(Double.POSITIVE_INFINITY, -x);
        if (x < 0) {
            if (x == Math.rint(x)) return Double.NaN;
            double part = x - Math.rint(x);
            return digamma(1 - x) - Math.PI / Math.tan(Math.PI * part);
        }
        double below = 0;
        for (; x < SMALLEST_ASYMPTOTIC; x++) below += 1 / x;
        double series = 0, power = x * x;
        for (int k = 1; k <= BERNOULLI.length; k++, power *= x * x) series += BERNOULLI[k - 1] / (2 * k * power);
        return Math.log(x) - 0.5 / x - series - below;
    }

    private static double sinPi(double x) {
        double part = x - 2 * Math.rint(x / 2);
        return Math.sin(Math.PI * part);
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double result = a > 1e8 ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(result, x);
    }

    static double acosh(double x) {
        if (x > 1e8) return Math.log(x) + Math.log(2);
        double t = x - 1;
        return t < 0 ? Double.NaN : Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) { return x == 0 ? x : Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x); }

    /** Exact for powers of two. */
    static double log2(double x) {
        if (!(x > 0) || Double.isInfinite(x)) return Math.log(x);
        if (x < Double.MIN_NORMAL) return log2(x * 0x1p60) - 60;
        int exponent = Math.getExponent(x);
        double mantissa = Math.scalb(x, -exponent);
        if (mantissa > 1.5) return exponent + 1 + Math.log(mantissa / 2) / Math.log(2);
        return exponent + Math.log(mantissa) / Math.log(2);
    }

    /** As C's pow, where 1 to any power and -1 to an infinite one are 1. */
    static double pow(double base, double exponent) {
        if (base == 1 || base == -1 && Double.isInfinite(exponent)) return 1;
        return Math.pow(base, exponent);
    }
}
