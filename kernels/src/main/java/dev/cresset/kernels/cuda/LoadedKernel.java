package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.KernelModule;
import java.util.concurrent.atomic.AtomicInteger;

/** A kernel whose code is on the device. Recorded work that launches it keeps it there. Safe from any thread. */
final class LoadedKernel {
    private final KernelSource source;
    private final KernelFunction function;
    private final KernelModule own;
    private final AtomicInteger keepers = new AtomicInteger();
    private volatile long lastUse;

    /** @param own the module that holds it alone; null if it shares one, which stays */
    LoadedKernel(KernelSource source, KernelFunction function, KernelModule own) {
        this.source = source;
        this.function = function;
        this.own = own;
    }

    KernelSource source() { return source; }

    Object key() { return source.key(); }

    KernelFunction function() { return function; }

    /** Notes a use. @param now grows, but not with each use, as this is done in every launch */
    LoadedKernel used(long now) {
        if (lastUse != now) lastUse = now;
        return this;
    }

    long lastUse() { return lastUse; }

    void keep() { keepers.incrementAndGet(); }

    void release() { keepers.decrementAndGet(); }

    boolean isKept() { return own == null || keepers.get() > 0; }

    /** Bytes of the module that it has alone. */
    long bytes() { return own == null ? 0 : own.byteSize(); }

    void unload() { if (own != null) own.close(); }
}
