package dev.cresset.kernels.cpu.onednn;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** The operations as plain loops in double precision, and what the tests need to compare with them. */
final class Naive {
    private Naive() {}

    static float[] random(Random random, long count) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) values[i] = random.nextFloat() * 2 - 1;
        return values;
    }

    static MemorySegment segment(Arena arena, float[] values) {
        MemorySegment s = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, s, ValueLayout.JAVA_FLOAT, 0, values.length);
        return s;
    }

    static float[] floats(MemorySegment segment) { return segment.toArray(ValueLayout.JAVA_FLOAT); }

    static long count(long... sizes) {
        long n = 1;
        for (long s : sizes) n *= s;
        return n;
    }

    static long[] strides(long... sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= sizes[d];
        }
        return strides;
    }

    static void assertClose(String what, float[] expected, float[] actual, double tolerance) {
        if (expected.length != actual.length) {
            fail(what + ": " + expected.length + " values expected, got " + actual.length);
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                fail(what + ": value " + i + " is " + actual[i] + ", expected " + expected[i]);
            }
        }
    }

    /** Convolution of any spatial rank by walking all coordinates; weights are [o, c/groups, …]. */
    static float[] convolution(ConvSpec s, float[] src, float[] weights, float[] bias) {
        long[] in = s.src().values();
        long[] out = s.dstSizes();
        long[] w = s.weights().values();
        int spatial = in.length - 2;
        float[] result = new float[(int) count(out)];
        long perGroupIn = in[1] / s.groups();
        long perGroupOut = out[1] / s.groups();
        double[] sums = new double[result.length];
        if (bias != null) for (int i = 0; i < sums.length; i++) sums[i] = bias[(int) (i / count(tail(out)) % out[1])];
        long[] taps = tail(w);
        long[] walked = s.transposed() ? tail(in) : tail(out);
        long[] other = s.transposed() ? tail(out) : tail(in);
        for (long n = 0; n < in[0]; n++) {
            for (long o = 0; o < out[1]; o++) {
                long g = o / perGroupOut;
                for (long c = 0; c < perGroupIn; c++) {
                    for (long p = 0; p < count(walked); p++) {
                        for (long t = 0; t < count(taps); t++) {
                            long q = 0;
                            boolean inside = true;
                            long pr = p;
                            long tr = t;
                            long step = 1;
                            for (int d = spatial - 1; d >= 0; d--) {
                                long at = pr % walked[d] * s.stride().get(d) - s.padLeft().get(d)
                                        + tr % taps[d] * s.dilation().get(d);
                                pr /= walked[d];
                                tr /= taps[d];
                                inside &= at >= 0 && at < other[d];
                                q += at * step;
                                step *= other[d];
                            }
                            if (!inside) continue;
                            long from = s.transposed() ? p : q;
                            long to = s.transposed() ? q : p;
                            long weight = s.transposed() ? ((g * perGroupIn + c) * perGroupOut + o % perGroupOut)
                                    : o * perGroupIn + c;
                            sums[(int) ((n * out[1] + o) * count(tail(out)) + to)] +=
                                    (double) src[(int) ((n * in[1] + g * perGroupIn + c) * count(tail(in)) + from)]
                                            * weights[(int) (weight * count(taps) + t)];
                        }
                    }
                }
            }
        }
        for (int i = 0; i < result.length; i++) result[i] = (float) sums[i];
        return result;
    }

    static long[] tail(long[] sizes) { return java.util.Arrays.copyOfRange(sizes, 2, sizes.length); }
}
