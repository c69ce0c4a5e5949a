package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.code.SearchKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;

/** Places of values in sorted rows, on a CUDA device. */
public final class CudaSearch {
    private CudaSearch() {}

    /**
     * @param sorted [width], or of the values' leading sizes with rows of any width
     * @param values of the same type
     * @param right  behind equal elements, else before them
     * @param out    int64 or int32, row-major, of the values' sizes
     */
    public static void places(CallContext context, Tensor sorted, Tensor values, boolean right, Tensor out) {
        if (values.numel() == 0) return;
        Tensor rows = context.tensor("aten::contiguous", sorted), wanted = context.tensor("aten::contiguous", values);
        long perRow = sorted.dim() == 1 ? values.numel() : values.size(-1);
        var arguments = new SearchKernels.Arguments(rows.address(), wanted.address(), out.address(), values.numel(), sorted.size(-1), perRow,
            out.dtype() == ScalarType.INT32, right);
        CudaCall.stream(context).launch(SearchKernels.places(sorted.dtype()), arguments.slots(), values.numel());
    }
}
