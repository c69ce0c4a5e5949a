package dev.cresset.kernels.cpu.onednn;

import java.lang.foreign.MemorySegment;

/**
 * The weights of a call: PyTorch's elements by strides, and who they are, so that what was packed once is found again.
 *
 * @param owner   compared by identity and held weakly, for instance the weight's storage; null if the weights change
 *         with each call
 * @param version must change whenever the elements do; a changed version drops what was packed before
 */
public record Weights(MemorySegment segment, Dims strides, Object owner, long version) {
    public static Weights constant(MemorySegment segment, long[] strides, Object owner, long version) {
        return new Weights(segment, new Dims(strides), owner, version);
    }

    /** Weights that are packed anew on each call. */
    public static Weights changing(MemorySegment segment, long[] strides) {
        return new Weights(segment, new Dims(strides), null, 0);
    }
}
