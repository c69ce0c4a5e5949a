package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a call costs whose work is one launch of a graph, on tensors that are on the device. */
@EmulatedCuda
class DeviceReplayTest {
    private static final int CALLS = 1000;
    /** Of the heap for one call; with a margin, as the compiler decides which objects are never made. */
    private static final long MOST_BYTES = 2048;
    private static final byte[] PROGRAM = ArchiveBuilder.module("""
        class M(Module):
          w : Tensor
          def forward(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.relu(torch.add(torch.mul(x, self.w), 1))
        """, Map.of("w", new float[] {1, 2, 3, 4})).build();

    @Test void littleHeapAndNoDeviceMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Engine engine = Engine.builder().device("cuda").mode(ExecutionMode.OPTIMIZE).build(); Program program = engine.load(PROGRAM, "m.pt");
             ScriptModule module = program.instantiate(); Tensor x = engine.toDevice(Tensor.of(new float[] {1, -2, 3, -4}, 4))) {
            for (int i = 0; i < 5 * CALLS; i++) module.forward(x).close();
            long allocations = engine.deviceMemory().allocations(), heap = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) module.forward(x).close();
            long bytes = (threads.getCurrentThreadAllocatedBytes() - heap) / CALLS;
            assertEquals(allocations, engine.deviceMemory().allocations(), "allocations of device memory");
            assertTrue(bytes < MOST_BYTES, bytes + " bytes of the heap for a call");
        }
    }
}
