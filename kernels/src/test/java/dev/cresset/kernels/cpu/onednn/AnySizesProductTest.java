package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.kernels.cpu.onednn.AnySizesProduct.Matrices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AnySizesProductTest {
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(), "oneDNN is not here");
        oneDnn = OneDnn.create(new OneDnn.Settings(2, 64, 1 << 20));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    /** Strides by which the dimensions lie in this order, the outermost first. */
    private static Matrices lying(long[] sizes, int... order) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[order[i]] = step;
            step *= sizes[order[i]];
        }
        return new Matrices(sizes, strides);
    }

    private static int[] shuffled(int rank, Random random, boolean transposed) {
        int[] order = new int[rank];
        int last = transposed ? rank - 2 : rank - 1;
        for (int d = 0, n = 0; d < rank; d++) if (d != last) order[n++] = d;
        for (int i = rank - 2; i > 0; i--) {
            int j = random.nextInt(i + 1), t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        order[rank - 1] = last;
        return order;
    }

    private static float[] expected(Matrices a, float[] x, Matrices b, float[] y, long[] c) {
        int r = c.length, at = 0;
        float[] out = new float[(int) Naive.count(c)];
        long[] index = new long[r];
        for (; at < out.length; at++) {
            double sum = 0;
            int i = 0, j = 0;
            for (int d = 0; d < r - 2; d++) {
                i += (int) (index[d] * a.strides()[d]);
                j += (int) (index[d] * b.strides()[d]);
            }
            i += (int) (index[r - 2] * a.strides()[r - 2]);
            j += (int) (index[r - 1] * b.strides()[r - 1]);
            for (int p = 0; p < a.sizes()[r - 1]; p++) sum += (double) x[i + p * (int) a.strides()[r - 1]] * y[j + p * (int) b.strides()[r - 2]];
            out[at] = (float) sum;
            for (int d = r - 1; d >= 0 && ++index[d] == c[d]; d--) index[d] = 0;
        }
        return out;
    }

    @Test void anySizesInAnyOrder() {
        Random random = new Random(11);
        try (AnySizesProduct products = new AnySizesProduct(oneDnn)) {
            for (int i = 0; i < 300; i++) {
                int rank = 2 + random.nextInt(3);
                long[] left = new long[rank], right = new long[rank], result = new long[rank];
                for (int d = 0; d < rank - 2; d++) left[d] = right[d] = result[d] = 1 + random.nextInt(i % 3 == 0 ? 2 : 4);
                left[rank - 2] = result[rank - 2] = 1 + random.nextInt(i % 5 == 0 ? 2 : 40);
                left[rank - 1] = right[rank - 2] = 1 + random.nextInt(i % 7 == 0 ? 2 : 40);
                right[rank - 1] = result[rank - 1] = 1 + random.nextInt(i % 11 == 0 ? 2 : 40);
                Matrices a = lying(left, shuffled(rank, random, random.nextBoolean())), b = lying(right, shuffled(rank, random, random.nextBoolean()));
                Matrices c = new Matrices(result, Naive.strides(result));
                float[] x = Naive.random(random, Naive.count(left)), y = Naive.random(random, Naive.count(right));
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment to = arena.allocate(4L * Naive.count(result), 64);
                    assertTrue(products.run(a, Naive.segment(arena, x).address(), b, Naive.segment(arena, y).address(), c, to.address()));
                    Naive.assertClose("case " + i + ": " + Arrays.toString(left) + Arrays.toString(a.strides()) + " by " + Arrays.toString(right)
                        + Arrays.toString(b.strides()), expected(a, x, b, y, result), Naive.floats(to), 1e-4);
                }
            }
            assertFalse(products.kernelNames().contains("ref"), products.kernelNames());
        }
    }

    @Test void leavesWhatItDoesNotTake() {
        try (AnySizesProduct products = new AnySizesProduct(oneDnn)) {
            Matrices plain = lying(new long[] {3, 4, 5}, 0, 1, 2), c = lying(new long[] {3, 4, 4}, 0, 1, 2);
            Matrices gaps = new Matrices(new long[] {3, 5, 4}, new long[] {80, 16, 2}), repeated = new Matrices(new long[] {3, 5, 4}, new long[] {0, 4, 1});
            Matrices one = lying(new long[] {1, 5, 4}, 0, 1, 2), matrix = lying(new long[] {5, 4}, 0, 1);
            for (Matrices b : new Matrices[] {gaps, repeated, one, matrix}) assertFalse(products.run(plain, 0, b, 0, c, 0), Arrays.toString(b.strides()));
            assertEquals("", products.kernelNames(), "nothing was made");
        }
    }
}
