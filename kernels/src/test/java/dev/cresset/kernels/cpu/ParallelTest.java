package dev.cresset.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.onednn.LibraryTeam;
import dev.cresset.kernels.cpu.onednn.MatmulSpec;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Loops over threads, on both teams: all is done once, by a split that depends on nothing else, whatever is thrown. */
class ParallelTest {
    /** Runs what is given on a thread that has not used the library, then on one that has. */
    private static void onBothTeams(Runnable test) throws InterruptedException {
        onFreshThread(test);
        assumeTrue(OneDnnLibrary.isAvailable(), "the library's team is not tested: oneDNN is not here");
        onFreshThread(() -> {
            useLibrary();
            assertTrue(LibraryTeam.isInUse());
            test.run();
        });
    }

    private static void onFreshThread(Runnable test) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread t = new Thread(() -> {
            try {
                test.run();
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        t.start();
        t.join();
        if (failure.get() != null) throw new AssertionError("on another thread", failure.get());
    }

    /** A product large enough for two threads. */
    private static void useLibrary() {
        try (OneDnn oneDnn = OneDnn.create(OneDnn.Settings.ofThreads(2)); Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(4 * 256 * 256, 64), out = arena.allocate(4 * 256 * 256, 64);
            oneDnn.matmul(MatmulSpec.of(ScalarType.FLOAT32, 256, 256, 256, false), m, m, null, out);
        }
    }

    @Test void doesEachElementOnceInTheSameSplit() throws InterruptedException {
        onBothTeams(() -> {
            for (int threads : new int[] {1, 2, 3, 7}) {
                for (long n : new long[] {0, 1, 5, 64, 1000}) {
                    int[] done = new int[(int) n];
                    List<Long> starts = Collections.synchronizedList(new ArrayList<>());
                    Parallel.forRange(threads, n, 16, (from, to) -> {
                        starts.add(from);
                        for (long i = from; i < to; i++) done[(int) i]++;
                    });
                    int[] once = new int[(int) n];
                    Arrays.fill(once, 1);
                    assertArrayEquals(once, done);
                    long grains = (n + 15) / 16, pieces = Math.min(threads, grains);
                    assertEquals(pieces, starts.size());
                    for (int p = 0; p < pieces; p++) assertTrue(starts.contains(grains * p / pieces * 16), starts::toString);
                }
            }
        });
    }

    @Test void throwsWhatTheFirstPieceThrew() throws InterruptedException {
        onBothTeams(() -> {
            AtomicLong ran = new AtomicLong();
            RuntimeException e = assertThrows(IllegalStateException.class, () -> Parallel.forRange(4, 4, 1, (from, to) -> {
                ran.incrementAndGet();
                if (from >= 1) throw new IllegalStateException("piece " + from);
            }));
            assertEquals("piece 1", e.getMessage());
            assertEquals(4, ran.get());
            assertThrows(StackOverflowError.class, () -> Parallel.forRange(2, 2, 1, (_, _) -> { throw new StackOverflowError(); }));
            long[] sum = new long[2];
            Parallel.forRange(2, 2, 1, (from, _) -> sum[(int) from] = 1);
            assertEquals(2, sum[0] + sum[1]);
        });
    }

    @Test void nests() throws InterruptedException {
        onBothTeams(() -> {
            AtomicLong count = new AtomicLong();
            Parallel.forRange(3, 3, 1, (_, _) -> Parallel.forRange(3, 30, 1, (from, to) -> count.addAndGet(to - from)));
            assertEquals(90, count.get());
        });
    }

    @Test void servesManyCallers() throws InterruptedException {
        int callers = 16, loops = 300;
        AtomicLong total = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < callers; c++) {
            boolean library = c % 2 == 0 && OneDnnLibrary.isAvailable();
            threads.add(new Thread(() -> {
                if (library) useLibrary();
                for (int i = 0; i < loops; i++) Parallel.forRange(2, 100, 10, (from, to) -> total.addAndGet(to - from));
            }));
        }
        threads.forEach(Thread::start);
        for (Thread t : threads) t.join(60_000);
        assertEquals(callers * loops * 100L, total.get());
    }

    @Test void waitsWhenInterrupted() throws InterruptedException {
        onBothTeams(() -> {
            Thread.currentThread().interrupt();
            AtomicLong total = new AtomicLong();
            Parallel.forRange(2, 2, 1, (from, to) -> {
                for (int i = 0; i < 1_000_000; i++) Thread.onSpinWait();
                total.addAndGet(to - from);
            });
            assertEquals(2, total.get());
            assertTrue(Thread.interrupted());
        });
    }
}
