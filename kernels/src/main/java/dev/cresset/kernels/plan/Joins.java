package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Concatenations of tensors that lie one after the other at equal distances, as the results of a {@link FusedLoop} do: nothing is done
 * where that is all of them, else there is a copy for each row of such tensors.
 */
final class Joins {
    private static final Set<String> CATS = Set.of("aten::cat", "aten::concat", "aten::concatenate"), STACKS = Set.of("aten::stack", "aten::_stack");

    private Joins() {}

    /** Lowers a node; false if it is none of these, or if tensors lie here and there. */
    static boolean lower(Lowering lowering, Node n) {
        boolean stack = STACKS.contains(n.kind());
        if (!stack && !CATS.contains(n.kind()) || n.inputs().size() != 2) return false;
        if (!(lowering.operand(n.input(0)) instanceof Operand.Items(List<Operand> items)) || !(lowering.operand(n.input(1)) instanceof Operand.Constant(Long d))) return false;
        if (items.isEmpty() || !items.stream().allMatch(i -> i instanceof Place)) return false;
        Meta result = Lowering.meta(n.output().type());
        int dim = Shapes.wrapDim(d, result.sizes().length);
        List<Place> parts = new ArrayList<>();
        for (Operand i : items) {
            Place p = stack ? unsqueezed((Place) i, dim) : (Place) i;
            if (p.type() != result.dtype() || p.rank() != result.sizes().length || p.elements() == 0) return false;
            parts.add(p);
        }
        List<Place> runs = runs(parts, dim);
        if (2 * runs.size() > parts.size()) return false;
        lowering.define(n.output(), runs.size() == 1 ? runs.getFirst() : copied(lowering, runs, result, dim));
        return true;
    }

    private static Place unsqueezed(Place p, int dim) { return p.seen(Views.unsqueeze(p.description(), dim)); }

    private static List<Place> runs(List<Place> parts, int dim) {
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < parts.size(); ) {
            int end = i + 1;
            while (end < parts.size() && isNext(parts, i, end, dim)) end++;
            out.add(end == i + 1 ? parts.get(i) : joined(parts, i, end, dim));
            i = end;
        }
        return out;
    }

    /** Whether a part goes on with those from another one on. */
    private static boolean isNext(List<Place> parts, int from, int at, int dim) {
        Place first = parts.get(from), p = parts.get(at);
        if (p.buffer() != first.buffer() || !Arrays.equals(p.sizes(), first.sizes()) || !Arrays.equals(p.strides(), first.strides())) return false;
        long step = parts.get(from + 1).offset() - first.offset();
        boolean dense = first.size(dim) == 1 || step == first.size(dim) * first.strides()[dim];
        return step > 0 && dense && p.offset() == first.offset() + (at - from) * step;
    }

    private static Place joined(List<Place> parts, int from, int end, int dim) {
        Place first = parts.get(from);
        long[] sizes = first.sizes().clone(), strides = first.strides().clone();
        sizes[dim] *= end - from;
        if (first.size(dim) == 1) strides[dim] = parts.get(from + 1).offset() - first.offset();
        return new Place(first.buffer(), first.type(), first.offset(), sizes, strides);
    }

    private static Place copied(Lowering lowering, List<Place> runs, Meta result, int dim) {
        Place all = lowering.memory().internal(result);
        long at = 0;
        for (Place run : runs) {
            lowering.copy(run, all.seen(Views.narrow(all.description(), dim, at, run.size(dim))));
            at += run.size(dim);
        }
        return all;
    }
}
