package dev.cresset.bench.subject;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.MatmulSpec;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What this machine can do at most: oneDNN's best matrix product, and copying of memory in a 16 MB working set. */
final class Ceiling {
    private static final int SIDE = 1024;
    /** Long enough to meet a quiet moment of the machine. */
    private static final long NANOSECONDS = 2_000_000_000;
    private static final long COPY_BYTES = 8 << 20;

    private Ceiling() {}

    static String measure(int threads) throws Exception {
        return String.format(Locale.ROOT, "%.1f %.2f", gflops(threads), gigabytes(threads));
    }

    private static double gflops(int threads) {
        try (OneDnn dnn = OneDnn.create(OneDnn.Settings.ofThreads(threads)); Arena arena = Arena.ofConfined()) {
            long bytes = 4L * SIDE * SIDE;
            MemorySegment a = arena.allocate(bytes, 64), b = arena.allocate(bytes, 64), c = arena.allocate(bytes, 64);
            Weights weights = Weights.constant(b, new long[]{SIDE, 1}, Ceiling.class, 0);
            MatmulSpec spec = MatmulSpec.of(ScalarType.FLOAT32, SIDE, SIDE, SIDE, false);
            long best = Long.MAX_VALUE;
            for (long end = System.nanoTime() + NANOSECONDS; System.nanoTime() < end; ) {
                long start = System.nanoTime();
                dnn.matmulPacked(spec, a, weights, null, c);
                best = Math.min(best, System.nanoTime() - start);
            }
            return 2.0 * SIDE * SIDE * SIDE / best;
        }
    }

    /** Bytes read plus bytes written, by all threads together. */
    private static double gigabytes(int threads) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads); Arena arena = Arena.ofShared()) {
            MemorySegment from = arena.allocate(COPY_BYTES, 64), to = arena.allocate(COPY_BYTES, 64);
            long best = Long.MAX_VALUE, part = COPY_BYTES / threads;
            for (long end = System.nanoTime() + NANOSECONDS; System.nanoTime() < end; ) {
                long start = System.nanoTime();
                List<Future<?>> parts = new ArrayList<>();
                for (int t = 1; t < threads; t++) {
                    long at = t * part;
                    parts.add(pool.submit(() -> MemorySegment.copy(from, at, to, at, part)));
                }
                MemorySegment.copy(from, 0, to, 0, part);
                for (Future<?> f : parts) f.get();
                best = Math.min(best, System.nanoTime() - start);
            }
            return 2.0 * COPY_BYTES / best;
        }
    }
}
