package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;

/**
 * What one of the 8 bytes slots of a kernel's parameter holds. A generated kernel has a single parameter, a struct passed by
 * value that consists of such slots: addresses, int64 numbers, doubles. Operands are the inputs, then the results; dimensions are
 * numbered from the outermost.
 */
public sealed interface Slot {
    /** The device address of an operand's first element, offset included. */
    record Address(int operand) implements Slot {}

    /** How many dimensions there are; only in kernels that take several ranks. */
    record Rank() implements Slot {}

    /** The number of elements of the loops. */
    record Elements() implements Slot {}

    /** The number of rows of the loops. */
    record Rows() implements Slot {}

    record Size(int dim) implements Slot {}

    /** In elements. */
    record Stride(int operand, int dim) implements Slot {}

    /**
     * A number argument: as int64 for bool and integer types, else as double (of which a float32 keeps what a float holds).
     *
     * @param argument  which argument of the operator
     * @param imaginary the imaginary part of a complex number, which follows the real part
     */
    record Number(int argument, ScalarType type, boolean imaginary) implements Slot {}
}
