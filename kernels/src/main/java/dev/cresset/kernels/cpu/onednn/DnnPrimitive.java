package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayDeque;

/**
 * A compiled oneDNN kernel for fixed shapes, shared by all threads. Each run borrows a frame, the native argument list
 * with its memory objects, so that a run allocates nothing native. The native objects go when the primitive is retired
 * and its last user has left.
 */
final class DnnPrimitive {
    private final long engine;
    private final long handle;
    private final String name;
    private final String doing;
    private final int[] arguments;
    private final DnnLayout[] layouts;
    private final long scratchBytes;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();
    private int threads = 1;
    private int users;
    private boolean retired;
    /** When the cache last handed this out; written without order, because eviction only needs it roughly. */
    volatile long lastUse;

    DnnPrimitive(long engine, long handle, String name, String doing, int[] arguments, DnnLayout[] layouts,
            long scratchBytes) {
        this.engine = engine;
        this.handle = handle;
        this.name = name;
        this.doing = doing;
        this.arguments = arguments;
        this.layouts = layouts;
        this.scratchBytes = scratchBytes;
    }

    /** The argument list of one run: dnnl_exec_arg_t of {int arg; dnnl_memory_t memory}, 16 bytes each. */
    private record Frame(Arena arena, MemorySegment list, long[] memories) {}

    /** The library's own name for the kernel it chose. */
    String name() { return name; }

    /** Notes the thread count it was made with, before anybody else sees it. */
    DnnPrimitive madeFor(int count) {
        threads = count;
        return this;
    }

    long handle() { return handle; }

    int argumentCount() { return arguments.length; }

    /** The number by which the library knows the argument at this place. */
    int argument(int place) { return arguments[place]; }

    DnnLayout layoutAt(int place) { return layouts[place]; }

    long scratchBytes() { return scratchBytes; }

    int threads() { return threads; }

    String doing() { return doing; }

    /** The layout this argument must have. */
    DnnLayout layout(int argument) {
        for (int i = 0; i < arguments.length; i++) if (arguments[i] == argument) return layouts[i];
        throw new IllegalArgumentException(doing + " has no argument " + argument);
    }

    /** Counts the caller as a user, unless the primitive is retired. */
    synchronized boolean enter() {
        if (retired) return false;
        users++;
        return true;
    }

    synchronized void leave() {
        users--;
        if (retired && users == 0) destroy();
    }

    /** Nobody may enter any more. */
    synchronized void retire() {
        if (retired) return;
        retired = true;
        if (users == 0) destroy();
    }

    /** Runs with the arguments in the order they were declared; the caller has entered. */
    void execute(Lane lane, MemorySegment... data) {
        if (data.length != arguments.length) {
            throw new IllegalArgumentException(doing + " takes " + arguments.length + " tensors, got " + data.length);
        }
        Frame frame = takeFrame();
        try {
            for (int i = 0; i < data.length; i++) {
                checkData(i, data[i]);
                OneDnnLibrary.setData(frame.memories[i], data[i].address());
            }
            int count = data.length;
            if (scratchBytes > 0) OneDnnLibrary.setData(frame.memories[count++], lane.scratch(scratchBytes).address());
            OneDnnLibrary.setThreads(threads); // belongs to the carrier thread, and a primitive must run as it was made
            if (threads > 1) LibraryTeam.used();
            int status = OneDnnLibrary.execute(handle, lane.stream(), count, frame.list.address());
            OneDnnLibrary.check(status, doing);
        } finally {
            Reference.reachabilityFence(data);
            synchronized (this) {
                idle.push(frame);
            }
        }
    }

    private void checkData(int i, MemorySegment data) {
        if (!data.isNative() || !data.scope().isAlive() || data.byteSize() < layouts[i].byteSize()) {
            throw new IllegalArgumentException(doing + ": argument " + i + " must be live native memory of at least "
                    + layouts[i].byteSize() + " bytes, got " + data);
        }
    }

    private Frame takeFrame() {
        synchronized (this) {
            Frame frame = idle.poll();
            if (frame != null) return frame;
        }
        int count = arguments.length + (scratchBytes > 0 ? 1 : 0);
        Arena arena = Arena.ofShared();
        Frame frame = new Frame(arena, arena.allocate(16L * count, 8), new long[count]);
        for (int i = 0; i < count; i++) {
            boolean scratch = i == arguments.length;
            frame.memories[i] = memory(scratch ? DnnLayout.contiguous(ScalarType.UINT8, scratchBytes) : layouts[i]);
            frame.list.set(ValueLayout.JAVA_INT, 16L * i, scratch ? Dnn.ARG_SCRATCHPAD : arguments[i]);
            frame.list.set(ValueLayout.JAVA_LONG, 16L * i + 8, frame.memories[i]);
        }
        return frame;
    }

    /** A memory object of this layout, without data. */
    long memory(DnnLayout layout) {
        long description = layout.toNative();
        try {
            return OneDnnLibrary.createMemory(engine, description);
        } finally {
            OneDnnLibrary.destroy(OneDnnLibrary.Kind.LAYOUT, description);
        }
    }

    private void destroy() {
        for (Frame frame : idle) {
            for (long memory : frame.memories) OneDnnLibrary.destroy(OneDnnLibrary.Kind.MEMORY, memory);
            frame.arena.close();
        }
        idle.clear();
        OneDnnLibrary.destroy(OneDnnLibrary.Kind.PRIMITIVE, handle);
    }
}
