package dev.cresset.bench.differential;

import dev.cresset.ir.type.ScalarType;

/**
 * A tensor to be passed to a program: some memory, and how the tensor lies in it.
 *
 * @param memory  all elements of the memory; what the program writes does not come back here
 * @param strides in elements
 * @param offset  of the first element
 */
public record Input(ScalarType dtype, double[] memory, long[] sizes, long[] strides, long offset) {
    /** {@code Float(2, 3, strides=[1, 2], offset=1)}. */
    @Override public String toString() {
        return dtype.printName() + java.util.Arrays.toString(sizes) + " strides=" + java.util.Arrays.toString(strides) + " offset=" + offset;
    }
}
