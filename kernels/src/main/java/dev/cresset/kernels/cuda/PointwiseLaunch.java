package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.cuda.code.Variant;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Runs the expression of a pointwise operator by the kernel printed from it. */
final class PointwiseLaunch {
    private static final int ALIGNMENT = 16;

    private PointwiseLaunch() {}

    static void run(CudaStream stream, Expr expression, Args numbers, Tensor[] tensors, Tensor out) {
        KernelTexts kernels = stream.owner().kernels().texts();
        CudaKernels.Pointwise pointwise = kernels.of(expression, out.dtype());
        List<Tensor> operands = new ArrayList<>();
        for (int argument : pointwise.arguments()) operands.add(tensors[argument]);
        Loops loops = Loops.of(nest(operands, out, expression));
        operands.add(out);
        long[] bases = operands.stream().mapToLong(t -> t.storage().address()).toArray();
        int[] widths = operands.stream().mapToInt(t -> t.dtype().byteSize()).toArray();
        boolean wide = !Variant.fitsNarrow(loops);
        KernelText text = loops.rank() > Variant.MAX_DIMS ? kernels.text(pointwise.forRank(loops))
            : kernels.text(pointwise, isDense(loops, bases, widths), wide);
        stream.launch(text, text.pack(bases, widths, loops, numbers::get), text.items(loops));
    }

    /** Inputs are expanded to the output's shape. */
    private static LoopNest nest(List<Tensor> inputs, Tensor out, Expr expression) {
        long[] sizes = out.dim() == 0 ? new long[] {1} : out.sizes();
        List<LoopNest.Operand> operands = new ArrayList<>();
        for (Tensor t : inputs) operands.add(new LoopNest.Operand(t.dtype(), t.offset(), Shapes.broadcastStrides(t.sizes(), t.strides(), sizes)));
        long[] strides = out.dim() == 0 ? new long[] {1} : out.strides();
        return new LoopNest(sizes, operands, List.of(), List.of(new LoopNest.Result(out.dtype(), out.offset(), strides, expression)));
    }

    /** Whether all operands lie one after the other in the same order, at aligned addresses. */
    private static boolean isDense(Loops loops, long[] bases, int[] widths) {
        if (loops.rank() != 1) return false;
        for (int k = 0; k < bases.length; k++) {
            if (loops.innerStride(k) != 1 || (bases[k] + loops.offsets()[k] * widths[k]) % ALIGNMENT != 0) return false;
        }
        return true;
    }
}
