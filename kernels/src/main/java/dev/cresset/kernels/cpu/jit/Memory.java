package dev.cresset.kernels.cpu.jit;

import java.lang.foreign.MemorySegment;

/** Native memory by absolute address, for generated code and what surrounds it. Nothing is checked. */
final class Memory {
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Memory() {}
}
