package dev.cresset.kernels.cuda;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is on a device because it may be needed again, whoever has it: frames of plans with their recorded work, and kernels. One limit in
 * bytes holds for all of it: above that, what was not used for longest goes first. What is in use counts, and stays whatever
 * it takes. Safe from any thread.
 */
public final class DeviceCache {
    /** Those who have such things. Their own locks are never held while this one's methods are called. */
    public interface Part {
        /** When what has been idle for longest was last used, as {@link #tick} told; {@code Long.MAX_VALUE} if nothing is idle. */
        long oldestUse();

        /** Frees what has been idle for longest, if anything is idle still. Takes no memory. */
        void freeOldest();

        /** Frees all that is idle and can go while calls run, as the device is short of memory. Takes none. @return true if there was some */
        boolean freeIdle();
    }

    private final long limit;
    private final Set<Part> parts = ConcurrentHashMap.newKeySet();
    private final AtomicLong bytes = new AtomicLong(), clock = new AtomicLong();

    /** @param limit in bytes */
    DeviceCache(long limit) { this.limit = limit; }

    public void add(Part part) { parts.add(part); }

    /** From now on nothing of it is freed here, nor being freed. */
    public synchronized void remove(Part part) { parts.remove(part); }

    /** Counts bytes that are taken, or given back if negative. */
    void count(long change) { bytes.addAndGet(change); }

    /** All that there is, idle or not. */
    long bytes() { return bytes.get(); }

    /** The time of a use; all that is told later is later. */
    public long tick() { return clock.getAndIncrement(); }

    /** The time now; uses between two ticks are at the same time. */
    long now() { return clock.get(); }

    /** Frees what is above the limit. To be called when something has been added, or is idle from now on. */
    public void trim() { if (bytes.get() > limit) trimNow(); }

    private synchronized void trimNow() {
        while (bytes.get() > limit) {
            Part oldest = parts.stream().min(Comparator.comparingLong(Part::oldestUse)).orElse(null);
            if (oldest == null || oldest.oldestUse() == Long.MAX_VALUE) return;
            oldest.freeOldest();
        }
    }

    /** Frees all that is idle. @return true if there was some */
    synchronized boolean freeIdle() {
        boolean freed = false;
        for (Part p : parts) freed |= p.freeIdle();
        return freed;
    }
}
