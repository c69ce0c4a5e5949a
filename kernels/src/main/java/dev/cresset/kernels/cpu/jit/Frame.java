package dev.cresset.kernels.cpu.jit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A thread's memory for running kernels, kept for reuse: addresses of the row it is at, and scratch rows. */
final class Frame {
    private static final int ALIGNMENT = 64;
    private static final ThreadLocal<Frame> OF_THREAD = ThreadLocal.withInitial(Frame::new);

    /** What passes are given. */
    long[] addresses = new long[0];
    /** Addresses of the current row's first element, of each operand. */
    long[] row = new long[0];
    /** Coordinates of the current row. */
    long[] index = new long[0];
    private MemorySegment scratch = MemorySegment.NULL;

    private Frame() {}

    static Frame ofThread() { return OF_THREAD.get(); }

    /** Makes room. The arrays may be longer than asked for. */
    void provide(int addressCount, int operands, int rank, long scratchBytes) {
        if (addresses.length < addressCount) addresses = new long[addressCount];
        if (row.length < operands) row = new long[operands];
        if (index.length < rank) index = new long[rank];
        if (scratch.byteSize() < scratchBytes) scratch = Arena.ofAuto().allocate(scratchBytes, ALIGNMENT);
    }

    long scratch() { return scratch.address(); }

    /** Bytes up to the next multiple of the alignment. */
    static long aligned(long bytes) { return (bytes + ALIGNMENT - 1) & -ALIGNMENT; }
}
