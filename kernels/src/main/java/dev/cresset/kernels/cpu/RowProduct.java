package dev.cresset.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * y = x · W + bias for few rows x and a constant matrix W [k, n], float32. W is packed once into panels of columns, each of
 * which is read from front to back: such a product is as fast as W can be read. The columns of a panel are summed in the
 * order of k by one thread, so the result does not depend on the number of threads. Safe from any number of threads.
 */
public final class RowProduct implements AutoCloseable {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final int PANEL = 4 * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    /** All memory, by address. */
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /** Multiplications worth another thread: some microseconds. */
    private static final long GRAIN = 40_000;

    private final Arena arena = Arena.ofShared();
    private final int k, n, panels;
    private final MemorySegment packed;     // [panels][k][PANEL], zeros beyond n
    private final MemorySegment bias;       // [panels][PANEL]

    /**
     * @param weight element W[i, j] at {@code i * rowStride + j * columnStride}, in elements
     * @param bias   n floats, or null for zeros
     */
    public RowProduct(MemorySegment weight, int k, int n, long rowStride, long columnStride, MemorySegment bias) {
        this.k = k;
        this.n = n;
        panels = (n + PANEL - 1) / PANEL;
        packed = arena.allocate(4L * panels * k * PANEL, 64);
        this.bias = arena.allocate(4L * panels * PANEL, 64);
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < k; i++) {
                packed.set(FLOAT, 4L * (((long) (j / PANEL) * k + i) * PANEL + j % PANEL), weight.get(FLOAT, 4 * (i * rowStride + j * columnStride)));
            }
        }
        if (bias != null) MemorySegment.copy(bias, 0, this.bias, 0, 4L * n);
    }

    /** Bytes of the packed matrix. */
    public long byteSize() { return packed.byteSize() + bias.byteSize(); }

    /**
     * Computes rows.
     *
     * @param x,y             addresses of the first row
     * @param xStride,yStride bytes from row to row; within a row, elements follow each other
     */
    public void run(int threads, int rows, long x, long xStride, long y, long yStride) {
        long grain = Math.max(1, GRAIN / ((long) k * PANEL * rows));
        if (threads == 1 || panels <= grain) {
            panels(0, panels, rows, x, xStride, y, yStride);
        } else {
            Parallel.forRange(threads, panels, grain, (from, to) -> panels((int) from, (int) to, rows, x, xStride, y, yStride));
        }
    }

    private void panels(int from, int to, int rows, long x, long xStride, long y, long yStride) {
        for (int p = from; p < to; p++) {
            long w = packed.address() + 4L * p * k * PANEL, b = bias.address() + 4L * p * PANEL, at = 4L * p * PANEL;
            int r = 0;
            for (; r + 2 <= rows; r += 2) two(w, b, x + r * xStride, xStride, y + r * yStride + at, yStride, n - p * PANEL);
            if (r < rows) one(w, b, x + r * xStride, y + r * yStride + at, n - p * PANEL);
        }
    }

    /** One row times one panel; written out, as vectors that leave a method before it is inlined are put on the heap. */
    private void one(long w, long b, long x, long y, int columns) {
        FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, b, ORDER);
        FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 4L * LANES, ORDER);
        FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 8L * LANES, ORDER);
        FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 12L * LANES, ORDER);
        for (int i = 0; i < k; i++) {
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x + 4L * i));
            long at = w + 4L * PANEL * i;
            s0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER), s1);
            s2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, at + 8L * LANES, ORDER), s2);
            s3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, at + 12L * LANES, ORDER), s3);
        }
        if (columns >= PANEL) {
            s0.intoMemorySegment(ALL, y, ORDER);
            s1.intoMemorySegment(ALL, y + 4L * LANES, ORDER);
            s2.intoMemorySegment(ALL, y + 8L * LANES, ORDER);
            s3.intoMemorySegment(ALL, y + 12L * LANES, ORDER);
        } else {
            s0.intoMemorySegment(ALL, y, ORDER, within(columns));
            s1.intoMemorySegment(ALL, y + 4L * LANES, ORDER, within(columns - LANES));
            s2.intoMemorySegment(ALL, y + 8L * LANES, ORDER, within(columns - 2 * LANES));
            s3.intoMemorySegment(ALL, y + 12L * LANES, ORDER, within(columns - 3 * LANES));
        }
    }

    private void two(long w, long b, long x, long xStride, long y, long yStride, int columns) {
        FloatVector s0 = FloatVector.fromMemorySegment(SPECIES, ALL, b, ORDER), t0 = s0;
        FloatVector s1 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 4L * LANES, ORDER), t1 = s1;
        FloatVector s2 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 8L * LANES, ORDER), t2 = s2;
        FloatVector s3 = FloatVector.fromMemorySegment(SPECIES, ALL, b + 12L * LANES, ORDER), t3 = s3;
        for (int i = 0; i < k; i++) {
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x + 4L * i));
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x + xStride + 4L * i));
            long at = w + 4L * PANEL * i;
            FloatVector w0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector w1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER);
            FloatVector w2 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 8L * LANES, ORDER);
            FloatVector w3 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 12L * LANES, ORDER);
            s0 = v.fma(w0, s0);
            s1 = v.fma(w1, s1);
            s2 = v.fma(w2, s2);
            s3 = v.fma(w3, s3);
            t0 = u.fma(w0, t0);
            t1 = u.fma(w1, t1);
            t2 = u.fma(w2, t2);
            t3 = u.fma(w3, t3);
        }
        for (int r = 0; r < 2; r++) {
            long to = y + r * yStride;
            (r == 0 ? s0 : t0).intoMemorySegment(ALL, to, ORDER, within(columns));
            (r == 0 ? s1 : t1).intoMemorySegment(ALL, to + 4L * LANES, ORDER, within(columns - LANES));
            (r == 0 ? s2 : t2).intoMemorySegment(ALL, to + 8L * LANES, ORDER, within(columns - 2 * LANES));
            (r == 0 ? s3 : t3).intoMemorySegment(ALL, to + 12L * LANES, ORDER, within(columns - 3 * LANES));
        }
    }

    private static VectorMask<Float> within(int lanes) { return SPECIES.indexInRange(0, Math.max(0, lanes)); }

    @Override public void close() { arena.close(); }
}
