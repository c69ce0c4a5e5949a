package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/** A kernel that can be launched. */
public final class KernelFunction {
    private static final int SHARED_BYTES = 1, LOCAL_BYTES = 3, REGISTERS = 4, MAX_DYNAMIC_SHARED = 8;

    /** Straight to the driver: through JCuda, packing the parameters alone costs microseconds. */
    private static final class Native {
        static final MethodHandle LAUNCH = Linker.nativeLinker().downcallHandle(Cuda.driver().find("cuLaunchKernel").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
                JAVA_LONG, ADDRESS, ADDRESS));
        static final MethodHandle LAUNCH_TOGETHER = Linker.nativeLinker().downcallHandle(Cuda.driver().find("cuLaunchCooperativeKernel").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    }

    private final DeviceContext context;
    private final String name;
    private final CUfunction handle;
    private final long address;
    private volatile int sharedBytesAllowed;   // dynamic; what blocks have without asking also holds what is static

    KernelFunction(DeviceContext context, String name, CUfunction handle) {
        this.context = context;
        this.name = name;
        this.handle = handle;
        this.address = Handles.address(handle);
    }

    public String name() { return name; }

    /**
     * What the kernel takes on this device.
     *
     * @param registers   of a thread
     * @param sharedBytes static shared memory of a block
     * @param localBytes  memory of a thread, spilled registers and arrays
     */
    public record Resources(int registers, int sharedBytes, int localBytes) {}

    public Resources resources() {
        context.enter();
        return new Resources(attribute(REGISTERS), attribute(SHARED_BYTES), attribute(LOCAL_BYTES));
    }

    private int attribute(int which) {
        int[] out = new int[1];
        context.check(JCudaDriver.cuFuncGetAttribute(out, which, handle), "cuFuncGetAttribute of " + name);
        return out[0];
    }

    /** Launches a grid of one dimension. */
    public void launch(Stream stream, long blocks, int threads, int sharedBytes, KernelArguments arguments) {
        launch(stream, Math.toIntExact(blocks), 1, 1, threads, 1, 1, sharedBytes, arguments);
    }

    /**
     * Launches. The arguments are read before this returns; what they point to is read when the stream gets there.
     *
     * @param sharedBytes dynamic shared memory of a block
     */
    public void launch(Stream stream, int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int sharedBytes,
                       KernelArguments arguments) {
        context.enter();
        if (sharedBytes > sharedBytesAllowed) allowShared(sharedBytes);
        int status;
        try {
            status = (int) Native.LAUNCH.invokeExact(address, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes,
                stream.address(), arguments.pointers(), MemorySegment.NULL);
        } catch (Throwable t) {
            throw new IllegalStateException("cuLaunchKernel cannot be called", t);
        }
        if (status != 0) {
            throw context.failure(Status.DRIVER, status, "the launch of " + name + " <<<(" + gridX + ", " + gridY + ", " + gridZ
                + "), (" + blockX + ", " + blockY + ", " + blockZ + "), " + sharedBytes + ">>>");
        }
    }

    /**
     * Launches a grid of one dimension whose blocks may wait for each other: all of them run at the same time. As the other otherwise.
     *
     * @param blocks no more than the device can run at once
     */
    public void launchTogether(Stream stream, int blocks, int threads, int sharedBytes, KernelArguments arguments) {
        context.enter();
        if (sharedBytes > sharedBytesAllowed) allowShared(sharedBytes);
        int status;
        try {
            status = (int) Native.LAUNCH_TOGETHER.invokeExact(address, blocks, 1, 1, threads, 1, 1, sharedBytes, stream.address(), arguments.pointers());
        } catch (Throwable t) {
            throw new IllegalStateException("cuLaunchCooperativeKernel cannot be called", t);
        }
        if (status != 0) {
            throw context.failure(Status.DRIVER, status, "the cooperative launch of " + name + " <<<" + blocks + ", " + threads + ", " + sharedBytes + ">>>");
        }
    }

    private synchronized void allowShared(int bytes) {
        if (bytes <= sharedBytesAllowed) return;
        context.check(JCudaDriver.cuFuncSetAttribute(handle, MAX_DYNAMIC_SHARED, bytes),
            "cuFuncSetAttribute for " + bytes + " bytes of shared memory in " + name);
        sharedBytesAllowed = bytes;
    }
}
