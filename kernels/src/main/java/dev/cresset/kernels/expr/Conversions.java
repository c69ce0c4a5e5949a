package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;

/** Loops that convert registers from one kind to another, and that round or wrap values to narrow types. */
final class Conversions {
    private Conversions() {}

    static void convert(float[] d, double[] a, int n) { for (int i = 0; i < n; i++) d[i] = (float) a[i]; }

    static void convert(float[] d, long[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(float[] d, int[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(double[] d, float[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(double[] d, long[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(double[] d, int[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(long[] d, float[] a, int n) { for (int i = 0; i < n; i++) d[i] = (long) a[i]; }

    static void convert(long[] d, double[] a, int n) { for (int i = 0; i < n; i++) d[i] = (long) a[i]; }

    static void convert(long[] d, int[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i]; }

    static void convert(int[] d, float[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i] != 0 ? 1 : 0; }

    static void convert(int[] d, double[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i] != 0 ? 1 : 0; }

    static void convert(int[] d, long[] a, int n) { for (int i = 0; i < n; i++) d[i] = a[i] != 0 ? 1 : 0; }

    /** True if values of this type are held in a wider register. */
    static boolean isNarrow(ScalarType t) { return t != Expr.compute(t); }

    static void narrow(ScalarType t, float[] d, float[] a, int n) {
        if (t == ScalarType.FLOAT16) {
            for (int i = 0; i < n; i++) d[i] = Float.float16ToFloat(Float.floatToFloat16(a[i]));
        } else {
            for (int i = 0; i < n; i++) d[i] = Elements.bfloat16ToFloat(Elements.floatToBfloat16(a[i]));
        }
    }

    static void narrow(ScalarType t, long[] d, long[] a, int n) {
        switch (t) {
            case UINT8, QUINT8 -> { for (int i = 0; i < n; i++) d[i] = a[i] & 0xff; }
            case INT8, QINT8 -> { for (int i = 0; i < n; i++) d[i] = (byte) a[i]; }
            case INT16 -> { for (int i = 0; i < n; i++) d[i] = (short) a[i]; }
            case INT32, QINT32 -> { for (int i = 0; i < n; i++) d[i] = (int) a[i]; }
            default -> throw new IllegalArgumentException(t + " is not a narrow integer type");
        }
    }
}
