package dev.cresset.kernels.ops.reduce;

import dev.cresset.tensor.Tensor;

/** The state of a reduction for one row, or for a block of neighbouring columns. One object serves one thread. */
abstract class Fold {
    /** Starts anew for this many columns, at most {@link Blocks#SIZE}. */
    abstract void reset(int columns);

    /** Folds n elements into the only column. */
    abstract void row(Tensor in, long at, long stride, int n);

    /** Folds element i into column i. */
    abstract void columns(Tensor in, long at, long stride, int n);

    /** Takes the partial result of the row's next part. Needed only where a row may be split. */
    void merge(Fold later) { throw new UnsupportedOperationException("rows of " + getClass() + " are not split"); }

    /** Writes the results from this output position on. */
    abstract void store(Tensor[] out, long at, int columns);
}
