package dev.cresset.kernels.cuda.code;

import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.KernelArguments;
import dev.cresset.kernels.cuda.driver.KernelModule;
import dev.cresset.kernels.cuda.driver.Nvrtc;
import dev.cresset.kernels.cuda.driver.Stream;
import java.lang.foreign.MemorySegment;

/** The emulated device with one module. Kernels work on the memory of tensors, which is as good as the device's there. */
final class EmulatedGpu implements AutoCloseable {
    private final DeviceContext context = DeviceContext.open(0);
    private final Stream stream = new Stream(context);
    private final KernelModule module;

    /** @param unit see {@link KernelSource#module} */
    EmulatedGpu(String unit) {
        module = new KernelModule(context, Nvrtc.compile("test.cu", unit, context.properties().architecture(), Prelude.OPTIONS));
    }

    /** Launches a kernel with one by-value parameter made of these slots, and waits for it. */
    void run(KernelSource kernel, int blocks, long[] slots) {
        if (blocks == 0) return;
        KernelArguments arguments = new KernelArguments().struct(MemorySegment.ofArray(slots));
        module.function(kernel.entry()).launch(stream, blocks, kernel.launch().threads(), kernel.launch().sharedBytes(), arguments);
        context.synchronize();
    }

    @Override public void close() {
        module.close();
        stream.close();
        context.close();
    }
}
