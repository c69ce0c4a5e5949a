package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operators on the device against the same on the host. */
@EmulatedCuda
class CudaOperatorsTest extends BesideTheHost {
    @Override boolean mayFallBack() { return true; }


    private Tensor random(long... sizes) { return host.tensor("aten::randn", sizes); }

    private Tensor there(Tensor t) { return cuda.place(t, device.device()); }

    private void same(double tolerance, String operator, Object... arguments) {
        Object[] moved = new Object[arguments.length];
        for (int i = 0; i < moved.length; i++) moved[i] = arguments[i] instanceof Tensor t ? there(t) : arguments[i];
        Tensor want = host.tensor(operator, arguments), got = cuda.tensor(operator, moved);
        assertEquals(device.device(), got.device());
        assertEquals(want.dtype(), got.dtype());
        assertArrayEquals(want.sizes(), got.sizes());
        assertArrayEquals(want.toDoubleArray(), got.toDoubleArray(), tolerance);
    }

    @Test void pointwiseOperatorsOfAllLayouts() {
        Tensor x = random(4, 3, 5), y = random(3, 1);
        same(1e-6, "aten::add.Tensor", x, y, 2.5);
        same(1e-6, "aten::mul.Tensor", Views.permute(x, 2, 0, 1), Views.transpose(y, 0, 1));
        same(1e-6, "aten::tanh", Views.slice(x, 2, 1, 5, 2));
        same(0, "aten::relu", random(33));
        same(0, "aten::gt.Scalar", x, 0.25);
        same(1e-6, "aten::gelu", random(2, 2, 2, 2, 2, 2, 2, 2), "none");
        Tensor turned = Views.permute(random(2, 3, 2, 3, 2, 3, 2, 2), 7, 2, 5, 0, 3, 6, 1, 4);
        same(0, "aten::clamp.Tensor", turned, null, random(2, 2, 3, 2, 3, 2, 3, 2));
    }

    @Test void powersOfInfiniteNumbersAreRoots() {
        Tensor x = Tensor.of(new float[] {Float.NEGATIVE_INFINITY, -1, -0.0f, 0, 4, Float.POSITIVE_INFINITY, Float.NaN}, 7);
        for (double exponent : new double[] {0.5, -0.5, 1.5, 2, -1}) same(0, "aten::pow.Tensor_Scalar", x, exponent);
        same(0, "aten::pow.Tensor_Tensor", x, Tensor.of(new float[] {0.5f, 2, 2, 2, 0.5f, 0.5f, 0}, 7));
    }

    @Test void productsOfAllLayouts() {
        Tensor a = random(4, 6), b = random(6, 3), batch = random(2, 5, 6), other = random(2, 6, 3);
        same(1e-5, "aten::mm", a, b);
        same(1e-5, "aten::mm", Views.transpose(random(6, 4), 0, 1), Views.transpose(random(3, 6), 0, 1));
        same(1e-5, "aten::mm", Views.slice(random(4, 12), 1, 0, 12, 2), b);
        same(1e-5, "aten::bmm", batch, other);
        same(1e-5, "aten::matmul", random(2, 1, 4, 6), random(3, 6, 2));
        same(1e-5, "aten::matmul", random(6), b);
        same(1e-5, "aten::addmm", random(3), a, b, 0.5, 2.0);
        same(1e-5, "aten::baddbmm", random(2, 5, 3), batch, other, 1L, 1L);
        same(1e-5, "aten::linear", random(2, 4, 6), random(3, 6), random(3));
        same(0, "aten::mm", Tensor.zeros(ScalarType.FLOAT32, 2, 0), Tensor.zeros(ScalarType.FLOAT32, 0, 3));
        same(1e-12, "aten::mm", host.tensor("aten::to.dtype", a, (long) ScalarType.FLOAT64.code()),
            host.tensor("aten::to.dtype", b, (long) ScalarType.FLOAT64.code()));
        assertEquals(List.of(), fallback.uses(), "cuBLAS multiplied");
    }

    @Test void productsOfIntegersAreExact() {
        same(0, "aten::mm", Tensor.of(new long[] {1, 2, 3, 4}, 2, 2), Tensor.of(new long[] {5, 6, 7, 8}, 2, 2));
    }

    @Test void streamsWaitForEachOther() {
        CudaStream second = device.lease();
        Tensor x = there(random(1000));
        second.waitFor(stream);
        CallContext beside = new CallContext(OPS, scope, new Generator(1), System.out, 1, false).on(second.call(null));
        Tensor doubled = beside.tensor("aten::mul.Scalar", x, 2L);
        stream.waitFor(second);
        Tensor sum = cuda.tensor("aten::sub.Tensor", doubled, x, 1L);
        assertArrayEquals(x.toFloatArray(), sum.toFloatArray(), 1e-6f);
        device.giveBack(second);
    }

    @Test void aLaterProcessCompilesNothing() {
        same(0, "aten::neg", random(8));
        CudaDevice again = CudaDevice.open(0);
        assertEquals(device, again, "engines share a device");
        again.close();
        long before = CudaEmulation.get("compilations");
        KernelLibrary fresh = new KernelLibrary(device.context(), new DeviceCache(Long.MAX_VALUE));
        var text = fresh.texts().of(new dev.cresset.kernels.expr.Expr.Load(0, ScalarType.FLOAT32).neg(), ScalarType.FLOAT32).contiguous(false);
        fresh.function(text);
        assertEquals(before, CudaEmulation.get("compilations"));
        fresh.close();
    }
}
