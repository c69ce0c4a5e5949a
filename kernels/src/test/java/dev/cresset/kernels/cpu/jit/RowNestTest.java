package dev.cresset.kernels.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Generated code with reductions over rows, against the same computation in double precision. */
class RowNestTest {
    private static final long SEED = 20260303;
    private static final int[] LENGTHS = {1, 2, 15, 16, 17, 64, 100, 256, 1000, 4096, 4097, 20_000};

    private final LoopCompiler compiler = new LoopCompiler();
    private final Random random = new Random(SEED);

    private static double[] softmax(Tensor in, long row, int n) {
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        for (int i = 0; i < n; i++) max = Math.max(max, in.getDouble(row, i));
        double[] e = new double[n];
        for (int i = 0; i < n; i++) sum += e[i] = Math.exp(in.getDouble(row, i) - max);
        for (int i = 0; i < n; i++) e[i] /= sum;
        return e;
    }

    private static double[] layerNorm(Tensor in, Tensor w, Tensor b, long row, int n) {
        double mean = 0, variance = 0;
        for (int i = 0; i < n; i++) mean += in.getDouble(row, i) / n;
        for (int i = 0; i < n; i++) variance += Math.pow(in.getDouble(row, i) - mean, 2) / n;
        double[] out = new double[n];
        for (int i = 0; i < n; i++) out[i] = (in.getDouble(row, i) - mean) / Math.sqrt(variance + 1e-5) * w.getDouble(i) + b.getDouble(i);
        return out;
    }

    @Test void softmax() {
        for (int n : LENGTHS) {
            Tensor in = Nests.normal(random, 5, n), out = Tensor.zeros(Nests.F32, 5, n);
            Nests.run(compiler.compile(Nests.softmax(out, in)), 2, out, in);
            for (int row = 0; row < 5; row++) {
                double[] want = softmax(in, row, n);
                for (int i = 0; i < n; i++) assertEquals(want[i], out.getDouble(row, i), 1e-6 * want[i], "length " + n);
            }
        }
    }

    @Test void softmaxOfATransposedMatrix() {
        Tensor base = Nests.normal(random, 33, 20), in = base.view(new long[] {20, 33}, new long[] {1, 20}), out = Tensor.zeros(Nests.F32, 20, 33);
        Nests.run(compiler.compile(Nests.softmax(out, in)), 1, out, in);
        for (int row = 0; row < 20; row++) {
            double[] want = softmax(in, row, 33);
            for (int i = 0; i < 33; i++) assertEquals(want[i], out.getDouble(row, i), 1e-6 * want[i]);
        }
    }

    @Test void layerNorm() {
        for (int n : LENGTHS) {
            if (n == 1) continue;
            Tensor in = Nests.normal(random, 7, n), w = Nests.normal(random, n), b = Nests.normal(random, n), out = Tensor.zeros(Nests.F32, 7, n);
            Nests.run(compiler.compile(Nests.layerNorm(out, in, w, b)), 2, out, in, w, b);
            for (int row = 0; row < 7; row++) {
                double[] want = layerNorm(in, w, b, row, n);
                for (int i = 0; i < n; i++) assertEquals(want[i], out.getDouble(row, i), 4e-6 + 4e-6 * Math.abs(want[i]), "length " + n);
            }
        }
    }

    @Test void foldsOfAllTypes() {
        for (ScalarType t : List.of(Nests.F32, ScalarType.FLOAT64, ScalarType.INT64, ScalarType.INT32, ScalarType.UINT8, ScalarType.BOOL, ScalarType.FLOAT16)) {
            for (int n : LENGTHS) {
                Tensor in = t.isIntegral() ? Nests.filled(random, t, 3, n) : Tensor.zeros(t, 3, n);
                if (!t.isIntegral()) for (int i = 0; i < 3 * n; i++) Elements.setDouble(in.data(), t, i, random.nextGaussian());
                for (LoopNest.Fold fold : LoopNest.Fold.values()) foldOf(t, in, n, fold);
            }
        }
    }

    private void foldOf(ScalarType t, Tensor in, int n, LoopNest.Fold fold) {
        Tensor out = Tensor.zeros(ScalarType.FLOAT64, 3);
        Expr value = new Expr.Load(0, t);
        ScalarType type = t.isIntegral() ? ScalarType.INT64 : Expr.compute(t);
        LoopNest nest = new LoopNest(new long[] {3, n}, List.of(Nests.operand(in, 3, n)), List.of(new LoopNest.Reduction(fold, value)),
            List.of(new LoopNest.Result(ScalarType.FLOAT64, 0, new long[] {1, 0}, new Expr.Reduced(0, type).to(ScalarType.FLOAT64))));
        Nests.run(compiler.compile(nest), 1, out, in);
        for (int row = 0; row < 3; row++) {
            double want = fold == LoopNest.Fold.SUM ? 0 : in.getDouble(row, 0), magnitude = 0;
            for (int i = 0; i < n; i++) {
                double v = in.getDouble(row, i);
                magnitude += Math.abs(v);
                want = fold == LoopNest.Fold.SUM ? want + v : fold == LoopNest.Fold.MAX ? Math.max(want, v) : Math.min(want, v);
            }
            assertEquals(want, out.getDouble(row), t == Nests.F32 || t == ScalarType.FLOAT16 ? 1e-6 * magnitude : 1e-13 * magnitude, t + " " + n + " " + fold);
        }
    }

    @Test void notANumberWins() {
        for (int n : new int[] {5, 16, 77}) {
            for (int at = 0; at < n; at++) {
                Tensor in = Nests.normal(random, 1, n), out = Tensor.zeros(Nests.F32, 1);
                Elements.setDouble(in.data(), Nests.F32, at, Double.NaN);
                for (LoopNest.Fold fold : LoopNest.Fold.values()) {
                    LoopNest nest = new LoopNest(new long[] {1, n}, List.of(Nests.operand(in, 1, n)), List.of(new LoopNest.Reduction(fold, Nests.x(0))),
                        List.of(new LoopNest.Result(Nests.F32, 0, new long[] {1, 0}, Nests.reduced(0))));
                    Nests.run(compiler.compile(nest), 1, out, in);
                    assertTrue(Double.isNaN(out.getDouble(0)), fold + " of " + n + " with NaN at " + at);
                }
            }
        }
    }

    @Test void anEmptyRowHasTheSumZero() {
        Tensor in = Tensor.zeros(Nests.F32, 3, 0), out = Tensor.of(new float[] {7, 7, 7}, 3);
        LoopNest nest = new LoopNest(new long[] {3, 0}, List.of(Nests.operand(in, 3, 0)), List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, Nests.x(0))),
            List.of(new LoopNest.Result(Nests.F32, 0, new long[] {1, 0}, Nests.reduced(0))));
        Nests.run(compiler.compile(nest), 1, out, in);
        assertArrayEquals(new float[3], out.toFloatArray());
    }

    @Test void resultsDoNotDependOnTheThreads() {
        Tensor in = Nests.normal(random, 301, 777);
        float[][] results = new float[4][];
        for (int threads = 1; threads <= 4; threads++) {
            Tensor out = Tensor.zeros(Nests.F32, 301, 777);
            Nests.run(compiler.compile(Nests.softmax(out, in)), threads, out, in);
            results[threads - 1] = out.toFloatArray();
        }
        for (float[] r : results) assertArrayEquals(results[0], r);
    }

    @Test void rowsOfHigherRank() {
        Tensor base = Nests.normal(random, 4, 3, 5, 19), in = base.view(new long[] {5, 4, 3, 19}, new long[] {19, 285, 95, 1});
        Tensor out = Tensor.zeros(Nests.F32, 5, 4, 3, 19), flat = Tensor.zeros(Nests.F32, 60, 19), want = Tensor.zeros(Nests.F32, 60, 19);
        dev.cresset.kernels.expr.Elementwise.copy(in, out);
        dev.cresset.kernels.expr.Elementwise.copy(out.view(new long[] {60, 19}, new long[] {19, 1}), flat);
        Nests.run(compiler.compile(Nests.softmax(want, flat)), 1, want, flat);
        FusedKernel k = compiler.compile(Nests.softmax(out, in));
        Nests.run(k, 2, out, in);
        assertArrayEquals(want.toFloatArray(), out.toFloatArray());
    }
}
