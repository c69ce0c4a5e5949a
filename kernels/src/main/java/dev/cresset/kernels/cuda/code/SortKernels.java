package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * Stable sorting of lines and their first k ({@code sort.cuh}): {@link #tiles} into one half of a workspace, {@link #merge} from half to half
 * until runs are as long as lines, {@link #store} from the last one.
 */
public final class SortKernels {
    /** Elements that one block sorts; TILE of the resource. */
    private static final long TILE = 1024;
    private static final int KEY_AND_PLACE = 12;

    private SortKernels() {}

    /** Items: lines × {@link #tilesOf}. Not for complex numbers. */
    public static FamilyKernel tiles(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("sort_tiles", t), "sort.cuh", "sort_args",
            () -> "sort_tiles<" + CudaTypes.element(t) + ">", FamilyKernel.block());
    }

    /** Items: lines × length. */
    public static FamilyKernel merge() {
        return FamilyKernel.of(FamilyKernel.name("sort_merge_runs"), "sort.cuh", "sort_args", () -> "sort_merge", FamilyKernel.threads());
    }

    /** Items: lines × kept. */
    public static FamilyKernel store(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("sort_store", t.byteSize()), "sort.cuh", "sort_args",
            () -> "sort_store<" + FamilyKernel.moved(t) + ">", FamilyKernel.threads());
    }

    public static long tilesOf(long length) { return Math.ceilDiv(length, TILE); }

    /** The lengths of the runs that the merges join, in order. */
    public static List<Long> runs(long length) {
        List<Long> out = new ArrayList<>();
        for (long run = TILE; run < length; run *= 2) out.add(run);
        return out;
    }

    /** Bytes of one half of the workspace; to be aligned to 8. Lines are shorter than 2^32 - 1. */
    public static long halfBytes(long lines, long length) { return lines * length * KEY_AND_PLACE; }

    /**
     * @param values,indices    addresses, 0 if not wanted
     * @param from,to           halves of the workspace: tiles writes {@code to}, store reads {@code from}
     * @param run               of a merge
     * @param sizes             of the dimensions but the sorted one
     */
    public record Arguments(long in, long values, long indices, long from, long to, long length, long kept, boolean descending, long run,
                            long[] sizes, long[] inStrides, long[] valuesStrides, long[] indicesStrides, long inStride, long valuesStride,
                            long indicesStride) {
        public long[] slots() {
            return new Slots().add(in, values, indices, from, to, ReduceKernels.product(sizes), length, kept).flag(descending).add(run).dims(sizes)
                .padded(inStrides).padded(valuesStrides).padded(indicesStrides).add(inStride, valuesStride, indicesStride).values();
        }
    }
}
