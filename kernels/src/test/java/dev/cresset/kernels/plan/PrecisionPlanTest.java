package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.op.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked for as precision reaches the libraries that plans call: the emulated ones round to TF32 where NVIDIA's may. */
@EmulatedCuda
class PrecisionPlanTest {
    private final Trace t = new Trace(3);

    /** Whether it comes from rounded operands. */
    private boolean isRounded(Precision p, Value result) {
        double[] want = t.tensor(result).toDoubleArray(), got;
        try (OnDevice d = new OnDevice(p)) {
            got = d.results(t, result)[0].toDoubleArray();
        }
        double error = 0;
        for (int i = 0; i < want.length; i++) error = Math.max(error, Math.abs(want[i] - got[i]));
        assertEquals(0, error, 1e-2);
        return error > 1e-5;
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void productsWithWhatFollows(Precision p) {
        Value y = t.op("relu", t.op("linear", t.input(7, 24), t.weight(16, 24), t.weight(16)));
        assertEquals(p == Precision.TF32, isRounded(p, y));
    }

    /** By a generated kernel. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void productsInTiles(Precision p) {
        Value y = t.op("gelu", t.op("linear", t.input(7, 24), t.weight(16, 24), t.weight(16)), "none");
        assertEquals(p == Precision.TF32, isRounded(p, y));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void products(Precision p) { assertEquals(p == Precision.TF32, isRounded(p, t.op("bmm", t.input(2, 7, 9), t.input(2, 9, 8)))); }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void convolutions(Precision p) {
        Value y = t.op("relu", t.op("conv2d", t.input(1, 3, 8, 8), t.weight(4, 3, 3, 3), t.weight(4)));
        assertEquals(p != Precision.FP32, isRounded(p, y));
    }
}
