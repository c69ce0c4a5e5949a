package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.DeviceAllocator.Block;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What stands in for parts of a stream while work is given to it that will be repeated on other streams: memory for cuBLAS, packed
 * constants, and places where kernels note what is wrong with their input. For one run at a time.
 */
public final class StandIn implements AutoCloseable {
    /** What NVIDIA recommends for older devices; small products hardly use it. */
    private static final long WORKSPACE_BYTES = 4L << 20;

    private final CudaStream owner;
    private Block workspace;
    private Block words;
    private final List<PackedConstants.Entry> packed = new ArrayList<>();
    private final List<DeviceChecks.Report> reports = new ArrayList<>();
    private final Set<LoadedKernel> kernels = new HashSet<>();
    private boolean recording;
    private int asked, begun;
    private long shared;

    /** @param owner whose order its memory is taken and given back in */
    public StandIn(CudaStream owner) { this.owner = owner; }

    CudaStream owner() { return owner; }

    /** Memory that whatever asks for it works in. */
    Block workspace() {
        shared++;
        if (workspace == null) workspace = owner.takeOwn(WORKSPACE_BYTES, MemoryUse.PLANS);
        return workspace;
    }

    /** The packed constants that its work reads. */
    List<PackedConstants.Entry> packed() { return packed; }

    /** Takes over a hold on packed constants, until it is closed. */
    void keep(PackedConstants.Entry entry) { packed.add(entry); }

    /** From now on work is recorded: as much as was done before with it is done again. */
    void startRecording() {
        if (asked > 0 && words == null) {
            words = owner.takeOwn((long) asked * DeviceChecks.BYTES, MemoryUse.PLANS);
            owner.fill(words.address(), (long) asked * DeviceChecks.BYTES);
        }
        recording = true;
        begun = reports.size();
    }

    /** @param done false if what was recorded will not be run: the places it was given are free again */
    void stopRecording(boolean done) {
        recording = false;
        if (!done) reports.subList(begun, reports.size()).clear();
    }

    boolean isRecording() { return recording; }

    /** Keeps a kernel on the device as long as this is open. */
    void keep(LoadedKernel kernel) { if (kernels.add(kernel)) kernel.keep(); }

    /** Counts a place that the stream itself gives. */
    void count() { asked++; }

    /** A place for one launch. */
    long add(DeviceChecks.Report report) {
        if (reports.size() == asked) throw new IllegalStateException("more checks than when this was done before");
        reports.add(report);
        return words.address() + (long) (reports.size() - 1) * DeviceChecks.BYTES;
    }

    /** How often work has asked for memory that other work is given, too. */
    public long sharedUses() { return shared; }

    /** What it has taken. May be asked from any thread. */
    public long bytes() {
        Block forBlas = workspace, forChecks = words;
        return (forBlas == null ? 0 : forBlas.bytes()) + (forChecks == null ? 0 : forChecks.bytes());
    }

    /** Where the first place is, 0 if there is none. */
    long address() { return reports.isEmpty() ? 0 : words.address(); }

    List<DeviceChecks.Report> reports() { return reports; }

    /** Its work must be done. */
    @Override public void close() {
        packed.forEach(PackedConstants.Entry::close);
        packed.clear();
        if (workspace != null) owner.giveBackOwn(workspace, MemoryUse.PLANS);
        if (words != null) owner.giveBackOwn(words, MemoryUse.PLANS);
        kernels.forEach(LoadedKernel::release);
        kernels.clear();
    }
}
