package dev.cresset.kernels.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as C++ streams and printf write them: exact decimal digits, rounded half to even. */
public final class FloatText {
    private FloatText() {}

    /** As {@code %.<digits>g}: this many significant digits, trailing zeros dropped. */
    public static String general(double v, int digits) {
        if (!Double.isFinite(v)) return nonFinite(v);
        if (v == 0) return sign(v) + "0";
        BigDecimal d = new BigDecimal(Math.abs(v)).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = d.precision() - d.scale() - 1;
        if (exponent >= -4 && exponent < digits) return sign(v) + d.stripTrailingZeros().toPlainString();
        String mantissa = d.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString();
        return sign(v) + mantissa + exponentText(exponent);
    }

    /** As {@code %.<decimals>e}. */
    public static String scientific(double v, int decimals) {
        if (!Double.isFinite(v)) return nonFinite(v);
        BigDecimal d = new BigDecimal(Math.abs(v)).round(new MathContext(decimals + 1, RoundingMode.HALF_EVEN));
        int exponent = v == 0 ? 0 : d.precision() - d.scale() - 1;
        String mantissa = d.scaleByPowerOfTen(-exponent).setScale(decimals, RoundingMode.UNNECESSARY).toPlainString();
        return sign(v) + mantissa + exponentText(exponent);
    }

    /** As {@code %.<decimals>f}. */
    public static String fixed(double v, int decimals) {
        if (!Double.isFinite(v)) return nonFinite(v);
        return sign(v) + new BigDecimal(Math.abs(v)).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String exponentText(int e) {
        return (e < 0 ? "e-" : "e+") + (Math.abs(e) < 10 ? "0" : "") + Math.abs(e);
    }

    private static String nonFinite(double v) { return sign(v) + (Double.isNaN(v) ? "nan" : "inf"); }

    /** C++ shows the sign of every value that has one, NaN included. */
    private static String sign(double v) { return Double.doubleToRawLongBits(v) < 0 ? "-" : ""; }
}
