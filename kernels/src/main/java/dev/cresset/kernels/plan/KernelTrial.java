package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.cuda.driver.OutOfDeviceMemoryException;
import dev.cresset.kernels.nest.Loops;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the fastest of the kernels for one loop nest, by running them over memory of zeros. */
final class KernelTrial {
    private final Loops loops;
    private final int[] widths;
    private final Workshop workshop;

    /** @param operands those of the loops; of them only the types count */
    KernelTrial(Loops loops, List<Place> operands, Workshop workshop) {
        this.loops = loops;
        this.widths = operands.stream().mapToInt(p -> p.type().byteSize()).toArray();
        this.workshop = workshop;
    }

    /** The first one where nothing is measured, or there is no memory for it. */
    KernelText fastest(List<CudaKernels.Nest> candidates) {
        MeasuredChoices choices = workshop.choices();
        if (candidates.size() == 1 || !choices.measures()) return candidates.getFirst().print();
        List<KernelText> kernels = candidates.stream().map(CudaKernels.Nest::print).toList();
        List<String> names = kernels.stream().map(KernelText::entry).toList();
        try {
            String best = choices.fastest(what(names), names, name -> milliseconds(kernels.get(names.indexOf(name))));
            return kernels.get(names.indexOf(best));
        } catch (OutOfDeviceMemoryException e) {
            return kernels.getFirst();
        }
    }

    private String what(List<String> names) {
        return "kernel of " + names + " over " + Arrays.toString(loops.sizes()) + " " + Arrays.deepToString(loops.strides());
    }

    private double milliseconds(KernelText kernel) {
        CudaStream stream = workshop.stream();
        List<MemorySegment> blocks = new ArrayList<>();
        try {
            long[] bases = new long[widths.length];
            for (int k = 0; k < bases.length; k++) bases[k] = base(stream, k, blocks);
            long[] slots = kernel.pack(bases, widths, loops, _ -> null);
            return workshop.choices().time(stream, () -> stream.launch(kernel, slots, kernel.items(loops)));
        } finally {
            blocks.forEach(stream::giveBackOwn);
        }
    }

    /** Where an operand's offset counts from, so that all its elements are in a block of their own and its first one is aligned. */
    private long base(CudaStream stream, int k, List<MemorySegment> blocks) {
        long before = 0, after = 0;
        for (int d = 0; d < loops.rank(); d++) {
            long span = loops.strides()[k][d] * Math.max(0, loops.sizes()[d] - 1);
            before -= Math.min(0, span);
            after += Math.max(0, span);
        }
        long first = Math.ceilDiv(before * widths[k], (long) DeviceFusedStep.ALIGNMENT) * DeviceFusedStep.ALIGNMENT, bytes = first + (after + 1) * widths[k];
        MemorySegment block = stream.takeOwn(bytes);
        blocks.add(block);
        stream.fill(block.address(), bytes);
        return block.address() + first - loops.offsets()[k] * widths[k];
    }
}
