package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Integers are not divided by zero on a device either. */
@EmulatedCuda
class DivisorsTest {
    private static Tensor floorDivide(CallContext c, CudaDevice device, long... divisors) {
        Tensor seven = c.place(Tensor.of(new long[] {7, -7}, 2), device.device());
        return c.tensor("aten::floor_divide", seven, c.place(Tensor.of(divisors, divisors.length), device.device()));
    }

    @Test void divisionByZeroIsAnErrorWhenTheCallEnds() {
        try (CudaDevice device = CudaDevice.open(0); Scope scope = new Scope(new MemoryPool(0))) {
            CudaStream stream = device.lease();
            CallContext c = new CallContext(Operators.catalog(), scope, new Generator(1), System.out, 1, false).on(stream.call(null));
            assertArrayEquals(new long[] {3, -4}, floorDivide(c, device, 2, 2).toLongArray());
            assertDoesNotThrow(stream::raise);
            floorDivide(c, device, 2, 0);
            assertEquals("ZeroDivisionError", assertThrows(ScriptError.class, stream::raise).reason());
            device.giveBack(stream);
        }
    }
}
