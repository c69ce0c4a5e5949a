package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.cudaStream_t;

/** A queue of work of a device, run in order. It does not wait for the legacy default stream, nor that for it. */
public final class Stream implements AutoCloseable {
    private static final int NON_BLOCKING = 1;

    /** Straight to the driver: inputs and results of every run of a plan are copied, and JCuda's pointers are objects. */
    private static final class Native {
        static final MethodHandle COPY = copy("cuMemcpyDtoDAsync_v2"), COPY_IN = copy("cuMemcpyHtoDAsync_v2"), COPY_OUT = copy("cuMemcpyDtoHAsync_v2");

        /** Where to, where from, bytes, stream. */
        private static MethodHandle copy(String name) {
            return Linker.nativeLinker().downcallHandle(Cuda.driver().find(name).orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        }
    }

    private final DeviceContext context;
    private final CUstream handle = new CUstream();
    private final long address;
    private boolean closed;

    public Stream(DeviceContext context) {
        this.context = context;
        context.enter();
        context.check(JCudaDriver.cuStreamCreate(handle, NON_BLOCKING), "cuStreamCreate");
        this.address = Handles.address(handle);
    }

    public DeviceContext context() { return context; }

    /** Waits until all work given to the stream is done. */
    public void synchronize() {
        context.enter();
        context.check(JCudaDriver.cuStreamSynchronize(handle), "cuStreamSynchronize");
    }

    /** True if all work given to the stream is done. */
    public boolean isIdle() {
        context.enter();
        int status = JCudaDriver.cuStreamQuery(handle);
        if (status == Event.NOT_READY) return false;
        context.check(status, "cuStreamQuery");
        return true;
    }

    /** Lets later work of this stream wait for what an event stands for; the host does not wait. */
    public void await(Event event) {
        context.enter();
        context.check(JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0), "cuStreamWaitEvent");
    }

    /** Copies between two places of device memory. */
    public void copy(long to, long from, long bytes) { copy(Native.COPY, "cuMemcpyDtoDAsync", to, from, bytes); }

    private void copy(MethodHandle call, String name, long to, long from, long bytes) {
        if (bytes == 0) return;
        context.enter();
        int status;
        try {
            status = (int) call.invokeExact(to, from, bytes, address);
        } catch (Throwable t) {
            throw new IllegalStateException(name + " cannot be called", t);
        }
        context.check(status, name);
    }

    /** Fills device memory with a byte. */
    public void fill(long to, byte value, long bytes) {
        if (bytes == 0) return;
        context.enter();
        context.check(JCudaDriver.cuMemsetD8Async(RawPointer.device(to), value, bytes, handle), "cuMemsetD8Async");
    }

    /** Copies host memory to the device: at once if it is pinned, and then it must stay as it is until the copy is done. */
    void copyIn(long to, long host, long bytes) { copy(Native.COPY_IN, "cuMemcpyHtoDAsync", to, host, bytes); }

    void copyOut(long host, long from, long bytes) { copy(Native.COPY_OUT, "cuMemcpyDtoHAsync", host, from, bytes); }

    void record(CUevent event) { context.check(JCudaDriver.cuEventRecord(event, handle), "cuEventRecord"); }

    CUstream handle() { return handle; }

    cudaStream_t runtimeHandle() { return new cudaStream_t(handle); }

    long address() { return address; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) context.check(JCudaDriver.cuStreamDestroy(handle), "cuStreamDestroy");
    }
}
