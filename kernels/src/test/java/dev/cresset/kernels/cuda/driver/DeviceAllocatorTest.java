package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EmulatedCuda
class DeviceAllocatorTest {
    private DeviceContext context;
    private Stream stream;
    private Stream other;
    private DeviceAllocator allocator;
    private BooleanSupplier reserve = () -> false;

    @BeforeEach void open() {
        context = DeviceContext.open(0);
        stream = new Stream(context);
        other = new Stream(context);
        allocator = new DeviceAllocator(context, 1 << 20, false, () -> reserve.getAsBoolean());
    }

    @AfterEach void close() {
        allocator.close();
        other.close();
        stream.close();
        context.close();
    }

    @Test void whatIsHeldInReserveGoesBeforeAnError() {
        DeviceAllocator.Block kept = allocator.take(600 << 10, stream);
        reserve = () -> {
            allocator.giveBack(kept, stream);
            reserve = () -> false;
            return true;
        };
        DeviceAllocator.Block a = allocator.take(700 << 10, other);
        assertThrows(OutOfDeviceMemoryException.class, () -> allocator.take(700 << 10, other));
        allocator.giveBack(a, other);
        assertEquals(0, allocator.statistics().liveBlocks());
    }

    @Test void aStreamReusesItsOwnAtOnce() {
        CudaEmulation.set("lazy", 1);
        DeviceAllocator.Block a = allocator.take(1000, stream);
        stream.fill(a.address(), (byte) 0, 1000);
        allocator.giveBack(a, stream);
        DeviceAllocator.Block b = allocator.take(990, stream);
        assertEquals(a, b);
        assertEquals(new DeviceAllocator.Statistics(1024, 1, 0, 1024, 1, 0), allocator.statistics());
        allocator.giveBack(b, stream);
        assertEquals(new DeviceAllocator.Statistics(0, 0, 1024, 1024, 1, 0), allocator.statistics());
    }

    @Test void anotherStreamReusesWhenTheFirstIsDone() {
        CudaEmulation.set("lazy", 1);
        DeviceAllocator.Block a = allocator.take(1000, stream);
        stream.fill(a.address(), (byte) 0, 1000);
        allocator.giveBack(a, stream);
        DeviceAllocator.Block b = allocator.take(1000, other);
        assertNotEquals(a, b, "given back on the first stream, whose work may use it");
        allocator.release(stream);
        DeviceAllocator.Block c = allocator.take(1000, other);
        assertNotEquals(a, c, "the first stream's work is not done");
        stream.synchronize();
        DeviceAllocator.Block d = allocator.take(1000, other);
        assertEquals(a, d);
        for (DeviceAllocator.Block block : new DeviceAllocator.Block[] {b, c, d}) allocator.giveBack(block, other);
    }

    @Test void runsOutOfMemoryOnceAndTriesAgain() {
        allocator.giveBack(allocator.take(1000, stream), stream);
        CudaEmulation.set("fail_alloc", 1);
        DeviceAllocator.Block b = allocator.take(5000, stream);
        assertEquals(1, allocator.statistics().retries());
        assertEquals(0, allocator.statistics().cachedBytes());
        allocator.giveBack(b, stream);
    }

    @Test void runsOutOfMemoryTwice() {
        allocator.giveBack(allocator.take(1000, stream), stream);
        CudaEmulation.set("fail_alloc_count", 2);
        CudaEmulation.set("fail_alloc", 1);
        assertThrows(OutOfDeviceMemoryException.class, () -> allocator.take(5000, stream));
        allocator.giveBack(allocator.take(5000, stream), stream);
    }

    @Test void staysWithinItsLimit() {
        DeviceAllocator.Block a = allocator.take(1 << 19, stream);
        allocator.giveBack(allocator.take(1 << 19, stream), stream);
        DeviceAllocator.Block b = allocator.take(1 << 18, stream);
        assertEquals(1, allocator.statistics().retries(), "what was kept counted, until it was freed");
        var e = assertThrows(OutOfDeviceMemoryException.class, () -> allocator.take(1 << 19, stream));
        assertEquals("cuda:0 has no memory for 524288 bytes: 786432 bytes are in use of 1048576 allowed, "
            + (4L * (1 << 30) - 786432) + " of 4294967296 are free on the device", e.getMessage());
        allocator.giveBack(a, stream);
        allocator.giveBack(b, stream);
    }

    @Test void steadyStateAllocatesNothing() {
        for (int call = 0; call < 10; call++) {
            DeviceAllocator.Block a = allocator.take(3000, stream), b = allocator.take(70_000, stream);
            allocator.giveBack(a, stream);
            allocator.giveBack(b, stream);
        }
        assertEquals(2, allocator.statistics().allocations());
    }
}
