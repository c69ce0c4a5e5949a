package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OneDnnConvolutionTest {
    private static final ScalarType F32 = ScalarType.FLOAT32;
    private static OneDnn oneDnn;

    @BeforeAll static void create() {
        assumeTrue(OneDnnLibrary.isAvailable(), () -> "oneDNN is not here: "
                + OneDnnLibrary.loadFailure().orElseThrow().getMessage());
        oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(2));
    }

    @AfterAll static void close() { if (oneDnn != null) oneDnn.close(); }

    private static long[] l(long... values) { return values; }

    @Test void forward() {
        Random random = new Random(11);
        check(random, ConvSpec.forward(F32, l(2, 3, 9, 11), l(5, 3, 3, 3), 1, l(1, 1), l(1, 1), l(1, 1), l(1, 1)));
        check(random, ConvSpec.forward(F32, l(1, 16, 8, 8), l(32, 16, 1, 1), 1, l(2, 1), l(1, 1), l(0, 0), l(0, 0)));
        check(random, ConvSpec.forward(F32, l(1, 6, 7, 10), l(9, 2, 3, 2), 3, l(2, 1), l(2, 3), l(2, 0), l(1, 3)));
        check(random, ConvSpec.forward(F32, l(2, 17, 6, 6), l(17, 1, 3, 3), 17, l(1, 1), l(1, 1), l(1, 1), l(1, 1)));
        check(random, ConvSpec.forward(F32, l(2, 4, 19), l(7, 4, 5), 1, l(2), l(1), l(2), l(2)));
        check(random, ConvSpec.forward(F32, l(1, 3, 5, 6, 7), l(4, 3, 2, 3, 3), 1, l(1, 2, 1), l(1, 1, 1), l(0, 1, 1),
                l(0, 1, 1)));
    }

    @Test void transposed() {
        Random random = new Random(12);
        check(random, ConvSpec.transposed(F32, l(2, 5, 4, 6), l(5, 3, 3, 3), 1, l(2, 2), l(1, 1), l(1, 1), l(1, 1)));
        check(random, ConvSpec.transposed(F32, l(1, 6, 5, 5), l(6, 2, 2, 3), 2, l(1, 3), l(2, 1), l(0, 1), l(0, 2)));
        check(random, ConvSpec.transposed(F32, l(1, 16, 8), l(16, 16, 4), 1, l(2), l(1), l(0), l(1)));
        check(random, ConvSpec.transposed(F32, l(1, 2, 3, 3, 2), l(2, 4, 2, 2, 2), 1, l(2, 2, 2), l(1, 1, 1),
                l(0, 0, 0), l(0, 0, 0)));
    }

    private static void check(Random random, ConvSpec plain) {
        for (boolean withBias : new boolean[] {false, true}) {
            ConvSpec spec = plain.withBias(withBias).withPostOps(PostOps.NONE.relu());
            float[] src = Naive.random(random, Naive.count(spec.src().values()));
            float[] weights = Naive.random(random, Naive.count(spec.weights().values()));
            float[] bias = withBias ? Naive.random(random, spec.dstSizes()[1]) : null;
            float[] expected = Naive.convolution(spec, src, weights, bias);
            for (int i = 0; i < expected.length; i++) expected[i] = Math.max(0, expected[i]);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment w = Naive.segment(arena, weights);
                DnnMemory dst = DnnMemory.allocate(arena, DnnLayout.contiguous(F32, spec.dstSizes()));
                Convolution convolution = oneDnn.convolution(spec);
                for (int run = 0; run < 2; run++) {
                    dst.segment().fill((byte) -1);
                    convolution.run(DnnMemory.contiguous(F32, Naive.segment(arena, src), spec.src().values()),
                            Weights.constant(w, Naive.strides(spec.weights().values()), w, 0),
                            withBias ? Naive.segment(arena, bias) : null, dst);
                    Naive.assertClose(spec + " by " + convolution.kernelName(), expected, Naive.floats(dst.segment()),
                            1e-4);
                }
            }
        }
    }

    /**
     * conv → relu → conv with the tensor between them in oneDNN's order, a residual added; the same as step by step.
     */
    @Test void chainInBlockedLayouts() {
        Random random = new Random(13);
        long[] sizes = l(2, 20, 10, 10);
        ConvSpec first = ConvSpec.forward(F32, sizes, l(20, 20, 3, 3), 1, l(1, 1), l(1, 1), l(1, 1), l(1, 1));
        float[] x = Naive.random(random, Naive.count(sizes));
        float[] w = Naive.random(random, 20 * 20 * 9);
        float[] expected = Naive.convolution(first, x, w, null);
        for (int i = 0; i < expected.length; i++) expected[i] = Math.max(0, expected[i]);
        expected = Naive.convolution(first, expected, w, null);
        for (int i = 0; i < expected.length; i++) expected[i] += x[i];
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory src = DnnMemory.contiguous(F32, Naive.segment(arena, x), sizes);
            MemorySegment kernel = Naive.segment(arena, w);
            Weights weights = Weights.constant(kernel, Naive.strides(20, 20, 3, 3), kernel, 0);
            Convolution relu = oneDnn.convolution(first.withPostOps(PostOps.NONE.relu()));
            DnnMemory between = DnnMemory.allocate(arena, relu.dstLayout());
            relu.run(src, weights, null, between);
            for (PostOps residual : List.of(PostOps.NONE.sum(1), PostOps.NONE.add(DnnLayout.any(F32, sizes)))) {
                DnnMemory dst = DnnMemory.allocate(arena, DnnLayout.contiguous(F32, sizes));
                dst.segment().copyFrom(src.segment());
                Convolution last = oneDnn.convolution(first.withPostOps(residual), between.layout(), null);
                if (residual.readsDestination()) last.run(between, weights, null, dst);
                else last.run(between, weights, null, dst, src);
                Naive.assertClose("chain with " + residual, expected, Naive.floats(dst.segment()), 1e-4);
            }
        }
    }

    @Test void channelsLastAndTransposedWeightsAreStrides() {
        Random random = new Random(14);
        ConvSpec spec = ConvSpec.forward(F32, l(1, 4, 5, 6), l(8, 4, 3, 3), 1, l(1, 1), l(1, 1), l(1, 1), l(1, 1));
        float[] nhwc = Naive.random(random, 120);
        float[] nchw = new float[120];
        for (int c = 0; c < 4; c++) for (int p = 0; p < 30; p++) nchw[c * 30 + p] = nhwc[p * 4 + c];
        float[] w = Naive.random(random, 8 * 4 * 9);
        try (Arena arena = Arena.ofConfined()) {
            DnnMemory src = DnnMemory.plain(F32, l(1, 4, 5, 6), l(120, 1, 24, 4), Naive.segment(arena, nhwc));
            DnnMemory dst = DnnMemory.allocate(arena, DnnLayout.contiguous(F32, spec.dstSizes()));
            oneDnn.convolution(spec).run(src, Weights.changing(Naive.segment(arena, w), Naive.strides(8, 4, 3, 3)),
                    null, dst);
            Naive.assertClose("channels last", Naive.convolution(spec, nchw, w, null), Naive.floats(dst.segment()),
                    1e-4);
        }
    }

    @Test void manyThreadsGetTheSameBitsAndPackOnce() throws Exception {
        ConvSpec spec = ConvSpec.forward(F32, l(1, 32, 14, 14), l(32, 32, 3, 3), 1, l(1, 1), l(1, 1), l(1, 1), l(1, 1));
        Random random = new Random(15);
        try (Arena arena = Arena.ofShared(); var pool = Executors.newFixedThreadPool(4);
                OneDnn own = OneDnn.create(OneDnn.Settings.ofThreads(2))) {
            MemorySegment x = Naive.segment(arena, Naive.random(random, Naive.count(spec.src().values())));
            MemorySegment w = Naive.segment(arena, Naive.random(random, Naive.count(spec.weights().values())));
            Callable<float[]> work = () -> {
                try (Arena mine = Arena.ofConfined()) {
                    DnnMemory dst = DnnMemory.allocate(mine, DnnLayout.contiguous(F32, spec.dstSizes()));
                    for (int i = 0; i < 20; i++) {
                        own.convolution(spec).run(DnnMemory.contiguous(F32, x, spec.src().values()),
                                Weights.constant(w, Naive.strides(spec.weights().values()), w, 0), null, dst);
                    }
                    return Naive.floats(dst.segment());
                }
            };
            List<float[]> results = new ArrayList<>();
            for (var f : pool.invokeAll(List.of(work, work, work, work))) results.add(f.get());
            for (float[] r : results) assertArrayEquals(results.getFirst(), r);
            assertEquals(4L * 32 * 32 * 9, own.packedWeightBytes());
        }
    }
}
