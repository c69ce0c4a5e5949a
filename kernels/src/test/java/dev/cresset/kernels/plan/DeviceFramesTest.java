package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EmulatedCuda
class DeviceFramesTest {
    private static final int FAR = 1 << 20;

    private final CudaDevice device = CudaDevice.open(0);
    private final CudaStream one = device.lease(), other = device.lease();
    private Target.Cuda target;
    private StaticPlan plan;
    private DeviceFrames frames;

    @BeforeEach void open() {
        Trace t = new Trace(5);
        Value x = t.input(16, 16);
        target = new Target.Cuda(device, new CpuFallback(), new CpuFallback(), Precision.FP32);
        plan = StaticPlan.compile(t.graph(t.op("sigmoid", t.op("mm", t.op("relu", x), x))), Trace.OPS, target);
        frames = new DeviceFrames(stream -> new DeviceFrame(target, plan.layout(), stream), device.cache());
    }

    @AfterEach void close() {
        frames.close();
        assertEquals(0, device.statistics().planBytes());
        plan.close();
        device.giveBack(one);
        device.giveBack(other);
        device.close();
    }

    @Test void runsOnOneStreamHaveOneFrame() {
        DeviceFrame a = frames.take(one), b = frames.take(other);
        assertEquals(a.bytes() + b.bytes(), frames.bytes());
        assertEquals(frames.bytes(), device.statistics().planBytes(), 2 * 512 * 8);    // the device rounds up
        frames.give(a);
        frames.give(b);
        assertSame(a, frames.take(one));
        assertSame(b, frames.take(one), "the last there is");
        assertEquals(2, frames.count());
        frames.give(a);
        frames.drop(b);
        assertEquals(1, frames.count());
    }

    @Test void whatABurstNeededIsFreedLater() {
        DeviceFrame[] burst = new DeviceFrame[4];
        for (int i = 0; i < burst.length; i++) burst[i] = frames.take(one);
        for (DeviceFrame f : burst) frames.give(f);
        for (int i = 0; i < DeviceFrames.UNUSED_RUNS - burst.length; i++) frames.give(frames.take(one));
        assertEquals(4, frames.count());
        for (int i = 0; i < burst.length; i++) frames.give(frames.take(one));
        assertEquals(1, frames.count());
        assertEquals(frames.bytes(), device.statistics().planBytes(), 512 * 8);
    }

    @Test void aRunWaitsForAFrameIfThereIsNoMemoryForAnother() throws Exception {
        DeviceFrame only = frames.take(one);
        CudaEmulation.set("fail_alloc", 1);
        CudaEmulation.set("fail_alloc_count", FAR);
        AtomicReference<Thread> waiting = new AtomicReference<>();
        CompletableFuture<DeviceFrame> taken = CompletableFuture.supplyAsync(() -> {
            waiting.set(Thread.currentThread());
            return frames.take(other);
        }, run -> Thread.ofPlatform().start(run));
        while (waiting.get() == null || waiting.get().getState() != Thread.State.WAITING) {
            assertTrue(!taken.isDone(), "there is no memory for another");
            Thread.onSpinWait();
        }
        frames.give(only);
        assertSame(only, taken.get());
        CudaEmulation.set("fail_alloc", 0);
        frames.give(only);
    }

    @Test void withoutAnyItIsAnError() {
        CudaEmulation.set("fail_alloc", 1);
        CudaEmulation.set("fail_alloc_count", FAR);
        assertThrows(OutOfDeviceMemoryException.class, () -> frames.take(one));
        CudaEmulation.set("fail_alloc", 0);
        frames.give(frames.take(one));
    }

    @Test void idleFramesGoBeforeACallFails() {
        frames.give(frames.take(one));
        CudaEmulation.set("fail_alloc", 1);
        one.giveBack(one.take(1 << 20));
        assertEquals(0, frames.count());
    }
}
