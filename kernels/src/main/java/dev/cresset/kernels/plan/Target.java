package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.op.CpuFallback;

/** What plans run on. */
public sealed interface Target {
    /** The processors of this machine. @param threads how many a kernel uses, whatever the context of a run says */
    record Host(int threads) implements Target {}

    /**
     * A CUDA device.
     *
     * @param fallback    runs what the device has no kernel for; null if that is an error
     * @param throughHost runs what is declared to run on the host
     */
    record Cuda(CudaDevice device, CpuFallback fallback, CpuFallback throughHost) implements Target {}

    static Target host(int threads) { return new Host(threads); }
}
