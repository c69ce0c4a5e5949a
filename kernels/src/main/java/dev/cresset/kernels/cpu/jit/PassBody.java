package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;

/** The method of one pass as it is written: what is the same for the whole row first, then the loop. */
final class PassBody {
    private final Structure s;
    private final Plan plan;
    private final Plan.Pass pass;
    private final PassWriter.Part part;
    private final int copies;
    private final int[] lastUse;
    private final Assembler a;
    private final ScalarEmitter single;
    private final Emitter emitter;
    private final Local from, to;
    private final Addresses addresses;
    private final Cells cells;
    /** Values that are the same for the whole row. */
    private final Map<Integer, Local> ofRow = new HashMap<>();
    /** Those of them that the loop uses, as it uses them. */
    private final Map<Integer, Local> before = new HashMap<>();

    /**
     * @param copies  of the loop's body, each with its accumulators
     * @param emitter of the loop
     */
    PassBody(Structure s, Plan plan, Plan.Pass pass, PassWriter.Part part, int copies, Assembler a, ScalarEmitter single, Emitter emitter) {
        this.s = s;
        this.plan = plan;
        this.pass = pass;
        this.part = part;
        this.copies = copies;
        this.lastUse = lastUses(s, pass);
        this.a = a;
        this.single = single;
        this.emitter = emitter;
        from = new Local(a.code.parameterSlot(1), Local.Type.INT);
        to = new Local(a.code.parameterSlot(2), Local.Type.INT);
        addresses = new Addresses(s, plan, pass, a);
        cells = new Cells(s, a, addresses, single);
    }

    void write() {
        for (int id : pass.uniform()) ofRow.put(id, uniform(id));
        for (int o : pass.outputs()) if (s.outputs().get(o).perRow()) storePerRow(o);
        if (pass.loops()) {
            for (int id : usedByLoop()) before.put(id, spread(id));
            loops();
        }
        a.code.return_();
    }

    /** Nodes of the row that the loop uses. */
    private SequencedSet<Integer> usedByLoop() {
        SequencedSet<Integer> used = new LinkedHashSet<>();
        for (int id : pass.varying()) if (!pass.read().contains(id)) used.addAll(s.node(id).arguments());
        for (int f : pass.folds()) used.add(s.folds().get(f).value());
        for (int o : pass.outputs()) if (!s.outputs().get(o).perRow()) used.add(s.outputs().get(o).value());
        used.retainAll(ofRow.keySet());
        return used;
    }

    private Local spread(int id) {
        Object value = constant(id);
        return value != null ? emitter.constant(value, s.node(id).kind()) : emitter.spread(ofRow.get(id));
    }

    // ---- single operations

    private Local uniform(int id) {
        Dag.Node n = s.node(id);
        return switch (n.op()) {
            case Dag.Op.Load(int input, ScalarType t) -> ScalarMemory.load(a, t, () -> a.load(addresses.input(input)));
            case Dag.Op.Constant(Object value) -> single.constant(value, n.kind());
            case Dag.Op.Reduced(int fold, ScalarType t) -> single.cast(t, cells.load(fold));
            default -> apply(n, single, ofRow);
        };
    }

    private Local varying(int id, Map<Integer, Local> values, Local index, int further) {
        Dag.Node n = s.node(id);
        if (pass.read().contains(id)) return emitter.load(n.kind(), addresses.kept(id), index, further);
        if (n.op() instanceof Dag.Op.Load(int input, ScalarType t)) return emitter.load(t, addresses.input(input), index, further);
        return apply(n, emitter, values);
    }

    private Local apply(Dag.Node n, Emitter e, Map<Integer, Local> values) {
        List<Local> x = n.arguments().stream().map(values::get).toList();
        return switch (n.op()) {
            case Dag.Op.Cast(ScalarType t) -> e.cast(t, x.get(0));
            case Dag.Op.Unary(UnaryFn fn) -> e.unary(fn, x.get(0));
            case Dag.Op.Binary(BinaryFn fn) -> e.binary(fn, x.get(0), x.get(1), constant(n.argument(1)));
            case Dag.Op.Select _ -> e.select(x.get(0), x.get(1), x.get(2));
            case Dag.Op.Load _, Dag.Op.Constant _, Dag.Op.Reduced _, Dag.Op.Param _ -> throw new AssertionError("has no arguments: " + n);
        };
    }

    private Object constant(int id) { return s.node(id).op() instanceof Dag.Op.Constant(Object value) ? value : null; }

    /** The value as the type it is stored as. */
    private Local converted(Emitter e, Local value, int id, ScalarType type) {
        ScalarType kind = Expr.compute(type);
        return s.node(id).kind() == kind ? value : e.cast(kind, value);
    }

    private void storePerRow(int o) {
        Structure.Output out = s.outputs().get(o);
        Local value = converted(single, ofRow.get(out.value()), out.value(), out.type());
        ScalarMemory.store(a, out.type(), () -> a.load(addresses.output(o)), value);
    }

    // ---- loops

    private void loops() {
        List<List<Local>> accumulators = new ArrayList<>();
        for (int f : pass.folds()) {
            List<Local> ofFold = new ArrayList<>();
            for (int c = 0; c < copies; c++) ofFold.add(emitter.accumulator(s.folds().get(f).fold(), cells.kind(f)));
            accumulators.add(ofFold);
        }
        a.load(from);
        Local index = a.store(Local.Type.INT);
        int lanes = emitter.lanes();
        if (copies > 1) {
            a.loop(index, a.wholeSteps(from, to, copies * lanes), copies * lanes, () -> {
                for (int c = 0; c < copies; c++) element(index, c, accumulators);
            });
        }
        if (part != PassWriter.Part.TAIL) a.loop(index, a.wholeSteps(from, to, lanes), lanes, () -> element(index, 0, accumulators));
        if (lanes > 1 && part != PassWriter.Part.STEPS) {
            a.ifLess(index, to, () -> {
                emitter.mask(emitter.maskUpTo(index, to));
                element(index, 0, accumulators);
                emitter.mask(null);
            });
        }
        for (int k = 0; k < accumulators.size(); k++) fold(pass.folds().get(k), accumulators.get(k));
    }

    /** One copy of the loop's body. Everything is loaded before anything is stored, as results may lie where inputs do. */
    private void element(Local index, int copy, List<List<Local>> accumulators) {
        Map<Integer, Local> values = new HashMap<>(before);
        int further = copy * emitter.lanes();
        for (int id : pass.varying()) {
            values.put(id, a.temporary(() -> varying(id, values, index, further)));
            if (plan.saved().contains(id) && !pass.read().contains(id)) {
                emitter.store(s.node(id).kind(), addresses.kept(id), index, further, values.get(id));
            }
            if (!pass.read().contains(id)) for (int x : Set.copyOf(s.node(id).arguments())) if (lastUse[x] == id) drop(x, values);
        }
        for (int k = 0; k < accumulators.size(); k++) {
            Structure.Fold f = s.folds().get(pass.folds().get(k));
            Local accumulator = accumulators.get(k).get(copy);
            a.temporary(() -> {
                emitter.accumulate(f.fold(), accumulator, values.get(f.value()));
                return accumulator;
            });
        }
        for (int o : pass.outputs()) if (!s.outputs().get(o).perRow()) store(o, values, index, further);
        for (int id : List.copyOf(values.keySet())) drop(id, values);
    }

    private void store(int o, Map<Integer, Local> values, Local index, int further) {
        Structure.Output out = s.outputs().get(o);
        a.temporary(() -> {
            Local value = converted(emitter, values.get(out.value()), out.value(), out.type());
            emitter.store(out.type(), addresses.output(o), index, further, value);
            return value;
        });
    }

    /** Forgets a value of the loop's body; its variable is free if no other value is the same. */
    private void drop(int id, Map<Integer, Local> values) {
        Local l = values.remove(id);
        if (l != null && !before.containsKey(id) && !before.containsValue(l) && !values.containsValue(l)) a.free(l);
    }

    private void fold(int fold, List<Local> accumulators) {
        a.load(emitter.total(s.folds().get(fold).fold(), accumulators));
        cells.fold(fold, from);
    }

    /** Of each node the last one of the loop's body that uses it, or the number of nodes if it is needed at the end. */
    private static int[] lastUses(Structure s, Plan.Pass pass) {
        int[] last = new int[s.nodes().size()];
        for (int id : pass.varying()) {
            if (!pass.read().contains(id)) for (int x : s.node(id).arguments()) last[x] = id;
        }
        for (int f : pass.folds()) last[s.folds().get(f).value()] = last.length;
        for (int o : pass.outputs()) last[s.outputs().get(o).value()] = last.length;
        return last;
    }
}
