package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one call at a time uses: a stream, the scratchpad of the kernel that runs, and buffers for operands that change
 * their order.
 */
final class Lane implements AutoCloseable {
    /** The places of the buffers. */
    static final int SOURCE = 0;
    static final int RESULT = 1;
    static final int WEIGHTS = 2;
    static final int OPERAND = 3;
    static final int BIAS = 4;
    private static final int SCRATCH = 5;

    private final long stream;
    private final Arena[] arenas = new Arena[SCRATCH + 1];
    private final MemorySegment[] buffers = new MemorySegment[SCRATCH + 1];

    Lane(long engine) { stream = OneDnnLibrary.createStream(engine); }

    long stream() { return stream; }

    MemorySegment scratch(long bytes) { return buffer(SCRATCH, bytes); }

    /** A buffer of at least that many bytes; its contents last until it is asked for again. */
    MemorySegment buffer(int place, long bytes) {
        MemorySegment buffer = buffers[place];
        if (buffer != null && buffer.byteSize() >= bytes) return buffer;
        if (arenas[place] != null) arenas[place].close();
        arenas[place] = Arena.ofShared();
        return buffers[place] = arenas[place].allocate(bytes, 4096);
    }

    DnnMemory buffer(int place, DnnLayout layout) { return new DnnMemory(layout, buffer(place, layout.byteSize())); }

    @Override public void close() {
        for (Arena arena : arenas) if (arena != null) arena.close();
        OneDnnLibrary.destroy(OneDnnLibrary.Kind.STREAM, stream);
    }
}
