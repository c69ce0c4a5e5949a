package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.cuda.code.Slot;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A loop nest ready to be launched on a device. It has two kernels, which all nests of its structure share: one for operands whose
 * first elements lie at multiples of 16 bytes, and one for any; they may be the same. Safe from any thread.
 */
public final class NestLaunch {
    private static final int ALIGNMENT = 16;

    private final KernelLibrary kernels;
    private final LoopNest nest;
    private final Loops loops;
    private final int[] widths;
    private volatile Form aligned, anywhere;    // made when first asked for

    public NestLaunch(CudaDevice device, LoopNest nest) {
        this.kernels = device.kernels();
        this.nest = nest;
        this.loops = Loops.of(nest);
        this.widths = Stream.concat(nest.inputs().stream().map(LoopNest.Operand::type), nest.results().stream().map(LoopNest.Result::type))
            .mapToInt(t -> t.byteSize()).toArray();
    }

    /** Runs a nest once. @param operands the tensors of inputs and results, in the order of the nest, whose offsets count from their storages */
    public static void run(CudaStream stream, LoopNest nest, List<Tensor> operands) {
        long[] bases = operands.stream().mapToLong(t -> t.storage().address()).toArray();
        new NestLaunch(stream.owner(), nest).form(bases).launch(stream, bases);
    }

    /**
     * What runs it for operands at these device addresses, from which its offsets count.
     *
     * @throws dev.cresset.ir.diag.UnsupportedException if there can be no kernel for it
     */
    public Form form(long[] bases) {
        for (int k = 0; k < bases.length; k++) {
            if ((bases[k] + loops.offsets()[k] * widths[k]) % ALIGNMENT != 0) return anywhere();
        }
        if (aligned == null) aligned = of(true);
        return aligned;
    }

    private Form anywhere() {
        if (anywhere == null) anywhere = of(false);
        return anywhere;
    }

    private Form of(boolean aligned) {
        return new Form(kernels, kernels.texts().text(CudaKernels.kernelOf(nest, loops, aligned)), widths, loops);
    }

    /** One of the two kernels with all of its parameter that is the same for each launch. */
    public static final class Form {
        private final KernelLibrary kernels;
        private final KernelText kernel;
        private final long items;
        private final long[] slots;
        private final int[] addresses;      // of each operand: its slot

        private Form(KernelLibrary kernels, KernelText kernel, int[] widths, Loops loops) {
            this.kernels = kernels;
            this.kernel = kernel;
            items = kernel.items(loops);
            slots = kernel.pack(new long[widths.length], widths, loops, _ -> null);
            addresses = IntStream.range(0, widths.length).map(k -> kernel.parameters().indexOf(new Slot.Address(k))).toArray();
        }

        /** True if a launch does not wait for the compiler. */
        public boolean isThere() { return items == 0 || kernels.has(kernel); }

        /** Has it compiled, if it is not there. Takes a while. @throws dev.cresset.kernels.cuda.driver.KernelCompileException if the compiler refuses it */
        public void compile() { if (!isThere()) kernels.function(kernel); }

        /** @param bases as for {@link NestLaunch#form} */
        public void launch(CudaStream stream, long[] bases) {
            long[] packed = slots.clone();
            for (int k = 0; k < bases.length; k++) packed[addresses[k]] += bases[k];
            stream.launch(kernel, packed, items);
        }

        /** Its code, for people. */
        public String text() { return kernel.source(); }
    }
}
