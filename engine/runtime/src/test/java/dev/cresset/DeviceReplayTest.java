package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call costs whose work is one launch of a graph. */
@EmulatedCuda
class DeviceReplayTest {
    private static final int CALLS = 1000, BATCHES = 30;
    /** Of the heap for one call. */
    private static final long MOST_BYTES = 1024;
    private static final byte[] PROGRAM = ArchiveBuilder.module("""
        class M(Module):
          w : Tensor
          def forward(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.relu(torch.add(torch.mul(x, self.w), 1))
        """, Map.of("w", new float[] {1, 2, 3, 4})).build();

    /** The best of many batches: code that is not compiled yet makes objects that compiled code does without. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void littleHeapAndNoDeviceMemory(boolean onDevice) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Engine engine = Engine.builder().device("cuda").mode(ExecutionMode.OPTIMIZE).build(); Program program = engine.load(PROGRAM, "m.pt");
             ScriptModule module = program.instantiate(); Tensor host = Tensor.of(new float[] {1, -2, 3, -4}, 4);
             Tensor x = onDevice ? engine.toDevice(host) : host) {
            for (int i = 0; i < CALLS; i++) module.forward(x).close();
            long allocations = engine.deviceMemory().allocations(), least = Long.MAX_VALUE;
            for (int b = 0; b < BATCHES && least > MOST_BYTES; b++) {
                long heap = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < CALLS; i++) module.forward(x).close();
                least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - heap) / CALLS);
            }
            assertEquals(allocations, engine.deviceMemory().allocations(), "allocations of device memory");
            assertTrue(least <= MOST_BYTES, least + " bytes of the heap for a call");
        }
    }
}
