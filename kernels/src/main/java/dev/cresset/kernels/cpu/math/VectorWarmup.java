package dev.cresset.kernels.cpu.math;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Gets the vector loops compiled in the background, once so much has been computed with their plain twins that it pays.
 * The state is the process's, as compiled code is, and changes no result.
 */
final class VectorWarmup {
    /** Elements computed by plain loops before vector code is worth its compilation: some 10 ms of work. */
    private static final long WORTH_IT = 2 << 20;
    private static final int LENGTH = 1024;
    /** A vector loop this fast is compiled. */
    private static final long COMPILED_NANOS = 6_000;
    private static final int FAST_CALLS = 50;
    private static final int MAX_CALLS = 20_000;

    private static final boolean AVAILABLE = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    private static final AtomicLong WORK = new AtomicLong();
    private static volatile boolean done;

    private VectorWarmup() {}

    /** Whether vector loops may be used; counts {@code n} elements of plain work if not. */
    static boolean isDone(int n) {
        if (done || !AVAILABLE) return done;
        long before = WORK.getAndAdd(n);
        if (before < WORTH_IT && before + n >= WORTH_IT) {
            Thread.ofPlatform().daemon().name("cresset-vector-warmup").priority(Thread.MIN_PRIORITY).start(VectorWarmup::run);
        }
        return false;
    }

    /** Runs every vector loop until it is fast. */
    static void run() {
        float[] a = new float[LENGTH], b = new float[LENGTH], d = new float[LENGTH];
        int[] c = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            a[i] = (i - LENGTH / 2) * 0.01f;
            b[i] = -a[i] * a[i];
        }
        repeat(() -> VectorLoops.lt(c, a, b, LENGTH));
        repeat(() -> VectorLoops.select(d, c, a, b, LENGTH));
        repeat(() -> VectorLoops.le(c, a, b, LENGTH));
        repeat(() -> VectorLoops.eq(c, a, b, LENGTH));
        repeat(() -> VectorLoops.ne(c, a, b, LENGTH));
        repeat(() -> VectorLoops.exp(d, a, LENGTH));
        repeat(() -> VectorLoops.tanh(d, a, LENGTH));
        repeat(() -> VectorLoops.erf(d, a, LENGTH));
        repeat(() -> VectorLoops.log(d, a, LENGTH));
        repeat(() -> VectorLoops.log1p(d, a, LENGTH));
        repeat(() -> VectorLoops.expm1(d, a, LENGTH));
        done = true;
    }

    private static void repeat(Runnable loop) {
        int fast = 0;
        for (int i = 0; i < MAX_CALLS && fast < FAST_CALLS; i++) {
            long start = System.nanoTime();
            loop.run();
            if (System.nanoTime() - start < COMPILED_NANOS) fast++;
        }
    }
}
