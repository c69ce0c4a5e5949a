package dev.cresset.kernels.cuda;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.KernelText;
import dev.cresset.kernels.expr.Expr;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The texts of generated kernels that have been needed: a call like one before prints none. Safe from any thread. */
final class KernelTexts {
    /** Far more than a program has; what is beyond is printed anew each time. */
    private static final int MOST = 4096;

    private record Key(Expr expression, ScalarType result) {}

    private record TextKey(CudaKernels.Pointwise pointwise, boolean dense, boolean wide) {}

    private final ConcurrentHashMap<Key, CudaKernels.Pointwise> pointwise = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<TextKey, KernelText> texts = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<CudaKernels.Nest, KernelText> nests = new ConcurrentHashMap<>();

    CudaKernels.Pointwise of(Expr expression, ScalarType result) {
        return find(pointwise, new Key(expression, result), k -> CudaKernels.pointwise(k.expression, k.result));
    }

    KernelText text(CudaKernels.Pointwise p, boolean dense, boolean wide) {
        return find(texts, new TextKey(p, dense, wide), k -> k.dense ? k.pointwise.contiguous(k.wide) : k.pointwise.strided(k.wide));
    }

    KernelText text(CudaKernels.Nest nest) { return find(nests, nest, CudaKernels.Nest::print); }

    private static <K, V> V find(ConcurrentHashMap<K, V> known, K key, Function<K, V> make) {
        V found = known.get(key);
        if (found != null) return found;
        V made = make.apply(key);
        if (known.size() < MOST) known.put(key, made);
        return made;
    }
}
