package dev.cresset.kernels.ops.reduce;

/** Exponentials of many floats, in a form that the compiler turns into vector instructions. */
final class FloatMath {
    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, the first exact in few bits, so that k · ln 2 is subtracted without loss. */
    private static final float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;
    /** Adding and subtracting it rounds to an integer. */
    private static final float ROUND = 12582912f;

    private FloatMath() {}

    /** v[i] = exp(v[i] - shift), relative error below 2e-7; what would be denormal is 0. NaN stays NaN. */
    static void exp(float[] v, int from, int to, float shift) {
        for (int i = from; i < to; i++) {
            float x = Math.min(88.72f, Math.max(-88f, v[i] - shift));
            float k = x * LOG2_E + ROUND - ROUND;
            float r = x - k * LN2_HIGH - k * LN2_LOW;
            float p = 1.9875691500e-4f;
            p = p * r + 1.3981999507e-3f;
            p = p * r + 8.3334519073e-3f;
            p = p * r + 4.1665795894e-2f;
            p = p * r + 1.6666665459e-1f;
            p = p * r + 0.5f;
            p = p * r * r + r + 1f;
            v[i] = p * Float.intBitsToFloat((int) k + 127 << 23);
        }
    }
}
