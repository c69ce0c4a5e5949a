package dev.cresset.kernels.fuse;

import java.util.Arrays;

/** Vectors that hold one number for each channel, dimension 1. */
final class Channels {
    private Channels() {}

    /** The sizes that make such a vector broadcast to a tensor of this rank. */
    static long[] shape(long channels, int rank) {
        if (rank < 2) throw new CannotFuse("no channels");
        long[] sizes = new long[rank - 1];
        Arrays.fill(sizes, 1);
        sizes[0] = channels;
        return sizes;
    }
}
