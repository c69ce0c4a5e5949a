package dev.cresset.bench.differential;

import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a call left behind.
 *
 * @param results   the returned tensors; empty if it failed
 * @param arguments the tensor arguments after the call, by parameter
 * @param states    the attributes after the call, by name; {@code count} as a tensor without dimensions
 * @param printed   null if the engine does not tell
 * @param error     what it failed with, null if it did not
 */
public record Outcome(List<Values> results, Map<String, Values> arguments, Map<String, Values> states, String printed, String error) {
    /** A tensor's elements, row-major: {@code reals} of floating types, {@code integers} of all others. */
    public record Values(ScalarType dtype, long[] sizes, double[] reals, long[] integers) {
        static Values number(long n) { return new Values(ScalarType.INT64, new long[0], null, new long[] {n}); }

        /** The largest finite magnitude. */
        double magnitude() {
            return reals == null ? 0 : Arrays.stream(reals).map(Math::abs).filter(Double::isFinite).max().orElse(0);
        }

        boolean sameBits(Values other) {
            return dtype == other.dtype && Arrays.equals(sizes, other.sizes) && Arrays.equals(reals, other.reals) && Arrays.equals(integers, other.integers);
        }
    }

    public boolean failed() { return error != null; }
}
