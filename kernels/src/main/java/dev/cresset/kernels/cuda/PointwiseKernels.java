package dev.cresset.kernels.cuda;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.expr.Expr;
import java.util.concurrent.ConcurrentHashMap;

/** The texts of pointwise kernels that have been needed. Safe from any thread. */
final class PointwiseKernels {
    /** Far more than a program has; what is beyond is printed anew each time. */
    private static final int MOST = 4096;

    private record Key(Expr expression, ScalarType result) {}

    private record TextKey(CudaKernels.Pointwise pointwise, boolean dense, boolean wide) {}

    private final ConcurrentHashMap<Key, CudaKernels.Pointwise> pointwise = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<TextKey, KernelText> texts = new ConcurrentHashMap<>();

    CudaKernels.Pointwise of(Expr expression, ScalarType result) {
        Key key = new Key(expression, result);
        CudaKernels.Pointwise known = pointwise.get(key);
        if (known != null) return known;
        CudaKernels.Pointwise made = CudaKernels.pointwise(expression, result);
        if (pointwise.size() < MOST) pointwise.put(key, made);
        return made;
    }

    KernelText text(CudaKernels.Pointwise p, boolean dense, boolean wide) {
        TextKey key = new TextKey(p, dense, wide);
        KernelText known = texts.get(key);
        if (known != null) return known;
        KernelText made = dense ? p.contiguous(wide) : p.strided(wide);
        if (texts.size() < MOST) texts.put(key, made);
        return made;
    }
}
