package dev.cresset.kernels.cpu.jit;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver.ClassHierarchyInfo;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;

/** Writes the class of one pass: one method with one straight-line loop, all operators inlined. */
final class PassWriter {
    /** Of a range of elements: all, those that fill vectors, or the rest that does not fill one. */
    enum Part { WHOLE, STEPS, TAIL }

    private static final ClassDesc CLASS = ClassDesc.of("dev.cresset.kernels.cpu.jit.GeneratedPass");
    private static final ClassDesc PASS = Pass.class.describeConstable().orElseThrow();
    /** Cost of a loop body up to which several copies of it, each with its accumulators, hide the latency of folding. */
    private static final int SHORT_BODY = 6, MEDIUM_BODY = 12;

    /** Variables of different classes in one slot have nothing in common but being objects; no class is looked up. */
    private static final ClassFile.ClassHierarchyResolverOption HIERARCHY = ClassFile.ClassHierarchyResolverOption.of(
        c -> c.equals(CD_Object) ? ClassHierarchyInfo.ofClass(null) : ClassHierarchyInfo.ofClass(CD_Object));

    private final Structure s;
    private final Plan plan;
    private final Plan.Pass pass;
    private final Part part;
    private final int copies;
    private final int[] lastUse;
    /** Constants that the body turned out to need; see {@link #write}. */
    private final SequencedSet<Object> constants = new LinkedHashSet<>();

    // of the method being written
    private Assembler a;
    private ScalarEmitter single;
    private Emitter emitter;
    private Local from, to;
    private final Map<Integer, Local> addresses = new HashMap<>();
    /** Values that are the same for the whole row. */
    private final Map<Integer, Local> ofRow = new HashMap<>();
    /** Those of them that the loop uses, as it uses them. */
    private final Map<Integer, Local> before = new HashMap<>();

    private PassWriter(Structure s, Plan plan, Plan.Pass pass, Part part) {
        this.s = s;
        this.plan = plan;
        this.pass = pass;
        this.part = part;
        int cost = pass.varying().stream().filter(i -> !pass.read().contains(i)).mapToInt(i -> Cost.of(s.node(i))).sum();
        this.lastUse = lastUses(s, pass);
        this.copies = pass.folds().isEmpty() ? 1 : cost <= SHORT_BODY ? 4 : cost <= MEDIUM_BODY ? 2 : 1;
    }

    /** The bytes of a class that implements {@link Pass}. */
    static byte[] write(Structure s, Plan plan, Plan.Pass pass, Part part) {
        PassWriter w = new PassWriter(s, plan, pass, part);
        // The first writing finds the vectors of constants that the loop uses; the second makes them before it.
        if (pass.vectors()) w.write(ClassFile.StackMapsOption.DROP_STACK_MAPS);
        return w.write(ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
    }

    private byte[] write(ClassFile.StackMapsOption option) {
        return ClassFile.of(option, HIERARCHY).build(CLASS, c -> c
            .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
            .withInterfaceSymbols(PASS)
            .withMethodBody(INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                b -> b.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_())
            .withMethodBody("run", MethodTypeDesc.of(CD_void, CD_long.arrayType(), CD_int, CD_int), ClassFile.ACC_PUBLIC,
                this::body));
    }

    private void body(CodeBuilder b) {
        a = new Assembler(b);
        from = new Local(b.parameterSlot(1), Local.Type.INT);
        to = new Local(b.parameterSlot(2), Local.Type.INT);
        addresses.clear();
        ofRow.clear();
        before.clear();
        single = new ScalarEmitter(a);
        emitter = pass.vectors() ? vectorEmitter() : single;
        usedAddresses().forEach(this::loadAddress);
        for (int id : pass.uniform()) ofRow.put(id, uniform(id));
        for (int o : pass.outputs()) if (s.outputs().get(o).perRow()) storePerRow(o);
        if (pass.loops()) {
            for (int id : usedByLoop()) before.put(id, spread(id));
            loops();
        }
        b.return_();
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

    private VectorEmitter vectorEmitter() {
        Map<Object, Local> known = new LinkedHashMap<>() {
            @Override public Local put(Object constant, Local local) {
                constants.add(constant);
                return super.put(constant, local);
            }
        };
        VectorEmitter v = new VectorEmitter(a, known);
        for (Object c : List.copyOf(constants)) {
            if (c instanceof Float f) v.all(f);
            else v.all((int) (Integer) c);
        }
        return v;
    }

    // ---- addresses

    private int cells() { return s.inputs() + s.outputs().size(); }

    private int scratch(int id) { return cells() + 1 + plan.row(id); }

    private SequencedSet<Integer> usedAddresses() {
        SequencedSet<Integer> used = new LinkedHashSet<>();
        for (List<Integer> ids : List.of(pass.uniform(), pass.varying())) {
            for (int id : ids) {
                if (plan.saved().contains(id)) used.add(scratch(id));
                if (s.node(id).op() instanceof Dag.Op.Load(int input, ScalarType _) && !pass.read().contains(id)) used.add(input);
                if (s.node(id).op() instanceof Dag.Op.Reduced) used.add(cells());
            }
        }
        for (int o : pass.outputs()) used.add(s.inputs() + o);
        if (!pass.folds().isEmpty()) used.add(cells());
        return used;
    }

    private void loadAddress(int k) {
        a.code.aload(a.code.parameterSlot(0)).loadConstant(k).laload();
        addresses.put(k, a.store(Local.Type.LONG));
    }

    // ---- single operations

    private Local uniform(int id) {
        Dag.Node n = s.node(id);
        return switch (n.op()) {
            case Dag.Op.Load(int input, ScalarType t) -> ScalarMemory.load(a, t, () -> a.load(addresses.get(input)));
            case Dag.Op.Constant(Object value) -> single.constant(value, n.kind());
            case Dag.Op.Reduced(int fold, ScalarType t) -> single.cast(t, cell(fold));
            default -> apply(n, single, ofRow);
        };
    }

    private Local varying(int id, Map<Integer, Local> values, Local index, int further) {
        Dag.Node n = s.node(id);
        if (pass.read().contains(id)) return emitter.load(n.kind(), addresses.get(scratch(id)), index, further);
        if (n.op() instanceof Dag.Op.Load(int input, ScalarType t)) return emitter.load(t, addresses.get(input), index, further);
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
        ScalarMemory.store(a, out.type(), () -> a.load(addresses.get(s.inputs() + o)), value);
    }

    // ---- loops

    private void loops() {
        List<List<Local>> accumulators = new ArrayList<>();
        for (int f : pass.folds()) {
            List<Local> ofFold = new ArrayList<>();
            for (int c = 0; c < copies; c++) ofFold.add(emitter.accumulator(s.folds().get(f).fold(), kind(f)));
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
        if (part != Part.TAIL) a.loop(index, a.wholeSteps(from, to, lanes), lanes, () -> element(index, 0, accumulators));
        if (lanes > 1 && part != Part.STEPS) {
            a.ifLess(index, to, () -> {
                emitter.mask(emitter.maskUpTo(index, to));
                element(index, 0, accumulators);
                emitter.mask(null);
            });
        }
        for (int k = 0; k < accumulators.size(); k++) finish(pass.folds().get(k), accumulators.get(k));
    }

    /** One copy of the loop's body. Everything is loaded before anything is stored, as results may lie where inputs do. */
    private void element(Local index, int copy, List<List<Local>> accumulators) {
        Map<Integer, Local> values = new HashMap<>(before);
        int further = copy * emitter.lanes();
        for (int id : pass.varying()) {
            values.put(id, a.temporary(() -> varying(id, values, index, further)));
            if (plan.saved().contains(id) && !pass.read().contains(id)) {
                emitter.store(s.node(id).kind(), addresses.get(scratch(id)), index, further, values.get(id));
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
            emitter.store(out.type(), addresses.get(s.inputs() + o), index, further, value);
            return value;
        });
    }

    /** Forgets a value of the loop's body; its variable is free if no other value is the same. */
    private void drop(int id, Map<Integer, Local> values) {
        Local l = values.remove(id);
        if (l != null && !before.containsKey(id) && !before.containsValue(l) && !values.containsValue(l)) a.free(l);
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

    // ---- cells of reductions: real numbers as double, integers and bools as long

    private ScalarType kind(int fold) { return s.node(s.folds().get(fold).value()).kind(); }

    private ScalarType cellType(int fold) {
        return kind(fold) == ScalarType.FLOAT32 || kind(fold) == ScalarType.FLOAT64 ? ScalarType.FLOAT64 : ScalarType.INT64;
    }

    private void cellAddress(int fold) { a.load(addresses.get(cells())).code.loadConstant(8L * fold).ladd(); }

    private Local cell(int fold) { return ScalarMemory.load(a, cellType(fold), () -> cellAddress(fold)); }

    /** Folds the accumulators, and if this was not the row's first part what the cell holds, to the cell. */
    private void finish(int fold, List<Local> accumulators) {
        LoopNest.Fold how = s.folds().get(fold).fold();
        a.load(emitter.total(how, accumulators));
        Local total = a.store(cellType(fold) == ScalarType.FLOAT64 ? Local.Type.DOUBLE : Local.Type.LONG);
        Label first = a.code.newLabel();
        a.load(from).code.ifeq(first);
        BinaryFn fn = how == LoopNest.Fold.SUM ? BinaryFn.ADD : how == LoopNest.Fold.MAX ? BinaryFn.MAX : BinaryFn.MIN;
        a.load(single.binary(fn, cell(fold), total, null));
        a.assign(total);
        a.code.labelBinding(first);
        ScalarMemory.store(a, cellType(fold), () -> cellAddress(fold), total);
    }
}
