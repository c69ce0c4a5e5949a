package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AnyRowsProductTest {
    private static final int[] ROWS = {1, 2, 5, 16, 17, 64, 100, 1, 333, 5};
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(), "oneDNN is not here");
        oneDnn = OneDnn.create(new OneDnn.Settings(2, 64, 1 << 20));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    /** What the product is to give: relu after it or not. */
    private static float[] expected(float[] a, float[] b, float[] bias, int m, int n, int k, boolean transposed, boolean relu) {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = bias == null ? 0 : bias[j];
                for (int p = 0; p < k; p++) sum += (double) a[i * k + p] * (transposed ? b[j * k + p] : b[p * n + j]);
                c[i * n + j] = (float) (relu ? Math.max(0, sum) : sum);
            }
        }
        return c;
    }

    @Test void onePrimitiveServesAnyNumberOfRows() {
        Random random = new Random(5);
        for (int[] nk : new int[][] {{1, 1}, {7, 3}, {64, 64}, {192, 64}, {33, 130}}) {
            for (int flags = 0; flags < 8; flags++) {
                int n = nk[0], k = nk[1];
                boolean transposed = (flags & 1) != 0, relu = (flags & 4) != 0;
                float[] b = Naive.random(random, (long) n * k), bias = (flags & 2) != 0 ? Naive.random(random, n) : null;
                try (Arena arena = Arena.ofConfined();
                     AnyRowsProduct product = new AnyRowsProduct(oneDnn, Naive.segment(arena, b), k, n, transposed ? new long[] {1, k} : new long[] {n, 1},
                         bias == null ? null : Naive.segment(arena, bias), relu ? PostOps.NONE.relu() : PostOps.NONE)) {
                    assertFalse(product.kernelName().startsWith("ref"), product.kernelName());
                    for (int m : ROWS) {
                        float[] a = Naive.random(random, (long) m * k);
                        MemorySegment c = arena.allocate(4L * m * n, 64);
                        product.run(m, Naive.segment(arena, a).address(), c.address());
                        Naive.assertClose(m + " rows, " + n + " by " + k + ", flags " + flags, expected(a, b, bias, m, n, k, transposed, relu), Naive.floats(c), 1e-4);
                    }
                }
            }
        }
    }

    @Test void threadsShareIt() throws Exception {
        int n = 48, k = 96;
        float[] b = Naive.random(new Random(6), (long) n * k);
        try (Arena arena = Arena.ofShared(); var threads = Executors.newFixedThreadPool(4);
             AnyRowsProduct product = new AnyRowsProduct(oneDnn, Naive.segment(arena, b), k, n, new long[] {n, 1}, null, PostOps.NONE)) {
            Callable<Void> work = () -> {
                Random random = new Random(7);
                for (int m : ROWS) {
                    float[] a = Naive.random(random, (long) m * k);
                    MemorySegment x = Naive.segment(arena, a), c = arena.allocate(4L * m * n, 64);
                    product.run(m, x.address(), c.address());
                    Naive.assertClose(m + " rows", expected(a, b, null, m, n, k, false, false), Naive.floats(c), 1e-4);
                }
                return null;
            };
            for (var done : threads.invokeAll(IntStream.range(0, 8).mapToObj(_ -> work).collect(Collectors.toList()))) done.get();
        }
    }
}
