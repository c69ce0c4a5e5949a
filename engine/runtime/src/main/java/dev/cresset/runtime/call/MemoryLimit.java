package dev.cresset.runtime.call;

import java.lang.management.ManagementFactory;

/** How much tensor memory is reasonable on a machine. */
public final class MemoryLimit {
    private MemoryLimit() {}

    /** Four fifths of the memory of the machine (or container), in bytes. */
    public static long ofThisMachine() {
        long total = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
            ? os.getTotalMemorySize() : Runtime.getRuntime().maxMemory();
        return total / 5 * 4;
    }
}
