package dev.cresset.cli;

import dev.cresset.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** Times of the calls of one method: the first apart, since it compiles and warms up. */
final class Timing {
    private long first;
    private long[] rest = {};
    private int callers = 1;
    private long wall;

    Result first(Supplier<Result> call) {
        long start = System.nanoTime();
        Result result = call.get();
        first = System.nanoTime() - start;
        return result;
    }

    double firstSeconds() { return first / 1e9; }

    /** Calls this often on each of so many threads. */
    void repeat(Runnable call, int times, int threads) {
        callers = threads;
        long start = System.nanoTime();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<long[]>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) all.add(pool.submit(() -> measure(call, times)));
            long[] merged = {};
            for (Future<long[]> one : all) {
                long[] more = one.get();
                int at = merged.length;
                merged = Arrays.copyOf(merged, at + more.length);
                System.arraycopy(more, 0, merged, at, more.length);
            }
            rest = merged;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException r) throw r;
            throw new IllegalStateException("a call failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wall = System.nanoTime() - start;
        Arrays.sort(rest);
    }

    private static long[] measure(Runnable call, int times) {
        long[] out = new long[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            call.run();
            out[i] = System.nanoTime() - start;
        }
        return out;
    }

    @Override public String toString() {
        if (rest.length == 0) return "first " + millis(first);
        String line = "first " + millis(first) + ", then " + rest.length + " calls: median "
            + millis(rest[rest.length / 2]) + ", p90 "
            + millis(rest[(int) Math.min(rest.length - 1L, Math.round(rest.length * 0.9))]);
        return callers == 1 ? line : line + String.format(Locale.ROOT, "; %d callers, %.1f calls per second", callers,
            rest.length / (wall / 1e9));
    }

    private static String millis(long nanos) { return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6); }
}
