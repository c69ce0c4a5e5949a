package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A tensor for oneDNN: native memory that starts at the first element, and the layout of the elements in it. Owns
 * nothing.
 */
public record DnnMemory(DnnLayout layout, MemorySegment segment) {
    public DnnMemory {
        if (!layout.isDefinite()) throw new IllegalArgumentException("memory has a definite layout, got " + layout);
        if (!segment.isNative()) {
            throw new IllegalArgumentException("oneDNN works on native memory, got a segment of the Java heap");
        }
        if (segment.byteSize() < layout.byteSize()) {
            throw new IllegalArgumentException("memory of " + segment.byteSize() + " bytes cannot hold " + layout
                    + ", which takes "
                    + layout.byteSize());
        }
    }

    public static DnnMemory plain(ScalarType type, long[] sizes, long[] strides, MemorySegment segment) {
        return new DnnMemory(DnnLayout.plain(type, sizes, strides), segment);
    }

    public static DnnMemory contiguous(ScalarType type, MemorySegment segment, long... sizes) {
        return new DnnMemory(DnnLayout.contiguous(type, sizes), segment);
    }

    /** Fresh zeroed memory for this layout; the arena owns it. */
    public static DnnMemory allocate(Arena arena, DnnLayout layout) {
        return new DnnMemory(layout, arena.allocate(layout.byteSize(), 64));
    }
}
