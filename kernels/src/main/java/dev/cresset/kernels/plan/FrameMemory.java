package dev.cresset.kernels.plan;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.tensor.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The device memory of one frame: what its steps take is kept for the frame's next run. What recorded work was given while
 * it was recorded stays its own, as it will use it at each repetition. For one run at a time.
 */
final class FrameMemory implements DeviceMemory {
    private final CudaStream owner;
    private final List<MemorySegment> all = new ArrayList<>();
    private final Map<Long, Long> sizes = new HashMap<>();                      // by address
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();  // by size
    private final Map<Long, ArrayDeque<MemorySegment>> recorded = new HashMap<>();
    private CudaStream stream;
    private boolean recording;
    private long hostVisits, takes;
    private volatile long taken;

    /** @param owner whose order memory is taken and given back in; the first run's stream */
    FrameMemory(CudaStream owner) {
        this.owner = owner;
        this.stream = owner;
    }

    /** The stream of the run that begins. */
    void use(CudaStream s) { stream = s; }

    /** How often data came from the host or went there. */
    long hostVisits() { return hostVisits; }

    /** How often memory was taken. What was given back before is taken again. */
    long takes() { return takes; }

    /** From now on what is given back goes to recorded work only. What is free may still be taken. */
    void startRecording() { recording = true; }

    /** What was taken since {@link #startRecording} is never given out again. */
    void stopRecording() {
        recording = false;
        recorded.clear();
    }

    @Override public Device device() { return owner.device(); }

    @Override public MemorySegment take(long bytes) {
        takes++;
        long size = Math.max(1, bytes);
        MemorySegment block = recording ? poll(recorded, size) : null;
        if (block == null) block = poll(free, size);
        if (block == null) {
            block = owner.takeOwn(size);
            all.add(block);
            sizes.put(block.address(), size);
            taken += size;
            stream.waitFor(owner);
        }
        return block;
    }

    private static MemorySegment poll(Map<Long, ArrayDeque<MemorySegment>> from, long size) {
        ArrayDeque<MemorySegment> list = from.get(size);
        return list == null ? null : list.pollLast();
    }

    @Override public void giveBack(MemorySegment block) {
        (recording ? recorded : free).computeIfAbsent(sizes.get(block.address()), _ -> new ArrayDeque<>()).addLast(block);
    }

    @Override public void forget(MemorySegment block, Object owner) { }     // it stays the frame's

    @Override public void upload(MemorySegment from, long to, long bytes) {
        hostVisits++;
        stream.upload(from, to, bytes);
    }

    @Override public void download(long from, MemorySegment to, long bytes) {
        hostVisits++;
        stream.download(from, to, bytes);
    }

    @Override public void copy(long from, long to, long bytes) { stream.copy(from, to, bytes); }

    @Override public void waitFor(DeviceMemory other) { if (other != this) stream.waitFor(other); }

    /** May be asked from any thread. */
    long bytes() { return taken; }

    /** All work that used it must be done. */
    void close() { all.forEach(owner::giveBackOwn); }
}
