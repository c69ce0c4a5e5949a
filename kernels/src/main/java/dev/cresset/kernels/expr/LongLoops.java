package dev.cresset.kernels.expr;

/** Loops over long registers; see {@link FloatLoops}. */
final class LongLoops {
    private LongLoops() {}

    static void unary(UnaryFn fn, long[] d, long[] a, int n) {
        switch (fn) {
            case NEG -> negate(d, a, n);
            case ABS -> abs(d, a, n);
            case BIT_NOT -> invert(d, a, n);
            default -> each(fn, d, a, n);
        }
    }

    static void binary(BinaryFn fn, long[] d, long[] a, long[] b, int n) {
        switch (fn) {
            case ADD -> add(d, a, b, n);
            case SUB -> subtract(d, a, b, n);
            case MUL -> multiply(d, a, b, n);
            case MIN -> min(d, a, b, n);
            case MAX -> max(d, a, b, n);
            case AND -> and(d, a, b, n);
            case OR -> or(d, a, b, n);
            case XOR -> xor(d, a, b, n);
            default -> each(fn, d, a, b, n);
        }
    }

    static void compare(BinaryFn fn, int[] d, long[] a, long[] b, int n) {
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

    private static void negate(long[] d, long[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = -a[i];
    }

    private static void abs(long[] d, long[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.abs(a[i]);
    }

    private static void invert(long[] d, long[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = ~a[i];
    }

    private static void each(UnaryFn fn, long[] d, long[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = ((Number) IntegerMath.unary(fn, a[i])).longValue();
    }

    private static void add(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] + b[i];
    }

    private static void subtract(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] - b[i];
    }

    private static void multiply(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] * b[i];
    }

    private static void min(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.min(a[i], b[i]);
    }

    private static void max(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = Math.max(a[i], b[i]);
    }

    private static void and(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] & b[i];
    }

    private static void or(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] | b[i];
    }

    private static void xor(long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] ^ b[i];
    }

    private static void each(BinaryFn fn, long[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = IntegerMath.binary(fn, a[i], b[i]);
    }

    private static void eq(int[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] == b[i] ? 1 : 0;
    }

    private static void ne(int[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] != b[i] ? 1 : 0;
    }

    private static void lt(int[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] < b[i] ? 1 : 0;
    }

    private static void le(int[] d, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] <= b[i] ? 1 : 0;
    }

    /** Functions whose result is a bool. */
    static void test(UnaryFn fn, int[] d, long[] a, int n) {
        for (int i = 0; i < n; i++) d[i] = (int) (long) (Long) IntegerMath.unary(fn, a[i]);
    }

    static void select(long[] d, int[] c, long[] a, long[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = c[i] != 0 ? a[i] : b[i];
    }
}
