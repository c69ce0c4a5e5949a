package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import org.junit.jupiter.api.AfterEach;

/** For tests that call operators on the device and on the host, with equal random numbers; nothing may be left on the device. */
abstract class BesideTheHost {
    static final Catalog OPS = Operators.catalog();
    final Scope scope = new Scope(new MemoryPool(0));
    final Generator hostNumbers = new Generator(5), deviceNumbers = new Generator(5);
    final CallContext host = new CallContext(OPS, scope, hostNumbers, System.out, 1, false);
    final CudaDevice device = CudaDevice.open(0);
    final CudaStream stream = device.lease();
    /** What ran on the host because it has no kernel: refused, if {@link #mayFallBack} is not overridden. */
    final CpuFallback fallback = new CpuFallback();
    /** What ran on the host because it is declared to. */
    final CpuFallback throughHost = new CpuFallback();
    final CallContext cuda = new CallContext(OPS, scope, deviceNumbers, System.out, 1, false)
        .on(stream.call(mayFallBack() ? fallback : null, throughHost));

    boolean mayFallBack() { return false; }

    @AfterEach void nothingIsLeft() {
        scope.close();
        assertEquals(0, device.statistics().liveBytes());
        device.giveBack(stream);
        device.close();
    }
}
