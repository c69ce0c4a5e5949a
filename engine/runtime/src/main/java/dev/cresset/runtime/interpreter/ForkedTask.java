package dev.cresset.runtime.interpreter;

import dev.cresset.kernels.value.ScriptFuture;
import dev.cresset.tensor.Scope;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/** A function that {@code fork} runs on another thread, with memory of its own until somebody waits for it. */
final class ForkedTask implements ScriptFuture {
    private final FutureTask<Object> task;
    private Scope memory;

    ForkedTask(Scope memory, Callable<Object> body, Executor executor) {
        this.memory = memory;
        this.task = new FutureTask<>(body);
        executor.execute(task);
    }

    /** Waits; the waiting call takes over the memory of the task. */
    Object await(Scope waiter) {
        Object result = await();
        takeOver(waiter);
        return result;
    }

    /** Waits until the task has ended in whatever way. */
    void join(Scope waiter) {
        try {
            await();
        } catch (RuntimeException | Error _) {
            // whoever waits for the future gets it; nobody does
        }
        takeOver(waiter);
    }

    private synchronized void takeOver(Scope waiter) {
        if (memory != null) waiter.takeOver(memory);
        memory = null;
    }

    @Override public Object await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof RuntimeException r) throw r;
                    if (e.getCause() instanceof Error r) throw r;
                    throw new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
