package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fusion groups for any sizes on the emulated device. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class DeviceGroupTest {
    private static final String CACHE = "cresset.cuda.cache";

    @TempDir private Path folder;
    private final Trace t = new Trace(31);
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final List<String> labels = new ArrayList<>();

    @AfterEach void clear() { System.clearProperty(CACHE); }

    private interface Work { void with(SymbolicPart part, CallContext context); }

    /** Has the one group that a result comes from run on the device; nothing may be left there. */
    private void onDevice(Value result, Predicate<Runnable> background, Work work) {
        CudaDevice device = CudaDevice.open(0);
        try {
            CudaStream stream = device.lease();
            Target target = new Target.Cuda(device, new CpuFallback(), new CpuFallback(), Precision.FP32);
            try (SymbolicCode code = new SymbolicCode(Trace.OPS, target, background); Scope scope = new Scope(new MemoryPool(0))) {
                CallContext context = new CallContext(Trace.OPS, scope, new Generator(0), System.out, 1, false)
                    .on(stream.call(new CpuFallback(), new CpuFallback()));
                work.with(code.part(group(result)), context);
            }
            assertEquals(0, device.statistics().liveBlocks(), "blocks left");
            device.giveBack(stream);
        } finally {
            device.close();
        }
    }

    private Node group(Value result) {
        Graph fused = new FuseGroups().form(t.graph(result)).graph();
        List<Node> groups = fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).toList();
        assertEquals(1, groups.size(), fused.toString());
        return groups.getFirst();
    }

    private Value softmax() {
        Value x = t.input(4, 8);
        return t.op("add.Tensor", t.op("softmax.int", t.op("mul.Tensor", x, t.input(8)), 1), x, 1);
    }

    /** Runs the group, compares with its operators on the host, and returns how it was run. */
    private String run(SymbolicPart part, CallContext context, Tensor... given) {
        labels.clear();
        Tensor[] there = Arrays.stream(given).map(x -> context.place(x, context.device())).toArray(Tensor[]::new);
        return compared(part, context, there);
    }

    private String compared(SymbolicPart part, CallContext context, Tensor... there) {
        Tensor got = part.run(context, there, (label, _, _) -> labels.add(label))[0];
        Tensor[] here = Arrays.stream(there).map(Tensor::cpu).toArray(Tensor[]::new);
        Tensor want = Trace.run(part.graph(), Trace.context(t.pool, 1), here)[0];
        assertArrayEquals(want.sizes(), got.sizes());
        assertArrayEquals(want.cpu().toFloatArray(), got.cpu().toFloatArray(), 1e-5f);
        return labels.getLast();
    }

    @Test void oneGroupServesManySizes() {
        onDevice(softmax(), null, (part, context) -> {
            for (int rows = 1; rows < 5; rows++) {
                for (int columns : new int[] {1, 7, 8, 33}) {
                    assertEquals("fused mul softmax add", run(part, context, t.random(rows, columns), t.random(columns)));
                }
            }
            long compiled = CudaEmulation.get("compilations");
            for (int rows = 5; rows < 9; rows++) run(part, context, t.random(rows, 9 * rows), t.random(9 * rows));
            assertEquals(compiled, CudaEmulation.get("compilations"), "sizes are arguments");
        });
    }

    @Test void inputsThatLieAnywhere() {
        onDevice(softmax(), null, (part, context) -> {
            Tensor all = context.place(t.random(97), context.device());
            Tensor odd = all.view(new long[] {5, 8}, new long[] {8, 1}, 1), across = all.view(new long[] {5, 8}, new long[] {1, 7}, 2);
            Tensor row = all.view(new long[] {8}, new long[] {0}, 3);
            for (Tensor x : List.of(odd, across)) assertEquals("fused mul softmax add", compared(part, context, x, row));
        });
    }

    @Test void noElements() {
        onDevice(softmax(), null, (part, context) -> run(part, context, Tensor.of(new float[0], 0, 3), t.random(3)));
    }

    @Test void aCallDoesNotWaitForTheCompiler() {
        System.setProperty(CACHE, folder.toString());
        onDevice(softmax(), later::add, (part, context) -> {
            Tensor x = t.random(4, 8), y = t.random(8);
            assertFalse(part.isWarm());
            assertEquals("fused mul softmax add (one by one)", run(part, context, x, y));
            long compiled = CudaEmulation.get("compilations");
            assertEquals("fused mul softmax add (one by one)", run(part, context, x, y));
            assertEquals(compiled, CudaEmulation.get("compilations"));
            assertEquals(1, later.size(), "asked for once");
            later.poll().run();
            assertEquals(compiled + 1, CudaEmulation.get("compilations"));
            assertEquals("fused mul softmax add", run(part, context, x, y));
            assertEquals("fused mul softmax add", run(part, context, t.random(3, 16), t.random(16)), "its kernel serves other sizes");
            assertTrue(part.isWarm());
            assertEquals(0, later.size());
        });
    }

    @Test void whatTheCompilerRefusesRunsOneByOne() {
        System.setProperty(CACHE, folder.toString());
        onDevice(softmax(), later::add, (part, context) -> {
            Tensor x = t.random(4, 8), y = t.random(8);
            run(part, context, x, y);
            CudaEmulation.set("fail_compile", 1);
            assertThrows(KernelCompileException.class, part::warm, "whoever makes the plan is told");
            CudaEmulation.set("fail_compile", 1);
            later.poll().run();
            CudaEmulation.set("fail_compile", 0);
            assertTrue(part.isRefused());
            assertEquals("fused mul softmax add (one by one)", run(part, context, x, y));
            assertTrue(part.kernelText().contains("one by one: the compiler refuses it"), part.kernelText());
            assertEquals(0, later.size());
        });
    }

    @Test void numbersOnTheHost() {
        Value x = t.input(4, 8);
        onDevice(t.op("sigmoid", t.op("mul.Tensor", x, t.input())), null, (part, context) -> {
            Tensor given = context.place(t.random(4, 8), context.device());
            Tensor got = part.run(context, new Tensor[] {given, Tensor.of(new float[] {0.5f})}, (label, _, _) -> labels.add(label))[0];
            assertEquals("fused mul sigmoid (one by one)", labels.getLast());
            assertTrue(got.device().isCuda());
        });
    }
}
