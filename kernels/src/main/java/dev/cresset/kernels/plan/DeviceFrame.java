package dev.cresset.kernels.plan;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.StandIn;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.plan.FrameRecording.Piece;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one run at a time on a device, inputs and results of the plan included, and the plan's steps as recorded work.
 *
 * <p>The first run is step by step, and what can be is then recorded ({@link FrameRecording}), on a stream of its own, see {@link
 * dev.cresset.kernels.cuda.CudaDevice#leaseRecorder}. A later run is one launch for each recorded piece.
 */
final class DeviceFrame implements AutoCloseable {
    private final Target.Cuda target;
    private final Frame.Layout layout;
    private final FrameMemory memory;
    private final StandIn standIn;
    private final Frame frame;
    private final Scope scope = new Scope(new MemoryPool(0));
    private final List<Piece> pieces = new ArrayList<>();
    private CudaStream last;
    private boolean allRecorded;
    private volatile long recordedBytes;
    private String refusal = "";
    /** When it was last used, in runs of the plan, and by the clock of the device's cache; for who keeps it. */
    long lastRun, lastUse;

    /** @param stream of the run that needs it */
    DeviceFrame(Target.Cuda target, Frame.Layout layout, CudaStream stream) {
        this.target = target;
        this.layout = layout;
        this.last = stream;
        memory = new FrameMemory(stream);
        standIn = new StandIn(stream);
        try {
            frame = new Frame(layout, new DeviceBlock(layout.blockBytes()));
            for (Buffer b : layout.buffers()) if (b.kind() == Buffer.Kind.INPUT || b.kind() == Buffer.Kind.RESULT) provide(b);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private void provide(Buffer b) {
        Storage own = part(memory.take(b.bytes).address(), b.bytes);
        frame.set(b, new Tensor(own, ScalarType.UINT8, 0, new long[] {b.bytes}, new long[] {1}));
    }

    private Storage part(long address, long bytes) { return Storage.within(memory, address, bytes); }

    /** The memory of the frame's block; it goes back with all of the frame's. */
    private final class DeviceBlock implements Frame.Block {
        private final MemorySegment all;

        DeviceBlock(long bytes) { all = memory.take(bytes); }

        @Override public Storage part(long offset, long bytes) { return DeviceFrame.this.part(all.address() + offset, bytes); }

        @Override public void close() { }
    }

    /** Makes work of this stream come after the run before. */
    void enter(CudaStream stream) {
        if (last != stream) stream.waitFor(last);
        last = stream;
        memory.use(stream);
    }

    CudaStream last() { return last; }

    long address(Buffer b) { return frame.address(b); }

    /** Where a result lies after a run. */
    long address(Place p) { return frame.address(p); }

    /** Of memory on the device, recorded work among it. May be asked from any thread. */
    long bytes() { return memory.bytes() + standIn.bytes() + recordedBytes; }

    /** Gives a run to the stream that was {@link #enter}ed. @param observer is told of each step, or null */
    void run(CallContext context, StepObserver observer) {
        if (observer == null && isRecorded() && allRecorded) {
            launchAll();
            return;
        }
        CallContext own = own(context);
        try {
            if (observer != null) watched(own, observer);
            else if (isRecorded()) again(own);
            else first(own);
        } finally {
            scope.close();
        }
    }

    private CallContext own(CallContext context) { return own(context, last); }

    private CallContext own(CallContext context, CudaStream stream) {
        return context.withScope(scope).on(target.call(stream, memory));
    }

    /** The usual case: nothing is made on the way. */
    private void launchAll() {
        for (int i = 0; i < pieces.size(); i++) launch(pieces.get(i));
        last.takeOver(standIn);
    }

    private void launch(Piece p) {
        last.launch(p.work());
        for (int i = 0; i < p.returned().size(); i++) frame.set(p.returned().get(i).buffer(), p.returned().get(i).tensor());
    }

    // ---- the first run

    private void first(CallContext context) {
        CudaStream recorder = target.device().leaseRecorder();
        try {
            recorder.waitFor(last);
            memory.use(recorder);
            try {
                record(own(context, recorder), recorder);
                recorder.discardFindings();     // what is computed now is computed again
            } finally {
                memory.use(last);
                if (!target.device().isLost()) last.waitFor(recorder);
            }
        } finally {
            target.device().giveBackRecorder(recorder);
        }
        again(context);     // what recorded operators return lies elsewhere than what was computed now
    }

    private void record(CallContext context, CudaStream recorder) {
        FrameRecording recording = new FrameRecording(recorder, layout, frame, memory, standIn);
        recording.run(context, pieces);
        refusal = recording.refusal();
        allRecorded = pieces.stream().allMatch(p -> p.work() != null);
        recordedBytes = pieces.stream().filter(p -> p.work() != null).mapToLong(p -> p.work().bytes()).sum();
    }

    // ---- later runs

    private void again(CallContext context) {
        for (Piece p : pieces) {
            if (p.work() == null) runSteps(context, p.from(), p.to());
            else launch(p);
        }
        last.takeOver(standIn);
    }

    private void runSteps(CallContext context, int from, int to) {
        for (int i = from; i < to; i++) frame.actions()[i].run(context);
    }

    /** One by one, each waited for. */
    private void watched(CallContext context, StepObserver observer) {
        oneByOne(context, (step, run) -> {
            long start = System.nanoTime();
            run.run();
            last.synchronize();
            observer.ran(step.label(), start, System.nanoTime());
        });
    }

    private void oneByOne(CallContext context, StepWork around) {
        for (int i = 0; i < layout.steps().size(); i++) {
            Step.Action action = frame.actions()[i];
            around.with(layout.steps().get(i), () -> action.run(context));
        }
    }

    /** Gives the steps to the stream that was {@link #enter}ed, one by one. @param around is given each with what runs it, once or more often */
    void each(CallContext context, StepWork around) {
        try {
            oneByOne(own(context), around);
        } finally {
            scope.close();
        }
    }

    interface StepWork { void with(Step step, Runnable run); }

    /** Whether runs are recorded by now. */
    boolean isRecorded() { return !pieces.isEmpty() || layout.steps().isEmpty(); }

    /** How many launches a run takes, how many kernels, copies and fills they are, and how many of their steps follow each other. */
    String text() {
        List<Piece> recorded = pieces.stream().filter(p -> p.work() != null).toList();
        long work = recorded.stream().mapToLong(p -> p.work().size()).sum(), alone = pieces.stream().filter(p -> p.work() == null).mapToLong(Piece::steps).sum();
        int steps = recorded.stream().mapToInt(Piece::steps).sum(), depth = recorded.stream().mapToInt(Piece::depth).sum();
        return recorded.size() + (recorded.size() == 1 ? " graph with " : " graphs with ") + work + (work == 1 ? " node" : " nodes")
            + (depth == steps ? "" : " in branches, " + depth + " of " + steps + " steps one after the other")
            + (alone == 0 ? "" : ", and " + alone + (alone == 1 ? " step" : " steps")
                + (refusal.isEmpty() ? " that the host takes part in" : " that the host takes part in or that could not be recorded: " + refusal));
    }

    /** Waits for its last run. */
    @Override public void close() {
        last.settle();
        for (Piece p : pieces) if (p.work() != null) p.work().close();
        frame.close();
        standIn.close();
        memory.close();
    }
}
