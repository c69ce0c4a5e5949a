package dev.cresset.kernels.cuda.driver;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Plain allocations of device memory; the allocator caches them. */
final class DeviceMemory {
    private DeviceMemory() {}

    /** @return the address, or 0 if there is not so much */
    static long allocate(DeviceContext context, long bytes) {
        context.enter();
        CUdeviceptr pointer = new CUdeviceptr();
        int status = JCudaDriver.cuMemAlloc(pointer, bytes);
        if (Status.DRIVER.isOutOfMemory(status)) return 0;
        context.check(status, "cuMemAlloc of " + bytes + " bytes");
        return RawPointer.addressOf(pointer);
    }

    static void free(DeviceContext context, long address) {
        if (context.enterToFree()) context.check(JCudaDriver.cuMemFree(RawPointer.device(address)), "cuMemFree");
    }
}
