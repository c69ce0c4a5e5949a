package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.DeviceAccessException;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where operators run and where their results are, and what moves tensors. */
@EmulatedCuda
class DevicePlacementTest {
    private static final Device CUDA = new Device("cuda", 0);
    private static final Catalog OPS = Operators.catalog();
    private final CpuFallback fallback = new CpuFallback();
    private final MemoryPool pool = new MemoryPool(0);
    private final Scope scope = new Scope(pool);
    private final CudaDevice device = CudaDevice.open(0);
    private final CudaStream stream = device.lease();
    private final CallContext context = context(scope, fallback);

    @AfterEach void nothingIsLeft() {
        scope.close();
        assertEquals(0, device.statistics().liveBlocks());
        device.giveBack(stream);
        device.close();
        assertEquals(0, pool.liveBlocks());
    }

    private CallContext context(Scope memory, CpuFallback with) {
        return new CallContext(OPS, memory, new Generator(1), System.out, 1, false).on(stream.call(with));
    }

    private Tensor call(String name, Object... arguments) { return context.tensor("aten::" + name, arguments); }

    private Tensor cuda(float... values) { return context.place(Tensor.of(values, values.length), CUDA); }

    private static void assertOn(Device where, Tensor t, double... values) {
        assertEquals(where, t.device());
        assertArrayEquals(values, t.toDoubleArray(), 1e-6);
    }

    @Test void resultsAreWhereTheArgumentsAre() {
        Tensor x = cuda(1, 2, 3);
        assertOn(CUDA, call("add.Tensor", x, x, 1L), 2, 4, 6);
        assertOn(Device.CPU, call("add.Tensor", Tensor.of(new float[] {1}, 1), Tensor.of(new float[] {2}, 1), 1L), 3);
        assertOn(CUDA, call("cat", ScriptList.ofTensors(List.of(x, x)), 0L), 1, 2, 3, 1, 2, 3);
        assertOn(CUDA, call("mul_.Scalar", x, 2.0), 2, 4, 6);
    }

    @Test void hostMemoryIsRefusedByName() {
        Tensor x = cuda(1, 2);
        DeviceAccessException e = assertThrows(DeviceAccessException.class, x::data);
        assertEquals(CUDA, e.device());
        assertThrows(IndexOutOfBoundsException.class, () -> x.storage().arranged().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
        assertEquals(x.storage().address() + 4, call("select.int", x, 0L, 1L).address());
    }

    @Test void elementsAreReadByCopies() {
        Tensor x = call("t", call("reshape", cuda(1, 2, 3, 4, 5, 6), ScriptList.ofLongs(2, 3)));
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, x.toFloatArray());
        assertEquals(5, x.getDouble(1, 1));
        assertEquals(4.0, call("select.int", call("select.int", x, 0L, 0L), 0L, 1L).item());
        Tensor host = x.cpu();
        assertSame(host, host.cpu());
        assertArrayEquals(x.strides(), host.strides());
    }

    @Test void tensorsOfTwoPlacesAreRefusedInPyTorchsWords() {
        Tensor x = cuda(1, 2), y = Tensor.of(new float[] {1, 2}, 2);
        String words = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!";
        assertEquals(words, assertThrows(ScriptError.class, () -> call("add.Tensor", y, x, 1L)).reason());
        assertEquals(words, assertThrows(ScriptError.class, () -> call("cat", ScriptList.ofTensors(List.of(x, y)), 0L)).reason());
    }

    @Test void singleElementsOfTheHostGoAlong() {
        Tensor two = Tensor.of(new float[] {2});
        assertOn(CUDA, call("mul.Tensor", cuda(1, 2), two), 2, 4);
        assertOn(CUDA, call("mul.Tensor", two, cuda(1, 2)), 2, 4);
    }

    @Test void newTensorsAreOnTheCallsDeviceUnlessSaidOtherwise() {
        assertOn(CUDA, call("zeros", ScriptList.ofLongs(2)), 0, 0);
        assertOn(CUDA, call("full", ScriptList.ofLongs(2), 2.5), 2.5, 2.5);
        assertOn(CUDA, call("arange", 3L), 0, 1, 2);
        assertOn(CUDA, call("eye", 2L), 1, 0, 0, 1);
        assertOn(CUDA, call("tensor", ScriptList.ofLongs(4, 5), null, null, false), 4, 5);
        assertOn(Device.CPU, call("ones", ScriptList.ofLongs(2), null, null, Device.CPU), 1, 1);
        assertOn(CUDA, call("ones", ScriptList.ofLongs(1), null, null, new Device("cuda", -1)), 1);
        assertOn(Device.CPU, call("zeros_like", Tensor.of(new float[] {1}, 1)), 0);
        assertOn(CUDA, call("ones_like", cuda(7)), 1);
        assertOn(CUDA, call("new_full", cuda(7), ScriptList.ofLongs(1), 3L), 3);
        assertEquals(Device.CPU, context.tensor("prim::NumToTensor.Scalar", 3L).device());
        assertEquals("this call runs on cuda:0 and cannot use cuda:1", assertThrows(ScriptError.class,
            () -> call("zeros", ScriptList.ofLongs(2), null, null, new Device("cuda", 1))).reason());
    }

    @Test void tensorsMoveAndChangeTheirTypeOnTheWay() {
        Tensor x = Tensor.of(new float[] {1.5f, 2.5f}, 2);
        Tensor there = call("cuda", x);
        assertOn(CUDA, there, 1.5, 2.5);
        assertSame(there, call("cuda", there));
        assertSame(x, call("cpu", x));
        assertOn(Device.CPU, call("cpu", there), 1.5, 2.5);
        Tensor ints = call("to.device", x, CUDA, (long) ScalarType.INT64.code());
        assertEquals(ScalarType.INT64, ints.dtype());
        assertOn(CUDA, ints, 1, 2);
        assertOn(CUDA, call("to.other", x, ints), 1, 2);
        assertOn(CUDA, call("type_as", x, there), 1.5, 2.5);
        assertNotSame(there, call("to.device", there, CUDA, (long) ScalarType.FLOAT32.code(), false, true));
        Tensor transposed = call("t", call("reshape", cuda(1, 2, 3, 4), ScriptList.ofLongs(2, 2)));
        assertOn(Device.CPU, call("cpu", transposed), 1, 3, 2, 4);
    }

    @Test void copiesGoBetweenPlaces() {
        Tensor x = cuda(0, 0), y = Tensor.of(new float[] {3, 4}, 2);
        assertOn(CUDA, call("copy_", x, y), 3, 4);
        call("mul_.Scalar", x, 10.0);
        assertOn(Device.CPU, call("copy_", y, x), 30, 40);
        assertOn(CUDA, call("copy_", call("select.int", x, 0L, 1L), Tensor.of(new float[] {5})), 5);
        assertOn(CUDA, x, 30, 5);
    }

    @Test void onlyTheLastWriterOwnsSharedMemory() {
        Tensor weight = new Tensor(context.place(Tensor.of(new float[] {1, 2}, 2), CUDA).storage().asConstant(),
            ScalarType.FLOAT32, 0, new long[] {2}, new long[] {1});
        Tensor mine = new Tensor(weight.storage().share(), ScalarType.FLOAT32, 0, weight.sizes(), weight.strides());
        assertTrue(mine.storage().isConstant());
        Object content = mine.storage().content();
        call("add_.Scalar", mine, 1L, 1L);
        assertOn(CUDA, mine, 2, 3);
        assertOn(CUDA, weight, 1, 2);
        assertNotSame(content, mine.storage().content());
        mine.storage().retain();
        mine.storage().release();
        weight.storage().giveBackConstant();
        weight.storage().giveBackConstant();   // once is enough
    }

    /** An operator that the CPU alone has a kernel for. */
    private static final Operator HALF = new Catalog(List.of(ops -> ops.op("test::half(Tensor x) -> Tensor")
        .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), (a, out) -> {
            for (int i = 0; i < out.numel(); i++) Elements.setDouble(out.data(), out.dtype(), i, a.tensor(0).getDouble(i) / 2);
        }))).get("test::half");

    @Test void operatorsWithoutKernelRunOnTheHostAndAreCounted() {
        assertOn(CUDA, (Tensor) HALF.call(context, cuda(3, 1, 2)), 1.5, 0.5, 1);
        assertEquals(List.of(new CpuFallback.Use("test::half", 1, 12, 12)), fallback.uses());
    }

    @Test void whatTheHostWritesInPlaceIsWrittenOnTheDevice() {
        Tensor x = cuda(1, 2, 3);
        assertSame(x, call("index_add_", x, 0L, context.place(Tensor.of(new long[] {2}, 1), CUDA), cuda(10), 1L));
        assertOn(CUDA, x, 1, 2, 13);
    }

    @Test void withoutFallbackAMissingKernelIsAnErrorThatNamesIt() {
        try (Scope own = new Scope(pool)) {
            CallContext c = context(own, null);
            Tensor x = c.place(Tensor.of(new float[] {1, 2}, 2), CUDA);
            UnsupportedException e = assertThrows(UnsupportedException.class, () -> HALF.call(c, x));
            assertEquals(List.of("test::half"), e.operators());
            assertTrue(e.getMessage().contains("--cpu-fallback"), e.getMessage());
        }
    }
}
