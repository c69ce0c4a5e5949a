package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.MeasuredChoices;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernel of a fusion group is taken where more than one may be the fastest. */
@EmulatedCuda
class KernelTrialTest {
    private static final int RUNS = 7;

    @TempDir Path folder;

    private int measured;

    /**
     * The kernel of a softmax over rows of this length, which begin at the second elements of longer ones.
     *
     * @param device what is remembered is remembered of
     * @param times  of the candidates' runs, in order
     */
    private String kernel(String device, long length, double... times) {
        measured = 0;
        MeasuredChoices choices = OnDevice.measuring(folder, device, () -> times[measured++ / RUNS]);
        try (OnDevice d = new OnDevice()) {
            Trace t = new Trace(4);
            Value x = t.op("slice.Tensor", t.input(3, length + 1), 1, 1, null, 1);
            String plan = d.check(choices, t, 1e-5, t.op("softmax.int", t.op("mul.Scalar", x, 2.0), -1, null));
            Matcher by = Pattern.compile("fused .*softmax.* by (\\w+)").matcher(plan);
            assertTrue(by.find(), plan);
            return by.group(1);
        }
    }

    @Test void theFastestIsTaken() {
        String second = kernel("one", 600, 2, 1);
        assertEquals(2 * RUNS, measured);
        assertEquals(second, kernel("one", 600), "remembered");
        assertEquals(0, measured);
        String first = kernel("other", 600, 1, 2);
        assertNotEquals(second, first);
        assertEquals(first, kernel("third", 600, 1, 1), "the rule holds where both are equal");
    }

    @Test void rowsThatLeaveNoDoubtAreNotMeasured() {
        kernel("one", 8);
        assertEquals(0, measured);
    }

    @Test void longRows() { assertNotEquals(kernel("one", 10000, 2, 1), kernel("other", 10000, 1, 2)); }
}
