package dev.cresset.kernels.ops.reduce;

import dev.cresset.kernels.cpu.Parallel;

/** Splitting independent items of a kernel among the threads of a call. */
final class Work {
    /** Elements below which another thread is not worth its start. */
    static final long GRAIN = 32 << 10;

    private Work() {}

    /** Work on the items {@code from} (inclusive) to {@code to} (exclusive). */
    @FunctionalInterface
    interface Range { void run(long from, long to); }

    /** Runs n items of this many elements each; items must not depend on each other, so the threads change no result. */
    static void split(int threads, long n, long elementsPerItem, Range body) {
        Parallel.forRange(threads, n, Math.max(1, GRAIN / Math.max(1, elementsPerItem)), body::run);
    }
}
