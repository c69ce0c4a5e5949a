package dev.cresset.kernels.value;

/** What {@code fork} returns; may be waited for any number of times. */
public interface ScriptFuture {
    /** Waits for the task and returns its result. @throws dev.cresset.ir.diag.ScriptError if the task failed */
    Object await();
}
