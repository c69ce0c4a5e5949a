package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;

/**
 * A matrix product of which sizes and strides are open until it runs, so that a new shape does not cost a primitive of its own:
 * making one takes longer than most products. Safe from any number of threads.
 */
final class OpenCall implements AutoCloseable {
    private final OneDnn oneDnn;
    private final DnnPrimitive primitive;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();

    /**
     * @param oneDnn must outlive this
     * @throws UnsupportedException if the library has no fast kernel for it
     */
    OpenCall(OneDnn oneDnn, MatmulSpec spec, int threads) {
        this.oneDnn = oneDnn;
        OneDnnLibrary.setThreads(threads);
        primitive = spec.build(oneDnn.shared().engine()).madeFor(threads);
        if (primitive.name().startsWith("ref")) {
            primitive.retire();
            throw new UnsupportedException("oneDNN has only its reference for " + primitive.doing(), List.of());
        }
    }

    /** The argument list of one run: dnnl_exec_arg_t of {int arg; dnnl_memory_t memory}, 16 bytes each. */
    private final class Frame {
        private final int fixed = primitive.argumentCount();
        private final Arena arena = Arena.ofShared();
        private final long[] memories = new long[fixed + (primitive.scratchBytes() > 0 ? 1 : 0)];
        private final DnnLayout[] layouts = new DnnLayout[memories.length];
        private final MemorySegment list = arena.allocate(16L * memories.length, 8);

        Frame() {
            for (int i = 0; i < memories.length; i++) list.set(ValueLayout.JAVA_INT, 16L * i, i < fixed ? primitive.argument(i) : Dnn.ARG_SCRATCHPAD);
        }

        void set(int place, DnnLayout layout, long address) {
            if (!layout.equals(layouts[place])) {
                if (layouts[place] != null) OneDnnLibrary.destroy(OneDnnLibrary.Kind.MEMORY, memories[place]);
                layouts[place] = null;
                memories[place] = primitive.memory(layout);
                list.set(ValueLayout.JAVA_LONG, 16L * place + 8, memories[place]);
                layouts[place] = layout;
            }
            OneDnnLibrary.setData(memories[place], address);
        }

        void close() {
            for (int i = 0; i < memories.length; i++) if (layouts[i] != null) OneDnnLibrary.destroy(OneDnnLibrary.Kind.MEMORY, memories[i]);
            arena.close();
        }
    }

    /** How this argument must lie, as far as that is not open. */
    DnnLayout layout(int place) { return primitive.layoutAt(place); }

    String kernelName() { return primitive.name(); }

    /** @param layouts of A, B, C and the bias, if there is one; they lie at the addresses */
    void run(DnnLayout[] layouts, long[] addresses) {
        Frame frame = take();
        Lane lane = oneDnn.shared().lanes().take();
        try {
            for (int i = 0; i < frame.fixed; i++) frame.set(i, layouts[i], addresses[i]);
            long scratch = primitive.scratchBytes();
            if (scratch > 0) frame.set(frame.fixed, DnnLayout.contiguous(ScalarType.UINT8, scratch), lane.scratch(scratch).address());
            OneDnnLibrary.setThreads(primitive.threads());  // belongs to the carrier thread, and a primitive must run as it was made
            if (primitive.threads() > 1) LibraryTeam.used();
            OneDnnLibrary.check(OneDnnLibrary.execute(primitive.handle(), lane.stream(), frame.memories.length, frame.list.address()), primitive.doing());
        } finally {
            oneDnn.shared().lanes().give(lane);
            synchronized (idle) {
                idle.push(frame);
            }
        }
    }

    private Frame take() {
        synchronized (idle) {
            Frame frame = idle.poll();
            if (frame != null) return frame;
        }
        return new Frame();
    }

    /** No run may be going on. */
    @Override public void close() {
        idle.forEach(Frame::close);
        idle.clear();
        primitive.retire();
    }
}
