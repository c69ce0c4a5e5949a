package dev.cresset.kernels.cpu.math;

/**
 * Loops over float arrays that the JIT compiler does not vectorise by itself, with the Vector API. Arrays have room for a
 * multiple of {@link #LANES} elements and are read and written up to it.
 *
 * <p>Note [Twins]. Vector code is very slow until it is compiled. Therefore each function exists twice, as vector code and
 * as a plain loop from {@link FloatFunctions}, which computes the same in the same order, to the same bits; until
 * {@link VectorWarmup} has seen to the compilation, for short arrays, and in a JVM without the module
 * {@code jdk.incubator.vector}, the plain one runs.
 */
public final class FloatVectors {
    /** Lengths of arrays are multiples of this. */
    public static final int LANES = 64;
    private static final int VECTOR_MINIMUM = 128;

    private FloatVectors() {}

    private static boolean isVector(int n) { return n >= VECTOR_MINIMUM && VectorWarmup.isDone(n); }

    public static void exp(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.exp(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.exp(a[i]);
    }

    public static void tanh(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.tanh(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.tanh(a[i]);
    }

    public static void erf(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.erf(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.erf(a[i]);
    }

    public static void log(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.log(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.log(a[i]);
    }

    public static void log1p(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.log1p(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.log1p(a[i]);
    }

    public static void expm1(float[] d, float[] a, int n) {
        if (isVector(n)) VectorLoops.expm1(d, a, n);
        else for (int i = 0; i < n; i++) d[i] = FloatFunctions.expm1(a[i]);
    }

    public static void eq(int[] d, float[] a, float[] b, int n) {
        if (isVector(n)) VectorLoops.eq(d, a, b, n);
        else for (int i = 0; i < n; i++) d[i] = a[i] == b[i] ? 1 : 0;
    }

    public static void ne(int[] d, float[] a, float[] b, int n) {
        if (isVector(n)) VectorLoops.ne(d, a, b, n);
        else for (int i = 0; i < n; i++) d[i] = a[i] != b[i] ? 1 : 0;
    }

    public static void lt(int[] d, float[] a, float[] b, int n) {
        if (isVector(n)) VectorLoops.lt(d, a, b, n);
        else for (int i = 0; i < n; i++) d[i] = a[i] < b[i] ? 1 : 0;
    }

    public static void le(int[] d, float[] a, float[] b, int n) {
        if (isVector(n)) VectorLoops.le(d, a, b, n);
        else for (int i = 0; i < n; i++) d[i] = a[i] <= b[i] ? 1 : 0;
    }

    /** {@code d = c != 0 ? a : b}. */
    public static void select(float[] d, int[] c, float[] a, float[] b, int n) {
        if (isVector(n)) VectorLoops.select(d, c, a, b, n);
        else for (int i = 0; i < n; i++) d[i] = c[i] != 0 ? a[i] : b[i];
    }
}
