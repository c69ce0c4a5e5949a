package dev.cresset.kernels.plan;

import dev.cresset.kernels.cpu.onednn.DnnStream;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** The memory of one run at a time, and the plan's steps bound to it. Used by one thread at a time. */
final class Frame implements AutoCloseable {
    private final Block block;
    private final Layout layout;
    private final long[] addresses;
    private final Storage[] storages;
    /** Of buffers that differ from run to run: the tensor that begins where the buffer begins. */
    private final Tensor[] tensors;
    private final Step.Action[] actions;
    private DnnStream stream;

    /**
     * What all frames of a plan have in common.
     *
     * @param constants by buffer index, null for other buffers
     * @param branches  whether some of its steps may run at once
     */
    record Layout(List<Buffer> buffers, Tensor[] constants, long blockBytes, List<Step> steps, boolean branches, Holdings holdings) {}

    /** The memory of a frame. */
    interface Block extends AutoCloseable {
        /** A part of it, from a place on, in bytes. */
        Storage part(long offset, long bytes);

        @Override void close();
    }

    /** @param block as large as the layout says; closed with the frame */
    Frame(Layout layout, Block block) {
        this.layout = layout;
        this.block = block;
        int n = layout.buffers.size();
        addresses = new long[n];
        storages = new Storage[n];
        tensors = new Tensor[n];
        for (Buffer b : layout.buffers) {
            switch (b.kind()) {
                case CONSTANT -> set(b, layout.constants[b.index]);
                case INTERNAL -> {
                    Storage part = block.part(b.first < 0 ? 0 : b.offset, b.first < 0 ? 0 : b.bytes);
                    storages[b.index] = part;
                    addresses[b.index] = address(part);
                }
                case INPUT, RESULT, RETURNED -> { }
            }
        }
        actions = new Step.Action[layout.steps.size()];
        for (int i = 0; i < actions.length; i++) actions[i] = layout.steps.get(i).bind(this);
    }

    long blockBytes() { return layout.blockBytes; }

    /** Gives a buffer the memory of this tensor, from its first element on. */
    void set(Buffer b, Tensor t) {
        tensors[b.index] = t;
        storages[b.index] = t.storage();
        addresses[b.index] = address(t.storage()) + t.byteOffset();
    }

    private static long address(Storage s) { return s.isOnDevice() ? s.address() : s.data().address(); }

    /** What {@link #set} gave a buffer. */
    Tensor tensor(Buffer b) { return tensors[b.index]; }

    long address(Place p) { return addresses[p.buffer().index] + p.byteOffset(); }

    long address(Buffer b) { return addresses[b.index]; }

    /** Where the frame's calls of oneDNN run. */
    DnnStream stream() {
        if (stream == null) stream = layout.holdings.oneDnn().stream();
        return stream;
    }

    /** The tensor at a place. */
    Tensor tensor(Place p) {
        int i = p.buffer().index;
        long base = tensors[i] == null ? 0 : tensors[i].byteOffset() / p.type().byteSize();
        return new Tensor(storages[i], p.type(), base + p.offset(), p.sizes(), p.strides());
    }

    Step.Action[] actions() { return actions; }

    /** @param observer is told of each step, or null */
    void run(CallContext context, StepObserver observer) {
        if (observer != null) {
            watched(context, observer);
            return;
        }
        for (Step.Action a : actions) a.run(context);
    }

    private void watched(CallContext context, StepObserver observer) {
        for (int i = 0; i < actions.length; i++) {
            long start = System.nanoTime();
            actions[i].run(context);
            observer.ran(layout.steps.get(i).label(), start, System.nanoTime());
        }
    }

    /** Lets go of what belongs to the run that has ended. */
    void clear() {
        for (Buffer b : layout.buffers) {
            if (b.isFixed()) continue;
            tensors[b.index] = null;
            storages[b.index] = null;
        }
    }

    @Override public void close() {
        for (Step.Action a : actions) a.close();
        if (stream != null) stream.close();
        block.close();
    }
}
