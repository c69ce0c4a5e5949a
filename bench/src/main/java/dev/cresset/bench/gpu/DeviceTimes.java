package dev.cresset.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.subject.FloatArray;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.StepReport;
import dev.cresset.runtime.executor.FunctionExecutor;
import dev.cresset.runtime.executor.PhaseText;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times one model on a CUDA device and prints a JSON object for each way of running it: unoptimised, with plans, with plans as
 * graphs. Inputs lie on the device; a time is that of a call until the device has done it. Part of the GPU acceptance.
 *
 * <p>Arguments: FOLDER with {@code model.pt} and inputs, the LABEL of the inputs, SECONDS of steady state, the PRECISION, and labels
 * of other shapes. {@code LABEL.out.npy} is what is expected. In 16 bits the inputs lie there in 16 bits.
 */
public final class DeviceTimes {
    private static final int FIRST_CALLS = 5, NEW_SHAPE_CALLS = 4, MOST_CALLS = 2000, WARM_CALLS = 20;

    private final Path folder;
    private final String label;
    private final double seconds;
    private final Precision precision;
    private final List<String> others;

    private DeviceTimes(Path folder, String label, double seconds, Precision precision, List<String> others) {
        this.precision = precision;
        this.folder = folder;
        this.label = label;
        this.seconds = seconds;
        this.others = others;
    }

    /** A way of running a program. */
    private enum Way {
        UNOPTIMISED(ExecutionMode.INTERPRET, true), FUSED(ExecutionMode.DEFAULT, false), GRAPHS(ExecutionMode.DEFAULT, true);

        final ExecutionMode mode;
        final boolean graphs;

        Way(ExecutionMode mode, boolean graphs) {
            this.mode = mode;
            this.graphs = graphs;
        }
    }

    public static void main(String[] a) throws IOException {
        if (a.length < 4) throw new IllegalArgumentException("usage: DeviceTimes FOLDER LABEL SECONDS PRECISION [LABEL OF ANOTHER SHAPE ...]");
        DeviceTimes times = new DeviceTimes(Path.of(a[0]), a[1], Double.parseDouble(a[2]), Precision.named(a[3]).orElseThrow(), Arrays.asList(a).subList(4, a.length));
        for (Way way : Way.values()) System.out.println(times.measure(way));
    }

    private ObjectNode measure(Way way) throws IOException {
        ObjectNode row = new ObjectMapper().createObjectNode().put("model", folder.getFileName().toString()).put("label", label)
            .put("precision", precision.toString()).put("engine", "cresset").put("mode", way.name().toLowerCase(java.util.Locale.ROOT));
        System.setProperty("cresset.cuda.graphs", Boolean.toString(way.graphs));
        try (Engine engine = Engine.builder().device("cuda").cpuFallback(true).precision(precision).mode(way.mode).build()) {
            long start = System.nanoTime();
            try (Program program = engine.load(folder.resolve("model.pt")); ScriptModule module = program.instantiate()) {
                row.put("load_ms", millis(start));
                calls(way, engine, program, module, row);
                row.put("on_the_cpu", engine.cpuFallbacks().size());
            }
        } catch (CressetException e) {
            row.put("error", e.toString());
        }
        return row;
    }

    private void calls(Way way, Engine engine, Program program, ScriptModule module, ObjectNode row) throws IOException {
        Object[] inputs = inputs(engine, label);
        ArrayNode first = row.putArray("first_ms");
        for (int i = 0; i < FIRST_CALLS; i++) first.add(once(engine, module, inputs));
        module.warmup("forward", inputs);
        long end = System.nanoTime() + nanos();
        for (int i = 0; i < WARM_CALLS && System.nanoTime() < end; i++) once(engine, module, inputs);
        steady(engine, module, inputs, row);
        if (way == Way.GRAPHS) steps(program, row);
        row.put("error_of_largest", distance(module, inputs));
        ArrayNode shapes = row.putArray("new_shape_ms");
        for (String other : others) {
            Object[] more = inputs(engine, other);
            for (int i = 0; i < NEW_SHAPE_CALLS; i++) shapes.add(once(engine, module, more));
            close(more);
        }
        close(inputs);
    }

    private void steady(Engine engine, ScriptModule module, Object[] inputs, ObjectNode row) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] times = new double[MOST_CALLS];
        int calls = 0;
        long heap = threads.getCurrentThreadAllocatedBytes(), allocations = engine.deviceMemory().allocations(), end = System.nanoTime() + nanos();
        while (calls == 0 || System.nanoTime() < end && calls < MOST_CALLS) times[calls++] = once(engine, module, inputs);
        heap = threads.getCurrentThreadAllocatedBytes() - heap;
        Arrays.sort(times, 0, calls);
        row.put("wall_ms", times[calls / 2]).put("p90_ms", times[calls * 9 / 10]).put("calls", calls)
            .put("heap_bytes_per_call", heap / calls).put("device_allocations", engine.deviceMemory().allocations() - allocations);
    }

    /** What the steps of the plan move and how long they take on the device, each by itself, and how fast the device copies. */
    private static void steps(Program program, ObjectNode row) throws IOException {
        FunctionExecutor forward = program.executor().of(program.loaded().mainClass().method("forward").orElseThrow());
        try (CudaDevice device = CudaDevice.open(0)) {
            List<StepReport> steps = new ArrayList<>();
            for (StaticPlan p : new PhaseText(forward, new GraphPrinter(false, ValueText.NONE)).plans()) steps.addAll(p.reports());
            row.put("steps", steps.size()).put("step_bytes", steps.stream().mapToLong(StepReport::bytes).sum())
                .put("step_ms", steps.stream().mapToDouble(StepReport::milliseconds).sum()).put("copy_gb_per_s", device.copyBandwidth() / 1e9);
        } catch (CressetException e) {
            row.put("no_steps", e.getMessage());
        }
    }

    private long nanos() { return (long) (seconds * 1e9); }

    private static double once(Engine engine, ScriptModule module, Object[] inputs) {
        long start = System.nanoTime();
        try (Result r = module.forward(inputs)) {
            engine.synchronize();
            return millis(start);
        }
    }

    private static double millis(long since) { return Math.round((System.nanoTime() - since) / 1e2) / 1e4; }

    private Object[] inputs(Engine engine, String of) throws IOException {
        List<Object> all = new ArrayList<>();
        for (FloatArray a : FloatArray.inputs(folder, of)) all.add(engine.toDevice(tensor(a)));
        return all.toArray();
    }

    private Tensor tensor(FloatArray a) {
        if (precision.narrow() == null) return Tensor.of(a.data(), a.shape());
        Tensor t = Tensor.zeros(precision.narrow(), a.shape());
        for (int i = 0; i < a.data().length; i++) Elements.setDouble(t.data(), t.dtype(), i, a.data()[i]);
        return t;
    }

    private static void close(Object[] inputs) { for (Object o : inputs) ((Tensor) o).close(); }

    private double distance(ScriptModule module, Object[] inputs) throws IOException {
        try (Result r = module.forward(inputs)) {
            Tensor t = r.tensor();
            return new FloatArray(t.toFloatArray(), t.sizes()).distance(FloatArray.read(folder.resolve(label + ".out.npy")));
        }
    }
}
