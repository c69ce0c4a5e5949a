package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.driver.JCudaDriver;

/** Host memory that the device can read and write while the host goes on. */
public final class PinnedBuffer implements AutoCloseable {
    private static final int PORTABLE = 1;

    private final DeviceContext context;
    private final MemorySegment segment;
    private boolean closed;

    /** @throws OutOfDeviceMemoryException if the operating system gives no more pinned memory */
    public PinnedBuffer(DeviceContext context, long bytes) {
        this.context = context;
        context.enter();
        RawPointer pointer = RawPointer.of(0);
        context.check(JCudaDriver.cuMemHostAlloc(pointer, bytes, PORTABLE), "cuMemHostAlloc of " + bytes + " bytes");
        this.segment = MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
        context.countPinned(bytes);
    }

    /** The memory; not to be used after {@link #close}. */
    public MemorySegment segment() { return segment; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.countPinned(-segment.byteSize());
        if (context.enterToFree()) context.check(JCudaDriver.cuMemFreeHost(RawPointer.of(segment)), "cuMemFreeHost");
    }
}
