package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest.Result;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Lowers the operators of a fusion group to one loop nest; see Note [Index maps] in {@link RowLowering}. */
public final class GroupLowering {
    private static final int MAX_RESTARTS = 8;

    private final Definitions known;
    private final List<Value> outputs;
    private final RowLowering.Inside inside;
    private final Layouts layouts;

    /** A loop nest, and which values its operands and results are. */
    record Lowered(LoopNest nest, List<Value> sources, List<Value> targets, int expressions) {}

    /** @param outputs the values to compute, in order of their definition */
    GroupLowering(Definitions known, List<Value> outputs, RowLowering.Inside inside, Layouts layouts) {
        this.known = known;
        this.outputs = outputs;
        this.inside = inside;
        this.layouts = layouts;
    }

    /**
     * The loop nest of a group that {@link FuseGroups} made.
     *
     * @param group   a {@code prim::FusionGroup} or {@code prim::ProductGroup} node
     * @param layouts where inputs and results of the group's subgraph lie
     * @throws IllegalArgumentException if the group is not one that can be lowered with these layouts
     */
    public static LoweredGroup lower(Node group, Layouts layouts) {
        Graph graph = group.subgraph().orElseThrow();
        Definitions known = Definitions.of(graph, Long.MAX_VALUE);
        try {
            Lowered l = new GroupLowering(known, graph.outputs(), known::term, layouts).lower();
            return new LoweredGroup(l.nest, positions(l.sources, graph.inputs()), positions(l.targets, graph.outputs()));
        } catch (CannotFuse e) {
            throw new IllegalArgumentException("a fusion group cannot be lowered: " + e.reason(), e);
        }
    }

    private static List<Integer> positions(List<Value> values, List<Value> among) {
        List<Integer> out = values.stream().map(among::indexOf).toList();
        if (out.contains(-1)) throw new CannotFuse("it reads " + values.get(out.indexOf(-1)) + ", which is no input");
        return out;
    }

    /** @throws CannotFuse saying why not */
    Lowered lower() {
        Term.Fold fold = firstFold();
        long[] sizes = fold == null ? partSizes(term(anchor())) : rowLoops(fold, partSizes(term(anchor())));
        Loops loops = new Loops(sizes.length == 0 ? new long[] {1} : sizes, fold != null);
        for (int i = 0; i < MAX_RESTARTS; i++) {
            try {
                return new Attempt(loops).run();
            } catch (OtherLoops o) {
                loops = loops.with(o);
            }
        }
        throw new CannotFuse("different iteration domain");
    }

    private Term term(Value output) {
        Term t = known.term(output);
        if (t == null) throw new CannotFuse("a result that is not known");
        return t;
    }

    /** The largest result, the last of several: its elements are the coordinates of the loops. */
    private Value anchor() {
        Value best = outputs.getFirst();
        for (Value v : outputs) if (partNumel(term(v)) >= partNumel(term(best))) best = v;
        return best;
    }

    private static long[] partSizes(Term t) { return t instanceof Term.Join j ? j.parts().getFirst().sizes() : t.sizes(); }

    private static long partNumel(Term t) { return Shapes.numel(partSizes(t)); }

    /** Over the rows that are folded; where there are more of them than results, each of which takes several, over the results. */
    private static long[] rowLoops(Term.Fold f, long[] results) {
        long[] rows = Arrays.copyOf(f.operand().sizes(), f.kept());
        long[] outer = Shapes.numel(results) < Shapes.numel(rows) ? results : rows;
        long[] out = Arrays.copyOf(outer, outer.length + 1);
        out[outer.length] = f.length();
        return out;
    }

    // ---- looking for a fold

    private Term.Fold firstFold() {
        Set<Term> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Value> values = new HashSet<>();
        for (Value v : outputs) {
            Term.Fold f = fold(term(v), seen, values);
            if (f != null) return f;
        }
        return null;
    }

    private Term.Fold fold(Term t, Set<Term> seen, Set<Value> values) {
        if (!seen.add(t)) return null;
        return switch (t) {
            case Term.Source(Value v, ScalarType _, long[] _) ->
                values.add(v) && inside.term(v) != null ? fold(inside.term(v), seen, values) : null;
            case Term.Uniform _ -> null;
            case Term.Map m -> any(m.operands(), seen, values);
            case Term.View v -> fold(v.base(), seen, values);
            case Term.Fold f -> f.length() > 1 ? f : fold(f.operand(), seen, values);
            case Term.Join j -> any(j.parts(), seen, values);
        };
    }

    private Term.Fold any(List<Term> terms, Set<Term> seen, Set<Value> values) {
        for (Term t : terms) {
            Term.Fold f = t == null ? null : fold(t, seen, values);
            if (f != null) return f;
        }
        return null;
    }

    // ---- one attempt with given loops

    private final class Attempt {
        private final Loops loops;
        private final RowLowering rows;
        private final List<List<Result>> results = new ArrayList<>(Collections.nCopies(outputs.size(), null));

        Attempt(Loops loops) {
            this.loops = loops;
            this.rows = new RowLowering(inside, layouts, loops.cut(), loops.hasRow());
        }

        Lowered run() {
            Value first = anchor();
            results.set(outputs.indexOf(first), results(first));
            for (int i = outputs.size() - 1; i >= 0; i--) if (results.get(i) == null) results.set(i, results(outputs.get(i)));
            List<Result> all = new ArrayList<>();
            List<Value> targets = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                for (Result r : results.get(i)) {
                    all.add(r);
                    targets.add(outputs.get(i));
                }
            }
            LoopNest nest = new LoopNest(loops.cut(), rows.operands(), rows.reductions(), all);
            return new Lowered(LoopOrder.arrange(nest, loops.hasRow()), List.copyOf(rows.sources()), targets, rows.size());
        }

        private List<Result> results(Value v) {
            Layouts.Placement p = layouts.of(v);
            if (!(term(v) instanceof Term.Join j)) return results(term(v), Definitions.sizes(v), p.offset(), p.strides());
            List<Result> parts = new ArrayList<>();
            long at = p.offset();
            for (Term part : j.parts()) {
                parts.addAll(results(part, part.sizes(), at, p.strides()));
                at += part.sizes()[j.dim()] * p.strides()[j.dim()];
            }
            return parts;
        }

        private List<Result> results(Term t, long[] sizes, long offset, long[] strides) {
            List<Result> out = new ArrayList<>();
            for (IndexMap map : loops.pieces(mapOf(t))) {
                Expr value = rows.at(t, map);
                IndexMap to = IndexSpace.locate(sizes, strides, map, loops.cut()).shifted(offset);
                out.add(new Result(t.type(), to.offset(), to.strides(), value));
            }
            return out;
        }

        /** A map by which the loops visit each element of a result once (or once per row): one that is in use, if there is. */
        private IndexMap mapOf(Term t) {
            long n = t.numel();
            for (IndexMap m : rows.uses(t)) if (m.isBijection(loops.whole(), n)) return m;
            long[] strides = Shapes.contiguousStrides(loops.whole());
            if (n == Shapes.numel(loops.whole())) return new IndexMap(0, strides);
            long[] outer = Arrays.copyOf(loops.whole(), strides.length - 1);
            if (!loops.hasRow() || n != Shapes.numel(outer)) throw new CannotFuse("different iteration domain");
            return new IndexMap(0, Arrays.copyOf(Shapes.contiguousStrides(outer), strides.length));
        }
    }
}
