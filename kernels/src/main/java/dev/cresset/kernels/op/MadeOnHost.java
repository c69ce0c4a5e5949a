package dev.cresset.kernels.op;

import dev.cresset.tensor.Tensor;

/** A kernel that reads no tensor's elements, for a device: what it makes is made on the host and brought there. */
record MadeOnHost(Body.CpuKernel cpu) implements Body.CudaKernel {
    @Override public void run(Args a, Tensor[] out) {
        CallContext c = a.context();
        Tensor[] made = new Tensor[out.length];
        c.onHost(() -> {
            for (int i = 0; i < out.length; i++) made[i] = c.emptyStrided(out[i].dtype(), out[i].sizes(), out[i].strides());
            cpu.run(a, made);
            return null;
        });
        for (int i = 0; i < out.length; i++) {
            long bytes = made[i].spanBytes();
            if (bytes > 0) c.deviceCall().memory().upload(made[i].data().asSlice(0, bytes), out[i].address(), bytes);
        }
    }
}
