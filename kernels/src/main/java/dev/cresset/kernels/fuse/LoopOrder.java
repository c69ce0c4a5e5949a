package dev.cresset.kernels.fuse;

import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNest.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts loops in a good order without changing what is computed: the one along the memory of the results innermost, and
 * loops that every operand steps through evenly as one. A row stays the last loop and a loop of its own.
 */
final class LoopOrder {
    private final LoopNest nest;
    private final boolean hasRow;

    private LoopOrder(LoopNest nest, boolean hasRow) {
        this.nest = nest;
        this.hasRow = hasRow;
    }

    static LoopNest arrange(LoopNest nest, boolean hasRow) { return new LoopOrder(nest, hasRow).arranged(); }

    private LoopNest arranged() {
        int last = nest.sizes().length - 1;
        List<Integer> order = new ArrayList<>();
        for (int d = 0; d <= last; d++) if (nest.sizes()[d] != 1 && !(hasRow && d == last)) order.add(d);
        long[] main = main();
        order.sort((a, b) -> Long.compare(main[b], main[a]));
        List<List<Integer>> merged = merge(order);
        if (hasRow || merged.isEmpty()) merged.add(List.of(last));
        long[] sizes = new long[merged.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = 1;
            for (int d : merged.get(i)) sizes[i] *= nest.sizes()[d];
        }
        return new LoopNest(sizes,
            nest.inputs().stream().map(o -> new Operand(o.type(), o.offset(), pick(o.strides(), merged))).toList(), nest.reductions(),
            nest.results().stream().map(r -> new Result(r.type(), r.offset(), pick(r.strides(), merged), r.value())).toList());
    }

    /** The strides of the result that is written most often. */
    private long[] main() {
        long[] best = null;
        long most = -1;
        for (Result r : nest.results()) {
            long n = 1;
            for (int d = 0; d < nest.sizes().length; d++) if (r.strides()[d] != 0) n *= nest.sizes()[d];
            if (n > most) best = r.strides();
            most = Math.max(most, n);
        }
        return best;
    }

    private List<List<Integer>> merge(List<Integer> order) {
        List<List<Integer>> out = new ArrayList<>();
        for (int d : order) {
            if (!out.isEmpty() && evenly(out.getLast().getLast(), d)) out.getLast().add(d);
            else out.add(new ArrayList<>(List.of(d)));
        }
        return out;
    }

    private boolean evenly(int outer, int inner) {
        long n = nest.sizes()[inner];
        return nest.inputs().stream().allMatch(o -> o.strides()[outer] == o.strides()[inner] * n)
            && nest.results().stream().allMatch(r -> r.strides()[outer] == r.strides()[inner] * n);
    }

    private static long[] pick(long[] strides, List<List<Integer>> merged) {
        long[] out = new long[merged.size()];
        for (int i = 0; i < out.length; i++) out[i] = strides[merged.get(i).getLast()];
        return out;
    }
}
