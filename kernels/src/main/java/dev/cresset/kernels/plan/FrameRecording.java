package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.RecordedWork;
import dev.cresset.kernels.cuda.StandIn;
import dev.cresset.kernels.cuda.driver.CudaCallException;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A frame's first run, step by step: it shows which steps look at the host – copy from it or to it – and all that lies between those is
 * then recorded. Steps that read what an operator returned in a step that was not recorded are not recorded either.
 *
 * <p>A recorded piece follows the {@link StepOrder} of its steps. Steps that take memory while they run, or work in the memory that cuBLAS
 * has for all calls, follow each other: what one of them gives back the next one may get.
 */
final class FrameRecording {
    /** A property: false to give each step to the device by itself, as measurements of what graphs bring need it. */
    private static final String GRAPHS = "cresset.cuda.graphs";

    /** Of each kind: what another thread does with the device, in libraries of its own too, may spoil one. */
    private static final int TRIES = 2;

    private final CudaStream recorder;
    private final Frame.Layout layout;
    private final Frame frame;
    private final FrameMemory memory;
    private final StandIn standIn;
    private final boolean[] looks;                          // by step
    private final Set<Integer> shares = new HashSet<>();    // steps
    private String refusal = "";

    /**
     * Steps that follow each other in the plan.
     *
     * @param work     null if they are done one by one
     * @param returned what operators returned while they were recorded
     * @param depth    how many steps of it are a chain
     */
    record Piece(int from, int to, RecordedWork work, List<Returned> returned, int depth) {
        int steps() { return to - from; }
    }

    record Returned(Buffer buffer, Tensor tensor) {}

    /** @param recorder a stream that no call uses */
    FrameRecording(CudaStream recorder, Frame.Layout layout, Frame frame, FrameMemory memory, StandIn standIn) {
        this.recorder = recorder;
        this.layout = layout;
        this.frame = frame;
        this.memory = memory;
        this.standIn = standIn;
        looks = new boolean[layout.steps().size()];
    }

    private static boolean isOn() { return Boolean.parseBoolean(System.getProperty(GRAPHS, "true")); }

    /** What the time of a plan depends on, for the keys of what is measured: where steps are given one by one, the host may be the slower one. */
    static String manner() { return isOn() ? "" : " step by step"; }

    /** Why a piece that does not look at the host could not be recorded, the last one; empty if all were. */
    String refusal() { return refusal; }

    /** @param context of the frame's scope, on the recorder @param pieces gets all steps, in order */
    void run(CallContext context, List<Piece> pieces) {
        recorder.rehearse(standIn, () -> {
            for (int i = 0; i < looks.length; i++) {
                long visits = memory.hostVisits(), uses = memory.takes() + standIn.sharedUses();
                frame.actions()[i].run(context);
                looks[i] = memory.hostVisits() != visits;
                if (memory.takes() + standIn.sharedUses() != uses) shares.add(i);
            }
        });
        if (!isOn()) Arrays.fill(looks, true);
        spread();
        context.scope().close();      // what it gave back is there for recording, which may not allocate
        memory.startRecording();
        try (Scope own = new Scope(new MemoryPool(0))) {
            record(context.withScope(own), pieces);
        } finally {
            memory.stopRecording();
        }
    }

    /** Reading what differs from run to run is as good as looking at the host. */
    private void spread() {
        Set<Buffer> moving = new HashSet<>();
        for (int i = 0; i < looks.length; i++) {
            Step s = layout.steps().get(i);
            looks[i] |= s.reads().stream().anyMatch(p -> moving.contains(p.buffer()));
            if (looks[i]) s.writes().stream().map(Place::buffer).filter(b -> b.kind() == Buffer.Kind.RETURNED).forEach(moving::add);
        }
    }

    private void record(CallContext context, List<Piece> pieces) {
        for (int from = 0, to; from < looks.length; from = to) {
            to = from + 1;
            while (to < looks.length && looks[to] == looks[from]) to++;
            Piece recorded = looks[from] ? null : piece(context, from, to);
            if (recorded == null && !looks[from]) {
                Arrays.fill(looks, from, to, true);
                spread();
            }
            pieces.add(recorded == null ? new Piece(from, to, null, List.of(), to - from) : recorded);
        }
    }

    /** Null if the driver refuses to, or something else has spoilt it: on a run without a recording nothing depends. */
    private Piece piece(CallContext context, int from, int to) {
        StepOrder order = order(from, to);
        IntConsumer step = i -> frame.actions()[from + i].run(context);
        for (int tries = TRIES; tries > 0 && !order.isChain(); tries--) {
            RecordedWork work = recorded(() -> recorder.record(standIn, order.before(), step), _ -> { });
            if (work != null) return new Piece(from, to, work, returned(from, to), order.depth());
        }
        String[] why = {""};
        for (int tries = TRIES; tries > 0; tries--) {
            RecordedWork work = recorded(() -> recorder.record(standIn, () -> IntStream.range(0, to - from).forEach(step)), w -> why[0] = w);
            if (work != null) return new Piece(from, to, work, returned(from, to), to - from);
        }
        refusal = why[0];
        return null;
    }

    private StepOrder order(int from, int to) {
        if (!layout.branches() || !CudaStream.canBranch()) return StepOrder.chain(to - from);
        Set<Integer> sharing = new HashSet<>();
        for (int i = from; i < to; i++) if (shares.contains(i)) sharing.add(i - from);
        return StepOrder.ofMemory(layout.steps().subList(from, to), sharing);
    }

    private interface Recording { RecordedWork record(); }

    private static RecordedWork recorded(Recording recording, Consumer<String> refused) {
        try {
            return recording.record();
        } catch (CudaCallException | CudaUnsupportedException e) {
            refused.accept(e.getMessage());
            return null;
        }
    }

    private List<Returned> returned(int from, int to) {
        List<Returned> out = new ArrayList<>();
        for (Step s : layout.steps().subList(from, to)) {
            for (Place p : s.writes()) {
                if (p.buffer().kind() != Buffer.Kind.RETURNED) continue;
                Tensor t = frame.tensor(p.buffer());
                t.storage().detach();
                out.add(new Returned(p.buffer(), t));
            }
        }
        return out;
    }
}
