package dev.cresset.kernels.cuda;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.driver.BlasLt;
import dev.cresset.kernels.cuda.driver.Cuda;
import dev.cresset.kernels.cuda.driver.DeviceAllocator;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.DeviceLostException;
import dev.cresset.kernels.cuda.driver.KernelFunction;
import dev.cresset.kernels.cuda.driver.LtProduct;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A CUDA device of this process: its context, memory, compiled kernels, and streams that calls take in turn. Engines that
 * use the same device share it; the last one to close it gives everything back. Safe from any platform thread.
 */
public final class CudaDevice implements AutoCloseable {
    /** A property: true to keep no memory and take exactly what is asked for, so that tools see each access that is outside. */
    private static final String EXACT_MEMORY = "cresset.cuda.exact_memory";
    /** Devices are the process's by nature. */
    private static final Map<Integer, CudaDevice> OPEN = new HashMap<>();

    private final Device device;
    private final DeviceContext context;
    private final DeviceAllocator allocator;
    private final DeviceCache cache;
    private final KernelLibrary kernels;
    private final PackedConstants packed;
    private final MeasuredChoices choices;
    private final List<CudaStream> streams = new ArrayList<>(), recorders = new ArrayList<>();
    private final ArrayDeque<CudaStream> idle = new ArrayDeque<>(), idleRecorders = new ArrayDeque<>();
    private final Set<CudaStream> resting = new HashSet<>();
    private final AtomicLongArray uses = new AtomicLongArray(MemoryUse.values().length);    // bytes
    private final AtomicLong ownBlocks = new AtomicLong();
    private int users;

    private CudaDevice(int ordinal, long memoryLimit, long cacheLimit) {
        device = new Device("cuda", ordinal);
        context = DeviceContext.open(ordinal);
        packed = new PackedConstants(this, context.properties().totalBytes() / 8);
        cache = new DeviceCache(cacheLimit < 0 ? context.properties().totalBytes() / 2 : cacheLimit);
        allocator = new DeviceAllocator(context, memoryLimit, Boolean.getBoolean(EXACT_MEMORY), this::freeIdle);
        context.whenShortOfMemory(() -> {
            freeIdle();
            allocator.trim();
        });
        kernels = new KernelLibrary(context, cache);
        choices = Cuda.isEmulated() ? MeasuredChoices.none() : MeasuredChoices.of(context.properties() + ", " + Cuda.dnnVersions());
    }

    /**
     * The device of this number, to be closed by who opens it.
     *
     * @param memoryLimit bytes that may be in use at once; counts for who opens it first, as the other limit
     * @param cacheLimit  of its {@link #cache}; half of its memory if negative
     * @throws dev.cresset.kernels.cuda.driver.CudaUnavailableException with the diagnosis, if CUDA cannot be used here
     * @throws dev.cresset.kernels.cuda.driver.CudaUnsupportedException if there is no such device
     */
    public static CudaDevice open(int ordinal, long memoryLimit, long cacheLimit) {
        synchronized (OPEN) {
            CudaDevice d = OPEN.get(ordinal);
            if (d == null) OPEN.put(ordinal, d = new CudaDevice(ordinal, memoryLimit, cacheLimit));
            d.users++;
            return d;
        }
    }

    /** As the other, without limits of its own. */
    public static CudaDevice open(int ordinal) { return open(ordinal, Long.MAX_VALUE, -1); }

    /** {@code cuda:0}. */
    public Device device() { return device; }

    /** What kind of device it is, in words. */
    public String description() { return context.properties().toString(); }

    /** Its compute capability: 90 for 9.0. */
    public int capability() { return context.properties().capability(); }

    /** Bytes of memory that it has. */
    public long totalBytes() { return context.properties().totalBytes(); }

    public int multiprocessors() { return context.properties().multiprocessors(); }

    /** Bytes of shared memory that a block of a grid may have whose blocks wait for each other; 0 if there can be no such grid. */
    public int sharedBytesOfCooperativeBlock() { return context.properties().cooperative() ? context.properties().sharedBytesOnRequest() : 0; }

    DeviceContext context() { return context; }

    DeviceAllocator allocator() { return allocator; }

    KernelLibrary kernels() { return kernels; }

    /** Tells of each kernel that is loaded from now on, a second time if it was given up meanwhile. @param told by any thread */
    public void watchKernels(Consumer<KernelSource> told) { kernels.watch(told); }

    /** What a kernel takes on this device; compiles it if need be. Zeros on the emulation. */
    public KernelFunction.Resources resources(KernelSource kernel) { return kernels.function(kernel).resources(); }

    /** Bytes a second, read and written, at which the device copies within its memory: what kernels that only move data can reach. */
    public double copyBandwidth() {
        long bytes = 128L << 20;
        CudaStream stream = lease();
        MemorySegment from = stream.takeOwn(bytes), to = stream.takeOwn(bytes);
        try {
            double[] milliseconds = IntStream.range(0, 11).mapToDouble(_ -> stream.milliseconds(() -> stream.copy(from.address(), to.address(), bytes))).sorted().toArray();
            return 2 * bytes / milliseconds[5] * 1e3;
        } finally {
            stream.giveBackOwn(from);
            stream.giveBackOwn(to);
            giveBack(stream);
        }
    }

    /** Constants in the orders that libraries want. */
    public PackedConstants packed() { return packed; }

    /** What was measured here; nothing on the emulation. */
    public MeasuredChoices choices() { return choices; }

    /** What frames hold of packed constants is idle after them. */
    private boolean freeIdle() { return cache.freeIdle() | packed.freeIdle(); }

    /** What is kept here because it may be needed again. */
    public DeviceCache cache() { return cache; }

    /** Counts memory that is no tensor's, or no longer there. @param blocks of the allocator's that it is */
    void count(MemoryUse use, long bytes, int blocks) {
        uses.addAndGet(use.ordinal(), bytes);
        ownBlocks.addAndGet(blocks);
        if (use == MemoryUse.PLANS || use == MemoryUse.RECORDED) cache.count(bytes);
    }

    /** Counts memory of a tensor that becomes a constant, or is freed. */
    void countConstant(long bytes) { uses.addAndGet(MemoryUse.CONSTANTS.ordinal(), bytes); }

    private long bytes(MemoryUse use) { return uses.get(use.ordinal()); }

    /** A stream that nobody else works on, until it is given back. */
    public CudaStream lease() { return lease(streams, idle); }

    /**
     * A stream to record work on that will be repeated on others, until it is given back. No call works on it and no memory is of
     * its order, so that nobody waits for it while it records: that would spoil what is recorded, or become part of it.
     */
    public CudaStream leaseRecorder() { return lease(recorders, idleRecorders); }

    private CudaStream lease(List<CudaStream> all, ArrayDeque<CudaStream> from) {
        synchronized (streams) {
            CudaStream s = from.pollLast();
            if (s == null) all.add(s = new CudaStream(this));
            return s;
        }
    }

    /** Its work need not be done. */
    public void giveBack(CudaStream stream) { giveBack(stream, idle); }

    /** From now on nobody works on a stream, but memory is of its order, until somebody {@link #wake}s it or it is given back. */
    public void rest(CudaStream stream) {
        synchronized (streams) {
            resting.add(stream);
        }
    }

    public void wake(CudaStream stream) {
        synchronized (streams) {
            resting.remove(stream);
        }
    }

    /** A call's stream must have come to wait for its work. */
    public void giveBackRecorder(CudaStream stream) { giveBack(stream, idleRecorders); }

    private void giveBack(CudaStream stream, ArrayDeque<CudaStream> to) {
        synchronized (streams) {
            to.addLast(stream);
            resting.remove(stream);
            if (!kernels.hasRetired() || idle.size() + resting.size() < streams.size() || idleRecorders.size() < recorders.size()) return;
            settle();   // no call is going on, and none can begin now
            kernels.freeRetired();
        }
    }

    /** A product with an algorithm that was chosen on this device, for {@link CudaStream#blasLt}; to be closed. */
    public LtProduct product(BlasLt.Algorithm algorithm, double alpha, double beta) { return new LtProduct(context, algorithm, alpha, beta); }

    /** Waits for all work of calls that have returned. Not for the device as a whole: that spoils what another call records. */
    public void synchronize() {
        List<CudaStream> all;
        synchronized (streams) {
            all = List.copyOf(streams);
        }
        all.forEach(CudaStream::synchronize);
    }

    /** Waits for all work that is still done: none on a device that is lost, or turns out to be. */
    public void settle() {
        if (isLost()) return;
        try {
            synchronize();
        } catch (DeviceLostException e) {
            // whoever calls next is told
        }
    }

    /** True after an error that only a new process gets rid of. */
    public boolean isLost() { return context.isLost(); }

    /** What happened, if it {@link #isLost()}; else empty. */
    public String lostBecause() {
        if (!isLost()) return "";
        try {
            context.synchronize();
            return "";
        } catch (DeviceLostException e) {
            return e.getMessage();
        }
    }

    /** What the memory is used for. */
    public DeviceMemoryStatistics statistics() {
        DeviceAllocator.Statistics s = allocator.statistics();
        long packedBytes = bytes(MemoryUse.PACKED), plans = bytes(MemoryUse.PLANS), ofStreams = bytes(MemoryUse.STREAMS);
        long recorded = bytes(MemoryUse.RECORDED), code = kernels.bytes(), ours = s.liveBytes() + s.cachedBytes() + recorded + code;
        long other = context.isLost() ? 0 : Math.max(0, totalBytes() - context.freeBytes() - ours);
        return new DeviceMemoryStatistics(s.liveBytes() - packedBytes - plans - ofStreams, s.liveBlocks() - ownBlocks.get(), bytes(MemoryUse.CONSTANTS),
            packedBytes, plans, recorded, ofStreams, code, s.cachedBytes(), other, context.pinnedBytes(), s.peakBytes(), s.allocations(), s.retries());
    }

    /** One user less; the last one waits for all work and frees streams, kernels and memory. Results must have been read before. */
    @Override public void close() {
        synchronized (OPEN) {
            if (--users > 0) return;
            OPEN.remove(device.index());
        }
        settle();
        packed.close();
        synchronized (streams) {
            for (List<CudaStream> all : List.of(streams, recorders)) {
                all.forEach(CudaStream::close);
                all.clear();
            }
            idle.clear();
            idleRecorders.clear();
        }
        kernels.close();
        allocator.close();
        context.close();
    }
}
