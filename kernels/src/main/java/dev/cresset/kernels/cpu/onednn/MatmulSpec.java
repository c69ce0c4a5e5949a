package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.type.ScalarType;
import java.lang.invoke.MethodHandle;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * A matrix product C[…, m, n] = A[…, m, k] · B[…, k, n] (+ bias[n]), then the post-ops. All have the same rank, 2 or
 * more; a batch dimension of size 1 in A or B is broadcast. {@code bias} is null or has C's rank with every size but
 * the last 1.
 */
public record MatmulSpec(DnnLayout a, DnnLayout b, DnnLayout bias, DnnLayout c, PostOps postOps) {
    private static final MethodHandle CREATE = OneDnnLibrary.bind("dnnl_matmul_primitive_desc_create", JAVA_INT,
            ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    /**
     * Plain operands; a batch dimension of stride 0 counts as one of size 1. Transposed operands are strides like any
     * others.
     */
    public static MatmulSpec of(ScalarType type, long[] aSizes, long[] aStrides, long[] bSizes, long[] bStrides,
            long[] cSizes, long[] cStrides, boolean bias) {
        return new MatmulSpec(matrix(type, aSizes, aStrides), matrix(type, bSizes, bStrides),
                bias ? bias(type, cSizes) : null, matrix(type, cSizes, cStrides), PostOps.NONE);
    }

    /** Two-dimensional and contiguous. */
    public static MatmulSpec of(ScalarType type, long m, long n, long k, boolean bias) {
        return new MatmulSpec(DnnLayout.contiguous(type, m, k), DnnLayout.contiguous(type, k, n),
                bias ? bias(type, new long[] {m, n}) : null, DnnLayout.contiguous(type, m, n), PostOps.NONE);
    }

    /** Two-dimensional, any number of rows of A and C, B in whatever order is fastest; for {@link AnyRowsProduct}. */
    static MatmulSpec ofAnyRows(ScalarType type, long n, long k, boolean bias) {
        return new MatmulSpec(DnnLayout.anyRows(type, k), DnnLayout.any(type, k, n), bias ? DnnLayout.contiguous(type, 1, n) : null,
                DnnLayout.anyRows(type, n), PostOps.NONE);
    }

    MatmulSpec withB(DnnLayout order) { return new MatmulSpec(a, order, bias, c, postOps); }

    public MatmulSpec withPostOps(PostOps chain) { return new MatmulSpec(a, b, bias, c, chain); }

    /** Multiplications and additions. */
    long operations() {
        long count = 2 * a.size(a.rank() - 1);
        for (int d = 0; d < c.rank(); d++) count *= c.size(d);
        return count;
    }

    /** With B in whatever order is fastest; it is then packed from the given one. */
    public MatmulSpec withPackedB() { return new MatmulSpec(a, DnnLayout.any(b.type(), b.sizes()), bias, c, postOps); }

    /**
     * This, or the same product on contiguous tensors where oneDNN has only its slow reference for the strides, or
     * computes nonsense: it ignores gaps between the batches of a B that has one row.
     */
    public MatmulSpec direct() {
        DnnLayout right = direct(b, 2);
        if (b.isPlain() && b.rank() > 2 && b.size(b.rank() - 2) == 1) right = DnnLayout.contiguous(b.type(), b.sizes());
        if (a.hasUnitStride(2) && right.equals(b) && c.hasUnitStride(1)) return this;
        return new MatmulSpec(direct(a, 2), right, bias, direct(c, 1), postOps);
    }

    private static DnnLayout direct(DnnLayout layout, int dimensions) {
        return layout.hasUnitStride(dimensions) ? layout : DnnLayout.contiguous(layout.type(), layout.sizes());
    }

    DnnPrimitive build(long engine) {
        try (PrimitiveBuilder p = new PrimitiveBuilder(engine, postOps, "matmul of " + a + " with " + b + " into "
                + c)) {
            long src = p.layout(a);
            long weights = p.layout(b);
            long shift = p.layout(bias);
            long dst = p.layout(c);
            OneDnnLibrary.Create create =
                    out -> (int) CREATE.invokeExact(out, engine, src, weights, shift, dst, p.attributes());
            return bias == null ? p.build(create, Dnn.ARG_SRC, Dnn.ARG_WEIGHTS, Dnn.ARG_DST)
                    : p.build(create, Dnn.ARG_SRC, Dnn.ARG_WEIGHTS, Dnn.ARG_DST, Dnn.ARG_BIAS);
        }
    }

    private static DnnLayout bias(ScalarType type, long[] cSizes) {
        long[] sizes = Dims.filled(cSizes.length, 1).values();
        sizes[sizes.length - 1] = cSizes[sizes.length - 1];
        return DnnLayout.contiguous(type, sizes);
    }

    private static DnnLayout matrix(ScalarType type, long[] sizes, long[] strides) {
        long[] kept = sizes.clone();
        for (int d = 0; d < sizes.length - 2; d++) if (strides[d] == 0) kept[d] = 1;
        return DnnLayout.matrix(type, kept, strides);
    }
}
