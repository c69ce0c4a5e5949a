package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.util.List;

/**
 * Elements at places that index tensors name ({@code index.cuh}). An index out of range is noted in
 * the error slots (int64: whether one occurred, such an index, the size it exceeds), which the caller sets to 0 and looks at when
 * it next waits; nothing is read or written for it.
 */
public final class IndexKernels {
    private static final int MAX_INDICES = 4;

    private IndexKernels() {}

    /** How what is written joins what is there. */
    public enum Join { ASSIGN, ADD, MULTIPLY, MAX, MIN }

    /**
     * An index tensor.
     *
     * @param data    the address of its first element
     * @param narrow  it is int32, else int64
     * @param size    of the dimension that it indexes
     * @param wraps   its elements may count from the end, -1 for the last place
     * @param stride  of that dimension in the indexed tensor
     * @param line    its strides over the dimensions of lines; for {@link Chosen} empty
     * @param entry   its strides over the dimensions of entries, or of the result
     */
    public record Index(long data, boolean narrow, long size, boolean wraps, long stride, long[] line, long[] entry) {}

    /** Reads: gather, index, index_select, embedding, take. Elements are moved as they are. Items: elements of the result. */
    public static FamilyKernel choose(ScalarType t) {
        return FamilyKernel.of(FamilyKernel.name("index_choose", t.byteSize()), "index.cuh", "chosen_args",
            () -> "index_choose<" + FamilyKernel.moved(t) + ">", FamilyKernel.threads());
    }

    /**
     * Writes: scatter, index_put, index_add, index_copy, put. Entries of a line are taken in order, so that sums are the same at each
     * run and of several assignments the last one stays. Items: lines.
     *
     * @param blocks a block for each line, for fewer lines than would fill the device; else a thread
     */
    public static FamilyKernel scatter(ScalarType t, Join join, boolean blocks) {
        String how = blocks ? "block" : "lines";
        boolean moves = join == Join.ASSIGN;
        Object named = moves ? t.byteSize() : t;
        return FamilyKernel.of(FamilyKernel.name("scatter", how, join, named), "index.cuh", "scattered_args",
            () -> "scatter_" + how + "<" + (moves ? FamilyKernel.moved(t) : CudaTypes.element(t)) + ", " + FamilyKernel.name("scatter", join) + ">",
            blocks ? FamilyKernel.block() : FamilyKernel.threads());
    }

    /** Parameter of {@link #choose}. @param inStrides of the indexed tensor over the result's dimensions, 0 for those an index replaces */
    public record Chosen(long in, long out, long error, long[] sizes, long[] inStrides, long[] outStrides, List<Index> indices) {
        public long[] slots() {
            Slots s = new Slots().add(in, out, error, ReduceKernels.product(sizes), indices.size()).dims(sizes).padded(inStrides).padded(outStrides);
            return add(s, indices).values();
        }
    }

    /** Parameter of {@link #scatter}. @param outEntry strides of what is written over entries, besides what indices add; mostly 0 */
    public record Scattered(long out, long source, long error, long[] lineSizes, long[] entrySizes, long[] outLine, long[] outEntry,
                            long[] sourceLine, long[] sourceEntry, List<Index> indices) {
        public long[] slots() {
            Slots s = new Slots().add(out, source, error, ReduceKernels.product(lineSizes), ReduceKernels.product(entrySizes), indices.size())
                .dims(lineSizes).dims(entrySizes).padded(outLine).padded(outEntry).padded(sourceLine).padded(sourceEntry);
            return add(s, indices).values();
        }
    }

    private static Slots add(Slots s, List<Index> indices) {
        if (indices.size() > MAX_INDICES) throw new UnsupportedException("indexing by " + indices.size() + " tensors on CUDA", List.of());
        for (Index i : indices) s.add(i.data).flag(i.narrow).add(i.size, i.wraps ? -i.size : 0, i.stride).padded(i.line).padded(i.entry);
        for (int i = indices.size(); i < MAX_INDICES; i++) s.add(new long[5]).padded(new long[0]).padded(new long[0]);
        return s;
    }
}
