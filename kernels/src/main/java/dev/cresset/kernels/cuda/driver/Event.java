package dev.cresset.kernels.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** A point in a stream's work. One that was never recorded counts as reached. */
public final class Event implements AutoCloseable {
    static final int NOT_READY = 600;
    private static final int DISABLE_TIMING = 2;

    private final DeviceContext context;
    private final CUevent handle = new CUevent();
    private boolean closed;

    private Event(DeviceContext context, int flags) {
        this.context = context;
        context.enter();
        context.check(JCudaDriver.cuEventCreate(handle, flags), "cuEventCreate");
    }

    /** An event for order only, which is cheaper. */
    public static Event forOrder(DeviceContext context) { return new Event(context, DISABLE_TIMING); }

    /** An event that also takes the time. */
    public static Event forTiming(DeviceContext context) { return new Event(context, 0); }

    /** Stands from now on for all work given to the stream so far. */
    public Event record(Stream stream) {
        context.enter();
        stream.record(handle);
        return this;
    }

    /** True if the work is done. */
    public boolean isReached() {
        context.enter();
        int status = JCudaDriver.cuEventQuery(handle);
        if (status == NOT_READY) return false;
        context.check(status, "cuEventQuery");
        return true;
    }

    /** Waits until the work is done. */
    public void synchronize() {
        context.enter();
        context.check(JCudaDriver.cuEventSynchronize(handle), "cuEventSynchronize");
    }

    /** Milliseconds between two reached events made for timing. */
    public float millisecondsSince(Event earlier) {
        context.enter();
        float[] out = new float[1];
        context.check(JCudaDriver.cuEventElapsedTime(out, earlier.handle, handle), "cuEventElapsedTime");
        return out[0];
    }

    CUevent handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) context.check(JCudaDriver.cuEventDestroy(handle), "cuEventDestroy");
    }
}
