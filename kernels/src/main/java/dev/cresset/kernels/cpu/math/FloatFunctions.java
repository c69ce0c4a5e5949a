package dev.cresset.kernels.cpu.math;

/**
 * Functions of one float32 number, by polynomials of our own: weighted Chebyshev fits. Largest errors in units of the last
 * place: exp 1.1, tanh 2, erf 3. The vector loops of {@link FloatVectors} compute the same bits; see Note [Twins] there.
 */
public final class FloatFunctions {
    public static final float EXP_HIGHEST = 89, EXP_LOWEST = -105;
    public static final float LOG2_E = 1.4426950408889634f;
    /** ln 2 as the sum of two floats. */
    public static final float LN2_HIGH = 0.6931471805599453f, LN2_LOW = (float) (0.6931471805599453 - 0.6931471805599453f);
    /** Adding it rounds to an integer, as its unit of the last place is 1. */
    public static final float ROUNDER = 0x1.8p23f;
    /** (exp r - 1 - r) / r² in r, for |r| up to half of ln 2. */
    public static final float EXP_0 = 0.5f, EXP_1 = 0.16666573286056519f, EXP_2 = 0.04166645556688309f, EXP_3 = 0.008363776840269566f,
        EXP_4 = 0.0013934544986113906f;

    /** Below it a polynomial, (tanh x / x - 1) / x² in x². */
    public static final float TANH_SMALL = 0.625f;
    public static final float TANH_0 = -0.3333333432674408f, TANH_1 = 0.1333330124616623f, TANH_2 = -0.053958624601364136f,
        TANH_3 = 0.0217636339366436f, TANH_4 = -0.008326401934027672f, TANH_5 = 0.0022727048490196466f;

    /** From here on erf is 1 in float32. */
    public static final float ERF_END = 4;
    /** erf(x) / x in x², below 1. */
    public static final float ERF_0 = 1.1283791065216064f, ERF_1 = -0.3761262595653534f, ERF_2 = 0.11283597350120544f,
        ERF_3 = -0.02685432881116867f, ERF_4 = 0.005189312156289816f, ERF_5 = -0.0008018855005502701f, ERF_6 = 7.882497448008507e-05f;
    /** log erfc(x) in x, from 1 on. */
    public static final float LOG_ERFC_0 = 0.000208761848625727f, LOG_ERFC_1 = -1.1296844482421875f, LOG_ERFC_2 = -0.6329863667488098f,
        LOG_ERFC_3 = -0.10870722681283951f, LOG_ERFC_4 = 0.02542717382311821f, LOG_ERFC_5 = -0.0043088351376354694f,
        LOG_ERFC_6 = 0.00047178432578220963f, LOG_ERFC_7 = -2.66681508946931e-05f, LOG_ERFC_8 = 3.494651252822223e-07f;

    private FloatFunctions() {}

    /** 2^k exp r with k the nearest integer; 2^k in two factors, since it may be beyond float32 while the result is not. */
    public static float exp(float a) {
        float x = Math.max(Math.min(a, EXP_HIGHEST), EXP_LOWEST);
        float k = Math.fma(x, LOG2_E, ROUNDER) - ROUNDER;
        float r = Math.fma(k, -LN2_LOW, Math.fma(k, -LN2_HIGH, x));
        float p = Math.fma(Math.fma(EXP_4, r, EXP_3), r, EXP_2);
        p = Math.fma(Math.fma(p, r, EXP_1), r, EXP_0);
        float y = Math.fma(r * r, p, r) + 1;
        int exponent = (int) k;
        int half = exponent >> 1;
        return y * powerOfTwo(half) * powerOfTwo(exponent - half);
    }

    private static float powerOfTwo(int k) { return Float.intBitsToFloat(k + 127 << 23); }

    public static float tanh(float x) {
        float t = Math.abs(x);
        if (t < TANH_SMALL) {
            float s = x * x;
            float q = Math.fma(Math.fma(TANH_5, s, TANH_4), s, TANH_3);
            q = Math.fma(Math.fma(Math.fma(q, s, TANH_2), s, TANH_1), s, TANH_0);
            return Math.fma(x * s, q, x);
        }
        float large = 1 - 2 / (exp(t + t) + 1);
        return x < 0 ? -large : large;
    }

    public static float erf(float x) {
        float t = Math.min(Math.abs(x), ERF_END);
        if (t < 1) {
            float s = t * t;
            float p = Math.fma(Math.fma(ERF_6, s, ERF_5), s, ERF_4);
            p = Math.fma(Math.fma(p, s, ERF_3), s, ERF_2);
            return Math.fma(Math.fma(p, s, ERF_1), s, ERF_0) * x;
        }
        float q = Math.fma(Math.fma(LOG_ERFC_8, t, LOG_ERFC_7), t, LOG_ERFC_6);
        q = Math.fma(Math.fma(q, t, LOG_ERFC_5), t, LOG_ERFC_4);
        q = Math.fma(Math.fma(q, t, LOG_ERFC_3), t, LOG_ERFC_2);
        float large = 1 - exp(Math.fma(Math.fma(q, t, LOG_ERFC_1), t, LOG_ERFC_0));
        return x < 0 ? -large : large;
    }
}
