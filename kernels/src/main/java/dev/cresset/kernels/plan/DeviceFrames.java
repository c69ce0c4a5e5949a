package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.DeviceCache;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The frames of a plan on a device: as many as runs have gone on at once. One that no run has needed for long is freed, those
 * that the device's cache has no room for, and all that are idle when the device is short of memory; where there is no memory
 * for another one, a run waits for one in use. Safe from any number of threads.
 */
final class DeviceFrames implements DeviceCache.Part, AutoCloseable {
    /** Runs of the plan in which a frame has to be needed once. */
    static final int UNUSED_RUNS = 256;

    private final Function<CudaStream, DeviceFrame> make;
    private final DeviceCache cache;
    private final List<DeviceFrame> idle = new ArrayList<>();   // the last used at the end
    private final List<DeviceFrame> used = new ArrayList<>();
    private long runs;

    /** @param cache of the device */
    DeviceFrames(Function<CudaStream, DeviceFrame> make, DeviceCache cache) {
        this.make = make;
        this.cache = cache;
        cache.add(this);
    }

    /**
     * One that nobody else has until it is given back, for a run on this stream.
     *
     * @throws OutOfDeviceMemoryException if there is no memory for one, and no other run has one
     */
    DeviceFrame take(CudaStream stream) {
        DeviceFrame frame = idle(stream);
        if (frame == null) frame = another(stream);
        boolean entered = false;
        try {
            frame.enter(stream);
            entered = true;
        } finally {
            if (!entered) drop(frame);
        }
        return frame;
    }

    /** The one that was last used on this stream, if there is one, else the last used. */
    private synchronized DeviceFrame idle(CudaStream stream) {
        if (idle.isEmpty()) return null;
        int best = idle.size() - 1;
        for (int i = best; i >= 0; i--) {
            if (idle.get(i).last() != stream) continue;
            best = i;
            break;
        }
        DeviceFrame frame = idle.remove(best);
        used.add(frame);
        return frame;
    }

    private DeviceFrame another(CudaStream stream) {
        try {
            return made(stream);
        } catch (OutOfDeviceMemoryException e) {
            DeviceFrame frame = awaited(stream);
            return frame != null ? frame : made(stream);    // what was given back may have been freed meanwhile
        }
    }

    private DeviceFrame made(CudaStream stream) {
        DeviceFrame made = make.apply(stream);
        synchronized (this) {
            used.add(made);
        }
        return made;
    }

    /** One that is given back; null if nobody has one. */
    private synchronized DeviceFrame awaited(CudaStream stream) {
        try {
            while (idle.isEmpty() && !used.isEmpty()) wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return idle(stream);
    }

    /** After a run. */
    void give(DeviceFrame frame) {
        DeviceFrame old = null;
        synchronized (this) {
            used.remove(frame);
            frame.lastRun = ++runs;
            frame.lastUse = cache.tick();
            idle.add(frame);
            if (runs - idle.getFirst().lastRun > UNUSED_RUNS) old = idle.removeFirst();
            notifyAll();
        }
        if (old != null) old.close();
        cache.trim();
    }

    /** After a run that failed. */
    void drop(DeviceFrame frame) {
        try {
            frame.close();
        } finally {
            synchronized (this) {
                used.remove(frame);
                notifyAll();
            }
        }
    }

    @Override public synchronized long oldestUse() { return idle.isEmpty() ? Long.MAX_VALUE : idle.getFirst().lastUse; }

    @Override public void freeOldest() {
        DeviceFrame old;
        synchronized (this) {
            if (idle.isEmpty()) return;
            old = idle.removeFirst();
        }
        old.close();
    }

    /** Frees all that no run has. @return true if there were some */
    @Override public boolean freeIdle() {
        List<DeviceFrame> all;
        synchronized (this) {
            all = List.copyOf(idle);
            idle.clear();
        }
        all.forEach(DeviceFrame::close);
        return !all.isEmpty();
    }

    /** Of memory on the device, recorded work among it. */
    synchronized long bytes() {
        return idle.stream().mapToLong(DeviceFrame::bytes).sum() + used.stream().mapToLong(DeviceFrame::bytes).sum();
    }

    /** How many there are. */
    synchronized int count() { return idle.size() + used.size(); }

    /** No run may be going on. */
    @Override public void close() {
        cache.remove(this);
        freeIdle();
    }
}
