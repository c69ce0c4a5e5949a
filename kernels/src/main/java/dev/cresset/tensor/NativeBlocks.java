package dev.cresset.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Large blocks of memory from the C library, freed when told to, or by the garbage collector if their owner got lost.
 * (Memory of {@link Arena#ofAuto()} can only be freed by the collector, which does not see how large it is.)
 */
final class NativeBlocks {
    private static final MethodHandle MALLOC = handle("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = handle("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    /** By the address handed out. Process-wide, as addresses are. */
    private static final Map<Long, Block> LIVE = new ConcurrentHashMap<>();

    private NativeBlocks() {}

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    /** What {@code malloc} returned; freed once. */
    private record Block(MemorySegment raw, AtomicBoolean freed) {
        void free() {
            if (!freed.compareAndSet(false, true)) return;
            try {
                FREE.invokeExact(raw);
            } catch (Throwable e) {
                throw new AssertionError("free does not throw", e);
            }
        }
    }

    /** A block, content undefined. @throws OutOfMemoryError if the C library has none */
    static MemorySegment allocate(long bytes, long alignment) {
        MemorySegment raw;
        try {
            raw = (MemorySegment) MALLOC.invokeExact(bytes + alignment);
        } catch (Throwable e) {
            throw new AssertionError("malloc does not throw", e);
        }
        if (raw.address() == 0) throw new OutOfMemoryError("malloc of " + bytes + " bytes");
        long address = (raw.address() + alignment - 1) / alignment * alignment;
        Block block = new Block(raw, new AtomicBoolean());
        LIVE.put(address, block);
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), _ -> {
            LIVE.remove(address, block);
            block.free();
        });
    }

    /** Frees a block that nobody uses any more. */
    static void free(MemorySegment segment) {
        Block block = LIVE.remove(segment.address());
        if (block != null) block.free();
    }
}
