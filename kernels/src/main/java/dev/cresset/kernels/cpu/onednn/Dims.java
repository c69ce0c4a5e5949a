package dev.cresset.kernels.cpu.onednn;

import java.util.Arrays;

/** A list of sizes, strides or the like as a value. */
public record Dims(long[] values) {
    public Dims { values = values.clone(); }

    /** The same number {@code rank} times. */
    static Dims filled(int rank, long value) {
        long[] values = new long[rank];
        Arrays.fill(values, value);
        return new Dims(values);
    }

    int rank() { return values.length; }

    long get(int i) { return values[i]; }

    @Override public boolean equals(Object other) { return other instanceof Dims o && Arrays.equals(values, o.values); }

    @Override public int hashCode() { return Arrays.hashCode(values); }

    @Override public String toString() { return Arrays.toString(values); }
}
