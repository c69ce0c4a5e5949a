package dev.cresset.kernels.cuda.ops;

import dev.cresset.kernels.cuda.driver.Blas;
import dev.cresset.tensor.Tensor;

/**
 * How a stack of matrices lies that cuBLAS can take.
 *
 * @param leading    the distance of rows in elements; of columns if transposed
 * @param transposed whether the elements of a column, rather than of a row, lie one after the other
 * @param distance   of one matrix to the next in elements; 0 if all are the same
 */
public record MatrixLayout(long leading, boolean transposed, long distance) {
    /** Null if cuBLAS cannot take it. @param batch the sizes of all dimensions but the last two */
    public static MatrixLayout of(Tensor t, long[] batch) {
        long distance = distance(t, batch);
        if (distance < 0) return null;
        int rank = t.dim();
        long rows = t.sizes()[rank - 2], columns = t.sizes()[rank - 1];
        long down = t.strides()[rank - 2], right = t.strides()[rank - 1];
        if ((right == 1 || columns == 1) && (rows == 1 || down >= columns)) return new MatrixLayout(rows == 1 ? columns : down, false, distance);
        if ((down == 1 || rows == 1) && (columns == 1 || right >= rows)) return new MatrixLayout(columns == 1 ? rows : right, true, distance);
        return null;
    }

    /** The one distance between matrices, or -1 if there are several. */
    private static long distance(Tensor t, long[] batch) {
        long distance = 0, expected = -1;
        for (int d = batch.length - 1; d >= 0; d--) {
            if (batch[d] == 1) continue;
            long stride = t.strides()[d];
            if (expected < 0) distance = stride;
            else if (stride != expected) return -1;
            expected = stride * batch[d];
        }
        return distance;
    }

    Blas.Matrix at(Tensor t) { return new Blas.Matrix(t.address(), leading, transposed); }
}
