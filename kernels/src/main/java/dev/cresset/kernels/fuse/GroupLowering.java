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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lowers the operators of a fusion group to one loop nest; see Note [Index maps] in {@link RowLowering}. */
public final class GroupLowering {
    private static final int MAX_SPLITS = 8;

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
     * @param group   a {@code prim::FusionGroup} node
     * @param layouts where inputs and results of the group's subgraph lie
     * @throws IllegalArgumentException if the group is not one that can be lowered with these layouts
     */
    public static LoweredGroup lower(Node group, Layouts layouts) {
        Graph graph = group.subgraph().orElseThrow();
        Definitions known = Definitions.of(graph);
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
        long[] loops = fold == null ? partSizes(term(anchor())) : rowLoops(fold);
        if (loops.length == 0) loops = new long[] {1};
        for (int i = 0; i < MAX_SPLITS; i++) {
            try {
                return new Attempt(loops, fold != null).run();
            } catch (IndexSpace.Split s) {
                if (fold != null && s.dim == loops.length - 1) throw new CannotFuse("rows that do not lie evenly in every operand");
                loops = split(loops, s);
            }
        }
        throw new CannotFuse("different iteration domain");
    }

    private static long[] split(long[] loops, IndexSpace.Split s) {
        long[] out = new long[loops.length + 1];
        System.arraycopy(loops, 0, out, 0, s.dim);
        out[s.dim] = loops[s.dim] / s.inner;
        out[s.dim + 1] = s.inner;
        System.arraycopy(loops, s.dim + 1, out, s.dim + 2, loops.length - s.dim - 1);
        return out;
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

    private static long[] rowLoops(Term.Fold f) {
        long[] out = Arrays.copyOf(f.operand().sizes(), f.kept() + 1);
        out[f.kept()] = f.length();
        return out;
    }

    // ---- looking for a fold

    private Term.Fold firstFold() {
        Set<Term> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
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
        private final long[] loops;
        private final boolean hasRow;
        private final RowLowering rows;
        private final Result[][] results = new Result[outputs.size()][];

        Attempt(long[] loops, boolean hasRow) {
            this.loops = loops;
            this.hasRow = hasRow;
            this.rows = new RowLowering(inside, layouts, loops, hasRow);
        }

        Lowered run() {
            Value first = anchor();
            results[outputs.indexOf(first)] = results(first);
            for (int i = outputs.size() - 1; i >= 0; i--) if (results[i] == null) results[i] = results(outputs.get(i));
            List<Result> all = new ArrayList<>();
            List<Value> targets = new ArrayList<>();
            for (int i = 0; i < results.length; i++) {
                for (Result r : results[i]) {
                    all.add(r);
                    targets.add(outputs.get(i));
                }
            }
            LoopNest nest = LoopOrder.arrange(new LoopNest(loops, rows.operands(), rows.reductions(), all), hasRow);
            return new Lowered(nest, List.copyOf(rows.sources()), targets, rows.size());
        }

        private Result[] results(Value v) {
            Layouts.Placement p = layouts.of(v);
            if (!(term(v) instanceof Term.Join j)) return new Result[] {result(term(v), Definitions.sizes(v), p.offset(), p.strides())};
            Result[] parts = new Result[j.parts().size()];
            long at = p.offset();
            for (int i = 0; i < parts.length; i++) {
                Term part = j.parts().get(i);
                parts[i] = result(part, part.sizes(), at, p.strides());
                at += part.sizes()[j.dim()] * p.strides()[j.dim()];
            }
            return parts;
        }

        private Result result(Term t, long[] sizes, long offset, long[] strides) {
            IndexMap map = mapOf(t);
            Expr value = rows.at(t, map);
            IndexMap to = IndexSpace.locate(sizes, strides, map, loops).shifted(offset);
            return new Result(t.type(), to.offset(), to.strides(), value);
        }

        /** A map by which the loops visit each element of a result once (or once per row): one that is in use, if there is. */
        private IndexMap mapOf(Term t) {
            long n = t.numel();
            for (IndexMap m : rows.uses(t)) if (m.isBijection(loops, n)) return m;
            long[] strides = Shapes.contiguousStrides(loops);
            if (n == Shapes.numel(loops)) return new IndexMap(0, strides);
            long[] outer = Arrays.copyOf(loops, loops.length - 1);
            if (!hasRow || n != Shapes.numel(outer)) throw new CannotFuse("different iteration domain");
            return new IndexMap(0, Arrays.copyOf(Shapes.contiguousStrides(outer), loops.length));
        }
    }
}
