package dev.cresset.kernels.plan;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.List;

/** A generated CUDA kernel over places of the plan. */
record DeviceFusedStep(String what, KernelText kernel, Loops loops, List<Place> operands, List<Place> reads, List<Place> writes) implements Step {
    /** Bytes of the widest access of a kernel. */
    static final int ALIGNMENT = 16;

    static DeviceFusedStep of(String what, LoweredGroup group, List<Place> inputs, List<Place> results, Lowering lowering) {
        List<Place> operands = new ArrayList<>();
        for (int i : group.inputs()) operands.add(inputs.get(i));
        for (int r : group.results()) operands.add(results.get(r));
        Loops loops = Loops.of(group.nest());
        boolean aligned = true;
        for (int k = 0; k < operands.size(); k++) aligned &= isAligned(operands.get(k), loops.offsets()[k], lowering.memory());
        KernelText kernel = new KernelTrial(loops, operands, lowering.workshop()).fastest(CudaKernels.candidates(group.nest(), loops, aligned));
        return new DeviceFusedStep(what, kernel, loops, operands, inputs, results);
    }

    private static boolean isAligned(Place p, long offset, Memory memory) { return alignment(p, offset, memory) >= ALIGNMENT; }

    /** Bytes of which the address of a place's element is a multiple in every run: a power of two, at most that which buffers have. */
    static int alignment(Place p, long offset, Memory memory) {
        long bytes = p.byteOffset() + offset * p.type().byteSize();
        long multiple = switch (p.buffer().kind()) {
            case CONSTANT -> memory.constant(p.buffer()).address() + bytes;
            case RETURNED -> p.type().byteSize();     // a view of something, perhaps
            case INPUT, INTERNAL, RESULT -> bytes;
        };
        return (int) Math.min(MemoryPlan.ALIGNMENT, multiple == 0 ? MemoryPlan.ALIGNMENT : Long.lowestOneBit(multiple));
    }

    /** True if it divides integers by what is not known to differ from zero. */
    static boolean dividesIntegers(LoopNest nest) {
        Structure s = Structure.of(nest, Loops.of(nest));
        for (Dag.Node n : s.nodes()) {
            if (!(n.op() instanceof Dag.Op.Binary(BinaryFn fn)) || n.kind() != ScalarType.INT64) continue;
            boolean divides = switch (fn) {
                case DIV, FLOOR_DIV, TRUNC_DIV, REMAINDER, FMOD -> true;
                default -> false;
            };
            boolean known = s.node(n.arguments().get(1)).op() instanceof Dag.Op.Constant(Object v) && !Long.valueOf(0).equals(v);
            if (divides && !known) return true;
        }
        return false;
    }

    @Override public Action bind(Frame frame) {
        long[] bases = new long[operands.size()];
        int[] widths = operands.stream().mapToInt(p -> p.type().byteSize()).toArray();
        return context -> {
            for (int k = 0; k < bases.length; k++) bases[k] = frame.address(operands.get(k));
            CudaCall.stream(context).launch(kernel, kernel.pack(bases, widths, loops, _ -> null), kernel.items(loops));
        };
    }

    @Override public String label() { return "fused " + what; }

    @Override public String text() { return "fused " + what + " " + reads + " -> " + writes + " by " + kernel.entry(); }

    @Override public String kernelText() { return kernel.source(); }
}
