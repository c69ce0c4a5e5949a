package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Precision;
import java.util.List;
import java.util.Locale;

/** How generated kernels sum up products ({@code mma.cuh}). */
public enum Sums {
    /** By multiplications and additions of float32. */
    PLAIN,
    /** By tensor cores, float32 rounded to TF32. */
    ROUNDED,
    /**
     * By tensor cores, each float32 as two TF32 numbers: less than 2⁻²⁰ Σ |a b| from the sum of exact products, before its own roundings,
     * which are about those of {@link #PLAIN}. What meets a number that is not finite is done once more, plainly. Of float32 only.
     */
    SPLIT;

    /** The first compute capability whose tensor cores are used. */
    private static final int TENSOR_CAPABILITY = 80;
    /** Those whose tensor cores multiply TF32 more than three times as fast as their other units float32. */
    private static final List<Integer> STRONG = List.of(80, 90, 100, 103);

    /** All that there are for a type of elements. */
    public static List<Sums> of(ScalarType t) { return t == ScalarType.FLOAT32 ? List.of(values()) : List.of(PLAIN, ROUNDED); }

    /** Those that a device has and that are exact enough, one or more; the last one is usually the fastest on devices for computing. */
    public static List<Sums> allowed(ScalarType t, int capability, Precision precision) {
        if (capability < TENSOR_CAPABILITY) return List.of(PLAIN);
        if (t != ScalarType.FLOAT32 || precision.tf32InProducts()) return List.of(ROUNDED);
        return precision.splitsProducts() ? List.of(PLAIN, SPLIT) : List.of(PLAIN);
    }

    /** Whether tensor cores of a device are that fast. */
    static boolean isStrong(int capability) { return STRONG.contains(capability); }

    /** The one that is expected to be the fastest. */
    public static Sums fastest(ScalarType t, int capability, Precision precision) {
        List<Sums> allowed = allowed(t, capability, precision);
        return isStrong(capability) ? allowed.getLast() : allowed.getFirst();
    }

    /** For people, after what a kernel does. */
    public String words() {
        return switch (this) {
            case PLAIN -> "";
            case ROUNDED -> " by tensor cores";
            case SPLIT -> " by tensor cores, operands split";
        };
    }

    /** As kernels' names have it. */
    @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
}
