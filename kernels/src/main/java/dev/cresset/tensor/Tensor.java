package dev.cresset.tensor;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * An n-dimensional array of one element type: a view (sizes, strides, offset, all in elements) of a {@link Storage}.
 * Several tensors may share a storage. Its metadata change only through TorchScript's own in-place operators
 * ({@code unsqueeze_}, {@code resize_} …).
 *
 * <p>A tensor that Cresset returned is the caller's until {@link #close()}; after that its content must not be read.
 * Closing a tensor over memory that is not pooled (weights, tensors made by {@link #of}) has no effect.
 */
public final class Tensor implements AutoCloseable {
    private Storage storage;
    private long offset;
    private long[] sizes;
    private long[] strides;
    private final ScalarType dtype;
    private boolean requiresGrad;
    private boolean closed;

    /** A view of a storage; see {@link #view} for the usual way. Arrays are not copied and must not be changed later. */
    public Tensor(Storage storage, ScalarType dtype, long offset, long[] sizes, long[] strides) {
        this.storage = storage;
        this.dtype = dtype;
        this.offset = offset;
        this.sizes = sizes;
        this.strides = strides;
    }

    // ---- making tensors for use as inputs

    /** A float32 tensor with a copy of these elements, row-major. @throws IllegalArgumentException if they do not fill the shape */
    public static Tensor of(float[] elements, long... shape) {
        Tensor t = unpooled(ScalarType.FLOAT32, elements.length, shape);
        MemorySegment.copy(elements, 0, t.storage.data(), ValueLayout.JAVA_FLOAT, 0, elements.length);
        return t;
    }

    /** A float64 tensor with a copy of these elements, row-major. */
    public static Tensor of(double[] elements, long... shape) {
        Tensor t = unpooled(ScalarType.FLOAT64, elements.length, shape);
        MemorySegment.copy(elements, 0, t.storage.data(), ValueLayout.JAVA_DOUBLE, 0, elements.length);
        return t;
    }

    /** An int64 tensor with a copy of these elements, row-major. */
    public static Tensor of(long[] elements, long... shape) {
        Tensor t = unpooled(ScalarType.INT64, elements.length, shape);
        MemorySegment.copy(elements, 0, t.storage.data(), ValueLayout.JAVA_LONG, 0, elements.length);
        return t;
    }

    /**
     * A tensor over the caller's memory, row-major, not copied. It must stay valid while the tensor or anything made
     * from it is in use.
     *
     * @param data native or heap-free memory of at least numel × element size bytes, little-endian
     */
    public static Tensor over(MemorySegment data, ScalarType dtype, long... shape) {
        long bytes = Math.multiplyExact(Shapes.numel(shape), (long) dtype.byteSize());
        if (!data.isNative() || data.byteSize() < bytes) {
            throw new IllegalArgumentException("a " + dtype.printName() + " tensor of shape " + Arrays.toString(shape) + " needs "
                + bytes + " bytes of native memory, got " + data.byteSize() + (data.isNative() ? "" : " on the heap"));
        }
        return new Tensor(Storage.of(data), dtype, 0, shape.clone(), Shapes.contiguousStrides(shape));
    }

    /** A tensor of zeros with its own memory. */
    public static Tensor zeros(ScalarType dtype, long... shape) { return unpooled(dtype, Shapes.numel(shape), shape); }

    private static Tensor unpooled(ScalarType dtype, long elements, long[] shape) {
        if (elements != Shapes.numel(shape)) {
            throw new IllegalArgumentException(elements + " elements do not fill the shape " + Arrays.toString(shape));
        }
        MemorySegment data = Arena.ofAuto().allocate(Math.max(1, elements * dtype.byteSize()), 64);
        return new Tensor(Storage.of(data), dtype, 0, shape.clone(), Shapes.contiguousStrides(shape));
    }

    // ---- metadata

    public ScalarType dtype() { return dtype; }

    public Device device() { return storage.device(); }

    /** Size of each dimension. The array must not be changed. */
    public long[] sizes() { return sizes; }

    /** Stride of each dimension in elements. The array must not be changed. */
    public long[] strides() { return strides; }

    /** Index of the first element within the storage, in elements. */
    public long offset() { return offset; }

    public int dim() { return sizes.length; }

    /** Size of a dimension, counted from the end if negative. */
    public long size(int dim) {
        if (sizes.length == 0) throw new ScriptError("IndexError", "dimension specified as " + dim + " but tensor has no dimensions");
        return sizes[Shapes.wrapDim(dim, sizes.length)];
    }

    public long numel() {
        long n = 1;
        for (long s : sizes) n *= s;
        return n;
    }

    public boolean requiresGrad() { return requiresGrad; }

    public void setRequiresGrad(boolean value) { requiresGrad = value; }

    /** True if elements lie row-major without gaps. */
    public boolean isContiguous() {
        long step = 1;
        for (int d = sizes.length - 1; d >= 0; d--) {
            if (sizes[d] == 0) return true;
            if (sizes[d] != 1 && strides[d] != step) return hasZeroSize();
            step *= sizes[d];
        }
        return true;
    }

    private boolean hasZeroSize() {
        for (long s : sizes) if (s == 0) return true;
        return false;
    }

    /** True if the strides are those of this memory format code. */
    public boolean isContiguous(int memoryFormat) {
        if (memoryFormat < Shapes.CHANNELS_LAST) return isContiguous();
        int rank = memoryFormat == Shapes.CHANNELS_LAST ? 4 : 5;
        return sizes.length == rank && Shapes.sameLayout(sizes, strides, Shapes.channelsLastStrides(sizes));
    }

    /** All that is known about this tensor as a type. */
    public TensorType type() { return TensorType.of(dtype, device(), sizes, strides, requiresGrad); }

    public Storage storage() { return storage; }

    /** Where the first element lies on its device. @throws IllegalStateException on the host */
    public long address() { return storage.address() + byteOffset(); }

    /** The whole storage's memory; the first element is at {@link #byteOffset()}. @throws DeviceAccessException on a device */
    public MemorySegment data() { return storage.data(); }

    public long byteOffset() { return offset * dtype.byteSize(); }

    /** The memory from the first element on, for a tensor that {@link #isContiguous()}: exactly numel elements. */
    public MemorySegment contiguousData() {
        if (!isContiguous()) throw new IllegalStateException("not contiguous: " + type());
        return storage.data().asSlice(byteOffset(), numel() * dtype.byteSize());
    }

    // ---- views

    /** Another view of the same storage. */
    public Tensor view(long[] newSizes, long[] newStrides, long newOffset) {
        Tensor t = new Tensor(storage, dtype, newOffset, newSizes, newStrides);
        t.requiresGrad = requiresGrad;
        return t;
    }

    public Tensor view(long[] newSizes, long[] newStrides) { return view(newSizes, newStrides, offset); }

    /** The same storage read as another element type of the same size. */
    public Tensor reinterpret(ScalarType other) { return new Tensor(storage, other, offset, sizes, strides); }

    /** Changes this very tensor into a view like {@code other}; for in-place view operators. */
    public void become(Tensor other) {
        if (other.dtype != dtype) throw new IllegalArgumentException("element type " + other.dtype + " for " + dtype);
        storage = other.storage;
        offset = other.offset;
        sizes = other.sizes;
        strides = other.strides;
    }

    /** Closes over: gives this tensor's memory back to the engine, if it came from there. Idempotent. */
    @Override public void close() {
        if (closed) return;
        closed = true;
        storage.release();
    }

    // ---- reading elements

    /** Position of an element within the storage, in elements. @throws IndexOutOfBoundsException for an index outside */
    public long elementAt(long... index) {
        if (index.length != sizes.length) {
            throw new IndexOutOfBoundsException(index.length + " indices for a tensor of " + sizes.length + " dimensions");
        }
        long at = offset;
        for (int d = 0; d < index.length; d++) at += java.util.Objects.checkIndex(index[d], sizes[d]) * strides[d];
        return at;
    }

    public double getDouble(long... index) {
        long at = elementAt(index);
        return storage.isOnDevice() ? Elements.getDouble(element(at), dtype, 0) : Elements.getDouble(data(), dtype, at);
    }

    public long getLong(long... index) {
        long at = elementAt(index);
        return storage.isOnDevice() ? Elements.getLong(element(at), dtype, 0) : Elements.getLong(data(), dtype, at);
    }

    private MemorySegment element(long at) { return storage.read(at * dtype.byteSize(), dtype.byteSize()); }

    /** The only element, as Long, Double, Boolean or Complex. @throws ScriptError if there is not exactly one */
    public Object item() {
        if (numel() != 1) {
            throw new ScriptError("a Tensor with " + numel() + " elements cannot be converted to Scalar");
        }
        return storage.isOnDevice() ? Elements.get(element(offset), dtype, 0) : Elements.get(data(), dtype, offset);
    }

    /**
     * This tensor, if it is in memory of the host; else a copy there with the same strides, in memory that lives as long
     * as it is reachable. Waits for the device.
     */
    public Tensor cpu() {
        if (!storage.isOnDevice()) return this;
        MemorySegment copy = storage.read(byteOffset(), spanBytes());
        Tensor t = new Tensor(Storage.of(copy), dtype, 0, sizes, strides);
        t.requiresGrad = requiresGrad;
        return t;
    }

    /** Bytes from the first element to the last one. */
    public long spanBytes() {
        if (hasZeroSize()) return 0;
        long last = 0;
        for (int d = 0; d < sizes.length; d++) last += (sizes[d] - 1) * strides[d];
        return (last + 1) * dtype.byteSize();
    }

    /** All elements as float, row-major. Complex tensors are refused. */
    public float[] toFloatArray() {
        if (storage.isOnDevice()) return cpu().toFloatArray();
        float[] out = new float[Math.toIntExact(numel())];
        if (dtype == ScalarType.FLOAT32 && isContiguous()) {
            MemorySegment.copy(data(), ValueLayout.JAVA_FLOAT_UNALIGNED, byteOffset(), out, 0, out.length);
        } else {
            forEachElement((i, at) -> out[i] = (float) Elements.getDouble(data(), dtype, at));
        }
        return out;
    }

    /** All elements as double, row-major. */
    public double[] toDoubleArray() {
        if (storage.isOnDevice()) return cpu().toDoubleArray();
        double[] out = new double[Math.toIntExact(numel())];
        forEachElement((i, at) -> out[i] = Elements.getDouble(data(), dtype, at));
        return out;
    }

    /** All elements as long, row-major; floating elements are truncated. */
    public long[] toLongArray() {
        if (storage.isOnDevice()) return cpu().toLongArray();
        long[] out = new long[Math.toIntExact(numel())];
        forEachElement((i, at) -> out[i] = Elements.getLong(data(), dtype, at));
        return out;
    }

    /** All elements as complex numbers, row-major. */
    public Complex[] toComplexArray() {
        if (storage.isOnDevice()) return cpu().toComplexArray();
        Complex[] out = new Complex[Math.toIntExact(numel())];
        forEachElement((i, at) -> out[i] = Elements.getComplex(data(), dtype, at));
        return out;
    }

    private interface ElementVisitor { void at(int position, long element); }

    private void forEachElement(ElementVisitor visitor) {
        int n = Math.toIntExact(numel());
        long[] index = new long[sizes.length];
        long at = offset;
        for (int i = 0; i < n; i++) {
            visitor.at(i, at);
            for (int d = sizes.length - 1; d >= 0; d--) {
                at += strides[d];
                if (++index[d] < sizes[d]) break;
                at -= strides[d] * sizes[d];
                index[d] = 0;
            }
        }
    }

    /** The type, not the elements: {@code Float(2, 3, strides=[3, 1], requires_grad=0, device=cpu)}. */
    @Override public String toString() { return type().toString(); }
}
