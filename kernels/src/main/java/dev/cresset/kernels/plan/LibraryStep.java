package dev.cresset.kernels.plan;

import dev.cresset.kernels.cpu.onednn.DnnMemory;
import dev.cresset.kernels.cpu.onednn.PreparedCall;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A call of oneDNN whose primitive, packed weights and places are fixed: a run hands it to the library and nothing else. */
final class LibraryStep implements Step {
    private final String what;
    private final PreparedCall call;
    private final List<Slot> slots;
    private final int written;
    private final Buffer scratch;
    private final long constantBytes;

    /** An argument of the call: memory of the run, or constant memory. */
    private record Slot(Place place, MemorySegment constant) {}

    private LibraryStep(Builder b) {
        what = b.what;
        call = b.call;
        slots = List.copyOf(b.slots);
        written = b.written;
        scratch = b.scratch;
        constantBytes = b.constantBytes;
    }

    /** Collects the arguments in the order of their places in the call. */
    static final class Builder {
        private final String what;
        private final PreparedCall call;
        private final List<Slot> slots = new ArrayList<>();
        private int written = -1;
        private Buffer scratch;
        private long constantBytes;

        Builder(String what, PreparedCall call) {
            this.what = what;
            this.call = call;
        }

        Builder read(Place p) {
            slots.add(new Slot(p, null));
            return this;
        }

        Builder write(Place p) {
            written = slots.size();
            return read(p);
        }

        Builder constant(DnnMemory m) {
            slots.add(new Slot(null, m.segment()));
            constantBytes += m.layout().byteSize();
            return this;
        }

        LibraryStep build(Memory memory) {
            if (slots.size() != call.argumentCount()) throw new IllegalStateException(what + " takes " + call.argumentCount() + " tensors, got " + slots.size());
            if (call.scratchBytes() > 0) scratch = memory.scratch(call.scratchBytes());
            return new LibraryStep(this);
        }
    }

    @Override public List<Place> reads() {
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) if (i != written && slots.get(i).place != null) out.add(slots.get(i).place);
        return out;
    }

    @Override public List<Place> writes() { return List.of(slots.get(written).place); }

    @Override public long constantBytes() { return constantBytes; }

    @Override public List<Buffer> works() { return scratch == null ? List.of() : List.of(scratch); }

    @Override public Action bind(Frame frame) {
        PreparedCall.Bound bound = call.bind(frame.stream());
        List<Integer> moving = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            Slot s = slots.get(i);
            if (s.place == null) bound.set(i, s.constant.address());
            else if (s.place.buffer().isFixed()) bound.set(i, frame.address(s.place));
            else moving.add(i);
        }
        if (scratch != null) bound.set(slots.size(), frame.address(scratch));
        return new Run(frame, bound, moving.stream().mapToInt(i -> i).toArray(), moving.stream().map(i -> slots.get(i).place).toArray(Place[]::new));
    }

    /** In one frame; {@code moving} arguments differ from run to run. */
    private record Run(Frame frame, PreparedCall.Bound bound, int[] moving, Place[] places) implements Action {
        @Override public void run(dev.cresset.kernels.op.CallContext context) {
            for (int i = 0; i < moving.length; i++) bound.set(moving[i], frame.address(places[i]));
            bound.run();
        }

        @Override public void close() { bound.close(); }
    }

    @Override public String label() { return what; }

    @Override public String text() {
        return what + " " + reads() + " -> " + writes().getFirst() + " by " + call.kernelName() + ", threads " + call.threads()
            + (constantBytes > 0 ? ", constants " + constantBytes + " bytes" : "") + (scratch == null ? "" : ", scratch " + scratch.bytes + " bytes");
    }
}
