package dev.cresset.kernels.cuda.driver;

import dev.cresset.kernels.op.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;

/**
 * cuBLAS on one stream. Matrices are column-major, as cuBLAS has them: a row-major product {@code C = A B} is asked for as
 * {@code C' = B' A'}. Its workspace belongs to the caller, so equal calls give equal bits and may be recorded in a graph.
 * For one thread at a time.
 */
public final class Blas implements AutoCloseable {
    private static final int DEFAULT_ALGORITHM = -1;
    private static final int ATOMICS_NOT_ALLOWED = 0;
    /** Parts of a sum are never added up in the 16-bit type of the result. */
    private static final int NO_REDUCED_PRECISION_REDUCTION = 16;

    /** In what precision products are summed. */
    public enum Compute {
        /** As exact as the element type: float for float, half and bfloat16, double for double. */
        FULL,
        /** Float inputs are rounded to TF32. */
        TF32;

        public static Compute of(Precision p) { return p.tf32InProducts() ? TF32 : FULL; }
    }

    /** A matrix in device memory: where it starts, the distance of its columns in elements, and whether it is taken transposed. */
    public record Matrix(long address, long leading, boolean transposed) {}

    private final DeviceContext context;
    private final cublasHandle handle = new cublasHandle();
    private final MemorySegment scalars;
    private final RawPointer alpha;
    private final RawPointer beta;
    private boolean closed;

    /**
     * @param workspace      device memory for the library's own use, for this stream alone
     * @param workspaceBytes NVIDIA recommends 4 MiB, and 32 MiB from sm_90 on
     */
    public Blas(Stream stream, long workspace, long workspaceBytes) {
        context = stream.context();
        context.enter();
        check(context.betweenRecordings(() -> JCublas2.cublasCreate(handle)), "cublasCreate");
        check(JCublas2.cublasSetStream(handle, stream.runtimeHandle()), "cublasSetStream");
        workIn(workspace, workspaceBytes);
        check(JCublas2.cublasSetMathMode(handle, NO_REDUCED_PRECISION_REDUCTION), "cublasSetMathMode");
        check(JCublas2.cublasSetAtomicsMode(handle, ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
        scalars = Arena.ofAuto().allocate(16, 8);
        alpha = RawPointer.of(scalars);
        beta = RawPointer.of(scalars.address() + 8);
    }

    /** Uses other memory from now on. */
    public void workIn(long workspace, long bytes) {
        context.enter();
        check(JCublas2.cublasSetWorkspace(handle, RawPointer.of(workspace), bytes), "cublasSetWorkspace");
    }

    /** {@code C = alpha op(A) op(B) + beta C}, with C of m × n and the inner dimension k; all of one type. */
    public void gemm(ElementType type, Compute compute, int m, int n, int k, double alphaValue, Matrix a, Matrix b, double betaValue, Matrix c) {
        context.enter();
        setScalars(type, alphaValue, betaValue);
        check(JCublas2.cublasGemmEx_new(handle, op(a), op(b), m, n, k, alpha, RawPointer.of(a.address), type.cublas, leading(a),
            RawPointer.of(b.address), type.cublas, leading(b), beta, RawPointer.of(c.address), type.cublas, leading(c),
            computeType(type, compute), DEFAULT_ALGORITHM), "cublasGemmEx");
    }

    /** The same for each of {@code count} matrices that lie so many elements apart; distance 0 takes the same one each time. */
    public void gemmBatched(ElementType type, Compute compute, int m, int n, int k, double alphaValue, Matrix a, long distanceA,
                            Matrix b, long distanceB, double betaValue, Matrix c, long distanceC, int count) {
        context.enter();
        setScalars(type, alphaValue, betaValue);
        check(JCublas2.cublasGemmStridedBatchedEx_new(handle, op(a), op(b), m, n, k, alpha, RawPointer.of(a.address), type.cublas,
            leading(a), distanceA, RawPointer.of(b.address), type.cublas, leading(b), distanceB, beta, RawPointer.of(c.address),
            type.cublas, leading(c), distanceC, count, computeType(type, compute), DEFAULT_ALGORITHM), "cublasGemmStridedBatchedEx");
    }

    private static int op(Matrix m) { return m.transposed ? 1 : 0; }

    private static int leading(Matrix m) { return Math.toIntExact(m.leading); }

    private void setScalars(ElementType type, double alphaValue, double betaValue) {
        type.putFactor(scalars, 0, alphaValue);
        type.putFactor(scalars, 8, betaValue);
    }

    static int computeType(ElementType type, Compute compute) {
        return switch (type) {
            case DOUBLE -> 70;
            case FLOAT -> compute == Compute.TF32 ? 77 : 68;
            case HALF, BFLOAT16 -> 68;
            case INT8, INT32 -> throw new CudaUnsupportedException("products of " + type);
        };
    }

    private void check(int status, String call) { context.check(Status.CUBLAS, status, call); }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) check(context.betweenRecordings(() -> JCublas2.cublasDestroy(handle)), "cublasDestroy");
    }
}
