package dev.cresset.runtime.load;

import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.runtime.call.Accelerator;
import dev.cresset.tensor.Storage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The weights and constants of a program in the memory of a device, until the last user of the program is gone. */
public final class DeviceWeights implements AutoCloseable {
    private final Accelerator accelerator;
    private final CudaStream stream;
    private final List<Storage> storages = new ArrayList<>();
    private int loading = 1;

    public DeviceWeights(Accelerator accelerator) {
        this.accelerator = accelerator;
        this.stream = accelerator.cuda().lease();
    }

    Accelerator accelerator() { return accelerator; }

    /** What a stream of the loading is called by, for code that runs while the program is loaded. */
    CudaStream stream() { return stream; }

    /** Copies a storage of the archive to the device; {@link #settle} waits for it. */
    synchronized Storage put(MemorySegment data) {
        Storage s = own(Storage.pooledOn(stream, data.byteSize()));
        if (data.byteSize() > 0) stream.upload(data, s.address(), data.byteSize());
        return s;
    }

    /** Takes over memory of the device that code made while the program was loaded. */
    synchronized Storage own(Storage s) {
        storages.add(s.asConstant());
        return s;
    }

    /** Gives memory back that nobody refers to any more; what the loading's stream was given to do with it is done first. */
    synchronized void free(List<Storage> gone) {
        storages.removeAll(gone);
        for (Storage s : gone) {
            if (s.isConstant()) s.giveBackConstant();
        }
    }

    /** Code that loading needs may run from now on, until {@link #settle}; at first it may. */
    synchronized void load() { if (loading++ == 0) accelerator.cuda().wake(stream); }

    /** Waits until everything is there, so that calls on other streams need not. */
    synchronized void settle() {
        stream.synchronize();
        if (--loading == 0) accelerator.cuda().rest(stream);
    }

    /** Frees everything. No call of the program may be running. */
    @Override public synchronized void close() {
        accelerator.cuda().settle();
        storages.forEach(Storage::giveBackConstant);
        storages.clear();
        accelerator.cuda().giveBack(stream);
    }
}
