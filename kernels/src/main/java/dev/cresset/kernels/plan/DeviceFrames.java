package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The frames of a plan on a device: as many as runs have gone on at once. One that no run has needed for long is freed, those
 * that were not used for longest while all are too large, and all that are idle when the device is short of memory; where there
 * is no memory for another one, a run waits for one in use. Safe from any number of threads.
 */
final class DeviceFrames implements AutoCloseable {
    /** Runs of the plan in which a frame has to be needed once. */
    static final int UNUSED_RUNS = 256;

    private final Function<CudaStream, DeviceFrame> make;
    private final long byteLimit;
    private final List<DeviceFrame> idle = new ArrayList<>();   // the last used at the end
    private final List<DeviceFrame> used = new ArrayList<>();
    private long runs;

    /** @param byteLimit of all frames, from which on only one is kept while no run needs it */
    DeviceFrames(Function<CudaStream, DeviceFrame> make, long byteLimit) {
        this.make = make;
        this.byteLimit = byteLimit;
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
            DeviceFrame made = make.apply(stream);
            synchronized (this) {
                used.add(made);
            }
            return made;
        } catch (OutOfDeviceMemoryException e) {
            DeviceFrame frame = awaited(stream);
            if (frame == null) throw e;
            return frame;
        }
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
            idle.add(frame);
            if (runs - idle.getFirst().lastRun > UNUSED_RUNS || idle.size() > 1 && bytes() > byteLimit) old = idle.removeFirst();
            notifyAll();
        }
        if (old != null) old.close();
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

    /** Frees all that no run has. @return true if there were some */
    boolean freeIdle() {
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
    @Override public void close() { freeIdle(); }
}
