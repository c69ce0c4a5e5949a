package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaIndexing;
import dev.cresset.kernels.cuda.ops.CudaNonzero;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What {@code x[a, :, b]} refers to: several index tensors, broadcast together, replace their dimensions by one
 * group of
 * dimensions, which stands where they stood if they are adjacent and else in front.
 */
final class IndexList {
    /** Sizes of the result. */
    final long[] sizes;
    /** As {@link #sizes}, with the group of index dimensions as one. */
    final long[] flatSizes;
    /**
     * The indexed tensor with the shape {@link #flatSizes}, where dimension {@code group} takes element offsets as
     * positions.
     */
    final Tensor base;
    /** For each dimension of {@link #base} its map of positions; null but for the group. */
    final long[][] maps;

    /**
     * @param indices for each leading dimension of {@code self} its index tensor or null; a mask covers as many as it
     * has
     */
    IndexList(CallContext context, Tensor self, List<Tensor> indices) {
        Group g = Group.of(context, self, indices);
        long[] positions = new long[Math.toIntExact(Shapes.numel(g.shape))];
        for (int d : g.indexed) addOffsets(self, d, longs(Views.expand(g.perDimension.get(d), g.shape)), positions);
        int[] kept = g.kept(self);
        long[] keptStrides = Arrays.stream(kept).mapToLong(d -> self.strides()[d]).toArray();
        flatSizes = Views.with(pick(self.sizes(), kept), g.position(), positions.length);
        sizes = g.sizes(self);
        base = self.view(flatSizes, Views.with(keptStrides, g.position(), 1));
        maps = new long[flatSizes.length][];
        maps[g.position()] = positions;
    }

    /**
     * Sizes of the result; of indices that are numbers only their shapes count, of masks also the elements.
     *
     * @param indices as for {@link #IndexList}
     */
    static long[] sizes(CallContext context, Tensor self, List<Tensor> indices) { return Group.of(context, self, indices).sizes(self); }

    private static long[] pick(long[] values, int[] at) { return Arrays.stream(at).mapToLong(d -> values[d]).toArray(); }

    /**
     * The dimensions that are indexed and what becomes of them.
     *
     * @param perDimension index tensors, without masks; null for a dimension that is not indexed
     * @param shape        of all index tensors broadcast together
     */
    record Group(List<Tensor> perDimension, long[] shape, List<Integer> indexed) {
        static Group of(CallContext context, Tensor self, List<Tensor> indices) {
            List<Tensor> perDimension = withoutMasks(context, self, indices);
            int n = self.dim();
            if (perDimension.size() > n) {
                throw new ScriptError("too many indices for tensor of dimension " + n + " (got " + perDimension.size() + ")");
            }
            List<Integer> indexed = IntStream.range(0, perDimension.size()).filter(d -> perDimension.get(d) != null).boxed().toList();
            return new Group(perDimension, broadcast(perDimension), indexed);
        }

        /** Where the group stands among the other dimensions. */
        int position() {
            boolean adjacent = !indexed.isEmpty() && indexed.getLast() - indexed.getFirst() == indexed.size() - 1;
            return adjacent ? indexed.getFirst() : 0;
        }

        int[] kept(Tensor self) { return IntStream.range(0, self.dim()).filter(d -> !indexed.contains(d)).toArray(); }

        long[] sizes(Tensor self) {
            return around(pick(self.sizes(), kept(self)), shape);
        }

        /** Strides of {@code self} over the dimensions of the result, 0 for the group. */
        long[] strides(Tensor self) { return around(pick(self.strides(), kept(self)), new long[shape.length]); }

        /** The dimensions of the result that are the group. */
        int[] dimensions() { return IntStream.range(position(), position() + shape.length).toArray(); }

        /** The index tensors as a device takes them, over the dimensions of the result. */
        List<CudaIndexing.Axis> axes(Tensor self) {
            long[] sizes = sizes(self), kept = new long[self.dim() - indexed.size()];
            return indexed.stream().map(d -> new CudaIndexing.Axis(perDimension.get(d).view(sizes, around(kept,
                Views.expand(perDimension.get(d), shape).strides())), self.sizes()[d], self.strides()[d], true)).toList();
        }

        /** The error for a bad index of a size; among dimensions of one size the first. */
        ScriptError outOfBounds(Tensor self, long index, long size) {
            return IndexList.outOfBounds(index, indexed.stream().filter(d -> self.sizes()[d] == size).findFirst().orElseThrow(), size);
        }

        private long[] around(long[] others, long[] group) {
            int at = position();
            return LongStream.concat(LongStream.concat(Arrays.stream(others, 0, at), Arrays.stream(group)),
                Arrays.stream(others, at, others.length)).toArray();
        }
    }

    /** The error of an index that names no place of a dimension. */
    static ScriptError outOfBounds(long index, int dim, long size) {
        return new ScriptError("index " + index + " is out of bounds for dimension " + dim + " with size " + size);
    }

    /** The elements of an index tensor, row-major. */
    static long[] longs(Tensor index) {
        if (index.dtype() != ScalarType.INT64 || !index.isContiguous()) return index.toLongArray();
        long[] out = new long[Math.toIntExact(index.numel())];
        MemorySegment.copy(index.data(), ValueLayout.JAVA_LONG_UNALIGNED, index.byteOffset(), out, 0, out.length);
        return out;
    }

    /** Positions of the elements that are not zero: an array for each dimension. */
    static long[][] nonzero(Tensor t) {
        boolean[] set = new boolean[Math.toIntExact(t.numel())];
        int count = 0;
        double[] values = t.dtype().isComplex() ? null : t.toDoubleArray();
        dev.cresset.ir.type.Complex[] complex = values == null ? t.toComplexArray() : null;
        for (int i = 0; i < set.length; i++) {
            set[i] = values != null ? values[i] != 0 : complex[i].re() != 0 || complex[i].im() != 0;
            if (set[i]) count++;
        }
        long[][] out = new long[t.dim()][count];
        int at = 0;
        for (int i = 0; i < set.length; i++) {
            if (!set[i]) continue;
            long rest = i;
            for (int d = t.dim() - 1; d >= 0; d--) {
                out[d][at] = rest % t.sizes()[d];
                rest /= t.sizes()[d];
            }
            at++;
        }
        return out;
    }

    private static List<Tensor> withoutMasks(CallContext context, Tensor self, List<Tensor> indices) {
        List<Tensor> out = new ArrayList<>();
        for (Tensor index : indices) {
            if (index == null) {
                out.add(null);
            } else if (index.dtype() == ScalarType.BOOL || index.dtype() == ScalarType.UINT8) {
                for (int d = 0; d < index.dim(); d++) {
                    int at = out.size() + d;
                    if (at >= self.dim() || index.sizes()[d] != self.sizes()[at]) {
                        throw new ScriptError("The shape of the mask " + Arrays.toString(index.sizes()) + " at index "
                            + d
                            + " does not match the shape of the indexed tensor " + Arrays.toString(self.sizes())
                            + " at index " + at);
                    }
                }
                out.addAll(columns(context, index));
            } else if (index.dtype() == ScalarType.INT64) {
                out.add(context.here(index));
            } else {
                throw new ScriptError("tensors used as indices must be long, byte or bool tensors");
            }
        }
        return out;
    }

    /** As {@link #nonzero}, as tensors where the call makes them. */
    static List<Tensor> columns(CallContext context, Tensor t) {
        if (!context.isOnDevice()) return Arrays.stream(nonzero(t)).map(p -> Tensor.of(p, p.length)).toList();
        Tensor coordinates = CudaNonzero.coordinates(context, context.here(t));
        return IntStream.range(0, t.dim()).mapToObj(d -> Views.select(coordinates, 1, d)).toList();
    }

    private static long[] broadcast(List<Tensor> indices) {
        long[] shape = {};
        try {
            for (Tensor t : indices) if (t != null) shape = Shapes.broadcast(shape, t.sizes());
        } catch (ScriptError e) {
            throw new ScriptError("shape mismatch: indexing tensors could not be broadcast together with shapes "
                + indices.stream().filter(t -> t != null).map(t -> Arrays.toString(t.sizes()))
                .collect(Collectors.joining(", ")));
        }
        return shape;
    }

    private static void addOffsets(Tensor self, int d, long[] index, long[] positions) {
        long size = self.sizes()[d];
        for (int i = 0; i < index.length; i++) {
            long at = index[i];
            if (at < -size || at >= size) throw outOfBounds(at, d, size);
            positions[i] += (at < 0 ? at + size : at) * self.strides()[d];
        }
    }
}
