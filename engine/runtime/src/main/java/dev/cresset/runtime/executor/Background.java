package dev.cresset.runtime.executor;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one thread that makes plans, so that no call waits for it. Its queue is bounded: what does not fit comes again. */
public final class Background implements AutoCloseable {
    private static final int QUEUE = 32;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE),
        Thread.ofPlatform().daemon().name("cresset-specialize").priority(Thread.MIN_PRIORITY).factory());

    public Background() { thread.allowCoreThreadTimeOut(true); }

    /** Has something done soon; false if there is too much to do already. */
    boolean submit(Runnable work) {
        try {
            thread.execute(work);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** Waits until all that was asked for so far is done. */
    public void await() {
        CountDownLatch reached = new CountDownLatch(1);
        try {
            while (!submit(reached::countDown)) {
                if (thread.isShutdown()) throw new IllegalStateException("the engine is closed");
                Thread.sleep(1);    // the queue is full
            }
            while (!reached.await(100, TimeUnit.MILLISECONDS)) if (thread.isShutdown()) return;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override public void close() { thread.shutdownNow(); }

    /** As {@link #close}, and waits for what is being done: for what it uses and others are about to free. */
    public void closeAndWait() {
        close();
        thread.close();
    }
}
