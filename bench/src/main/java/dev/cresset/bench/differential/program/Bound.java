package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;

/**
 * What is known of a tensor's elements before a program runs.
 *
 * @param magnitude no finite element is larger
 * @param error     two correct ways of computing an element differ by no more; 0 if it is exact
 */
public record Bound(double magnitude, double error) {
    static final Bound ZERO = new Bound(0, 0);
    /** Units in the last place that one elementary function may be off, over the correctly rounded result. */
    private static final int ULPS = 4;

    static Bound exact(double magnitude) { return new Bound(magnitude, 0); }

    Bound join(Bound other) { return new Bound(Math.max(magnitude, other.magnitude), Math.max(error, other.error)); }

    /** The distance of neighbouring numbers just above 1; 0 for types without rounding. */
    static double epsilon(ScalarType dtype) {
        return switch (dtype) {
            case FLOAT16 -> 0x1p-10;
            case BFLOAT16 -> 0x1p-7;
            case FLOAT32 -> 0x1p-23;
            case FLOAT64 -> 0x1p-52;
            default -> 0;
        };
    }

    /** This value after one more rounding of each of some terms that are as large as it may be. */
    Bound rounded(ScalarType dtype, double terms) {
        return new Bound(magnitude, error + ULPS * Math.max(1, terms) * epsilon(dtype) * magnitude);
    }

    /** The result of an operator that changes by at most {@code slope} times as much as its argument, before rounding. */
    Bound through(double slope, double newMagnitude) { return new Bound(newMagnitude, slope * error); }

    Bound plus(Bound other) { return new Bound(magnitude + other.magnitude, error + other.error); }

    Bound times(Bound other) {
        return new Bound(magnitude * other.magnitude, magnitude * other.error + other.magnitude * error + error * other.error);
    }

    Bound times(double factor) { return new Bound(Math.abs(factor) * magnitude, Math.abs(factor) * error); }
}
