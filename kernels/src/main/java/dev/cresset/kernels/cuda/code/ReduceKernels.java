package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;

/**
 * Reductions of some dimensions to one element each ({@code reduce.cuh}). Floats up to float32 are accumulated in float32, integers
 * and bool in int64, complex numbers in complex128. The order of operations follows from the sizes, never from the device.
 */
public final class ReduceKernels {
    private static final long PART = 16384, MOST_ITEMS = 1024, SHORT_ROW = 64, MANY_ROWS = 8192;

    private ReduceKernels() {}

    /** NORM… are vector norms; VAR and STD take the correction as number and give the mean too if there is a second result. */
    public enum Operator {
        SUM, NANSUM, MEAN, PROD, MAX, MIN, COUNT, ANY, ALL, NORM0, NORM1, NORM2, NORM_MAX, NORM_MIN, NORM, VAR, STD, LOGSUMEXP,
        /** The value, and the index (int64) as second result; with one result, that is the index. The first of equals; NaN wins. */
        ARGMAX, ARGMIN;

        /** Bytes of a state that stands between the two passes, for an input of this type. */
        public int stateBytes(ScalarType in) {
            int value = switch (Expr.compute(in)) {
                case BOOL -> 1;
                case FLOAT32 -> 4;
                case COMPLEX128 -> 16;
                default -> 8;
            };
            boolean real = in.isComplex();
            return switch (this) {
                case SUM, PROD -> Math.max(value, in == ScalarType.BOOL ? 8 : 0);
                case NANSUM, MEAN, MAX, MIN -> value;
                case COUNT, ANY, ALL -> 8;
                case NORM0, NORM1, NORM2, NORM_MAX, NORM_MIN, NORM -> real ? 8 : value;
                case VAR, STD -> 2 * value + 8;
                case LOGSUMEXP -> 2 * value;
                case ARGMAX, ARGMIN -> 16;
            };
        }
    }

    /** THREAD: a thread a row (items: rows). BLOCK: a block a part of a row (items: rows × parts). JOIN: the parts' states (items: rows). */
    public enum Stage { THREAD, BLOCK, JOIN }

    public static FamilyKernel kernel(Operator o, ScalarType in, ScalarType out, Stage stage) {
        Launch launch = stage == Stage.BLOCK ? FamilyKernel.block() : FamilyKernel.threads();
        return FamilyKernel.of(FamilyKernel.name("reduce", o, in, out, stage), "reduce.cuh", "reduce_args", () -> FamilyKernel.name("reduce", stage)
            + "<" + CudaTypes.element(in) + ", " + CudaTypes.element(out) + ", " + FamilyKernel.name("reduce", o) + ">", launch);
    }

    /** Into how many parts each row is cut, so that few long rows keep the device busy. */
    public static long parts(long rows, long length) {
        return rows == 0 ? 1 : Math.clamp(Math.min(length / PART, MOST_ITEMS / rows), 1, MOST_ITEMS);
    }

    /** THREAD or BLOCK. @param keptStride,reducedStride of the innermost dimensions */
    public static Stage stage(long rows, long length, long keptStride, long reducedStride) {
        boolean across = rows >= MANY_ROWS && Math.abs(keptStride) < Math.abs(reducedStride);
        return length <= SHORT_ROW && rows > 1 || across ? Stage.THREAD : Stage.BLOCK;
    }

    /**
     * The parameter of all three stages.
     *
     * @param in,out addresses of the first elements; results are dense and row-major over the kept dimensions
     * @param out2   of the second result, 0 if there is none
     * @param states rows × parts states, 0 for one part
     * @param number the order of NORM, the correction of VAR and STD
     */
    public record Arguments(long in, long out, long out2, long states, long parts, double number, long[] keptSizes, long[] keptStrides,
                            long[] reducedSizes, long[] reducedStrides) {
        public long[] slots() {
            return new Slots().add(in, out, out2, states, product(keptSizes), product(reducedSizes), parts).real(number)
                .dims(keptSizes).dims(reducedSizes).padded(keptStrides).padded(reducedStrides).values();
        }
    }

    static long product(long[] sizes) {
        long n = 1;
        for (long s : sizes) n *= s;
        return n;
    }
}
