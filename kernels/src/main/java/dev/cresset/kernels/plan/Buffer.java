package dev.cresset.kernels.plan;

import dev.cresset.tensor.Storage;

/** A piece of memory that a run uses. Steps see it as an address, which they find at {@link #index} of the run's addresses. */
final class Buffer {
    /** Whose memory it is. */
    enum Kind {
        /** The caller's: an input; its first element is the buffer's first. */
        INPUT,
        /** The program's: a constant, or one derived from constants. */
        CONSTANT,
        /** Inside the frame's block. */
        INTERNAL,
        /** A result's, allocated for the caller. */
        RESULT,
        /** Whatever an operator returned. */
        RETURNED
    }

    final int index;
    final long bytes;
    /** Of which its offset in the frame's block is a multiple, in bytes. */
    final long alignment;
    /** Stands for the memory when operators are run on descriptions alone. */
    final Storage description = Storage.meta();
    private Kind kind;
    /** Positions of the first and the last step that use it; -1 as long as there is none. */
    int first = -1, last = -1;
    /** Where it lies in the frame's block, in bytes; only for INTERNAL ones. */
    long offset;

    Buffer(int index, Kind kind, long bytes) { this(index, kind, bytes, MemoryPlan.ALIGNMENT); }

    Buffer(int index, Kind kind, long bytes, long alignment) {
        this.index = index;
        this.kind = kind;
        this.bytes = bytes;
        this.alignment = alignment;
    }

    Kind kind() { return kind; }

    /** An internal buffer that the caller gets in the end. */
    void becomeResult() {
        if (kind != Kind.INTERNAL) throw new IllegalStateException("buffer " + index + " is " + kind);
        kind = Kind.RESULT;
    }

    /** True if its address is the same in all runs of a frame. */
    boolean isFixed() { return kind == Kind.INTERNAL || kind == Kind.CONSTANT; }

    void usedAt(int step) {
        if (first < 0) first = step;
        last = step;
    }

    @Override public String toString() {
        return switch (kind) {
            case INPUT -> "in" + index;
            case CONSTANT -> "const" + index;
            case INTERNAL -> "@" + offset;
            case RESULT -> "out" + index;
            case RETURNED -> "ret" + index;
        };
    }
}
