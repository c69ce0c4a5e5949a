package dev.cresset.kernels.cuda.driver;

import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** A cubin loaded into a device's context. */
public final class KernelModule implements AutoCloseable {
    private final DeviceContext context;
    private final CUmodule handle = new CUmodule();
    private final ConcurrentHashMap<String, KernelFunction> functions = new ConcurrentHashMap<>();
    private final long bytes;
    private boolean closed;

    /** @throws CudaUnsupportedException if the code is for another architecture */
    public KernelModule(DeviceContext context, byte[] cubin) {
        this.context = context;
        this.bytes = cubin.length;
        context.enter();
        context.check(context.withRoom(() -> JCudaDriver.cuModuleLoadData(handle, cubin)), "cuModuleLoadData");
    }

    /** The size of the cubin; what the driver makes of it takes about as much. */
    public long byteSize() { return bytes; }

    /** A kernel by its name in the source, where it is {@code extern "C"}. @throws CudaCallException if there is none */
    public KernelFunction function(String name) {
        return functions.computeIfAbsent(name, n -> {
            context.enter();
            CUfunction function = new CUfunction();
            context.check(JCudaDriver.cuModuleGetFunction(function, handle, n), "cuModuleGetFunction of " + n);
            return new KernelFunction(context, n, function);
        });
    }

    /** Unloads the code; no launch of it may be under way. */
    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) context.check(JCudaDriver.cuModuleUnload(handle), "cuModuleUnload");
    }
}
