package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Recurrent layers by cuDNN against the same on the host, and where their packed weights live. */
@EmulatedCuda
class CudaRecurrentTest extends BesideTheHost {
    private static final Tensor SIZES = Tensor.of(new long[] {3, 2, 2, 1}, 4);
    private final List<Storage> constants = new ArrayList<>();

    private Tensor random(ScalarType type, long... sizes) { return host.tensor("aten::to.dtype", host.tensor("aten::randn", sizes), (long) type.code()); }

    private Tensor there(Tensor t) { return cuda.place(t, device.device()); }

    private List<Tensor> there(List<Tensor> all) { return all.stream().map(this::there).toList(); }

    /** As a program holds its weights. */
    private List<Tensor> constant(List<Tensor> all) {
        List<Tensor> out = there(all);
        out.forEach(t -> constants.add(t.storage().asConstant()));
        return out;
    }

    @AfterEach void freeConstants() {
        device.synchronize();
        constants.forEach(Storage::giveBackConstant);
    }

    /** The layers of a network and what they are given. */
    private record Net(String name, ScalarType type, int gates, int inputs, int hidden, int width, int layers, boolean biases, boolean both) {
        int positions() { return layers * (both ? 2 : 1); }

        boolean isLstm() { return name.equals("lstm"); }
    }

    private List<Tensor> parameters(Net n) {
        List<Tensor> out = new ArrayList<>();
        for (int p = 0; p < n.positions(); p++) {
            out.add(random(n.type, (long) n.gates * n.hidden, p < n.positions() / n.layers ? n.inputs : (long) n.width * n.positions() / n.layers));
            out.add(random(n.type, (long) n.gates * n.hidden, n.width));
            for (int b = 0; n.biases && b < 2; b++) out.add(random(n.type, (long) n.gates * n.hidden));
            if (n.width != n.hidden) out.add(random(n.type, n.width, n.hidden));
        }
        return out;
    }

    private List<Tensor> states(Net n, long batch) {
        Tensor h = random(n.type, n.positions(), batch, n.width);
        return n.isLstm() ? List.of(h, random(n.type, n.positions(), batch, n.hidden)) : List.of(h);
    }

    private static Object given(Net n, List<Tensor> states) { return n.isLstm() ? states : states.getFirst(); }

    private Object[] padded(CallContext c, Net n, Tensor x, List<Tensor> states, List<Tensor> parameters, boolean batchFirst) {
        return (Object[]) c.call("aten::" + n.name + ".input", x, given(n, states), parameters, n.biases, (long) n.layers, 0.0, false, n.both, batchFirst);
    }

    private Object[] packed(CallContext c, Net n, Tensor x, List<Tensor> states, List<Tensor> parameters) {
        return (Object[]) c.call("aten::" + n.name + ".data", x, SIZES, given(n, states), parameters, n.biases, (long) n.layers, 0.0, false, n.both);
    }

    private static void same(double tolerance, Object[] want, Object[] got) {
        for (int i = 0; i < want.length; i++) {
            Tensor w = (Tensor) want[i], g = (Tensor) got[i];
            assertEquals(w.dtype(), g.dtype());
            assertArrayEquals(w.sizes(), g.sizes());
            double[] expected = w.toDoubleArray(), actual = g.toDoubleArray();
            for (int k = 0; k < expected.length; k++) assertEquals(expected[k], actual[k], tolerance * (1 + Math.abs(expected[k])), "element " + k);
        }
    }

    private void check(double tolerance, Net n) {
        List<Tensor> parameters = parameters(n), onDevice = constant(parameters), states = states(n, 3);
        long before = device.packed().bytes();
        for (boolean batchFirst : new boolean[] {false, true}) {
            Tensor x = batchFirst ? random(n.type, 3, 5, n.inputs) : random(n.type, 5, 3, n.inputs);
            same(tolerance, padded(host, n, x, states, parameters, batchFirst), padded(cuda, n, there(x), there(states), onDevice, batchFirst));
        }
        assertTrue(device.packed().bytes() > before, "not by cuDNN: " + n);
        Tensor rows = random(n.type, 8, n.inputs);
        same(tolerance, packed(host, n, rows, states, parameters), packed(cuda, n, there(rows), there(states), onDevice));
        // weights of the call's own, which are packed each time
        same(tolerance, packed(host, n, rows, states, parameters), packed(cuda, n, there(rows), there(states), there(parameters)));
    }

    @Test void cellsOfAllKinds() {
        check(1e-5, new Net("lstm", ScalarType.FLOAT32, 4, 3, 4, 4, 2, true, true));
        check(1e-5, new Net("lstm", ScalarType.FLOAT32, 4, 5, 4, 2, 2, true, false));
        check(1e-12, new Net("lstm", ScalarType.FLOAT64, 4, 2, 3, 2, 1, false, true));
        check(1e-2, new Net("lstm", ScalarType.FLOAT16, 4, 3, 4, 4, 1, true, false));
        check(1e-5, new Net("gru", ScalarType.FLOAT32, 3, 3, 4, 4, 3, true, false));
        check(1e-12, new Net("gru", ScalarType.FLOAT64, 3, 3, 4, 4, 1, false, true));
        check(1e-5, new Net("rnn_tanh", ScalarType.FLOAT32, 1, 3, 4, 4, 2, true, true));
        check(1e-4, new Net("rnn_relu", ScalarType.FLOAT32, 1, 3, 4, 4, 2, false, true));
    }

    private static final Net GRU = new Net("gru", ScalarType.FLOAT32, 3, 3, 4, 4, 2, true, false);

    @Test void constantsArePackedOnceForAllStreams() {
        List<Tensor> parameters = parameters(GRU), onDevice = constant(parameters), states = states(GRU, 2);
        Tensor x = random(GRU.type, 5, 2, 3), given = there(x);
        List<Tensor> before = there(states);
        Object[] want = padded(host, GRU, x, states, parameters, false);
        same(1e-5, want, padded(cuda, GRU, given, before, onDevice, false));
        long bytes = device.packed().bytes();
        CudaStream other = device.lease();
        CallContext there = new CallContext(OPS, scope, new Generator(0), System.out, 1, false).on(other.call(null));
        other.waitFor(stream);
        same(1e-5, want, padded(there, GRU, given, before, onDevice, false));
        same(1e-5, want, padded(cuda, GRU, given, before, onDevice, false));
        assertEquals(bytes, device.packed().bytes());
        freeConstants();
        assertEquals(0, device.packed().bytes(), "what was packed of constants goes with them");
        device.giveBack(other);
    }

    /** Memory that there is not, also when what the allocator keeps is freed. */
    private void takeWhileShort(long bytes) {
        long kept = device.statistics().cachedBytes();
        CudaEmulation.set("fail_alloc", 1);
        CudaEmulation.set("fail_alloc_count", kept > 0 ? 2 : 1);
        stream.giveBack(stream.take(bytes));
        CudaEmulation.set("fail_alloc", 0);
    }

    @Test void whatIsPackedAndNobodyHoldsGoesBeforeACallFails() {
        List<Tensor> parameters = parameters(GRU), onDevice = constant(parameters), states = states(GRU, 2);
        List<Tensor> a = constant(List.of(random(ScalarType.FLOAT32, 4)));
        Tensor x = random(GRU.type, 5, 2, 3), given = there(x);
        List<Tensor> before = there(states);
        Object[] want = padded(host, GRU, x, states, parameters, false);
        same(1e-5, want, padded(cuda, GRU, given, before, onDevice, false));
        try (PackedConstants.Entry held = device.packed().enter(a, "order", 64, stream, to -> stream.fill(to, 64))) {
            assertTrue(device.packed().bytes() > 64);
            takeWhileShort(1 << 20);
            assertEquals(64, device.packed().bytes(), "what is held stays");
            assertTrue(device.statistics().packedBytes() >= 64);
            same(1e-5, want, padded(cuda, GRU, given, before, onDevice, false));
        }
        takeWhileShort(8 << 20);
        assertEquals(0, device.packed().bytes());
        assertEquals(0, device.statistics().packedBytes());
    }

    @Test void whatIsPackedIsBounded() {
        List<Tensor> a = constant(List.of(random(ScalarType.FLOAT32, 4))), b = constant(List.of(random(ScalarType.FLOAT32, 4)));
        try (PackedConstants cache = new PackedConstants(device, 100)) {
            PackedConstants.Entry held = cache.enter(a, "order", 64, stream, to -> stream.fill(to, 64));
            long address = held.address();
            try (PackedConstants.Entry again = cache.enter(a, "order", 64, stream, _ -> { throw new AssertionError("packed twice"); })) {
                assertEquals(address, again.address());
            }
            cache.enter(b, "order", 64, stream, to -> stream.fill(to, 64)).close();
            assertEquals(64, cache.bytes());
            long[] packings = {0};
            cache.enter(a, "order", 64, stream, _ -> packings[0]++).close();
            assertEquals(1, packings[0], "the eldest went");
            held.close();
            assertThrows(IllegalStateException.class, () -> cache.enter(b, "another", 64, stream, _ -> { throw new IllegalStateException(); }));
            assertEquals(0, cache.bytes(), "what could not be packed is not kept");
        }
    }

    @Test void dropoutInTrainingGoesStepByStep() {
        List<Tensor> parameters = parameters(GRU), states = states(GRU, 2);
        Tensor x = random(GRU.type, 5, 2, 3);
        Object[] host = (Object[]) this.host.call("aten::gru.input", x, states.getFirst(), parameters, true, 2L, 0.0, true, false, false);
        Object[] got = (Object[]) cuda.call("aten::gru.input", there(x), there(states.getFirst()), constant(parameters), true, 2L, 0.0, true, false, false);
        same(1e-5, host, got);
        long packed = device.packed().bytes();
        cuda.call("aten::gru.input", there(x), there(states.getFirst()), constant(parameters), true, 2L, 0.5, true, false, false);
        assertEquals(packed, device.packed().bytes());
    }

    @Test void whatCudnnDoesNotTake() {
        Net n = new Net("lstm", ScalarType.BFLOAT16, 4, 3, 4, 4, 1, true, false);
        List<Tensor> parameters = parameters(n), states = states(n, 2);
        Tensor x = random(n.type, 4, 2, 3);
        same(0.05, padded(host, n, x, states, parameters, false), padded(cuda, n, there(x), there(states), constant(parameters), false));
        assertEquals(0, device.packed().bytes());
    }

    @Test void sequencesWithoutSteps() {
        List<Tensor> parameters = parameters(GRU), states = states(GRU, 2);
        for (CallContext c : new CallContext[] {host, cuda}) {
            boolean here = c == host;
            Tensor x = random(GRU.type, 2, 0, 3);
            var e = assertThrows(ScriptError.class, () -> padded(c, GRU, here ? x : there(x), here ? states : there(states), here ? parameters : there(parameters), true));
            assertTrue(e.getMessage().contains("Expected sequence length to be larger than 0 in RNN"), e.getMessage());
        }
        Tensor none = random(GRU.type, 4, 0, 3);
        same(0, padded(host, GRU, none, states(GRU, 0), parameters, false), padded(cuda, GRU, there(none), there(states(GRU, 0)), there(parameters), false));
    }
}
