package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Where the elements of a tensor lie: by strides, in one of oneDNN's own blocked orders, or (in a request) wherever
 * oneDNN likes. A value with equality and no native resources: a blocked order is kept as the bytes oneDNN saves it to.
 */
public final class DnnLayout {
    private final ScalarType type;
    private final long[] sizes;
    private final long[] strides; // null unless plain
    private final byte[] blob;    // null unless blocked
    private final long byteSize;  // negative where memory has no such layout
    private final int hash;

    private DnnLayout(ScalarType type, long[] sizes, long[] strides, byte[] blob, long byteSize) {
        this.type = type;
        this.sizes = sizes;
        this.strides = strides;
        this.blob = blob;
        this.byteSize = byteSize;
        this.hash = type.hashCode() + 31 * (Arrays.hashCode(sizes)
                + 31 * (Arrays.hashCode(strides) + 31 * Arrays.hashCode(blob)));
    }

    /**
     * Elements by strides, counted in elements as PyTorch does. The stride of a dimension of size one says nothing and
     * is replaced, so that layouts of the same bytes are equal.
     *
     * @throws UnsupportedException if oneDNN has no such element type or rank
     */
    public static DnnLayout plain(ScalarType type, long[] sizes, long[] strides) {
        if (sizes.length != strides.length) {
            throw new IllegalArgumentException("a layout has as many strides as sizes, got sizes "
                    + Arrays.toString(sizes)
                    + " and strides " + Arrays.toString(strides));
        }
        checkSizes(sizes);
        nativeType(type);
        long[] kept = strides.clone();
        long last = 0;
        for (int d = sizes.length - 1; d >= 0; d--) {
            if (sizes[d] == 1) {
                kept[d] = d == sizes.length - 1 ? 1 : kept[d + 1] * sizes[d + 1];
            }
            last += (sizes[d] - 1) * kept[d];
        }
        if (overlaps(sizes, kept)) {
            throw new UnsupportedException("oneDNN needs strides by which no two elements share a place, got "
                    + Arrays.toString(strides) + " for the sizes " + Arrays.toString(sizes)
                    + "; make the tensor contiguous first", List.of());
        }
        return new DnnLayout(type, sizes.clone(), kept, null, (last + 1) * type.byteSize());
    }

    /** By oneDNN's rule: from the smallest stride up, each must step over all that lies below it. */
    private static boolean overlaps(long[] sizes, long[] strides) {
        long below = 1;
        long done = 0;
        while (true) {
            long smallest = Long.MAX_VALUE;
            long extent = 0;
            for (int d = 0; d < sizes.length; d++) {
                if (sizes[d] == 1) continue;
                if (strides[d] <= 0) return true;
                if (strides[d] > done && strides[d] < smallest) {
                    smallest = strides[d];
                    extent = strides[d] * sizes[d];
                } else if (strides[d] == smallest) {
                    return true;
                }
            }
            if (extent == 0) return false;
            if (smallest < below) return true;
            below = extent;
            done = smallest;
        }
    }

    /** As {@link #plain}, but one row with gaps is written as a transposed column: kernels want a stride of 1. */
    static DnnLayout matrix(ScalarType type, long[] sizes, long[] strides) {
        DnnLayout layout = plain(type, sizes, strides);
        int row = sizes.length - 2;
        if (row >= 0 && sizes[row] == 1 && layout.strides[row + 1] != 1) {
            long[] kept = layout.strides.clone();
            kept[row] = 1;
            return new DnnLayout(type, layout.sizes, kept, null, layout.byteSize);
        }
        return layout;
    }

    /** True if one of the last so many dimensions has the stride 1, or the order is not by strides. */
    boolean hasUnitStride(int dimensions) {
        if (strides == null) return true;
        for (int d = strides.length - 1; d >= strides.length - dimensions; d--) if (strides[d] == 1) return true;
        return false;
    }

    /** A size or stride that is given with each run only: the library's DNNL_RUNTIME_DIM_VAL. */
    static final long OPEN = Long.MIN_VALUE;

    /** A request: by strides, where some sizes and strides are {@link #OPEN}. Never the layout of existing memory. */
    static DnnLayout open(ScalarType type, long[] sizes, long[] strides) {
        nativeType(type);
        return new DnnLayout(type, sizes.clone(), strides.clone(), null, -1);
    }

    /** A request: any number of rows of so many elements each, without gaps. Never the layout of existing memory. */
    static DnnLayout anyRows(ScalarType type, long columns) {
        return open(type, new long[] {OPEN, columns}, new long[] {columns, 1});
    }

    /** Elements in row-major order without gaps. */
    public static DnnLayout contiguous(ScalarType type, long... sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            strides[d] = step;
            step *= sizes[d];
        }
        return plain(type, sizes, strides);
    }

    /** A request: the primitive chooses. Never the layout of existing memory. */
    public static DnnLayout any(ScalarType type, long... sizes) {
        checkSizes(sizes);
        nativeType(type);
        return new DnnLayout(type, sizes.clone(), null, null, -1);
    }

    public ScalarType type() { return type; }

    public long[] sizes() { return sizes.clone(); }

    public int rank() { return sizes.length; }

    public long size(int dimension) { return sizes[dimension]; }

    /** True if the elements lie by {@link #strides()}. */
    public boolean isPlain() { return strides != null; }

    /** True for a request that leaves the order to oneDNN. */
    public boolean isAny() { return strides == null && blob == null; }

    /** True for what memory can be like: neither order nor sizes are left open. */
    boolean isDefinite() { return byteSize >= 0; }

    /** @throws IllegalStateException unless {@link #isPlain()} */
    public long[] strides() {
        if (strides == null) throw new IllegalStateException("a blocked layout has no strides: " + this);
        return strides.clone();
    }

    /** Bytes from the first to the last element, padding of blocked orders included. */
    public long byteSize() {
        if (!isDefinite()) throw new IllegalStateException("a request has no size in bytes: " + this);
        return byteSize;
    }

    /** The native description; the caller destroys it. */
    long toNative() {
        if (blob != null) return OneDnnLibrary.describeBlob(blob);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment dims = arena.allocate(8L * Dnn.MAX_NDIMS);
            MemorySegment.copy(sizes, 0, dims, ValueLayout.JAVA_LONG, 0, sizes.length);
            if (strides == null) return OneDnnLibrary.describeAny(dims, sizes.length, nativeType(type));
            MemorySegment steps = arena.allocate(8L * Dnn.MAX_NDIMS);
            MemorySegment.copy(strides, 0, steps, ValueLayout.JAVA_LONG, 0, strides.length);
            return OneDnnLibrary.describePlain(dims, sizes.length, nativeType(type), steps);
        }
    }

    /** Reads a description that stays its owner's. */
    static DnnLayout fromNative(long layout) {
        int rank = OneDnnLibrary.queryInt(layout, Dnn.QUERY_NDIMS_S32);
        ScalarType type = scalarType(OneDnnLibrary.queryInt(layout, Dnn.QUERY_DATA_TYPE));
        long[] sizes = OneDnnLibrary.queryDims(layout, Dnn.QUERY_DIMS, rank);
        boolean byStrides = OneDnnLibrary.queryInt(layout, Dnn.QUERY_FORMAT_KIND) == Dnn.FORMAT_KIND_BLOCKED
                && OneDnnLibrary.queryInt(layout, Dnn.QUERY_INNER_NBLKS_S32) == 0;
        if (byStrides) {
            long[] strides = OneDnnLibrary.queryDims(layout, Dnn.QUERY_STRIDES, rank);
            if (hasOpen(sizes) || hasOpen(strides)) return open(type, sizes, strides);
            if (Arrays.equals(sizes, OneDnnLibrary.queryDims(layout, Dnn.QUERY_PADDED_DIMS, rank))) return plain(type, sizes, strides);
        }
        return new DnnLayout(type, sizes, null, OneDnnLibrary.blob(layout), OneDnnLibrary.byteSize(layout));
    }

    private static boolean hasOpen(long[] values) { return Arrays.stream(values).anyMatch(v -> v == OPEN); }

    /**
     * True if oneDNN has this element type at all; whether this CPU runs it fast, or a primitive takes it, is another
     * matter.
     */
    public static boolean isSupported(ScalarType type) {
        return switch (type) {
            case FLOAT16, BFLOAT16, FLOAT32, INT32, INT8, UINT8 -> true;
            default -> false;
        };
    }

    private static int nativeType(ScalarType type) {
        return switch (type) {
            case FLOAT16 -> Dnn.F16;
            case BFLOAT16 -> Dnn.BF16;
            case FLOAT32 -> Dnn.F32;
            case INT32 -> Dnn.S32;
            case INT8 -> Dnn.S8;
            case UINT8 -> Dnn.U8;
            default -> throw new UnsupportedException("oneDNN on the CPU has no element type " + type.printName(),
                    List.of());
        };
    }

    private static ScalarType scalarType(int nativeType) {
        return switch (nativeType) {
            case Dnn.F16 -> ScalarType.FLOAT16;
            case Dnn.BF16 -> ScalarType.BFLOAT16;
            case Dnn.F32 -> ScalarType.FLOAT32;
            case Dnn.S32 -> ScalarType.INT32;
            case Dnn.S8 -> ScalarType.INT8;
            case Dnn.U8 -> ScalarType.UINT8;
            default -> throw new IllegalStateException("oneDNN answered with the element type " + nativeType);
        };
    }

    private static void checkSizes(long[] sizes) {
        if (sizes.length == 0 || sizes.length > Dnn.MAX_NDIMS) {
            throw new UnsupportedException("oneDNN tensors have 1 to " + Dnn.MAX_NDIMS + " dimensions, got "
                    + sizes.length, List.of());
        }
        for (long size : sizes) {
            if (size <= 0) {
                throw new IllegalArgumentException("oneDNN is called with non-empty tensors only, got "
                        + Arrays.toString(sizes));
            }
        }
    }

    @Override public boolean equals(Object other) {
        return other == this || other instanceof DnnLayout o && hash == o.hash && type == o.type
                && byteSize == o.byteSize
                && Arrays.equals(sizes, o.sizes) && Arrays.equals(strides, o.strides) && Arrays.equals(blob, o.blob);
    }

    @Override public int hashCode() { return hash; }

    @Override public String toString() {
        String order = strides != null ? "strides " + Arrays.toString(strides) : isAny() ? "any order" : "blocked";
        return type.printName() + Arrays.toString(sizes) + " (" + order + ")";
    }
}
