package dev.cresset.kernels.cuda;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.Blas;
import dev.cresset.kernels.cuda.driver.BlasLt;
import dev.cresset.kernels.cuda.driver.DeviceAllocator.Block;
import dev.cresset.kernels.cuda.driver.DeviceLostException;
import dev.cresset.kernels.cuda.driver.Dnn;
import dev.cresset.kernels.cuda.driver.Event;
import dev.cresset.kernels.cuda.driver.ExecutableGraph;
import dev.cresset.kernels.cuda.driver.KernelArguments;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.Stream;
import dev.cresset.kernels.cuda.driver.Transfers;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * One stream of a device with what a call needs beside it: memory in its order, staging, cuBLAS, cuDNN. A call works on one at a
 * time; its forked tasks share it, so everything is safe from several threads and in one order.
 */
public final class CudaStream implements DeviceMemory, AutoCloseable {
    /** Frees what only the garbage collector knows to be unused. */
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int MAX_ARGUMENT_BYTES = 4096;
    /** What NVIDIA recommends for the newest devices. */
    private static final long WORKSPACE_BYTES = 32L << 20;

    private final CudaDevice device;
    private final Stream stream;
    private final Event marker;
    private final Transfers transfers;
    private final DeviceChecks checks;
    private final KernelArguments arguments = new KernelArguments();
    private final MemorySegment packed = Arena.ofAuto().allocate(MAX_ARGUMENT_BYTES, Long.BYTES);
    private Block workspace;
    private Blas blas;
    private BlasLt blasLt;
    private DnnWorkshop dnn;
    private Block usedWorkspace;
    private StandIn standIn;            // while work is given that will be repeated
    private Consumer<KernelSource> watcher = _ -> { };

    CudaStream(CudaDevice device) {
        this.device = device;
        stream = new Stream(device.context());
        marker = Event.forOrder(device.context());
        transfers = new Transfers(stream);
        checks = new DeviceChecks(device.allocator(), stream, transfers);
    }

    /** As the other; what runs through the host is counted apart and forgotten. */
    public CudaCall call(CpuFallback fallback) { return call(fallback, new CpuFallback()); }

    /**
     * What a call on this stream has of the device; it computes with all of float32.
     *
     * @param fallback    for operators without kernel; null if they are errors
     * @param throughHost for operators that are declared to run on the host
     */
    public CudaCall call(CpuFallback fallback, CpuFallback throughHost) { return call(fallback, throughHost, Precision.FP32); }

    /** As the other. @param precision of products, convolutions and recurrent layers of float32 */
    public CudaCall call(CpuFallback fallback, CpuFallback throughHost, Precision precision) { return new CudaCall(this, this, fallback, throughHost, precision); }

    /** The device it is one of. */
    public CudaDevice owner() { return device; }

    // ---- memory

    @Override public Device device() { return device.device(); }

    @Override public MemorySegment take(long bytes) { return device.allocator().take(bytes, stream).memory(); }

    @Override public void giveBack(MemorySegment block) { device.allocator().giveBack(block, stream); }

    @Override public void dropDerived(Object content) { device.packed().forget(content); }

    @Override public void forget(MemorySegment block, Object owner) {
        CLEANER.register(owner, () -> giveBack(block));
    }

    @Override public void upload(MemorySegment from, long to, long bytes) {
        synchronized (transfers) {
            transfers.toDevice(from, to, bytes);
        }
    }

    @Override public void download(long from, MemorySegment to, long bytes) {
        synchronized (transfers) {
            transfers.toHost(from, to, bytes);
        }
    }

    @Override public void copy(long from, long to, long bytes) { stream.copy(to, from, bytes); }

    @Override public void waitFor(DeviceMemory other) {
        if (other == this) return;
        CudaStream o = (CudaStream) other;
        synchronized (o.marker) {
            o.marker.record(o.stream);
            stream.await(o.marker);
        }
    }

    /** Memory for something that outlives calls and is no tensor: not counted as live. Not for a call's thread alone. */
    Block takeOwn(long bytes, MemoryUse use) {
        Block b = device.allocator().take(bytes, stream);
        device.count(use, b.bytes(), 1);
        return b;
    }

    void giveBackOwn(Block b, MemoryUse use) {
        device.count(use, -b.bytes(), -1);
        device.allocator().giveBack(b, stream);
    }

    /** As {@link #take}, not counted as live: what runs of a plan work in, and measurements. */
    public MemorySegment takeOwn(long bytes) { return takeOwn(bytes, MemoryUse.PLANS).memory(); }

    /** Gives back what {@link #takeOwn} gave. */
    public void giveBackOwn(MemorySegment block) { giveBackOwn(device.allocator().taken(block), MemoryUse.PLANS); }

    @Override public void countConstant(MemorySegment block, boolean becomes) {
        long bytes = device.allocator().taken(block).bytes();
        device.countConstant(becomes ? bytes : -bytes);
    }

    /** Sets device memory to zeros. */
    public void fill(long to, long bytes) { stream.fill(to, (byte) 0, bytes); }

    /** Waits until all work given to the stream is done. */
    public void synchronize() { stream.synchronize(); }

    /** Waits for all work given to the stream that is still done: none on a device that is lost, or turns out to be. */
    public void settle() {
        if (device.isLost()) return;
        try {
            synchronize();
        } catch (DeviceLostException e) {
            // whoever uses the device next is told
        }
    }

    // ---- work

    /** Launches a kernel; nothing if there are no items. @param slots its parameter @param items what it loops over */
    public synchronized void launch(KernelSource kernel, long[] slots, long items) {
        if (items == 0) return;
        KernelFunction function = function(kernel);
        int blocksInGrid = kernel.launch().blocks(items, device.context().properties().multiprocessors());
        function.launch(stream, blocksInGrid, kernel.launch().threads(), kernel.launch().sharedBytes(), packed(slots));
    }

    /**
     * Launches a kernel whose blocks wait for each other.
     *
     * @param blocks      no more than the device has multiprocessors
     * @param sharedBytes dynamic shared memory of a block
     */
    public synchronized void launchTogether(KernelSource kernel, long[] slots, int blocks, int sharedBytes) {
        function(kernel).launchTogether(stream, blocks, kernel.launch().threads(), sharedBytes, packed(slots));
    }

    private KernelFunction function(KernelSource kernel) {
        watcher.accept(kernel);
        LoadedKernel loaded = device.kernels().kernel(kernel);
        if (standIn != null) standIn.keep(loaded);
        return loaded.function();
    }

    private KernelArguments packed(long[] slots) {
        MemorySegment struct = packed.asSlice(0, 8L * slots.length);
        MemorySegment.copy(slots, 0, struct, ValueLayout.JAVA_LONG, 0, slots.length);
        return arguments.clear().struct(struct);
    }

    /** Is told of each kernel that is launched from now on; a later call takes its place. */
    public synchronized void watchLaunches(Consumer<KernelSource> watcher) { this.watcher = watcher; }

    /** Milliseconds that work takes on the device, from when it gets to it. Waits for the work. */
    public float milliseconds(Runnable work) {
        try (Event start = Event.forTiming(device.context()); Event end = Event.forTiming(device.context())) {
            start.record(stream);
            work.run();
            end.record(stream).synchronize();
            return end.millisecondsSince(start);
        }
    }

    /**
     * Device memory in which a kernel notes what is wrong with its input: three int64, 0 until then: 1, and two numbers for the
     * report, which {@link #raise} makes an error of.
     */
    public long check(BiFunction<Long, Long, ScriptError> report) {
        synchronized (transfers) {
            if (standIn != null && standIn.isRecording()) return standIn.add(report::apply);
            if (standIn != null) standIn.count();
            boolean before = checks.isAllocated();
            long address = checks.add(report::apply);
            if (!before) device.count(MemoryUse.STREAMS, DeviceChecks.ALL_BYTES, 1);
            return address;
        }
    }

    /** Waits for kernels that may have something to report, if there are any. @throws ScriptError for the first that had */
    public void raise() {
        synchronized (transfers) {
            checks.raise();
        }
    }

    /** Forgets what kernels have to report, of inputs that need not be proper. Waits for them. */
    public void discardFindings() {
        try {
            raise();
        } catch (ScriptError e) {
            return;
        }
    }

    /** What is done with cuBLAS on this stream. */
    public interface BlasWork { void run(Blas blas); }

    /** Uses cuBLAS, made when first asked for. */
    public synchronized void blas(BlasWork work) {
        Block wanted = standIn == null ? workspace() : standIn.workspace();
        if (blas == null) {
            blas = new Blas(stream, wanted.address(), wanted.bytes());
            usedWorkspace = wanted;
        }
        if (wanted != usedWorkspace) {
            blas.workIn(wanted.address(), wanted.bytes());
            usedWorkspace = wanted;
        }
        work.run(blas);
    }

    /** What is done with cuBLASLt on this stream. */
    public interface BlasLtWork<T> { T run(BlasLt blas); }

    /** Uses cuBLASLt, made when first asked for. */
    public synchronized <T> T blasLt(BlasLtWork<T> work) {
        if (blasLt == null) blasLt = new BlasLt(stream);
        return work.run(blasLt);
    }

    private Block workspace() {
        if (workspace == null) workspace = takeOwn(WORKSPACE_BYTES, MemoryUse.STREAMS);
        return workspace;
    }

    /** What is done with cuDNN on this stream. */
    public interface DnnWork { void run(DnnWorkshop dnn); }

    /** Uses cuDNN, made when first asked for. */
    public synchronized void dnn(DnnWork work) {
        if (dnn == null) dnn = new DnnWorkshop(new Dnn(stream));
        work.run(dnn);
    }

    // ---- work that is repeated

    /** Whether work that is given now is recorded: an error then says nothing of the work itself. */
    public synchronized boolean isRecording() { return standIn != null && standIn.isRecording(); }

    /** What stands in for parts of this stream at this moment; null if its work is done once. */
    synchronized StandIn standIn() { return standIn; }

    /** Gives work to the stream that will be recorded next, so that all it needs has been made. */
    public synchronized void rehearse(StandIn with, Runnable work) {
        standIn = with;
        try {
            work.run();
        } finally {
            standIn = null;
        }
    }

    /**
     * Records work that was {@link #rehearse}d on this stream just before. Nothing is run. The work must not wait for the device
     * nor copy from or to the host.
     */
    public RecordedWork record(StandIn with, Runnable work) { return recorded(with, () -> ExecutableGraph.record(stream, work)); }

    /** Whether the driver can record parts that need not follow each other. */
    public static boolean canBranch() { return ExecutableGraph.canBranch(); }

    /** As the other, of parts. @param before for each part, those before it that it comes after; others may run at once */
    public RecordedWork record(StandIn with, int[][] before, IntConsumer part) { return recorded(with, () -> ExecutableGraph.record(stream, before, part)); }

    private synchronized RecordedWork recorded(StandIn with, Supplier<ExecutableGraph> recording) {
        boolean done = false;
        standIn = with;
        with.startRecording();
        try {
            RecordedWork work = new RecordedWork(device, recording.get());
            done = true;
            return work;
        } finally {
            with.stopRecording(done);
            standIn = null;
        }
    }

    /** Does recorded work. */
    public synchronized void launch(RecordedWork work) { work.graph().launch(stream); }

    /** Has what recorded work noted of its input raised with what this stream's own work did. */
    public void takeOver(StandIn noted) {
        if (noted.address() == 0) return;
        synchronized (transfers) {
            boolean before = checks.isAllocated();
            checks.addAll(noted.reports(), noted.address());
            if (!before) device.count(MemoryUse.STREAMS, DeviceChecks.ALL_BYTES, 1);
        }
    }

    @Override public void close() {
        if (checks.isAllocated()) device.count(MemoryUse.STREAMS, -DeviceChecks.ALL_BYTES, -1);
        checks.close();
        transfers.close();
        if (dnn != null) dnn.close();
        if (blasLt != null) blasLt.close();
        if (blas != null) blas.close();
        if (workspace != null) giveBackOwn(workspace, MemoryUse.STREAMS);
        device.allocator().release(stream);
        marker.close();
        stream.close();
    }
}
