package dev.cresset.kernels.nest;

import dev.cresset.kernels.fuse.LoopNest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The dimensions of a loop nest in the order in which they are walked: without those of size 1, sorted by the strides of
 * the results, and merged where all operands allow it. Operands are the inputs, then the results; strides and offsets
 * count elements. The last dimension is the row; reductions fix which one that is.
 */
public record Loops(long[] sizes, long[] offsets, long[][] strides) {
    public static Loops of(LoopNest nest) { return of(nest, true); }

    /** As the other, the dimensions in the order in which they are: of a nest without reductions. */
    public static Loops inOrder(LoopNest nest) { return of(nest, false); }

    private static Loops of(LoopNest nest, boolean sorted) {
        List<long[]> strides = new ArrayList<>();
        nest.results().forEach(r -> strides.add(r.strides()));
        nest.inputs().forEach(i -> strides.add(i.strides()));
        int rank = nest.sizes().length;
        boolean fixedRow = !nest.reductions().isEmpty();
        List<Integer> dims = new ArrayList<>();
        for (int d = 0; d < (fixedRow ? rank - 1 : rank); d++) if (nest.sizes()[d] != 1) dims.add(d);
        if (sorted) dims.sort((a, b) -> outerFirst(strides, a, b));
        List<List<Integer>> groups = merged(nest.sizes(), strides, dims);
        if (fixedRow || groups.isEmpty()) groups.add(List.of(rank - 1));
        return build(nest, groups);
    }

    /** By the strides of the first operand, the first result, where they differ, else by the next one's. */
    private static int outerFirst(List<long[]> strides, int a, int b) {
        for (long[] s : strides) if (s[a] != s[b]) return Long.compare(Math.abs(s[b]), Math.abs(s[a]));
        return Integer.compare(a, b);
    }

    private static List<List<Integer>> merged(long[] sizes, List<long[]> strides, List<Integer> dims) {
        List<List<Integer>> groups = new ArrayList<>();
        for (int d : dims) {
            List<Integer> last = groups.isEmpty() ? null : groups.getLast();
            if (last != null && strides.stream().allMatch(s -> s[last.getLast()] == s[d] * sizes[d])) last.add(d);
            else groups.add(new ArrayList<>(List.of(d)));
        }
        return groups;
    }

    /** @param groups dimensions that become one, the innermost of them last */
    private static Loops build(LoopNest nest, List<List<Integer>> groups) {
        long[] sizes = new long[groups.size()];
        for (int g = 0; g < sizes.length; g++) {
            sizes[g] = groups.get(g).stream().mapToLong(d -> nest.sizes()[d]).reduce(1, Math::multiplyExact);
        }
        int inputs = nest.inputs().size(), count = inputs + nest.results().size();
        long[] offsets = new long[count];
        long[][] strides = new long[count][];
        for (int k = 0; k < count; k++) {
            long[] all = k < inputs ? nest.inputs().get(k).strides() : nest.results().get(k - inputs).strides();
            offsets[k] = k < inputs ? nest.inputs().get(k).offset() : nest.results().get(k - inputs).offset();
            strides[k] = groups.stream().mapToLong(g -> all[g.getLast()]).toArray();
        }
        return new Loops(sizes, offsets, strides);
    }

    public int rank() { return sizes.length; }

    public long rowLength() { return sizes[sizes.length - 1]; }

    /** The stride of an operand within a row. */
    public long innerStride(int operand) { return strides[operand][sizes.length - 1]; }

    public long rows() { return Arrays.stream(sizes, 0, sizes.length - 1).reduce(1, (a, b) -> a * b); }
}
