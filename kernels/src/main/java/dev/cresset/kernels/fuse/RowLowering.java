package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNest.Reduction;
import dev.cresset.tensor.Shapes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns terms into expressions over the elements of a loop nest with given loops.
 *
 * <p>Note [Index maps]. A term is never computed as a whole: it is asked for the element that an {@link IndexMap} names at
 * each coordinate, and passes the question on to what it is made of, with another map. A pointwise term passes its own map
 * on, a broadcast operand gets stride 0, a view puts its offset and strides before. So views cost nothing; a term that is
 * read in several ways (the four gates of an LSTM cell) becomes as many expressions; and what the group loads is found at
 * the end of the way, as operands with offset and strides. A fold passes on the map of whole rows.
 */
final class RowLowering {
    /** What is computed within the group; everything else is loaded. */
    interface Inside { Term term(Value v); }

    private record Place(Value value, IndexMap map) {}

    private final Inside inside;
    private final Layouts layouts;
    private final long[] loops;
    private final boolean hasRow;
    private final ExprPool pool = new ExprPool();
    private final Map<Term, Map<IndexMap, Expr>> done = new IdentityHashMap<>();
    private final Map<Place, Expr> loads = new HashMap<>();
    private final List<Operand> operands = new ArrayList<>();
    private final List<Value> sources = new ArrayList<>();
    private final List<Reduction> reductions = new ArrayList<>();
    private final Map<List<Object>, Expr> reduced = new HashMap<>();

    /** @param hasRow true if the last loop is a row, whose elements may be folded */
    RowLowering(Inside inside, Layouts layouts, long[] loops, boolean hasRow) {
        this.inside = inside;
        this.layouts = layouts;
        this.loops = loops;
        this.hasRow = hasRow;
    }

    List<Operand> operands() { return operands; }

    /** The value that each operand reads. */
    List<Value> sources() { return sources; }

    List<Reduction> reductions() { return reductions; }

    /** How many different expressions there are. */
    int size() { return pool.size(); }

    /** The maps with which a term has been asked so far, in that order. */
    Set<IndexMap> uses(Term t) { return done.getOrDefault(t, Map.of()).keySet(); }

    /** The element of the term that the map names. @throws CannotFuse @throws OtherLoops */
    Expr at(Term t, IndexMap map) {
        if (t instanceof Term.Source(Value v, _, _)) {
            Term definition = inside.term(v);
            return definition == null ? load(v, map) : at(definition, map);
        }
        Map<IndexMap, Expr> known = done.computeIfAbsent(t, _ -> new LinkedHashMap<>());
        Expr before = known.get(map);
        if (before != null) return before;
        Expr now = evaluate(t, map);
        known.put(map, now);
        return now;
    }

    private Expr evaluate(Term t, IndexMap map) {
        return switch (t) {
            case Term.Source _ -> throw new AssertionError("handled before");
            case Term.Uniform u -> pool.constant(u.number(), u.type());
            case Term.Map m -> map(m, map);
            case Term.View v -> at(v.base(), IndexSpace.locate(v.sizes(), v.strides(), map, loops).shifted(v.offset()));
            case Term.Fold f -> fold(f, map);
            case Term.Join j -> joined(j, map);
        };
    }

    private Expr map(Term.Map m, IndexMap map) {
        List<Expr> elements = new ArrayList<>();
        for (Term operand : m.operands()) elements.add(operand == null ? null : at(operand, broadcast(operand, m.sizes(), map)));
        return pool.substitute(m.expression(), elements);
    }

    private IndexMap broadcast(Term operand, long[] sizes, IndexMap map) {
        long[] strides = Shapes.broadcastStrides(operand.sizes(), Shapes.contiguousStrides(operand.sizes()), sizes);
        return IndexSpace.locate(sizes, strides, map, loops);
    }

    /** The element of the part that holds it; a loop that runs over several parts is cut. */
    private Expr joined(Term.Join j, IndexMap map) {
        long[] blocks = {1, j.sizes()[j.dim()], 1};
        for (int d = 0; d < j.sizes().length; d++) if (d != j.dim()) blocks[d < j.dim() ? 0 : 2] *= j.sizes()[d];
        long part = j.parts().getFirst().sizes()[j.dim()];
        IndexMap along = IndexSpace.locate(blocks, new long[] {0, 1, 0}, map, loops);
        long last = along.offset();
        for (int d = 0; d < loops.length; d++) last += along.strides()[d] * (loops[d] - 1);
        if (along.offset() / part != last / part) throw cut(along, part, blocks[1]);
        int index = (int) (along.offset() / part);
        IndexMap within = IndexSpace.locate(blocks, new long[] {part * blocks[2], blocks[2], 1}, map, loops);
        return at(j.parts().get(index), within.shifted(-index * part * blocks[2]));
    }

    private RuntimeException cut(IndexMap along, long part, long size) {
        for (int d = 0; d < loops.length; d++) {
            if (along.strides()[d] == 1 && along.offset() == 0 && loops[d] == size) return new OtherLoops(d, part, true);
        }
        return new CannotFuse("reads a concatenation across its parts");
    }

    private Expr fold(Term.Fold f, IndexMap map) {
        long n = f.length();
        int row = loops.length - 1;
        if (n == 1) return pool.cast(at(f.operand(), map), f.type());
        if (!hasRow || loops[row] != n) throw new CannotFuse("rows of different lengths");
        if (map.strides()[row] != 0) throw new CannotFuse("needs the folds of many rows at once");
        long[] strides = new long[loops.length];
        for (int d = 0; d < row; d++) strides[d] = map.strides()[d] * n;
        strides[row] = 1;
        Expr value = pool.cast(at(f.operand(), new IndexMap(map.offset() * n, strides)), f.type());
        return reduced.computeIfAbsent(List.of(f.fold(), pool.number(value)), _ -> {
            reductions.add(new Reduction(f.fold(), value));
            return pool.reduced(reductions.size() - 1, f.type());
        });
    }

    private Expr load(Value v, IndexMap map) {
        Layouts.Placement p = layouts.of(v);
        IndexMap at = IndexSpace.locate(Definitions.sizes(v), p.strides(), map, loops).shifted(p.offset());
        return loads.computeIfAbsent(new Place(v, at), _ -> {
            operands.add(new Operand(Definitions.type(v).dtype(), at.offset(), at.strides()));
            sources.add(v);
            return pool.load(operands.size() - 1, Definitions.type(v).dtype());
        });
    }
}
