package dev.cresset.kernels.cpu;

import dev.cresset.kernels.cpu.onednn.LibraryTeam;

/**
 * Splits the range of a kernel over threads. The split depends on the arguments alone, so results can be made to not depend on timing.
 *
 * <p>Note [Two teams]. A processor must not have two threads that spin for work. oneDNN brings its own (libgomp's), so a
 * calling thread that has just used it runs its loops on those ({@link LibraryTeam}); one that has not uses {@link
 * KernelThreads}, which start a loop several times faster. Which of them runs a piece has no influence on the result.
 */
public final class Parallel {
    /** Whether the thread runs a piece already: loops inside of pieces are not split again. */
    private static final ThreadLocal<boolean[]> INSIDE = ThreadLocal.withInitial(() -> new boolean[1]);

    private Parallel() {}

    /** Work on the elements from {@code from} up to {@code to}. */
    @FunctionalInterface
    public interface Body { void run(long from, long to); }


    /**
     * Runs the body over 0 … n in at most {@code threads} pieces, some of them on the calling thread, and waits for all.
     * Pieces begin at multiples of {@code grain}. Inside of a piece, calls run on its thread alone, piece after piece.
     *
     * @throws RuntimeException the first that a piece threw, by the order of pieces; likewise errors
     */
    public static void forRange(int threads, long n, long grain, Body body) {
        long grains = (n + grain - 1) / grain;
        int pieces = (int) Math.min(threads, grains);
        if (pieces <= 1) {
            if (n > 0) body.run(0, n);
            return;
        }
        boolean[] inside = INSIDE.get();
        if (inside[0]) {
            for (int p = 0; p < pieces; p++) piece(p, pieces, grains, grain, n, body);
        } else if (LibraryTeam.isInUse()) {
            LibraryTeam.run(pieces, p -> marked(p, pieces, grains, grain, n, body));
        } else {
            inside[0] = true;
            try {
                KernelThreads.run(pieces, p -> piece(p, pieces, grains, grain, n, body));
            } finally {
                inside[0] = false;
            }
        }
    }

    private static void marked(int p, int pieces, long grains, long grain, long n, Body body) {
        boolean[] inside = INSIDE.get();
        inside[0] = true;
        try {
            piece(p, pieces, grains, grain, n, body);
        } finally {
            inside[0] = false;
        }
    }

    /** Called on each of {@link KernelThreads}, which run nothing but pieces. */
    static void alwaysInside() { INSIDE.get()[0] = true; }

    private static void piece(int p, int pieces, long grains, long grain, long n, Body body) {
        body.run(grains * p / pieces * grain, Math.min(n, grains * (p + 1) / pieces * grain));
    }

    /** Passes on what a piece threw; nothing but unchecked exceptions and errors can come. */
    static void rethrow(Throwable failure) {
        if (failure instanceof Error e) throw e;
        throw (RuntimeException) failure;
    }
}
