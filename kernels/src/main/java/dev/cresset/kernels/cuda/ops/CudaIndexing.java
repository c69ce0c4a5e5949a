package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.IndexKernels;
import dev.cresset.kernels.cuda.code.IndexKernels.Index;
import dev.cresset.kernels.cuda.code.IndexKernels.Join;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Reading and writing elements at places that index tensors name, on a CUDA device. Bad indices are errors when the call ends. */
public final class CudaIndexing {
    /** With fewer lines a block works on each of them, if it has as many entries as make that worth it. */
    private static final long FEW_LINES = 2048, LONG_LINE = 64;

    private CudaIndexing() {}

    /**
     * One index tensor.
     *
     * @param index  int64 or int32, on the device, expanded to the shape of what is read or written
     * @param size   of the dimension that it indexes
     * @param stride of that dimension
     * @param wraps  its elements may count from the end
     */
    public record Axis(Tensor index, long size, long stride, boolean wraps) {
        private Index slots(int[] line, int[] entry) {
            return new Index(index.address(), index.dtype() == ScalarType.INT32, size, wraps, stride, pick(index.strides(), line), pick(index.strides(), entry));
        }
    }

    /**
     * out[c] = in[c · inStrides + what the indices add].
     *
     * @param inStrides of {@code in} over the dimensions of {@code out}, 0 where an index says where to read
     * @param bad       the error for an index out of range and the size that it exceeds
     */
    public static void choose(CallContext context, Tensor in, long[] inStrides, Tensor out, List<Axis> axes, BiFunction<Long, Long, ScriptError> bad) {
        if (out.numel() == 0) return;
        CudaStream stream = stream(context);
        int[] all = IntStream.range(0, out.dim()).toArray();
        List<Index> indices = axes.stream().map(a -> a.slots(new int[0], all)).toList();
        stream.launch(IndexKernels.choose(out.dtype()), new IndexKernels.Chosen(in.address(), out.address(), stream.check(bad), out.sizes(), inStrides,
            out.strides(), indices).slots(), out.numel());
    }

    /**
     * target[c · targetStrides + what the indices add] op= source[c], in the order of the coordinates c where places are equal.
     *
     * @param targetStrides over the dimensions of {@code source}, 0 where an index says where to write
     * @param entries       the dimensions of {@code source} along which places may be equal
     */
    public static void scatter(CallContext context, Tensor target, long[] targetStrides, Tensor source, int[] entries, List<Axis> axes, Join join,
                               BiFunction<Long, Long, ScriptError> bad) {
        if (source.numel() == 0) return;
        CudaStream stream = stream(context);
        int[] lines = IntStream.range(0, source.dim()).filter(d -> Arrays.stream(entries).noneMatch(e -> e == d)).toArray();
        long[] lineSizes = pick(source.sizes(), lines), entrySizes = pick(source.sizes(), entries);
        long count = Shapes.numel(lineSizes);
        boolean blocks = count < FEW_LINES && Shapes.numel(entrySizes) >= LONG_LINE;
        List<Index> indices = axes.stream().map(a -> a.slots(lines, entries)).toList();
        stream.launch(IndexKernels.scatter(target.dtype(), join, blocks), new IndexKernels.Scattered(target.address(), source.address(), stream.check(bad),
            lineSizes, entrySizes, pick(targetStrides, lines), pick(targetStrides, entries), pick(source.strides(), lines), pick(source.strides(), entries),
            indices).slots(), count);
    }

    private static CudaStream stream(CallContext context) { return ((CudaCall) context.deviceCall()).stream(); }

    private static long[] pick(long[] values, int[] at) { return Arrays.stream(at).mapToLong(d -> values[d]).toArray(); }
}
