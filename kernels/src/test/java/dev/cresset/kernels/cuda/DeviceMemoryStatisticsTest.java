package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.driver.DeviceAllocator;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.PinnedBuffer;
import dev.cresset.kernels.cuda.driver.Stream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** That the report leaves nothing out of what is taken. */
@EmulatedCuda
class DeviceMemoryStatisticsTest {
    private static final long BYTES = 3L << 20;

    @Test void whatOthersTakeIsThere() {
        try (CudaDevice device = CudaDevice.open(0)) {
            long before = device.statistics().otherBytes();
            try (DeviceContext elsewhere = DeviceContext.open(0); Stream stream = new Stream(elsewhere); DeviceAllocator allocator = new DeviceAllocator(elsewhere)) {
                DeviceAllocator.Block block = allocator.take(BYTES, stream);
                assertEquals(before + block.bytes(), device.statistics().otherBytes());
                allocator.giveBack(block, stream);
            }
            assertEquals(before, device.statistics().otherBytes());
        }
    }

    @Test void tensorsAreNotWhatOthersTake() {
        try (CudaDevice device = CudaDevice.open(0)) {
            CudaStream stream = device.lease();
            DeviceMemoryStatistics before = device.statistics();
            MemorySegment block = stream.take(BYTES);
            DeviceMemoryStatistics after = device.statistics();
            assertEquals(before.otherBytes(), after.otherBytes());
            assertTrue(after.totalBytes() >= before.totalBytes() + BYTES, after.text());
            stream.giveBack(block);
            device.giveBack(stream);
        }
    }

    @Test void pinnedMemoryOfTheHost() {
        try (CudaDevice device = CudaDevice.open(0); Arena arena = Arena.ofConfined()) {
            CudaStream stream = device.lease();
            MemorySegment block = stream.take(64);
            stream.upload(arena.allocate(64), block.address(), 64);
            assertTrue(device.statistics().pinnedBytes() >= 64, device.statistics().text());
            stream.giveBack(block);
            device.giveBack(stream);
        }
        try (DeviceContext context = DeviceContext.open(0)) {
            PinnedBuffer buffer = new PinnedBuffer(context, 4096);
            assertEquals(4096, context.pinnedBytes());
            buffer.close();
            buffer.close();
            assertEquals(0, context.pinnedBytes());
        }
    }
}
