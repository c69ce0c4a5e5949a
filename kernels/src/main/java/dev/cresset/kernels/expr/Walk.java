package dev.cresset.kernels.expr;

import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/**
 * The order in which a kernel visits the elements of its output and broadcast inputs: dimensions sorted by the output's
 * strides and merged where all operands allow it, so that most calls have one. Strides and positions count elements.
 */
final class Walk {
    final long elements;
    final int rank;
    final long[] sizes;
    /** Of the operands' dimensions; [operand][dimension], null for an argument that is no tensor. The last is the output. */
    final long[][] strides;
    final Tensor[] operands;

    private Walk(long elements, long[] sizes, long[][] strides, Tensor[] operands) {
        this.elements = elements;
        this.rank = sizes.length;
        this.sizes = sizes;
        this.strides = strides;
        this.operands = operands;
    }

    /** @param operands the inputs by argument position, null for other arguments, and the output as the last */
    static Walk over(Tensor[] operands) {
        Tensor out = operands[operands.length - 1];
        long n = out.numel();
        long[][] strides = new long[operands.length][];
        if (allFlat(operands, out)) {
            for (int k = 0; k < operands.length; k++) {
                if (operands[k] != null) strides[k] = operands[k].dim() == 0 ? ZERO : ONE;
            }
            return new Walk(n, new long[] {n}, strides, operands);
        }
        for (int k = 0; k < operands.length; k++) {
            Tensor t = operands[k];
            if (t != null) strides[k] = Shapes.broadcastStrides(t.sizes(), t.strides(), out.sizes());
        }
        return new Walk(n, merge(out.sizes(), strides), strides, operands);
    }

    private static final long[] ZERO = {0}, ONE = {1};

    private static boolean allFlat(Tensor[] operands, Tensor out) {
        if (!out.isContiguous()) return false;
        for (Tensor t : operands) {
            if (t == null || t.dim() == 0) continue;
            if (!Arrays.equals(t.sizes(), out.sizes()) || !t.isContiguous()) return false;
        }
        return true;
    }

    /** Sorts and merges dimensions; replaces the strides and returns the sizes. */
    private static long[] merge(long[] sizes, long[][] strides) {
        long[] out = strides[strides.length - 1];
        Integer[] order = new Integer[sizes.length];
        int m = 0;
        for (int d = 0; d < sizes.length; d++) if (sizes[d] != 1) order[m++] = d;
        Arrays.sort(order, 0, m, (a, b) -> Long.compare(out[b], out[a]));
        int[] kept = new int[m];         // the innermost of the dimensions merged into one
        long[] merged = new long[m];
        int r = 0;
        for (int i = 0; i < m; i++) {
            int d = order[i];
            if (r > 0 && mergeable(strides, kept[r - 1], d, sizes[d])) {
                merged[r - 1] *= sizes[d];
                kept[r - 1] = d;
            } else {
                merged[r] = sizes[d];
                kept[r++] = d;
            }
        }
        int rank = Math.max(1, r);
        for (int k = 0; k < strides.length; k++) {
            if (strides[k] == null) continue;
            long[] s = new long[rank];
            for (int i = 0; i < r; i++) s[i] = strides[k][kept[i]];
            strides[k] = s;
        }
        return r == 0 ? ONE : Arrays.copyOf(merged, r);
    }

    private static boolean mergeable(long[][] strides, int outer, int inner, long innerSize) {
        for (long[] s : strides) if (s != null && s[outer] != s[inner] * innerSize) return false;
        return true;
    }

    long innerSize() { return sizes[rank - 1]; }

    long innerStride(int operand) { return strides[operand][rank - 1]; }

    /** Where a row (the outer coordinates, counted together) of an operand begins in its storage. */
    long rowStart(int operand, long row) {
        long[] s = strides[operand];
        long at = operands[operand].offset();
        for (int d = rank - 2; d > 0; d--) {
            long size = sizes[d];
            long next = row / size;
            at += (row - next * size) * s[d];
            row = next;
        }
        return rank > 1 ? at + row * s[0] : at;
    }
}
