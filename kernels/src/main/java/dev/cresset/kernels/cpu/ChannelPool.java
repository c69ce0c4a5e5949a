package dev.cresset.kernels.cpu;

import dev.cresset.kernels.ops.nn.Window;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Pooling of float32 tensors whose channels follow each other in memory: all channels of a window at once. Slow until the
 * JVM has compiled it. Elements are taken in the order of the pooling operators, so the results are the same.
 *
 * @param windows  of depth, height and width
 * @param source   strides of batch, depth, height and width in bytes; {@code target} likewise
 * @param divisor  of a sum; 0 for each window's own count
 */
public record ChannelPool(Window[] windows, int batch, int channels, long[] source, long[] target, boolean maximum, double divisor) {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    /** All memory, by address. */
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** Elements read that are worth another thread. */
    private static final long GRAIN = 100_000;

    /** Pools from the tensor at one address to that at the other. */
    public void run(int threads, long from, long to) {
        long lines = (long) batch * windows[0].size() * windows[1].size();
        long perLine = (long) channels * windows[2].size() * (windows[1].end()[0] - windows[1].start()[0] + 1) * (windows[2].end()[0] - windows[2].start()[0] + 1);
        Parallel.forRange(threads, lines, Math.max(1, GRAIN / perLine), (first, end) -> {
            for (long line = first; line < end; line++) line((int) line, from, to);
        });
    }

    // Both written out with the vectors of four lanes' worth of channels in local variables, which the compiler keeps in registers.

    private void line(int line, long from, long to) {
        int height = windows[1].size(), depth = windows[0].size();
        int h = line % height, d = line / height % depth, n = line / height / depth;
        for (int w = 0; w < windows[2].size(); w++) {
            long at = to + n * target[0] + d * target[1] + h * target[2] + w * target[3];
            if (maximum) maximum(from + n * source[0], d, h, w, at);
            else average(from + n * source[0], d, h, w, at);
        }
    }

    private void maximum(long from, int d, int h, int w, long to) {
        int z0 = windows[0].start()[d], z1 = windows[0].end()[d], dz = windows[0].step();
        int y0 = windows[1].start()[h], y1 = windows[1].end()[h], dy = windows[1].step();
        int x0 = windows[2].start()[w], x1 = windows[2].end()[w], dx = windows[2].step();
        long sz = source[1], sy = source[2], sx = source[3];
        int c = 0;
        for (; c + 4 * LANES <= channels; c += 4 * LANES) {
            FloatVector a = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY), b = a, e = a, g = a;
            for (int z = z0; z < z1; z += dz) {
                for (int y = y0; y < y1; y += dy) {
                    long at = from + z * sz + y * sy + x0 * sx + 4L * c;
                    for (int x = x0; x < x1; x += dx, at += dx * sx) {
                        a = a.max(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER));
                        b = b.max(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER));
                        e = e.max(FloatVector.fromMemorySegment(SPECIES, ALL, at + 8L * LANES, ORDER));
                        g = g.max(FloatVector.fromMemorySegment(SPECIES, ALL, at + 12L * LANES, ORDER));
                    }
                }
            }
            a.intoMemorySegment(ALL, to + 4L * c, ORDER);
            b.intoMemorySegment(ALL, to + 4L * (c + LANES), ORDER);
            e.intoMemorySegment(ALL, to + 4L * (c + 2 * LANES), ORDER);
            g.intoMemorySegment(ALL, to + 4L * (c + 3 * LANES), ORDER);
        }
        for (; c < channels; c += LANES) {
            VectorMask<Float> in = SPECIES.indexInRange(c, channels);
            FloatVector v = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            for (int z = z0; z < z1; z += dz) {
                for (int y = y0; y < y1; y += dy) {
                    long at = from + z * sz + y * sy + x0 * sx + 4L * c;
                    for (int x = x0; x < x1; x += dx, at += dx * sx) v = v.max(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER, in));
                }
            }
            v.intoMemorySegment(ALL, to + 4L * c, ORDER, in);
        }
    }

    private void average(long from, int d, int h, int w, long to) {
        int z0 = windows[0].start()[d], z1 = windows[0].end()[d], dz = windows[0].step();
        int y0 = windows[1].start()[h], y1 = windows[1].end()[h], dy = windows[1].step();
        int x0 = windows[2].start()[w], x1 = windows[2].end()[w], dx = windows[2].step();
        long sz = source[1], sy = source[2], sx = source[3];
        float scale = 1 / (float) (divisor != 0 ? divisor : (double) windows[0].count()[d] * windows[1].count()[h] * windows[2].count()[w]);
        int c = 0;
        for (; c + 4 * LANES <= channels; c += 4 * LANES) {
            FloatVector a = FloatVector.zero(SPECIES), b = a, e = a, g = a;
            for (int z = z0; z < z1; z += dz) {
                for (int y = y0; y < y1; y += dy) {
                    long at = from + z * sz + y * sy + x0 * sx + 4L * c;
                    for (int x = x0; x < x1; x += dx, at += dx * sx) {
                        a = a.add(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER));
                        b = b.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER));
                        e = e.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 8L * LANES, ORDER));
                        g = g.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 12L * LANES, ORDER));
                    }
                }
            }
            a.mul(scale).intoMemorySegment(ALL, to + 4L * c, ORDER);
            b.mul(scale).intoMemorySegment(ALL, to + 4L * (c + LANES), ORDER);
            e.mul(scale).intoMemorySegment(ALL, to + 4L * (c + 2 * LANES), ORDER);
            g.mul(scale).intoMemorySegment(ALL, to + 4L * (c + 3 * LANES), ORDER);
        }
        for (; c < channels; c += LANES) {
            VectorMask<Float> in = SPECIES.indexInRange(c, channels);
            FloatVector v = FloatVector.zero(SPECIES);
            for (int z = z0; z < z1; z += dz) {
                for (int y = y0; y < y1; y += dy) {
                    long at = from + z * sz + y * sy + x0 * sx + 4L * c;
                    for (int x = x0; x < x1; x += dx, at += dx * sx) v = v.add(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER, in));
                }
            }
            v.mul(scale).intoMemorySegment(ALL, to + 4L * c, ORDER, in);
        }
    }
}
