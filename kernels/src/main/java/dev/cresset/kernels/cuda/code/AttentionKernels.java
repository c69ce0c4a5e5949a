package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.List;

/**
 * Attention whose scores never get to memory ({@code attention.cuh}). Items of {@link #of}: batches × tiles of rows × parts of the
 * keys, a block each; of {@link #join}: elements of the result.
 */
public final class AttentionKernels {
    /** Columns that a kernel is made for; what has fewer takes the next. */
    private static final int[] WIDTHS = {32, 64, 96, 128, 256};
    private static final int ROWS = 64, KEYS = 64, TENSOR_THREADS = 128;
    /** The most columns that there are enough registers for to split float32. */
    private static final int MOST_SPLIT = 128;
    /** Blocks that keep a device busy, whichever it is; the least keys that make it worth while to join a part. */
    private static final long ENOUGH_BLOCKS = 128, LEAST_KEYS = 256;

    private AttentionKernels() {}

    /** True if there is a kernel for rows of these lengths, of query and key and of value. */
    public static boolean suits(ScalarType t, long width, long valueWidth) {
        boolean type = t == ScalarType.FLOAT32 || t == ScalarType.FLOAT16 || t == ScalarType.BFLOAT16;
        return type && width > 0 && valueWidth > 0 && Math.max(width, valueWidth) <= WIDTHS[WIDTHS.length - 1];
    }

    /** Sums for rows of so many columns that are not {@link Sums#PLAIN}, if there is a kernel for them. @param wanted if there were one for all */
    public static Sums sums(Sums wanted, long width) { return wanted == Sums.SPLIT && width > MOST_SPLIT ? Sums.PLAIN : wanted; }

    private static int padded(long width) {
        for (int w : WIDTHS) if (w >= width) return w;
        throw new IllegalArgumentException("no kernel for rows of " + width);
    }

    /**
     * Goes through the keys.
     *
     * @param sums  if not plain, rows are aligned to 16 bytes and their lengths are multiples of them
     * @param width the longest of the rows
     */
    public static FamilyKernel of(Sums sums, ScalarType t, long width) {
        int w = padded(width);
        Launch launch = sums == Sums.PLAIN ? FamilyKernel.block() : Launch.block(TENSOR_THREADS);
        return FamilyKernel.of(FamilyKernel.name("attention", sums, t, w), List.of("mma.cuh", "attention.cuh"), "attention_args",
            () -> "attention_" + sums + "<" + CudaTypes.element(t) + ", " + w + ">", launch.keeping(resident(sums, t, w)));
    }

    /** Blocks that ptxas is told to leave registers for where, left alone, it takes too few and spills; 0 elsewhere. */
    private static int resident(Sums sums, ScalarType t, int width) {
        return switch (sums) {
            case PLAIN -> t.byteSize() == 2 && width == 128 ? 1 : 0;
            case ROUNDED -> 0;
            case SPLIT -> width <= 64 ? 2 : 0;
        };
    }

    /** After {@link #of}, if there are several parts. */
    public static FamilyKernel join(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("attention_join", t), List.of("mma.cuh", "attention.cuh"), "attention_args",
            () -> "attention_join<" + CudaTypes.element(t) + ">", FamilyKernel.threads());
    }

    /** How many parts the keys are cut into, and how many each has; the last one may have fewer. */
    public record Parts(long count, long keys) {
        /** For so many rows in each of so many batches. */
        public static Parts of(long batches, long rows, long keys) {
            long wanted = Math.clamp(Math.min(keys / LEAST_KEYS, ENOUGH_BLOCKS / Math.max(1, batches * tiles(rows))), 1, ENOUGH_BLOCKS);
            long each = Math.ceilDiv(Math.ceilDiv(keys, wanted), KEYS) * KEYS;
            return new Parts(Math.ceilDiv(keys, each), each);
        }
    }

    private static long tiles(long rows) { return Math.ceilDiv(rows, ROWS); }

    /** float32 numbers that the parts of all rows leave. */
    public static long states(long batches, long rows, long valueWidth, Parts parts) { return batches * rows * parts.count * (valueWidth + 2); }

    /** What a mask is: a bool one says which scores count, any other is added to them. */
    public enum Mask { NONE, BOOL, ADDED }

    /** How a tensor lies. @param batch strides over the batch dimensions, @param row over rows; elements of a row are side by side */
    public record Stack(long address, long[] batch, long row) {}

    /**
     * The parameter of all of them.
     *
     * @param mask        its rows are those of the query; a key's element is {@code maskKey} from the one before
     * @param states      room for {@link AttentionKernels#states} numbers, 0 for one part
     * @param batch       sizes of the batch dimensions
     * @param width       columns of query and key
     * @param aligned     addresses and strides are multiples of 4 elements; but for plain sums of 16 bytes
     * @param hidden      what a score is where a bool mask is false
     * @param causal      row i sees keys up to i
     * @param emptyIsZero a row that sees no key gives zeros, not NaN
     */
    public record Arguments(Stack query, Stack key, Stack value, Stack out, Mask kind, Stack mask, long maskKey, long states, long[] batch, long rows,
                            long keys, long width, long valueWidth, Parts parts, boolean aligned, double scale, double hidden, boolean causal,
                            boolean emptyIsZero) {
        public long[] slots() {
            return new Slots().add(query.address, key.address, value.address, mask.address, out.address, states, batches(), rows, keys, width, valueWidth,
                    tiles(rows), parts.count, parts.keys, query.row, key.row, value.row, out.row, mask.row, maskKey, kind.ordinal())
                .flag(causal).flag(aligned).flag(emptyIsZero).real(scale).real(hidden).dims(batch).padded(query.batch).padded(key.batch)
                .padded(value.batch).padded(out.batch).padded(mask.batch).values();
        }

        private long batches() { return ReduceKernels.product(batch); }

        /** Of the kernel that goes through the keys. */
        public long items() { return batches() * tiles(rows) * parts.count; }

        /** Of {@link #join}. */
        public long elements() { return batches() * rows * valueWidth; }
    }
}
