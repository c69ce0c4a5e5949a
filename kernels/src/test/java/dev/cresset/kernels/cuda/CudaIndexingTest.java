package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators that read and write chosen elements, on the device against the same on the host; and what bad indices lead to. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class CudaIndexingTest extends BesideTheHost {
    private Tensor random(long... sizes) { return host.tensor("aten::randn", sizes); }

    private static Tensor longs(long... values) { return Tensor.of(values, values.length); }

    private Object there(Object v) {
        return switch (v) {
            case Tensor t -> cuda.place(t, device.device());
            case List<?> l when !(l instanceof ScriptList) && l.stream().anyMatch(Tensor.class::isInstance) -> l.stream().map(x -> x == null ? null : there(x)).toList();
            case null, default -> v;
        };
    }

    private void same(String operator, Object... arguments) {
        Object[] moved = Arrays.stream(arguments).map(this::there).toArray();
        Tensor want = host.tensor(operator, arguments), got = cuda.tensor(operator, moved);
        stream.raise();
        assertEquals(device.device(), got.device(), operator);
        assertEquals(want.dtype(), got.dtype(), operator);
        assertArrayEquals(want.sizes(), got.sizes(), operator);
        assertArrayEquals(want.toDoubleArray(), got.toDoubleArray(), 1e-6, operator);
    }

    @Test void readsWhatIndicesName() {
        Tensor x = random(4, 5, 6), turned = Views.permute(random(6, 4, 5), 1, 2, 0);
        for (Tensor t : List.of(x, turned)) {
            same("aten::index.Tensor", t, List.of(longs(3, -1, 0)));
            same("aten::index.Tensor", t, List.of(longs(3, 0), Tensor.of(new long[] {1, 4, 0}, 3, 1)));
            same("aten::index.Tensor", t, Arrays.asList(longs(1, 0), null, longs(5, 2)));
            same("aten::index.Tensor", t, List.of(host.tensor("aten::gt.Scalar", t, 0.0)));
            same("aten::index_select", t, 1L, longs(4, 4, 0));
            same("aten::gather", t, 2L, Tensor.of(new long[] {1, 2, 3, 4}, 2, 2, 1));
            same("aten::take", t, longs(0, -1, 17));
            same("aten::masked_select", t, host.tensor("aten::lt.Scalar", t, 0.5));
            same("aten::nonzero", host.tensor("aten::relu", t));
        }
        same("aten::index.Tensor", x, List.of(Tensor.zeros(ScalarType.INT64, 0)));
        same("aten::index_select", Tensor.of(new long[] {7}), 0L, longs(0));
    }

    @Test void writesInTheOrderOfTheIndices() {
        Tensor x = random(4, 5), rows = random(3, 5), many = random(200, 5);
        Tensor into = Tensor.zeros(ScalarType.INT64, 200);
        for (int i = 0; i < 200; i++) into.data().set(java.lang.foreign.ValueLayout.JAVA_LONG, 8L * i, i * 7 % 4);
        for (boolean add : new boolean[] {false, true}) {
            same("aten::index_put", x, List.of(longs(1, -3, 1)), rows, add);
            same("aten::index_put", x, List.of(into), many, add);
            same("aten::put", Views.transpose(x, 0, 1), longs(3, 3, -1), random(3), add);
        }
        same("aten::index_add", x, 0L, into, many, 0.5);
        same("aten::index_fill.int_Scalar", x, 1L, longs(0, -1), 2.5);
        Tensor at = Tensor.of(new long[] {0, 1, 1, 3, 3, 3}, 3, 2);
        for (String how : List.of("sum", "prod", "mean", "amax", "amin")) {
            same("aten::scatter_reduce.two", x, 0L, at, rows, how, true);
            same("aten::scatter_reduce.two", x, 0L, at, rows, how, false);
        }
        same("aten::masked_scatter", x, host.tensor("aten::gt.Scalar", x, 0.0), random(20));
    }

    @Test void rearranges() {
        Tensor x = random(2, 3, 4, 5);
        for (String mode : List.of("reflect", "replicate", "circular")) same("aten::pad", x, List.of(2L, 1L, 0L, 3L), mode);
        same("aten::pad", x, List.of(-1L, 2L, 3L, -2L), "circular");
        same("aten::pad", x, List.of(-1L, 2L), "constant", 1.5);
        same("aten::flip", Views.transpose(x, 1, 3), List.of(0L, -1L));
        same("aten::roll", x, List.of(3L, -1L), List.of(1L, 2L));
        same("aten::roll", x, List.of(7L), List.of());
        same("aten::tril", Views.transpose(x, 2, 3), -1L);
        same("aten::arange.start_step", 3L, 20L, 4L);
    }

    @Test void badIndicesAreErrorsWhenTheCallEnds() {
        Tensor x = (Tensor) there(random(4, 5)), bad = (Tensor) there(longs(1, 4));
        cuda.tensor("aten::index_select", x, 0L, there(longs(3)));
        cuda.tensor("aten::index.Tensor", x, List.of(bad));
        cuda.tensor("aten::index_select", x, 0L, there(longs(-1)));
        assertEquals("index 4 is out of bounds for dimension 0 with size 4", assertThrows(ScriptError.class, stream::raise).reason());
        assertDoesNotThrow(stream::raise, "it is reported once");
        cuda.tensor("aten::index_select", x, 0L, there(longs(-1)));
        assertEquals("index out of range in self", assertThrows(ScriptError.class, stream::raise).reason());
        for (int i = 0; i < 600; i++) cuda.tensor("aten::index_select", x, 0L, there(longs(i % 4)));
        stream.raise();
    }

    @Test void whatIsDeclaredSoRunsThroughTheHost() {
        same("aten::linalg_inv", random(3, 3));
        same("aten::linalg_det", random(3, 3));
        assertEquals(List.of("aten::linalg_det", "aten::linalg_inv"), throughHost.uses().stream().map(CpuFallback.Use::operator).map(n -> n.replaceFirst("\\..*", "")).toList());
    }
}
