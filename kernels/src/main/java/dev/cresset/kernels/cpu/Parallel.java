package dev.cresset.kernels.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Splits the range of a kernel over threads. The split depends on the arguments alone, so results can be made to not depend on timing. */
public final class Parallel {
    private static final ExecutorService POOL = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS,
        new SynchronousQueue<>(), Thread.ofPlatform().daemon().name("cresset-kernel-", 0).factory());

    private Parallel() {}

    /** Work on the elements from {@code from} up to {@code to}. */
    @FunctionalInterface
    public interface Body { void run(long from, long to); }

    /**
     * Runs the body over 0 … n in at most {@code threads} pieces, one of them on the calling thread, and waits for all.
     * Pieces begin at multiples of {@code grain}. A piece that no thread has begun is done by the caller, so that calls
     * may nest.
     */
    public static void forRange(int threads, long n, long grain, Body body) {
        long grains = (n + grain - 1) / grain;
        long pieces = Math.min(threads, grains);
        if (pieces <= 1) {
            if (n > 0) body.run(0, n);
            return;
        }
        List<FutureTask<?>> others = new ArrayList<>();
        for (long p = 1; p < pieces; p++) {
            long from = grains * p / pieces * grain;
            long to = Math.min(n, grains * (p + 1) / pieces * grain);
            FutureTask<?> task = new FutureTask<>(() -> body.run(from, to), null);
            others.add(task);
            POOL.execute(task);
        }
        RuntimeException failure = null;
        try {
            body.run(0, grains / pieces * grain);
        } catch (RuntimeException e) {
            failure = e;
        }
        for (FutureTask<?> task : others) failure = await(task, failure);
        if (failure != null) throw failure;
    }

    /** Waits even when interrupted: the kernel's memory must not be given back while a piece still writes to it. */
    private static RuntimeException await(FutureTask<?> task, RuntimeException failure) {
        task.run();     // has no effect if a thread of the pool runs it already
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return failure;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            return failure != null ? failure : (RuntimeException) e.getCause();
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
