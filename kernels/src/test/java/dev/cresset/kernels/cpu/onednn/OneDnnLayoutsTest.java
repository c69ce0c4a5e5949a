package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pooling, elementwise functions, additions and batch normalization, on plain and on channels-last tensors. */
class OneDnnLayoutsTest {
    private static final ScalarType F32 = ScalarType.FLOAT32;
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(),
                () -> "oneDNN is not here: " + OneDnnLibrary.loadFailure().orElseThrow().getMessage());
        oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(2));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    private static long[] l(long... values) { return values; }

    /** The same values channels last. */
    private static DnnMemory channelsLast(Arena arena, DnnMemory plain) {
        long[] sizes = plain.layout().sizes();
        long[] strides = Naive.strides(sizes[0], sizes[2], sizes[3], sizes[1]);
        DnnMemory last = DnnMemory.allocate(arena,
                DnnLayout.plain(F32, sizes, l(strides[0], strides[3], strides[1], strides[2])));
        oneDnn.reorder(plain, last);
        return last;
    }

    private static DnnMemory random(Arena arena, Random random, long... sizes) {
        return DnnMemory.contiguous(F32, Naive.segment(arena, Naive.random(random, Naive.count(sizes))), sizes);
    }

    private static float[] plainValues(Arena arena, DnnMemory memory) {
        DnnMemory plain = DnnMemory.allocate(arena, DnnLayout.contiguous(F32, memory.layout().sizes()));
        oneDnn.reorder(memory, plain);
        return Naive.floats(plain.segment());
    }

    @Test void reorderGoesThereAndBack() {
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory plain = random(arena, new Random(20), 2, 5, 3, 4);
            DnnMemory last = channelsLast(arena, plain);
            float[] values = Naive.floats(plain.segment());
            float[] moved = Naive.floats(last.segment());
            assertEquals(values[1 * 60 + 3 * 12 + 2 * 4 + 1], moved[((1 * 3 + 2) * 4 + 1) * 5 + 3]);
            assertArrayEquals(values, plainValues(arena, last));
        }
    }

    @Test void poolingAsPyTorchDoesIt() {
        for (PoolSpec.Kind kind : PoolSpec.Kind.values()) {
            for (boolean ceil : new boolean[] {false, true}) {
                pool(kind, l(3, 3), l(2, 2), l(1, 1), l(1, 1), ceil && kind != PoolSpec.Kind.AVERAGE_WITH_PADDING);
                pool(kind, l(2, 3), l(2, 1), l(0, 1), l(1, 1), ceil);
            }
        }
        pool(PoolSpec.Kind.MAX, l(3, 2), l(1, 2), l(1, 1), l(2, 3), true);
    }

    private void pool(PoolSpec.Kind kind, long[] kernel, long[] stride, long[] padding, long[] dilation, boolean ceil) {
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory plain = random(arena, new Random(21), 2, 7, 10, 9);
            for (DnnMemory src : new DnnMemory[] {plain, channelsLast(arena, plain)}) {
                PoolSpec spec = PoolSpec.of(kind, src.layout(), kernel, stride, padding, dilation, ceil);
                DnnMemory dst = DnnMemory.allocate(arena, oneDnn.poolLayout(spec));
                oneDnn.pool(spec, src.segment(), dst.segment());
                Naive.assertClose(spec.toString(), naivePool(spec, Naive.floats(plain.segment())),
                        plainValues(arena, dst), 1e-6);
            }
        }
    }

    private static float[] naivePool(PoolSpec s, float[] src) {
        long[] out = s.dstSizes();
        float[] result = new float[(int) Naive.count(out)];
        for (int i = 0; i < result.length; i++) {
            long x = i % out[3];
            long y = i / out[3] % out[2];
            long plane = i / out[3] / out[2];
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int inside = 0;
            for (long a = 0; a < s.kernel().get(0); a++) {
                for (long b = 0; b < s.kernel().get(1); b++) {
                    long v = y * s.stride().get(0) - s.padLeft().get(0) + a * s.dilation().get(0);
                    long u = x * s.stride().get(1) - s.padLeft().get(1) + b * s.dilation().get(1);
                    if (v < 0 || v >= 10 || u < 0 || u >= 9) continue;
                    float value = src[(int) ((plane * 10 + v) * 9 + u)];
                    max = Math.max(max, value);
                    sum += value;
                    inside++;
                }
            }
            result[i] = (float) switch (s.kind()) {
                case MAX -> max;
                case AVERAGE -> sum / inside;
                case AVERAGE_WITH_PADDING -> sum / Naive.count(s.kernel().values());
            };
        }
        return result;
    }

    /** Sizes worked out by torch.nn.functional.max_pool2d(torch.zeros(1, 1, 5, 6), 2, 2, padding=1, ceil_mode=True). */
    @Test void ceilModeDropsAWindowThatStartsInTheRightPadding() {
        DnnLayout src = DnnLayout.contiguous(F32, 1, 1, 5, 6);
        PoolSpec spec = PoolSpec.of(PoolSpec.Kind.MAX, src, l(2, 2), l(2, 2), l(1, 1), l(1, 1), true);
        assertArrayEquals(l(1, 1, 3, 4), spec.dstSizes());
        assertThrows(UnsupportedException.class, () -> PoolSpec.of(PoolSpec.Kind.AVERAGE_WITH_PADDING,
                DnnLayout.contiguous(F32, 1, 1, 10, 9), l(3, 3), l(2, 2), l(0, 0), l(1, 1), true));
    }

    @Test void pointwiseKeepsTheLayout() {
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory plain = random(arena, new Random(22), 2, 5, 3, 4);
            DnnMemory last = channelsLast(arena, plain);
            DnnMemory perChannel = random(arena, new Random(23), 1, 5, 1, 1);
            DnnMemory dst = DnnMemory.allocate(arena, last.layout());
            oneDnn.add(last, perChannel, dst, PostOps.NONE.relu());
            oneDnn.eltwise(PostOps.NONE.linear(2, 1).clip(0, 2), dst, dst);
            oneDnn.multiply(dst, last, dst, PostOps.NONE);
            float[] x = Naive.floats(plain.segment());
            float[] c = Naive.floats(perChannel.segment());
            float[] expected = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                expected[i] = Math.clamp(Math.max(0, x[i] + c[i / 12 % 5]) * 2 + 1, 0, 2) * x[i];
            }
            Naive.assertClose("add, relu, linear, clip, multiply", expected, plainValues(arena, dst), 1e-6);
        }
    }

    @Test void batchNormInEvaluationMode() {
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory plain = random(arena, new Random(24), 2, 5, 3, 4);
            DnnMemory last = channelsLast(arena, plain);
            float[][] p = new float[4][];
            for (int i = 0; i < 4; i++) p[i] = Naive.random(new Random(30 + i), 5);
            for (int i = 0; i < 5; i++) p[1][i] += 1.5f;
            DnnMemory dst = DnnMemory.allocate(arena, last.layout());
            oneDnn.batchNorm(last, Naive.segment(arena, p[0]), Naive.segment(arena, p[1]), Naive.segment(arena, p[2]),
                    Naive.segment(arena, p[3]), 1e-3f, dst, PostOps.NONE.relu());
            float[] x = Naive.floats(plain.segment());
            float[] expected = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                int c = i / 12 % 5;
                expected[i] = Math.max(0, (x[i] - p[0][c]) / (float) Math.sqrt(p[1][c] + 1e-3f) * p[2][c] + p[3][c]);
            }
            Naive.assertClose("batch norm", expected, plainValues(arena, dst), 1e-5);
        }
    }
}
