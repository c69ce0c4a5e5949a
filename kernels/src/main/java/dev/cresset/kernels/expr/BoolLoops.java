package dev.cresset.kernels.expr;

/** Loops over bool registers, whose elements are the ints 0 and 1. */
final class BoolLoops {
    private BoolLoops() {}

    static void unary(UnaryFn fn, int[] d, int[] a, int n) {
        if (fn == UnaryFn.NOT) {
            for (int i = 0; i < n; i++) d[i] = a[i] ^ 1;
        } else {
            for (int i = 0; i < n; i++) d[i] = ((Number) IntegerMath.unary(fn, a[i])).doubleValue() != 0 ? 1 : 0;
        }
    }

    static void binary(BinaryFn fn, int[] d, int[] a, int[] b, int n) {
        switch (fn) {
            case AND, MUL, MIN, FMIN -> and(d, a, b, n);
            case OR, ADD, MAX, FMAX -> or(d, a, b, n);
            case XOR, SUB, NE -> xor(d, a, b, n);
            case EQ -> equal(d, a, b, n);
            case LT, LE, GT, GE -> compare(fn, d, a, b, n);
            default -> {
                for (int i = 0; i < n; i++) d[i] = IntegerMath.binary(fn, a[i], b[i]) != 0 ? 1 : 0;
            }
        }
    }

    private static void and(int[] d, int[] a, int[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] & b[i];
    }

    private static void or(int[] d, int[] a, int[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] | b[i];
    }

    private static void xor(int[] d, int[] a, int[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] ^ b[i];
    }

    private static void equal(int[] d, int[] a, int[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = a[i] ^ b[i] ^ 1;
    }

    private static void compare(BinaryFn fn, int[] d, int[] a, int[] b, int n) {
        switch (fn) {
            case LT -> { for (int i = 0; i < n; i++) d[i] = b[i] & ~a[i]; }
            case LE -> { for (int i = 0; i < n; i++) d[i] = b[i] | a[i] ^ 1; }
            case GT -> { for (int i = 0; i < n; i++) d[i] = a[i] & ~b[i]; }
            default -> { for (int i = 0; i < n; i++) d[i] = a[i] | b[i] ^ 1; }
        }
    }

    static void select(int[] d, int[] c, int[] a, int[] b, int n) {
        for (int i = 0; i < n; i++) d[i] = c[i] & a[i] | (c[i] ^ 1) & b[i];
    }
}
