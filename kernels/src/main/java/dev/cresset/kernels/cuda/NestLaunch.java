package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.tensor.Tensor;
import java.util.List;

/** Runs a loop nest by the kernel printed from it. */
public final class NestLaunch {
    private static final int ALIGNMENT = 16;

    private NestLaunch() {}

    /** @param operands the tensors of inputs and results, in the order of the nest, whose offsets count from their storages */
    public static void run(CudaStream stream, LoopNest nest, List<Tensor> operands) {
        Loops loops = Loops.of(nest);
        long[] bases = operands.stream().mapToLong(t -> t.storage().address()).toArray();
        int[] widths = operands.stream().mapToInt(t -> t.dtype().byteSize()).toArray();
        boolean aligned = true;
        for (int k = 0; k < bases.length; k++) aligned &= (bases[k] + loops.offsets()[k] * widths[k]) % ALIGNMENT == 0;
        KernelText text = stream.owner().kernels().texts().text(CudaKernels.kernelOf(nest, loops, aligned));
        stream.launch(text, text.pack(bases, widths, loops, _ -> null), text.items(loops));
    }
}
