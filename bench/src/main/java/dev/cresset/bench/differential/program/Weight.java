package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import java.util.SplittableRandom;

/**
 * A tensor attribute of a random program.
 *
 * @param low  the least element; elements of integer types are between 0 and {@code high} - 1
 * @param seed of its elements
 */
public record Weight(String name, ScalarType dtype, long[] shape, double low, double high, long seed) {
    Bound bound() { return Bound.exact(Math.max(Math.abs(low), Math.abs(high))); }

    int numel() {
        long n = 1;
        for (long s : shape) n *= s;
        return Math.toIntExact(n);
    }

    /** Row-major. */
    double[] elements() {
        SplittableRandom random = new SplittableRandom(seed);
        double[] elements = new double[numel()];
        for (int i = 0; i < elements.length; i++) {
            double v = low + (high - low) * random.nextDouble();
            elements[i] = dtype.isFloating() ? (float) v : Math.floor(v);
        }
        return elements;
    }
}
