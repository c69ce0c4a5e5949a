package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.DeviceMemory;

/** What plans run on. */
public sealed interface Target {
    /** The processors of this machine. @param threads how many a kernel uses, whatever the context of a run says */
    record Host(int threads) implements Target {}

    /**
     * A CUDA device.
     *
     * @param fallback    runs what the device has no kernel for; null if that is an error
     * @param throughHost runs what is declared to run on the host
     * @param precision   of products, convolutions and recurrent layers of float32
     */
    record Cuda(CudaDevice device, CpuFallback fallback, CpuFallback throughHost, Precision precision) implements Target {
        /** What work of a plan has of the device. @param memory where it makes tensors */
        CudaCall call(CudaStream stream, DeviceMemory memory) { return new CudaCall(stream, memory, fallback, throughHost, precision); }
    }

    static Target host(int threads) { return new Host(threads); }
}
