package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/** Runs loops of ours on the threads that libgomp keeps for the calling thread; see Note [Two teams] in Parallel. */
public final class LibraryTeam {
    /** So many loops after its last call of the library a thread no longer counts as using it. */
    private static final int LOOPS_IN_USE = 32;

    /** Loops to go until the library counts as unused by the thread. */
    private static final ThreadLocal<int[]> IN_USE = ThreadLocal.withInitial(() -> new int[1]);

    private LibraryTeam() {}

    /** A loop in progress; whoever has time takes the next piece. */
    private static final class Loop {
        final int pieces;
        final IntConsumer body;
        final AtomicInteger next = new AtomicInteger();
        final Throwable[] failures;

        Loop(int pieces, IntConsumer body) {
            this.pieces = pieces;
            this.body = body;
            this.failures = new Throwable[pieces];
        }
    }

    /** Bound when first needed: by then the library is loaded, as it has been used. */
    private static final class Native {
        static final ConcurrentHashMap<Long, Loop> LOOPS = new ConcurrentHashMap<>();
        static final AtomicLong NUMBERS = new AtomicLong();
        /** void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) */
        static final MethodHandle PARALLEL = Linker.nativeLinker().downcallHandle(OneDnnLibrary.find("GOMP_parallel").orElseThrow(),
            FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT));
        static final MemorySegment ENTRY;

        static {
            try {
                MethodHandle entry = MethodHandles.lookup().findStatic(LibraryTeam.class, "enter", MethodType.methodType(void.class, long.class));
                ENTRY = Linker.nativeLinker().upcallStub(entry, FunctionDescriptor.ofVoid(JAVA_LONG), Arena.global());
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    /** Notes that the calling thread has run something of the library's on several threads. */
    static void used() { IN_USE.get()[0] = LOOPS_IN_USE; }

    /** True if the calling thread uses the library just now, so that the library's threads are likely to be awake. */
    public static boolean isInUse() {
        int[] left = IN_USE.get();
        if (left[0] == 0) return false;
        left[0]--;
        return OneDnnLibrary.hasGomp();
    }

    /** Runs the pieces 0 … pieces on so many threads, the calling one included, and waits for all. */
    public static void run(int pieces, IntConsumer body) {
        Loop loop = new Loop(pieces, body);
        long number = Native.NUMBERS.incrementAndGet();
        Native.LOOPS.put(number, loop);
        try {
            Native.PARALLEL.invokeExact(Native.ENTRY, number, pieces, 0);
        } catch (Throwable t) {
            throw OneDnnLibrary.rethrow(t);
        } finally {
            Native.LOOPS.remove(number);
        }
        for (Throwable t : loop.failures) {
            if (t != null) throw OneDnnLibrary.rethrow(t);
        }
    }

    /** Called by libgomp on each thread of the team. Nothing may be thrown into it: that would end the process. */
    private static void enter(long number) {
        Loop loop = Native.LOOPS.get(number);
        for (int p = loop.next.getAndIncrement(); p < loop.pieces; p = loop.next.getAndIncrement()) {
            try {
                loop.body.accept(p);
            } catch (Throwable t) {
                loop.failures[p] = t;
            }
        }
    }
}
