package dev.cresset.kernels.fuse;

import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.Leaves;
import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNest.Reduction;
import dev.cresset.kernels.fuse.LoopNest.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes a few rows of a nest side by side that all read the operand which is the largest: it is then read once. The nest of a
 * product of three rows with a matrix becomes one of three sums over each row of the matrix.
 */
public final class RowsAtOnce {
    private static final int MOST = FuseGroups.MOST_ROWS;

    private final LoweredGroup given;
    private final LoopNest nest;
    private final int dim, times;
    private final List<Operand> inputs = new ArrayList<>();
    private final List<Integer> sources = new ArrayList<>();
    /** Of each input of the given nest: which one it is in each of the rows. */
    private final int[][] place;

    private RowsAtOnce(LoweredGroup given, int dim) {
        this.given = given;
        this.nest = given.nest();
        this.dim = dim;
        this.times = (int) nest.sizes()[dim];
        this.place = new int[nest.inputs().size()][times];
    }

    /** The same computation; the same group if there are no such rows. */
    public static LoweredGroup of(LoweredGroup group) {
        int dim = repeated(group.nest());
        return dim < 0 ? group : new RowsAtOnce(group, dim).unrolled();
    }

    /** A small dimension over which the largest operand of the folds repeats; -1 if there is none. */
    private static int repeated(LoopNest nest) {
        int row = nest.sizes().length - 1;
        if (nest.reductions().isEmpty()) return -1;
        Operand largest = null;
        for (Operand o : nest.inputs()) if (o.strides()[row] != 0 && (largest == null || bytes(o, nest) > bytes(largest, nest))) largest = o;
        for (int d = 0; d < row && largest != null; d++) {
            if (largest.strides()[d] == 0 && nest.sizes()[d] > 1 && nest.sizes()[d] <= MOST) return d;
        }
        return -1;
    }

    private static long bytes(Operand o, LoopNest nest) {
        long n = o.type().byteSize();
        for (int d = 0; d < nest.sizes().length; d++) if (o.strides()[d] != 0) n *= nest.sizes()[d];
        return n;
    }

    private LoweredGroup unrolled() {
        for (int i = 0; i < place.length; i++) {
            Operand o = nest.inputs().get(i);
            for (int t = 0; t < times; t++) {
                boolean shared = t > 0 && o.strides()[dim] == 0;
                place[i][t] = shared ? place[i][0] : add(new Operand(o.type(), o.offset() + t * o.strides()[dim], without(o.strides())), given.inputs().get(i));
            }
        }
        List<Leaves> rows = new ArrayList<>();
        for (int t = 0; t < times; t++) {
            int row = t;
            rows.add(new Leaves(e -> leaf(e, row)));
        }
        List<Reduction> reductions = new ArrayList<>();
        for (Reduction r : nest.reductions()) for (int t = 0; t < times; t++) reductions.add(new Reduction(r.fold(), rows.get(t).in(r.value())));
        List<Result> results = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        for (int i = 0; i < nest.results().size(); i++) {
            Result r = nest.results().get(i);
            for (int t = 0; t < times; t++) {
                results.add(new Result(r.type(), r.offset() + t * r.strides()[dim], without(r.strides()), rows.get(t).in(r.value())));
                targets.add(given.results().get(i));
            }
        }
        return new LoweredGroup(new LoopNest(without(nest.sizes()), inputs, reductions, results), sources, targets);
    }

    private int add(Operand o, int source) {
        inputs.add(o);
        sources.add(source);
        return inputs.size() - 1;
    }

    private long[] without(long[] v) {
        long[] out = Arrays.copyOf(v, v.length - 1);
        System.arraycopy(v, dim + 1, out, dim, out.length - dim);
        return out;
    }

    /** A leaf of an expression as row t has it. */
    private Expr leaf(Expr e, int t) {
        return switch (e) {
            case Expr.Load l -> new Expr.Load(place[l.input()][t], l.type());
            case Expr.Reduced r -> new Expr.Reduced(r.index() * times + t, r.type());
            default -> e;
        };
    }
}
