package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Compares plans on the emulated device with their subgraphs run operator by operator on the host. */
final class OnDevice implements AutoCloseable {
    final CudaDevice device;
    final CudaStream one, other;
    final Target.Cuda target;
    private final List<Storage> constants = new ArrayList<>();

    OnDevice() { this(Precision.FP32); }

    OnDevice(Precision precision) { this(CudaDevice.open(0), precision); }

    /** @param device closed with this */
    OnDevice(CudaDevice device, Precision precision) {
        this.device = device;
        one = device.lease();
        other = device.lease();
        target = new Target.Cuda(device, new CpuFallback(), new CpuFallback(), precision);
    }

    /** Choices by times that a test gives, for all that is measured, one after the other. @param device what is remembered is remembered of */
    static MeasuredChoices measuring(Path folder, String device, DoubleSupplier times) {
        return new MeasuredChoices(folder, device, (_, work) -> {
            work.run();
            return times.getAsDouble();
        });
    }

    /** Compiles, runs on two streams with two sets of inputs, compares with the host; returns the plan's text. */
    String check(Trace trace, double tolerance, Value... outputs) { return check(device.choices(), trace, tolerance, outputs); }

    /** As the other. @param choices what is measured */
    String check(MeasuredChoices choices, Trace trace, double tolerance, Value... outputs) {
        Graph graph = trace.graph(outputs);
        Tensor[][] inputs = {trace.inputs(), changed(trace.inputs())};
        try (Scope scope = new Scope(trace.pool); StaticPlan plan = StaticPlan.compile(moved(graph), Trace.OPS, target, choices)) {
            CallContext host = new CallContext(Trace.OPS, scope, new Generator(0), System.out, 2, false);
            try {
                for (int run = 0; run < 6; run++) {
                    Tensor[] given = inputs[run % 2], want = Trace.run(graph, host, given), got = run(plan, run / 3 == 0 ? one : other, given);
                    for (int i = 0; i < want.length; i++) same(want[i], got[i], tolerance);
                }
                return plan.text();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + GraphPrinter.print(graph) + "\n" + plan.text(), e);
            }
        }
    }

    /** What a plan gives for a trace's inputs, in its second run. */
    Tensor[] results(Trace trace, Value... outputs) {
        try (StaticPlan plan = compile(trace, outputs)) {
            run(plan, one, trace.inputs());
            return run(plan, one, trace.inputs());
        }
    }

    /** The plan for the device. */
    StaticPlan compile(Trace trace, Value... outputs) { return StaticPlan.compile(moved(trace.graph(outputs)), Trace.OPS, target, device.choices()); }

    /** Runs a plan and compares with the host. */
    void check(StaticPlan plan, Trace trace, double tolerance, Value... outputs) {
        try (Scope scope = new Scope(trace.pool)) {
            Tensor[] want = Trace.run(trace.graph(outputs), new CallContext(Trace.OPS, scope, new Generator(0), System.out, 2, false), trace.inputs());
            Tensor[] got = run(plan, one, trace.inputs());
            for (int i = 0; i < want.length; i++) same(want[i], got[i], tolerance);
        }
    }

    /** The steps of the plan for the device. */
    List<Step> steps(Trace trace, Value... outputs) {
        try (StaticPlan plan = compile(trace, outputs)) {
            return plan.layout().steps();
        }
    }

    /** What the plan for the device consists of. */
    PlanSummary summary(Trace trace, Value... outputs) {
        try (StaticPlan plan = StaticPlan.compile(moved(trace.graph(outputs)), Trace.OPS, target, device.choices())) {
            return plan.summary();
        }
    }

    /** The results, brought to the host. */
    private Tensor[] run(StaticPlan plan, CudaStream stream, Tensor[] given) {
        try (Scope scope = new Scope(new MemoryPool(0))) {
            CallContext context = context(scope, stream);
            Tensor[] there = Arrays.stream(given).map(t -> context.place(t, device.device())).toArray(Tensor[]::new);
            Tensor[] results = plan.run(context, there);
            stream.raise();
            return Arrays.stream(results).map(Tensor::cpu).toArray(Tensor[]::new);
        }
    }

    private CallContext context(Scope scope, CudaStream stream) {
        return new CallContext(Trace.OPS, scope, new Generator(0), System.out, 1, false).on(target.call(stream, stream));
    }

    private static void same(Tensor want, Tensor got, double tolerance) {
        assertEquals(want.type(), got.type());
        double[] w = want.toDoubleArray(), g = got.toDoubleArray();
        for (int i = 0; i < w.length; i++) {
            boolean equal = Double.doubleToLongBits(w[i]) == Double.doubleToLongBits(g[i]) || Math.abs(w[i] - g[i]) <= tolerance * (1 + Math.abs(w[i]));
            assertTrue(equal, "element " + i + " of " + w.length + ": expected " + w[i] + ", got " + g[i]);
        }
    }

    /** Floats negated, all else as it is. */
    private static Tensor[] changed(Tensor[] inputs) {
        return Arrays.stream(inputs).map(t -> {
            if (t.dtype() != dev.cresset.ir.type.ScalarType.FLOAT32) return t;
            float[] v = t.toFloatArray();
            for (int i = 0; i < v.length; i++) v[i] = -v[i];
            return Tensor.of(v, t.sizes());
        }).toArray(Tensor[]::new);
    }

    /** The subgraph with its tensors and constants on the device. */
    private Graph moved(Graph g) {
        Map<Value, Value> values = new IdentityHashMap<>();
        try (Scope scope = new Scope(new MemoryPool(0))) {
            CallContext context = context(scope, one);
            List<Node> nodes = new ArrayList<>();
            List<Value> inputs = g.inputs().stream().map(v -> moved(v, values)).toList();
            for (Node n : g.nodes()) {
                List<Value> out = n.outputs().stream().map(v -> moved(v, values)).toList();
                nodes.add(n.is(Kinds.CONSTANT) && n.attribute("value") instanceof Tensor t ? Node.constant(moved(t, context), out.getFirst(), n.location())
                    : n.withInputs(n.inputs().stream().map(values::get).toList()).withOutputs(out));
            }
            one.synchronize();
            return new Graph(new Block(inputs, nodes, g.outputs().stream().map(values::get).toList()));
        }
    }

    private Value moved(Value v, Map<Value, Value> values) {
        return values.computeIfAbsent(v, _ -> new Value(v.type() instanceof TensorType t && t.isComplete()
            ? TensorType.of(t.dtype(), device.device(), longs(t.sizes()), longs(t.strides()), false) : v.type()));
    }

    private static long[] longs(List<Long> v) { return v.stream().mapToLong(Long::longValue).toArray(); }

    private Tensor moved(Tensor t, CallContext context) {
        Tensor there = context.place(t, device.device());
        constants.add(there.storage().asConstant());
        return there;
    }

    /** Nothing may be left on the device. */
    @Override public void close() {
        device.synchronize();
        constants.forEach(Storage::giveBackConstant);
        assertArrayEquals(new long[] {0, 0}, new long[] {device.statistics().liveBytes(), device.statistics().liveBlocks()}, "bytes and blocks left");
        device.giveBack(one);
        device.giveBack(other);
        device.close();
    }
}
