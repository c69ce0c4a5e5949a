package dev.cresset.ir.archive.pickle;

import dev.cresset.ir.type.ScalarType;
import java.util.Arrays;
import java.util.Optional;

/**
 * A strided tensor of an archive. Sizes, strides and offset are in elements and have been checked against the storage.
 * Equality is identity: one object is one tensor, so what two attributes share stays shared.
 */
public final class StoredTensor {
    private static final int MAX_DIMENSIONS = 64;

    private final StoredStorage storage;
    private final ScalarType dtype;
    private final long offset;
    private final long[] sizes;
    private final long[] strides;
    private final boolean requiresGrad;
    private final Optional<Quantizer> quantizer;
    private final boolean conjugate;
    private final boolean negative;

    /** How the integers of a quantized tensor stand for real numbers. */
    public sealed interface Quantizer {
        /** One scale and zero point for all. */
        record PerTensor(double scale, long zeroPoint) implements Quantizer {}

        /** Scales (double) and zero points (long) along an axis. */
        record PerChannel(StoredTensor scales, StoredTensor zeroPoints, long axis) implements Quantizer {}
    }

    private StoredTensor(StoredStorage storage, ScalarType dtype, long offset, long[] sizes, long[] strides,
            boolean requiresGrad, Optional<Quantizer> quantizer, boolean conjugate, boolean negative) {
        this.storage = storage;
        this.dtype = dtype;
        this.offset = offset;
        this.sizes = sizes;
        this.strides = strides;
        this.requiresGrad = requiresGrad;
        this.quantizer = quantizer;
        this.conjugate = conjugate;
        this.negative = negative;
    }

    /** A tensor whose geometry fits its storage. @throws IllegalArgumentException with a sentence if it does not */
    public static StoredTensor of(StoredStorage storage, ScalarType dtype, long offset, long[] sizes, long[] strides,
            boolean requiresGrad) {
        String shape = "a tensor of sizes " + Arrays.toString(sizes) + ", strides " + Arrays.toString(strides)
                + " and offset " + offset;
        if (sizes.length != strides.length) throw new IllegalArgumentException(shape + " has not one stride per size");
        if (sizes.length > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("a tensor has " + sizes.length + " dimensions; PyTorch has at most "
                    + MAX_DIMENSIONS);
        }
        if (offset < 0 || Arrays.stream(sizes).anyMatch(n -> n < 0) || Arrays.stream(strides).anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException(shape + " has a negative number in it");
        }
        try {
            long bytes = bytesReached(dtype, offset, sizes, strides);
            if (bytes > storage.byteSize()) {
                throw new IllegalArgumentException(shape + " needs " + bytes + " bytes, but its storage "
                        + storage.entry() + " has " + storage.byteSize());
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(shape + " is larger than any memory", e);
        }
        return new StoredTensor(storage, dtype, offset, sizes, strides, requiresGrad, Optional.empty(), false, false);
    }

    private static long bytesReached(ScalarType dtype, long offset, long[] sizes, long[] strides) {
        for (long n : sizes) if (n == 0) return 0;
        long last = offset;
        long count = 1;
        for (int d = 0; d < sizes.length; d++) {
            count = Math.multiplyExact(count, sizes[d]);
            last = Math.addExact(last, Math.multiplyExact(sizes[d] - 1, strides[d]));
        }
        Math.multiplyExact(count, (long) dtype.byteSize());
        return Math.multiplyExact(Math.addExact(last, 1), (long) dtype.byteSize());
    }

    StoredTensor withGrad(boolean requires) {
        return new StoredTensor(storage, dtype, offset, sizes, strides, requires, quantizer, conjugate, negative);
    }

    /** This tensor with the meaning of its integers. */
    public StoredTensor withQuantizer(Quantizer q) {
        return new StoredTensor(storage, dtype, offset, sizes, strides, requiresGrad, Optional.of(q), conjugate,
                negative);
    }

    StoredTensor withBits(boolean conj, boolean neg) {
        return new StoredTensor(storage, dtype, offset, sizes, strides, requiresGrad, quantizer, conj, neg);
    }

    public StoredStorage storage() { return storage; }

    public ScalarType dtype() { return dtype; }

    /** Of the first element, in elements. */
    public long offset() { return offset; }

    public long[] sizes() { return sizes.clone(); }

    /** In elements. */
    public long[] strides() { return strides.clone(); }

    public boolean requiresGrad() { return requiresGrad; }

    public Optional<Quantizer> quantizer() { return quantizer; }

    /** True if the stored elements are the conjugates of the tensor's. */
    public boolean isConjugate() { return conjugate; }

    /** True if the stored elements are the negatives of the tensor's. */
    public boolean isNegative() { return negative; }

    @Override public String toString() { return dtype.printName() + Arrays.toString(sizes) + " in " + storage.entry(); }
}
