package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Runs the steps on a device as recorded work: inputs are copied into the memory of a frame, the frame's work is launched,
 * results are copied out of it, all in the order of the call's stream.
 */
final class DeviceRunning implements Running {
    private static final int TIMED_RUNS = 21;

    private final Target.Cuda target;
    private final Catalog catalog;
    private final List<Place> inputs;
    private final List<Out> results;
    private final Frame.Layout layout;
    private final DeviceFrames frames;
    private volatile boolean warm;
    private volatile String text = "";

    /** A result: where it lies in a frame, and what is made of it. */
    private record Out(Place place, Meta meta, long bytes) {}

    DeviceRunning(Target.Cuda target, Catalog catalog, Lowering.Lowered lowered) {
        this.target = target;
        this.catalog = catalog;
        inputs = lowered.inputs();
        results = lowered.results().stream().map(p -> new Out(p, p.meta(), Place.bytes(p.meta()))).toList();
        layout = lowered.layout();
        frames = new DeviceFrames(stream -> new DeviceFrame(target, layout, stream), target.device().cache());
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        CudaStream stream = CudaCall.stream(context);
        DeviceFrame frame = frames.take(stream);
        boolean done = false;
        try {
            for (int i = 0; i < given.length; i++) {
                Buffer b = inputs.get(i).buffer();
                if (b.first >= 0) stream.copy(given[i].address(), frame.address(b), b.bytes);
            }
            frame.run(context, observer);
            Tensor[] out = new Tensor[results.size()];
            for (int i = 0; i < out.length; i++) {
                Out result = results.get(i);
                out[i] = context.empty(result.meta);
                stream.copy(frame.address(result.place), out[i].address(), result.bytes);
            }
            done = true;
            return out;
        } finally {
            if (done) gave(frame);
            else frames.drop(frame);
        }
    }

    private void gave(DeviceFrame frame) {
        if (text.isEmpty() && frame.isRecorded()) text = frame.text();
        frames.give(frame);
    }

    /** Compiles all kernels and records the work, by a run on zeros. */
    @Override public void warm() {
        if (warm) return;
        onZeros((context, zeros) -> {
            run(context, zeros, null);
            warm = true;
        });
    }

    private interface Work { void on(CallContext context, Tensor[] zeros); }

    /** Work on a stream of its own with zeros for inputs, and waits for it. */
    private void onZeros(Work work) {
        CudaStream stream = target.device().lease();
        FrameMemory memory = new FrameMemory(stream);     // no call's: a program may be closed meanwhile
        try (Scope scope = new Scope(new MemoryPool(0))) {
            CallContext context = new CallContext(catalog, scope, new Generator(0), new PrintStream(OutputStream.nullOutputStream()), 1, false)
                .warningsTo(_ -> { }).on(target.call(stream, memory));
            Tensor[] zeros = inputs.stream().map(p -> zeros(context, stream, p)).toArray(Tensor[]::new);
            work.on(context, zeros);
            stream.discardFindings();
        } finally {
            stream.settle();
            memory.close();
            target.device().giveBack(stream);
        }
    }

    /** What a plan of a graph is measured for, in a text that is the same in each process. @param what is chosen */
    static String measured(String what, Graph graph, Target.Cuda target) {
        return what + FrameRecording.manner() + " at precision " + target.precision() + " of " + GraphPrinter.print(GraphForPeople.of(graph));
    }

    /** How long a run of a plan takes on the device, on zeros. Infinity if it cannot be done. */
    static double milliseconds(Lowering.Lowered plan, Workshop workshop) {
        DeviceRunning running = new DeviceRunning((Target.Cuda) workshop.target(), workshop.catalog(), plan);
        double[] out = {0};
        try {
            running.onZeros((context, zeros) -> out[0] = workshop.choices().time(CudaCall.stream(context), () -> running.run(context, zeros, null)));
        } finally {
            running.close();
        }
        return out[0];
    }

    /** The same of a plan that is made to be measured. */
    static double milliseconds(Graph graph, Workshop workshop, Form form) {
        Lowering.Lowered tried = Lowering.lower(graph, workshop, form);
        try {
            return milliseconds(tried, workshop);
        } finally {
            tried.layout().holdings().close();
        }
    }

    /** Runs each step by itself, on what a run on zeros leaves it. */
    @Override public List<StepReport> reports() {
        List<StepReport> out = new ArrayList<>();
        onZeros((context, zeros) -> {
            run(context, zeros, null);
            CudaStream stream = CudaCall.stream(context);
            DeviceFrame frame = frames.take(stream);
            try {
                frame.each(context, (step, run) -> out.add(report(step, stream, run)));
            } finally {
                frames.drop(frame);
            }
        });
        return out;
    }

    private static StepReport report(Step step, CudaStream stream, Runnable run) {
        List<KernelSource> kernels = new ArrayList<>();
        stream.watchLaunches(kernels::add);
        try {
            run.run();
        } finally {
            stream.watchLaunches(_ -> { });
        }
        double[] times = IntStream.range(0, TIMED_RUNS).mapToDouble(_ -> stream.milliseconds(run)).sorted().toArray();
        Set<Place> places = new HashSet<>(step.reads());
        places.addAll(step.writes());
        long bytes = step.constantBytes() + places.stream().mapToLong(Place::footprint).sum();
        return new StepReport(step.label(), kernels, bytes, times[TIMED_RUNS / 2]);
    }

    private static Tensor zeros(CallContext context, CudaStream stream, Place p) {
        Tensor t = context.empty(p.meta());
        stream.fill(t.address(), Place.bytes(p.meta()));
        return t;
    }

    @Override public boolean isWarm() { return warm; }

    @Override public long bytes() { return frames.bytes(); }

    @Override public String text() { return text; }

    @Override public void close() { frames.close(); }
}
