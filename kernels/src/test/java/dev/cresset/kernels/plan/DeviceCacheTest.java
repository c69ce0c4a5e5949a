package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.DeviceMemoryStatistics;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.op.Precision;
import org.junit.jupiter.api.Test;

/** What stays on a device of what may be needed again. */
@EmulatedCuda
class DeviceCacheTest {
    private static final double TOLERANCE = 1e-5;

    private final Trace first = new Trace(1), second = new Trace(2);
    private final Value one = output(first, "tanh"), two = output(second, "sigmoid");

    private static Value output(Trace t, String function) {
        Value x = t.input(16, 16);
        return t.op(function, t.op("mm", t.op("relu", x), x));
    }

    private static OnDevice device(long cacheLimit) { return new OnDevice(CudaDevice.open(0, Long.MAX_VALUE, cacheLimit), Precision.FP32); }

    private static long bytes(OnDevice d) {
        DeviceMemoryStatistics s = d.device.statistics();
        return s.planBytes() + s.recordedBytes() + s.codeBytes();
    }

    /** The plans have no constants: what they hold is frames. */
    private static void assertFrames(boolean first, StaticPlan a, boolean second, StaticPlan b) {
        assertEquals(first, a.nativeBytes() > 0, "a frame of the first plan");
        assertEquals(second, b.nativeBytes() > 0, "a frame of the second plan");
    }

    /** Has both plans run, the second one last. */
    private interface Check { void on(OnDevice device, StaticPlan a, StaticPlan b); }

    private void afterBoth(long cacheLimit, Check check) {
        try (OnDevice d = device(cacheLimit); StaticPlan a = d.compile(first, one); StaticPlan b = d.compile(second, two)) {
            d.check(a, first, TOLERANCE, one);
            d.check(b, second, TOLERANCE, two);
            check.on(d, a, b);
        }
    }

    @Test void theFrameThatWasNotUsedForLongestGoesWhicheverPlanHasIt() {
        long[] all = {0};
        afterBoth(-1, (d, a, b) -> {
            assertFrames(true, a, true, b);
            all[0] = bytes(d);
        });
        afterBoth(all[0], (_, a, b) -> assertFrames(true, a, true, b));
        afterBoth(all[0] - 1, (d, a, b) -> {
            assertFrames(false, a, true, b);
            assertTrue(bytes(d) < all[0]);
            d.check(a, first, TOLERANCE, one);
            assertFrames(true, a, false, b);
            d.check(b, second, TOLERANCE, two);
            d.check(b, second, TOLERANCE, two);
            assertFrames(false, a, true, b);
        });
    }

    @Test void withoutACacheNothingIsKeptThatIsNotInUse() {
        afterBoth(0, (d, a, b) -> {
            assertFrames(false, a, false, b);
            d.device.giveBack(d.one);
            d.device.giveBack(d.other);     // no call is going on
            assertEquals(0, bytes(d));
            d.device.lease();
            d.device.lease();
            d.check(a, first, TOLERANCE, one);
        });
    }

    @Test void whatIsInUseStays() {
        afterBoth(0, (d, a, b) -> {
            DeviceFrames frames = new DeviceFrames(stream -> new DeviceFrame(d.target, a.layout(), stream), d.device.cache());
            DeviceFrame used = frames.take(d.one), other = frames.take(d.other);
            d.check(b, second, TOLERANCE, two);
            assertEquals(2, frames.count());
            frames.give(other);
            assertEquals(1, frames.count());
            assertEquals(used.bytes(), frames.bytes());
            frames.give(used);
            assertEquals(0, frames.count());
            frames.close();
        });
    }
}
