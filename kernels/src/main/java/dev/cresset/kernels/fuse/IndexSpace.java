package dev.cresset.kernels.fuse;

import dev.cresset.tensor.Shapes;

/**
 * A strided array as a place to look up elements by their row-major number. Neighbouring dimensions that lie one after the
 * other count as one block; within a block a step of the number is a step in memory.
 */
final class IndexSpace {
    private final int count;
    private final long[] size, number, stride;   // of each block, outermost first; number: row-major elements per step

    private IndexSpace(long[] sizes, long[] strides) {
        int n = 0;
        long[] s = new long[sizes.length], p = new long[sizes.length];
        for (int d = 0; d < sizes.length; d++) {
            if (sizes[d] == 1) continue;
            if (n > 0 && p[n - 1] == strides[d] * sizes[d]) {
                s[n - 1] *= sizes[d];
                p[n - 1] = strides[d];
            } else {
                s[n] = sizes[d];
                p[n++] = strides[d];
            }
        }
        count = n;
        size = s;
        stride = p;
        number = new long[n];
        long step = 1;
        for (int b = n - 1; b >= 0; b--) {
            number[b] = step;
            step *= s[b];
        }
    }

    /**
     * Where the elements that a map names lie.
     *
     * @param sizes   of the array
     * @param strides of the array
     * @param map     names elements of the array by row-major number
     * @param loops   sizes of the loops
     * @return offset and strides in the array's own steps
     * @throws OtherLoops if a loop runs across blocks and has to be split first
     * @throws CannotFuse if no splitting helps
     */
    static IndexMap locate(long[] sizes, long[] strides, IndexMap map, long[] loops) {
        if (Shapes.sameLayout(sizes, strides, Shapes.contiguousStrides(sizes))) return map;
        return new IndexSpace(sizes, strides).locate(map, loops);
    }

    private IndexMap locate(IndexMap map, long[] loops) {
        long[] highest = new long[count];
        long[][] digits = new long[loops.length][];
        long[] first = digits(map.offset());
        for (int b = 0; b < count; b++) highest[b] = first[b];
        long[] out = new long[loops.length];
        for (int d = 0; d < loops.length; d++) {
            if (loops[d] == 1 || map.strides()[d] == 0) continue;
            digits[d] = digits(map.strides()[d]);
            for (int b = 0; b < count; b++) highest[b] += digits[d][b] * (loops[d] - 1);
            out[d] = distance(digits[d]);
        }
        for (int b = 0; b < count; b++) if (highest[b] >= size[b]) throw overrun(b, digits, loops);
        return new IndexMap(distance(first), out);
    }

    private RuntimeException overrun(int b, long[][] digits, long[] loops) {
        for (int d = 0; d < loops.length; d++) {
            if (digits[d] == null || digits[d][b] == 0) continue;
            long step = digits[d][b];
            long inner = size[b] % step == 0 ? size[b] / step : 0;
            if (inner > 1 && inner < loops[d] && loops[d] % inner == 0) return new OtherLoops(d, inner, false);
        }
        return new CannotFuse("different iteration domain");
    }

    private long[] digits(long n) {
        long[] out = new long[count];
        long rest = n;
        for (int b = 0; b < count; b++) {
            out[b] = rest / number[b];
            rest %= number[b];
        }
        return out;
    }

    private long distance(long[] digits) {
        long sum = 0;
        for (int b = 0; b < count; b++) sum += digits[b] * stride[b];
        return sum;
    }
}
