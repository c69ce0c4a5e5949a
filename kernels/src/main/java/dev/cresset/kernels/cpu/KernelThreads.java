package dev.cresset.kernels.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Threads that help with loops, one fewer than there are processors, shared by all callers. A helper spins some tens of
 * microseconds for the next piece, then sleeps. Pieces for which no helper is free, or that none has begun when the caller
 * is through with its own, are done by the caller: many callers at once do not wait for each other.
 */
final class KernelThreads {
    /** Of a helper: nobody's; a caller's; with a piece to begin; busy with it; finished. */
    private static final int IDLE = 0, TAKEN = 1, POSTED = 2, RUNNING = 3, DONE = 4;
    /** Each takes some tens of nanoseconds. */
    private static final int SPINS = 2000;
    private static final Helper[] HELPERS = new Helper[Runtime.getRuntime().availableProcessors() - 1];
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Helper.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
        for (int i = 0; i < HELPERS.length; i++) {
            HELPERS[i] = new Helper(i);
            HELPERS[i].start();
        }
    }

    private KernelThreads() {}

    /** Runs the pieces 0 … pieces, the first on the calling thread, and waits for all. */
    static void run(int pieces, IntConsumer body) {
        Thread caller = Thread.currentThread();
        int given = 0;
        int seen = 0;   // helpers before this one have been asked
        while (seen < HELPERS.length && given < pieces - 1) {
            Helper h = HELPERS[seen++];
            if (h.take()) h.post(caller, body, ++given);
        }
        Failure failure = attempt(body, 0, null);
        for (int p = given + 1; p < pieces; p++) failure = attempt(body, p, failure);
        for (int i = 0; i < seen; i++) if (HELPERS[i].owner == caller) failure = HELPERS[i].finish(failure);
        if (failure != null) Parallel.rethrow(failure.thrown);
    }

    private record Failure(int piece, Throwable thrown) {
        /** The one of the earlier piece. */
        static Failure first(Failure a, Failure b) { return a == null || b != null && b.piece < a.piece ? b : a; }
    }

    private static Failure attempt(IntConsumer body, int piece, Failure other) {
        try {
            body.accept(piece);
            return other;
        } catch (Throwable t) {
            return Failure.first(other, new Failure(piece, t));
        }
    }

    private static final class Helper extends Thread {
        private volatile int state;
        private volatile boolean sleeping;
        private volatile Thread waiter;
        private volatile Thread owner;
        private IntConsumer body;
        private int piece;
        private Failure failure;

        Helper(int number) {
            super("cresset-kernel-" + number);
            setDaemon(true);
        }

        // ---- on the caller's thread

        boolean take() { return state == IDLE && STATE.compareAndSet(this, IDLE, TAKEN); }

        void post(Thread caller, IntConsumer work, int number) {
            owner = caller;
            body = work;
            piece = number;
            state = POSTED;
            if (sleeping) LockSupport.unpark(this);
        }

        /** Waits for the piece, or does it here if it has not begun. */
        Failure finish(Failure other) {
            Failure own;
            if (STATE.compareAndSet(this, POSTED, TAKEN)) {
                own = attempt(body, piece, null);
            } else {
                awaitDone();
                own = failure;
            }
            body = null;
            failure = null;
            owner = null;
            state = IDLE;
            return Failure.first(other, own);
        }

        /** Also when interrupted: the kernel's memory must not be given back while a piece still writes to it. */
        private void awaitDone() {
            for (int i = 0; i < SPINS; i++) {
                if (state == DONE) return;
                Thread.onSpinWait();
            }
            boolean interrupted = false;
            waiter = Thread.currentThread();
            while (state != DONE) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            waiter = null;
            if (interrupted) Thread.currentThread().interrupt();
        }

        // ---- on the helper's own

        @Override public void run() {
            Parallel.alwaysInside();
            while (true) {
                awaitPiece();
                if (!STATE.compareAndSet(this, POSTED, RUNNING)) continue;
                failure = attempt(body, piece, null);
                state = DONE;
                Thread w = waiter;
                if (w != null) LockSupport.unpark(w);
            }
        }

        private void awaitPiece() {
            for (int i = 0; i < SPINS; i++) {
                if (state == POSTED) return;
                Thread.onSpinWait();
            }
            sleeping = true;
            while (state != POSTED) LockSupport.park(this);
            sleeping = false;
        }
    }
}
