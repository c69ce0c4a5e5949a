package dev.cresset.kernels.expr;

/** Loops over double registers; see {@link FloatLoops}. */
final class DoubleLoops {
    private DoubleLoops() {}

    static void unary(UnaryFn fn, double[] d, double[] a, int n) {
        switch (fn) {
            case NEG -> negate(d, a, n);
            case ABS -> abs(d, a, n);
            case SQRT -> sqrt(d, a, n);
            case FLOOR -> floor(d, a, n);
            case CEIL -> ceil(d, a, n);
            case ROUND -> round(d, a, n);
            default -> each(fn, d, a, n);
        }
    }

    static void binary(BinaryFn fn, double[] d, double[] a, double[] b, int n) {
        switch (fn) {
            case ADD -> add(d, a, b, n);
            case SUB -> subtract(d, a, b, n);
            case MUL -> multiply(d, a, b, n);
            case DIV -> divide(d, a, b, n);
            case MIN -> min(d, a, b, n);
            case MAX -> max(d, a, b, n);
            default -> each(fn, d, a, b, n);
        }
    }

    static void compare(BinaryFn fn, int[] d, double[] a, double[] b, int n) {
        switch (fn) {
            case EQ -> eq(d, a, b, n);
            case NE -> ne(d, a, b, n);
            case LT -> lt(d, a, b, n);
            case LE -> le(d, a, b, n);
            case GT -> lt(d, b, a, n);
            case GE -> le(d, b, a, n);
            default -> throw new IllegalArgumentException(fn + " is no comparison");
        }
    }

    private static void negate(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = -a[i];
    }

    private static void abs(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.abs(a[i]);
    }

    private static void sqrt(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.sqrt(a[i]);
    }

    private static void floor(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.floor(a[i]);
    }

    private static void ceil(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.ceil(a[i]);
    }

    private static void round(double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.rint(a[i]);
    }

    private static void each(UnaryFn fn, double[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = RealMath.number(fn, a[i]);
    }

    private static void add(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] + b[i];
    }

    private static void subtract(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] - b[i];
    }

    private static void multiply(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] * b[i];
    }

    private static void divide(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] / b[i];
    }

    private static void min(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.min(a[i], b[i]);
    }

    private static void max(double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.max(a[i], b[i]);
    }

    private static void each(BinaryFn fn, double[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = RealMath.binary(fn, a[i], b[i], false);
    }

    private static void eq(int[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] == b[i] ? 1 : 0;
    }

    private static void ne(int[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] != b[i] ? 1 : 0;
    }

    private static void lt(int[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] < b[i] ? 1 : 0;
    }

    private static void le(int[] d, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] <= b[i] ? 1 : 0;
    }

    /** Functions whose result is a bool. */
    static void test(UnaryFn fn, int[] d, double[] a, int n) {
        switch (fn) {
            case IS_NAN -> isNan(d, a, n);
            case NOT -> isZero(d, a, n);
            default -> {
                for (int i = 0; i < n; i++) d[i] = (int) (long) (Long) RealMath.unary(fn, a[i]);
            }
        }
    }

    private static void isNan(int[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] != a[i] ? 1 : 0;
    }

    private static void isZero(int[] d, double[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] == 0 ? 1 : 0;
    }

    static void select(double[] d, int[] c, double[] a, double[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = c[i] != 0 ? a[i] : b[i];
    }
}
