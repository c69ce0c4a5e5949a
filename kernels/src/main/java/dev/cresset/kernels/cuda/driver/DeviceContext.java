package dev.cresset.kernels.cuda.driver;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * A device and its primary context, from which all handles are made. Handles make the context current in the calling
 * thread themselves; that thread must be a platform thread, as contexts belong to threads of the operating system.
 *
 * <p>Once a call has reported an error after which CUDA answers nothing else, the device is lost: every later call throws
 * {@link DeviceLostException} at once, without asking CUDA.
 */
public final class DeviceContext implements AutoCloseable {
    private static final int MULTIPROCESSORS = 16;
    private static final int SHARED_PER_BLOCK = 8;
    private static final int SHARED_PER_BLOCK_ON_REQUEST = 97;
    private static final int THREADS_PER_MULTIPROCESSOR = 39;
    private static final int L2_BYTES = 38;
    private static final int COOPERATIVE_LAUNCH = 95;
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int LONGEST_RECORDING_SECONDS = 5;
    private static final ThreadLocal<DeviceContext> CURRENT = new ThreadLocal<>();

    /**
     * What a device is.
     *
     * @param capability  compute capability, {@code major * 10 + minor}
     * @param totalBytes  memory of the device
     * @param sharedBytes shared memory a block may have without asking for more, and with asking
     * @param cooperative whether the blocks of a grid may wait for each other
     */
    public record Properties(String name, int capability, long totalBytes, int multiprocessors, int threadsPerMultiprocessor,
                             int sharedBytes, int sharedBytesOnRequest, int l2Bytes, boolean cooperative) {
        /** The architecture that code for this device is compiled for, {@code sm_90}. */
        public String architecture() { return "sm_" + capability; }

        @Override public String toString() {
            return String.format(Locale.ROOT, "%s, sm_%d, %.1f GiB", name, capability, totalBytes / (double) (1 << 30));
        }
    }

    private final int ordinal;
    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final Properties properties;
    private final AtomicLong pinnedBytes = new AtomicLong();
    private final ReentrantReadWriteLock recordings = new ReentrantReadWriteLock();
    private volatile String lost;
    private volatile Runnable makeRoom = () -> { };
    private boolean closed;

    private DeviceContext(int ordinal) {
        this.ordinal = ordinal;
        this.device = Cuda.device(ordinal);
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        this.properties = readProperties();
    }

    /**
     * Opens a device.
     *
     * @throws CudaUnavailableException with the diagnosis, if CUDA cannot be used on this machine
     * @throws CudaUnsupportedException if there is no device of that number
     */
    public static DeviceContext open(int ordinal) {
        Cuda.verifyAvailable();
        return new DeviceContext(ordinal);
    }

    public int ordinal() { return ordinal; }

    public Properties properties() { return properties; }

    /** Free bytes of the device's memory, whoever uses the rest. */
    public long freeBytes() {
        enter();
        long[] free = new long[1], total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    /** Bytes of the host's memory that are pinned for copies. */
    public long pinnedBytes() { return pinnedBytes.get(); }

    void countPinned(long change) { pinnedBytes.addAndGet(change); }

    /** Waits for all work on the device. */
    public void synchronize() {
        enter();
        check(JCudaDriver.cuCtxSynchronize(), "cuCtxSynchronize");
    }

    /** True after an error that only a new process gets rid of. */
    public boolean isLost() { return lost != null; }

    /** Makes the context current in this thread. @throws DeviceLostException if the device is lost */
    void enter() {
        String reason = lost;
        if (reason != null) throw new DeviceLostException(reason);
        if (CURRENT.get() == this) return;
        if (Thread.currentThread().isVirtual()) throw new IllegalStateException("work on a device runs on platform threads");
        check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
        CURRENT.set(this);
    }

    /** As {@link #enter}, for freeing handles: false if the device is lost and there is nothing to free. */
    boolean enterToFree() {
        if (lost != null) return false;
        enter();
        return true;
    }

    void check(int status, String call) { check(Status.DRIVER, status, call); }

    /** What frees memory of the device that can be done without, when a call that is no allocation is short of it. */
    public void whenShortOfMemory(Runnable free) { makeRoom = free; }

    /** A call that takes memory of the device, made once more if there was too little. Not while work is recorded. @return its status */
    int withRoom(IntSupplier call) {
        int status = call.getAsInt();
        if (!Status.DRIVER.isOutOfMemory(status)) return status;
        makeRoom.run();
        return call.getAsInt();
    }

    /** Records work of a stream: any number of threads at once, but none while {@link #betweenRecordings} calls something. */
    <T> T recording(Supplier<T> work) {
        recordings.readLock().lock();
        try {
            return work.get();
        } finally {
            recordings.readLock().unlock();
        }
    }

    /**
     * Makes a call that may wait for the whole context, as those that make and close handles of NVIDIA's libraries do, which spoils whatever
     * is being recorded and fails itself: waits until nothing is, but not for ever, as who records may need what this thread has. A thread
     * that records itself does not wait, and is told. @return its status
     */
    int betweenRecordings(IntSupplier call) {
        boolean apart = recordings.getReadHoldCount() == 0 && isApart();
        try {
            return call.getAsInt();
        } finally {
            if (apart) recordings.writeLock().unlock();
        }
    }

    private boolean isApart() {
        try {
            return recordings.writeLock().tryLock(LONGEST_RECORDING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Throws what a status stands for. */
    void check(Status kind, int status, String call) {
        if (status != 0) throw failure(kind, status, call);
    }

    CudaException failure(Status kind, int status, String call) {
        String what = call + " on cuda:" + ordinal + " answers " + kind.name(status);
        if (kind.isSticky(status)) return lose(what);
        if (kind.isExecutionFailure(status)) {
            int cause = JCudaDriver.cuCtxSynchronize();
            if (Status.DRIVER.isSticky(cause)) return lose(what + ", and the driver " + Status.DRIVER.name(cause));
        }
        if (kind.isOutOfMemory(status)) return new OutOfDeviceMemoryException(0, what);
        if (kind.isUnsupported(status)) return new CudaUnsupportedException(what);
        return new CudaCallException(what);
    }

    private DeviceLostException lose(String what) {
        synchronized (this) {
            if (lost == null) {
                lost = "cuda:" + ordinal + " is lost: " + what + "; the process must be started anew";
            }
        }
        return new DeviceLostException(lost);
    }

    private Properties readProperties() {
        byte[] name = new byte[256];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
        int length = 0;
        while (length < name.length && name[length] != 0) length++;
        long[] total = new long[1];
        check(JCudaDriver.cuDeviceTotalMem(total, device), "cuDeviceTotalMem");
        return new Properties(new String(name, 0, length, java.nio.charset.StandardCharsets.UTF_8),
            attribute(CAPABILITY_MAJOR) * 10 + attribute(CAPABILITY_MINOR), total[0], attribute(MULTIPROCESSORS),
            attribute(THREADS_PER_MULTIPROCESSOR), attribute(SHARED_PER_BLOCK), attribute(SHARED_PER_BLOCK_ON_REQUEST),
            attribute(L2_BYTES), attribute(COOPERATIVE_LAUNCH) != 0);
    }

    private int attribute(int number) {
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetAttribute(value, number, device), "cuDeviceGetAttribute");
        return value[0];
    }

    /** Gives the primary context back. Handles made from it must have been closed. */
    @Override public void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
        }
        if (CURRENT.get() == this) CURRENT.remove();
        int ignored = JCudaDriver.cuDevicePrimaryCtxRelease(device);   // nothing can be done about a failure here
    }
}
