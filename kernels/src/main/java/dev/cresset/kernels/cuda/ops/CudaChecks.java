package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.CheckKernels;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Tensor;
import java.util.function.DoubleFunction;

/** Looks at elements on a CUDA device for which a call is to fail when it ends. */
public final class CudaChecks {
    private CudaChecks() {}

    /** All elements have to be in [low, high]; NaN is not. @param error for one that is not */
    public static void within(CallContext context, Tensor t, double low, double high, DoubleFunction<ScriptError> error) {
        if (t.numel() == 0) return;
        CudaStream stream = CudaCall.stream(context);
        long slots = stream.check((bits, _) -> error.apply(Double.longBitsToDouble(bits)));
        MergedDims dims = MergedDims.of(t.sizes(), t.strides());
        stream.launch(CheckKernels.range(t.dtype()), new CheckKernels.Range(t.address(), slots, low, high, dims.sizes(), dims.strides()[0]).slots(), t.numel());
    }
}
