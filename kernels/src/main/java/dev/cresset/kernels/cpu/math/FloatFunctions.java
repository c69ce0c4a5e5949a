package dev.cresset.kernels.cpu.math;

/**
 * Functions of one float32 number, by polynomials and quotients of polynomials of our own: weighted minimax fits. The vector
 * loops of {@link FloatVectors} and generated code compute the same bits; see Note [Twins] there.
 */
public final class FloatFunctions {
    /** Below it exp is 0 in float32. */
    public static final float EXP_LOWEST = -104;
    /** 1 / (2 ln 2). */
    public static final float HALF_LOG2_E = 0.7213475204444817f;
    /** ln 2 as the sum of two floats. */
    public static final float LN2_HIGH = 0.6931471805599453f, LN2_LOW = (float) (0.6931471805599453 - 0.6931471805599453f);
    /**
     * Adding it rounds to an integer n, as its unit of the last place is 1, and leaves n + 127, which are the exponent bits
     * of 2^n, in the lowest bits of the sum.
     */
    public static final float ROUNDER = 0x1.8p23f + 127;
    /** The bits of the highest such sum that matters: n = 64, where 4^n is beyond float32. */
    public static final int HIGHEST_SUM = Float.floatToRawIntBits(ROUNDER) + 64;
    /** Bits of a float below its exponent. */
    public static final int FRACTION = 23;
    /** (exp r - 1) / r in r, for |r| up to ln 2. */
    public static final float EXP_0 = 1, EXP_1 = 0.5000003576278687f, EXP_2 = 0.166666179895401f, EXP_3 = 0.041661228984594345f,
        EXP_4 = 0.008335934951901436f, EXP_5 = 0.001410478143952787f, EXP_6 = 0.00019629800226539373f;

    /** The bits of 9.02²: from there on tanh, computed with this for x², is beyond 1. */
    public static final int TANH_END = Float.floatToRawIntBits(81.3604f);
    /** tanh x = x P(x²) / Q(x²). */
    public static final float TANH_P0 = 1, TANH_P1 = 0.13382668793201447f, TANH_P2 = 0.0034974662121385336f,
        TANH_P3 = 2.063732608803548e-05f, TANH_P4 = 1.3388903319366818e-08f;
    public static final float TANH_Q0 = 1, TANH_Q1 = 0.4671598970890045f, TANH_Q2 = 0.025884311646223068f,
        TANH_Q3 = 0.0003288589359726757f, TANH_Q4 = 7.791610414642491e-07f;

    /** The bits of 3.95²: from there on erf, computed with this for x², is beyond 1. */
    public static final int ERF_END = Float.floatToRawIntBits(15.6025f);
    /** erf x = x P(x²) / Q(x²). */
    public static final float ERF_P0 = 1.1283838748931885f, ERF_P1 = 0.18527889251708984f, ERF_P2 = 0.054275475442409515f,
        ERF_P3 = 0.0038461131043732166f, ERF_P4 = 0.0003774267388507724f, ERF_P5 = 4.623906079359585e-06f, ERF_P6 = -1.2888656364395956e-08f;
    public static final float ERF_Q0 = 1.0000041723251343f, ERF_Q1 = 0.497533917427063f, ERF_Q2 = 0.11394420266151428f,
        ERF_Q3 = 0.015447298064827919f, ERF_Q4 = 0.0013039503246545792f, ERF_Q5 = 6.253756146179512e-05f;

    /** The bits of √½ and of 1: an argument of log is m 2^e, with m between √½ and √2. */
    public static final int ROOT_HALF = 0x3f3504f3, ONE = 0x3f800000;
    /** Smaller arguments of log have no exponent of their own; they are made larger by 2^25. */
    public static final float SMALLEST = Float.MIN_NORMAL, ENLARGE = 0x1p25f, ENLARGED = -25;
    /** (log(1 + r) - r + r²/2) / r³ in r. */
    public static final float LOG_0 = 0.3333333134651184f, LOG_1 = -0.250008225440979f, LOG_2 = 0.20001250505447388f,
        LOG_3 = -0.16623316705226898f, LOG_4 = 0.14201270043849945f, LOG_5 = -0.13160161674022675f, LOG_6 = 0.12764795124530792f,
        LOG_7 = -0.07638338208198547f;
    /** An exponent from which on 1 + x is x in float32. */
    public static final float LOG1P_ALONE = 30;

    /** Below it expm1 is -1 in float32. */
    public static final float EXPM1_LOWEST = -30;

    private FloatFunctions() {}

    /** x = 2n ln 2 + r; (1 + r p) 2^n 2^n, as 4^n may be beyond float32 while the result is not. Error up to 1.5 ulp. */
    public static float exp(float x) {
        int sum = sum(x);
        float s = Float.intBitsToFloat(sum << FRACTION);
        float r = rest(x, sum);
        float y = Math.fma(expPolynomial(r), r, 1) * s * s;
        return x < EXP_LOWEST ? 0 : y;
    }

    /** n + ROUNDER, as bits. */
    private static int sum(float x) { return Math.min(Float.floatToRawIntBits(Math.fma(x, HALF_LOG2_E, ROUNDER)), HIGHEST_SUM); }

    private static float rest(float x, int sum) {
        float n = Float.intBitsToFloat(sum) - ROUNDER;
        return Math.fma(n, -2 * LN2_LOW, Math.fma(n, -2 * LN2_HIGH, x));
    }

    private static float expPolynomial(float r) {
        float p = Math.fma(Math.fma(EXP_6, r, EXP_5), r, EXP_4);
        p = Math.fma(Math.fma(p, r, EXP_3), r, EXP_2);
        return Math.fma(Math.fma(p, r, EXP_1), r, EXP_0);
    }

    /** 2^n (2^n y + 2^n - 2^-n) with y = exp r - 1. Error up to 2 ulp. */
    public static float expm1(float a) {
        float x = a < EXPM1_LOWEST ? EXPM1_LOWEST : a;
        int sum = sum(x);
        int bits = sum << FRACTION;
        float s = Float.intBitsToFloat(bits), inverse = Float.intBitsToFloat(2 * ONE - bits);
        float r = rest(x, sum);
        return a == 0 ? a : Math.fma(s, expPolynomial(r) * r, s - inverse) * s;
    }

    /** Error up to 4.5 ulp, that is 2.7e-7 of the result; never beyond 1. */
    public static float tanh(float x) {
        float s = squareUpTo(x, TANH_END);
        float p = Math.fma(Math.fma(TANH_P4, s, TANH_P3), s, TANH_P2);
        p = Math.fma(Math.fma(p, s, TANH_P1), s, TANH_P0);
        float q = Math.fma(Math.fma(TANH_Q4, s, TANH_Q3), s, TANH_Q2);
        q = Math.fma(Math.fma(q, s, TANH_Q1), s, TANH_Q0);
        return withinOne(x * p / q);
    }

    /** x², but not more than the float with these bits; of NaN any number. */
    private static float squareUpTo(float x, int end) { return Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x * x), end)); }

    private static float withinOne(float y) {
        float z = y > 1 ? 1 : y;
        return z < -1 ? -1 : z;
    }

    /** Error up to 5 ulp, that is 3e-7 of the result; never beyond 1. */
    public static float erf(float x) {
        float s = squareUpTo(x, ERF_END);
        float p = Math.fma(Math.fma(ERF_P6, s, ERF_P5), s, ERF_P4);
        p = Math.fma(Math.fma(p, s, ERF_P3), s, ERF_P2);
        p = Math.fma(Math.fma(p, s, ERF_P1), s, ERF_P0);
        float q = Math.fma(Math.fma(ERF_Q5, s, ERF_Q4), s, ERF_Q3);
        q = Math.fma(Math.fma(Math.fma(q, s, ERF_Q2), s, ERF_Q1), s, ERF_Q0);
        return withinOne(x * p / q);
    }

    /** Error up to 1 ulp. */
    public static float log(float a) {
        boolean small = a < SMALLEST;
        int bits = Float.floatToRawIntBits(small ? a * ENLARGE : a);
        int exponent = bits - ROOT_HALF >> FRACTION;
        float e = exponent + (small ? ENLARGED : 0);
        float y = logOf(e, Float.intBitsToFloat(bits - (exponent << FRACTION)) - 1);
        return special(a, y);
    }

    /** log of (1 + r) 2^e. */
    private static float logOf(float e, float r) {
        float p = Math.fma(Math.fma(LOG_7, r, LOG_6), r, LOG_5);
        p = Math.fma(Math.fma(p, r, LOG_4), r, LOG_3);
        p = Math.fma(Math.fma(Math.fma(p, r, LOG_2), r, LOG_1), r, LOG_0);
        float q = r * r * Math.fma(p, r, -0.5f);
        return Math.fma(e, LN2_HIGH, Math.fma(e, LN2_LOW, q) + r);
    }

    /** The result where log's argument has no finite one, else {@code y}. */
    private static float special(float a, float y) {
        float z = a == 0 ? Float.NEGATIVE_INFINITY : y;
        float w = a == Float.POSITIVE_INFINITY ? a : z;
        return a >= 0 ? w : Float.NaN;
    }

    /** As log of 1 + x, whose exponent is e, but from r = x 2^-e + 2^-e - 1, where x has not been rounded. Error up to 1.5 ulp. */
    public static float log1p(float x) {
        float u = x + 1;
        int bits = Float.floatToRawIntBits(u);
        int exponent = bits - ROOT_HALF >> FRACTION;
        float e = exponent;
        float s = Float.intBitsToFloat(ONE - (exponent << FRACTION));
        float alone = Float.intBitsToFloat(bits - (exponent << FRACTION)) - 1;
        float r = e > LOG1P_ALONE ? alone : Math.fma(x, s, s - 1);
        return x == 0 ? x : special(u, logOf(e, r));
    }
}
