package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OneDnnMatmulTest {
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(), () -> "oneDNN is not here: "
                + OneDnnLibrary.loadFailure().orElseThrow().getMessage());
        oneDnn = OneDnn.create(new OneDnn.Settings(2, 64, 1 << 20));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    @Test void theLibrarySaysWhatItIs() {
        assertTrue(OneDnnLibrary.version().startsWith("3."), OneDnnLibrary.version());
        assertTrue(OneDnnLibrary.cpuIsa().matches("[a-z0-9_ ]+"), OneDnnLibrary.cpuIsa());
    }

    /** Outer products whose second vectors are slices of wider rows. */
    @Test void oneRowWithGapsBetweenBatches() {
        MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, new long[] {2, 2, 1}, new long[] {2, 1, 1}, new long[] {2, 1, 3},
                new long[] {8, 8, 1}, new long[] {2, 2, 3}, new long[] {6, 3, 1}, false);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4);
            MemorySegment b = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 99, 99, 99, 99, 99, 4, 5, 6);
            MemorySegment c = arena.allocate(48, 64);
            oneDnn.matmul(spec, a, b, null, c);
            assertArrayEquals(new float[] {1, 2, 3, 2, 4, 6, 12, 15, 18, 16, 20, 24}, c.toArray(ValueLayout.JAVA_FLOAT));
        }
    }

    /** Every combination of transposed operands, bias and an odd size. */
    @Test void matricesWithStrides() {
        Random random = new Random(1);
        for (int[] mnk : new int[][] {{1, 1, 1}, {3, 5, 7}, {1, 45, 512}, {45, 1, 512}, {17, 33, 65}, {64, 64, 64}}) {
            for (int flags = 0; flags < 8; flags++) {
                check(random, 1, 1, mnk[0], mnk[1], mnk[2], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
            }
        }
    }

    @Test void batchesAndBroadcasts() {
        Random random = new Random(2);
        for (int[] batch : new int[][] {{3, 3}, {3, 1}, {1, 4}}) {
            check(random, batch[0], batch[1], 5, 6, 9, false, false, false);
            check(random, batch[0], batch[1], 5, 6, 9, true, true, true);
        }
    }

    private void check(Random random, int batchA, int batchB, int m, int n, int k, boolean transposeA,
            boolean transposeB, boolean bias) {
        int batch = Math.max(batchA, batchB);
        float[] a = Naive.random(random, (long) batchA * m * k);
        float[] b = Naive.random(random, (long) batchB * k * n);
        float[] shift = Naive.random(random, n);
        int am = transposeA ? 1 : k;
        int ak = transposeA ? m : 1;
        int bk = transposeB ? 1 : n;
        int bn = transposeB ? k : 1;
        float[] expected = new float[batch * m * n];
        for (int p = 0; p < batch; p++) {
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = bias ? shift[j] : 0;
                    for (int l = 0; l < k; l++) {
                        sum += (double) a[p % batchA * m * k + i * am + l * ak] * b[p % batchB * k * n + l * bk
                                + j * bn];
                    }
                    expected[(p * m + i) * n + j] = (float) sum;
                }
            }
        }
        MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, new long[] {batch, m, k},
                new long[] {batchA == 1 ? 0 : (long) m * k, am, ak},
                new long[] {batch, k, n}, new long[] {batchB == 1 ? 0 : (long) k * n, bk, bn}, new long[] {batch, m, n},
                new long[] {(long) m * n, n, 1}, bias);
        String what = spec + " transposed " + transposeA + " " + transposeB;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment c = arena.allocate(4L * expected.length, 64);
            MemorySegment d = arena.allocate(4L * expected.length, 64);
            MemorySegment as = Naive.segment(arena, a);
            MemorySegment bs = Naive.segment(arena, b);
            MemorySegment biasSegment = bias ? Naive.segment(arena, shift) : null;
            oneDnn.matmul(spec, as, bs, biasSegment, c);
            Naive.assertClose(what, expected, Naive.floats(c), 1e-5 * Math.sqrt(k));
            oneDnn.matmulPacked(spec, as, Weights.constant(bs, spec.b().strides(), bs, 0), biasSegment, d);
            Naive.assertClose("packed " + what, expected, Naive.floats(d), 1e-5 * Math.sqrt(k));
        }
    }

    /** oneDNN's reference loops are 1000 times slower, so strides must never lead there. */
    @Test void anyStridesTakeAFastKernel() {
        Random random = new Random(5);
        float[] a = Naive.random(random, 600);
        float[] b = Naive.random(random, 600);
        long[][][] strides = {{{50, 5}, {1, 10}}, {{40, 2}, {40, 4}}, {{1, 6}, {3, 30}}};
        for (int m : new int[] {1, 5}) {
            for (long[][] s : strides) {
                float[] expected = new float[m * 6];
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < 6; j++) {
                        double sum = 1;
                        for (int k = 0; k < 9; k++) {
                            sum += (double) a[(int) (i * s[0][0] + k * s[0][1])] * b[(int) (k * s[1][0] + j * s[1][1])];
                        }
                        expected[i * 6 + j] = (float) sum;
                    }
                }
                MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, new long[] {m, 9}, s[0], new long[] {9, 6}, s[1],
                        new long[] {m, 6}, new long[] {12, 2}, false).withPostOps(PostOps.NONE.sum(1));
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment c = arena.allocate(4L * 12 * m, 64);
                    MemorySegment as = Naive.segment(arena, a);
                    MemorySegment bs = Naive.segment(arena, b);
                    for (boolean packed : new boolean[] {false, true}) {
                        for (int i = 0; i < 12 * m; i++) c.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
                        if (packed) oneDnn.matmulPacked(spec, as, Weights.changing(bs, s[1]), null, c);
                        else oneDnn.matmul(spec, as, bs, null, c);
                        float[] actual = new float[6 * m];
                        for (int i = 0; i < actual.length; i++) {
                            actual[i] = c.getAtIndex(ValueLayout.JAVA_FLOAT, 2L * i);
                        }
                        Naive.assertClose(spec + " packed " + packed, expected, actual, 1e-5);
                    }
                }
                MatmulSpec direct = spec.direct();
                DnnPrimitive primitive = oneDnn.enter(direct, () -> direct.build(oneDnn.shared().engine()));
                primitive.leave();
                assertTrue(!primitive.name().startsWith("ref"), direct + " is run by " + primitive.name());
            }
        }
    }

    @Test void postOpsRunInOrder() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = Naive.segment(arena, new float[] {1, 2, -3, 4});
            MemorySegment c = Naive.segment(arena, new float[] {10, 20, 30, 40});
            MemorySegment other = Naive.segment(arena, new float[] {-100, 0});
            MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, 2, 2, 2, false).withPostOps(PostOps.NONE
                    .linear(2, 0).sum(0.5f).add(DnnLayout.contiguous(ScalarType.FLOAT32, 1, 2)).clip(-50, 30));
            oneDnn.matmul(spec, a, a, null, c, other); // a·a = [-5 10; -15 10]
            assertArrayEquals(new float[] {-50, 30, -50, 30}, Naive.floats(c));
        }
    }

    @Test void bfloat16() {
        try (Arena arena = Arena.ofConfined()) {
            // 1, 2
            MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 0x3f80, (short) 0x4000);
            MemorySegment c = arena.allocate(8);
            try {
                oneDnn.matmul(MatmulSpec.of(ScalarType.BFLOAT16, 1, 1, 2, false), a, a, null, c);
            } catch (UnsupportedException e) {
                assumeTrue(false, "oneDNN has no bfloat16 products for this processor: " + e.getMessage());
            }
            assertEquals((short) 0x40a0, c.get(ValueLayout.JAVA_SHORT, 0)); // 5
        }
    }

    @Test void changedWeightsArePackedAgain() {
        try (Arena arena = Arena.ofConfined()) {
            float[] values = Naive.random(new Random(3), 64 * 64);
            MemorySegment a = Naive.segment(arena, values);
            MemorySegment b = Naive.segment(arena, values);
            MemorySegment c = arena.allocate(4L * values.length, 64);
            MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, 64, 64, 64, false);
            Object owner = new Object();
            oneDnn.matmulPacked(spec, a, Weights.constant(b, spec.b().strides(), owner, 0), null, c);
            float[] first = Naive.floats(c);
            b.fill((byte) 0);
            oneDnn.matmulPacked(spec, a, Weights.constant(b, spec.b().strides(), owner, 1), null, c);
            assertArrayEquals(new float[values.length], Naive.floats(c));
            assertTrue(first[0] != 0);
            oneDnn.forget(owner);
            assertTrue(oneDnn.packedWeightBytes() >= 0);
        }
    }

    @Test void wrongArgumentsAreRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment small = arena.allocate(12);
            MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, 2, 2, 2, false);
            assertThrows(IllegalArgumentException.class, () -> oneDnn.matmul(spec, small, small, null, small));
            MemorySegment heap = MemorySegment.ofArray(new float[4]);
            assertThrows(IllegalArgumentException.class, () -> oneDnn.matmul(spec, heap, heap, null, heap));
            assertThrows(UnsupportedException.class, () -> DnnLayout.contiguous(ScalarType.FLOAT64, 2, 2));
            assertThrows(UnsupportedException.class,
                    () -> DnnLayout.plain(ScalarType.FLOAT32, new long[] {5, 9}, new long[] {1, 3}));
        }
    }

    /** Four threads with two primitives each, more shapes than the cache holds, and every answer the same bits. */
    @Test void manyThreadsGetTheSameBits() throws Exception {
        float[] values = Naive.random(new Random(4), 96 * 96);
        try (Arena arena = Arena.ofShared(); var pool = Executors.newFixedThreadPool(4);
                OneDnn small = OneDnn.create(new OneDnn.Settings(2, 8, 1 << 20))) {
            MemorySegment a = Naive.segment(arena, values);
            Callable<List<float[]>> work = () -> {
                List<float[]> results = new ArrayList<>();
                try (Arena own = Arena.ofConfined()) {
                    for (int round = 0; round < 3; round++) {
                        for (int n = 64; n < 96; n += 2) {
                            MemorySegment c = own.allocate(4L * n * n, 64);
                            MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, n, n, n, false);
                            if (n % 4 == 0) small.matmul(spec, a, a, null, c);
                            else small.matmulPacked(spec, a, Weights.constant(a, spec.b().strides(), a, n), null, c);
                            results.add(Naive.floats(c));
                        }
                    }
                }
                return results;
            };
            List<Future<List<float[]>>> futures = pool.invokeAll(List.of(work, work, work, work));
            List<float[]> first = futures.getFirst().get();
            for (Future<List<float[]>> f : futures) {
                for (int i = 0; i < first.size(); i++) assertArrayEquals(first.get(i), f.get().get(i));
            }
            assertTrue(small.primitiveCount() <= 8 + 4, "held " + small.primitiveCount());
        }
    }
}
