package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.kernels.cuda.driver.CudaException;
import dev.cresset.kernels.cuda.driver.KernelCompileException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * Generated code that is asked for in the background when it is first needed; whoever needs it before it is there does without.
 * Safe from any number of threads.
 */
abstract class LateCode<C> {
    private final Predicate<Runnable> background;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile C code;
    private volatile String refusal;

    /** @param background see {@link SymbolicCode} */
    LateCode(Predicate<Runnable> background) { this.background = background; }

    /** The code, if somebody has had it made and it is fast; else null. Takes no time. */
    abstract C there();

    /**
     * Makes it, which takes a while.
     *
     * @param fast whether to run it until it is fast, where that takes runs
     * @return null if it was to become fast and is not
     * @throws UnsupportedException if there can be none
     */
    abstract C make(boolean fast);

    /** True if it was there and has been freed meanwhile. */
    boolean isGone() { return false; }

    /** The code; null if it is not there, and then it has been asked for, or if there can be none. */
    final C get() {
        if (code != null && isGone()) code = null;
        if (code != null || refusal != null) return code;
        if (background == null) generate(false);
        else code = there();
        if (code == null && refusal == null && asked.compareAndSet(false, true) && !background.test(this::later)) asked.set(false);
        return code;
    }

    private void later() {
        try {
            generate(true);
        } catch (KernelCompileException e) {
            refusal = "the compiler refuses it: " + e.log();
        } catch (CudaException e) {
            // whoever uses the device next is told; short of memory, it is tried again
        } finally {
            asked.set(false);
        }
    }

    private void generate(boolean fast) {
        try {
            code = make(fast);
        } catch (UnsupportedException e) {
            refusal = e.getMessage();
        }
    }

    /** Makes it, and makes it fast. */
    public final void warm() { if (!isWarm()) generate(true); }

    /** True if it is there, or there can be none. */
    public final boolean isWarm() { return code != null || refusal != null; }

    /** Why there can be none; null if there is no reason. */
    public final String refusal() { return refusal; }
}
