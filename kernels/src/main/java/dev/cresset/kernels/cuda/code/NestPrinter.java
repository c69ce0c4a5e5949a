package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Prints one structure as one kernel. Inputs are x0, x1 …, results y0, y1 …; node n is the variable tn, reduction n is rn, o‹n› is
 * the position in an operand; of neighbouring elements that move at once, v‹n› has been read and w‹n› will be written.
 */
final class NestPrinter {
    /** Accesses of a thread that are on their way at once while it folds: what hides the time that memory takes. */
    private static final int MOST_LOADS = 8;

    private final Structure s;
    private final Variant variant;
    private final Schedule schedule;
    private final boolean[] uniform;
    private final int[] level;
    private final Lines out;
    private final Set<Integer> kept;
    private final Parameters parameters;
    private final Coordinates at;
    private final int last;
    /** The input that is not loaded, and what it is instead; -1 if all are. */
    private int given = -1;
    private String givenValue;
    /** Nodes that are variables at this point of the text. */
    private final Set<Integer> known = new HashSet<>();

    NestPrinter(Structure s, Variant variant, Schedule schedule) { this(s, variant, schedule, new Lines()); }

    /** @param out where it goes */
    NestPrinter(Structure s, Variant variant, Schedule schedule, Lines out) { this(s, variant, schedule, out, Set.of()); }

    /**
     * @param out  where it goes
     * @param kept inputs whose rows lie in shared memory, see {@link #keep}
     */
    NestPrinter(Structure s, Variant variant, Schedule schedule, Lines out, Set<Integer> kept) {
        this.out = out;
        this.kept = new TreeSet<>(kept);
        this.s = s;
        this.variant = variant;
        this.schedule = schedule;
        this.uniform = s.uniform();
        this.level = s.levels();
        this.parameters = new Parameters(s, variant);
        this.at = new Coordinates(variant, parameters, s.inputs() + s.outputs().size(), out);
        this.last = variant.dims() - 1;
    }

    KernelText print() {
        boolean rows = schedule != Schedule.ELEMENTS;
        out.open("{");
        body();
        out.close();
        Launch launch = rows ? Launch.rows(schedule.threads, schedule.rowsPerBlock())
            : Launch.elements(schedule.threads, schedule.threads * variant.vector());
        return parameters.kernel(out.toString(), launch, variant.vector());
    }

    /** What a thread does. */
    void body() {
        if (s.folds().isEmpty()) elements();
        else rows();
    }

    Parameters parameters() { return parameters; }

    /** The C type of numbers of elements. */
    String index() { return at.index(); }

    /** What is done with one element, for nests without reductions and a variant of single elements. @param number of the element @param input which is not loaded but this value */
    void element(String number, int input, String value) {
        given = input;
        givenValue = value;
        element(number, 1);
    }

    // ---- a thread for each element, or for a few neighbours

    private void elements() {
        int v = variant.vector();
        String index = at.index();
        out.add("const " + index + " n = (" + index + ") p.elements;");
        out.add("const " + index + " first = (" + index + ") blockIdx.x * " + schedule.threads + " + threadIdx.x;");
        out.add("const " + index + " step = (" + index + ") gridDim.x * " + schedule.threads + ";");
        if (v > 1) {
            out.open("for (" + index + " g = first; g < n / " + v + "; g += step) {");
            element("g * " + v, v);
            out.close();
            if (variant.dims() > 1) return;
            out.open("for (" + index + " i = n / " + v + " * " + v + " + first; i < n; i += step) {");
        } else {
            out.open("for (" + index + " i = first; i < n; i += step) {");
        }
        element("i", 1);
        out.close();
    }

    private void element(String number, int v) {
        known.clear();
        at.locate(number, last);
        List<Integer> each = outputs(false), once = outputs(true);
        Set<Integer> needed = needed(values(each));
        hoist(needed);
        if (!each.isEmpty()) group(needed, List.of(), each, v, "");
        if (once.isEmpty()) return;
        out.open("if (c" + last + " == 0) {");
        hoist(needed(values(once)));
        for (int o : once) storeOnce(o);
        out.close();
    }

    // ---- a warp or a block for each row

    private void rows() {
        boolean warp = warps();
        if (!warp) cells();
        eachRow();
        int passes = s.folds().stream().mapToInt(f -> level[f.value()] + 1).max().orElse(0);
        List<Integer> each = outputs(false), once = outputs(true);
        if (passes > 0) hoistLoads(needed(values(once)));   // none of which waits for the folds
        for (int l = 0; l < passes; l++) foldPass(l, warp);
        if (!each.isEmpty()) pass(List.of(), each);
        if (!once.isEmpty()) {
            // what is written here may have been read above by other threads
            out.add(warp ? "__syncwarp();" : "__syncthreads();");
            out.open("if (lane == 0) {");
            hoist(needed(values(once)));
            for (int o : once) storeOnce(o);
            out.close();
        }
        out.close();
    }

    /** True if a warp computes a row, false if a block does. */
    private boolean warps() { return schedule.rowThreads() == 32; }

    /** Opens the loop over the rows of a warp or block, in which it says where each operand's row is. */
    private void eachRow() {
        String index = at.index();
        int perBlock = schedule.rowsPerBlock();
        out.add("const int lane = threadIdx.x" + (warps() ? " & 31" : "") + ";");
        out.add("const " + index + " rows = (" + index + ") p.rows, length = " + at.size(last) + ";");
        String first = warps() ? "(" + index + ") blockIdx.x * " + perBlock + " + threadIdx.x / 32" : "blockIdx.x";
        if (!kept.isEmpty()) out.add(index + " place = threadIdx.x / 32 * length;");
        String next = "row += (" + index + ") gridDim.x * " + perBlock + (kept.isEmpty() ? "" : ", place += " + perBlock + " * length");
        out.open("for (" + index + " row = " + first + "; row < rows; " + next + ") {");
        at.locate("row", last - 1);
        for (int k : kept) out.add(parameters.element(k) + "* const m" + k + " = (" + parameters.element(k) + "*) (kept + p.kept" + k + ") + place;");
    }

    /** Copies rows of inputs to where {@link #body} looks for them: each warp those that it computes. From {@code kept + p.kept‹k›} on they lie by warp. */
    void keep() {
        eachRow();
        out.open("for (" + at.index() + " c = lane; c < length; c += 32) {");
        for (int k : kept) out.add("m" + k + "[c] = p.x" + k + "[" + within(k, "c", 1) + "];");
        out.close();
        out.close();
        out.add("__syncwarp();");
    }

    private void cells() {
        Set<ScalarType> kinds = new TreeSet<>(s.folds().stream().map(f -> s.node(f.value()).kind()).toList());
        for (ScalarType t : kinds) out.add("__shared__ " + CudaTypes.value(t) + " cells_" + CudaTypes.value(t) + "[" + schedule.threads / 32 + "];");
    }

    private void foldPass(int l, boolean warp) {
        List<Integer> folds = IntStream.range(0, s.folds().size()).filter(f -> level[s.folds().get(f).value()] == l).boxed().toList();
        for (int f : folds) out.add(foldType(f) + " s" + f + " = " + start(f) + ";");
        pass(folds, List.of());
        for (int f : folds) {
            String op = operation(f), fold = warp ? "k_fold_warp(s" + f + ", " + op + ")"
                : "k_fold_block<" + schedule.threads / 32 + ">(s" + f + ", " + op + ", cells_" + foldType(f) + ")";
            out.add("const " + foldType(f) + " r" + f + " = " + fold + ";");
        }
    }

    private String foldType(int f) { return CudaTypes.value(s.node(s.folds().get(f).value()).kind()); }

    private String start(int f) {
        return switch (s.folds().get(f).fold()) {
            case SUM -> "0";
            case MAX -> "k_limits<" + foldType(f) + ">::low()";
            case MIN -> "k_limits<" + foldType(f) + ">::high()";
        };
    }

    private String operation(int f) { return "k_" + s.folds().get(f).fold().name().toLowerCase(Locale.ROOT) + "_op()"; }

    /** One loop over the row. */
    private void pass(List<Integer> folds, List<Integer> results) {
        List<Integer> values = new ArrayList<>(values(results));
        for (int f : folds) values.add(s.folds().get(f).value());
        Set<Integer> needed = needed(values);
        hoist(needed);
        int v = variant.vector();
        String index = at.index(), first = v == 1 ? "lane" : "lane * " + v;
        if (!folds.isEmpty()) out.pragma("#pragma unroll " + Math.max(1, MOST_LOADS / Math.max(1, loaded(needed).size())));
        out.open("for (" + index + " c = " + first + "; c < length; c += " + schedule.rowThreads() * v + ") {");
        group(needed, folds, results, v, "c");
        out.close();
    }

    // ---- elements of a row

    /**
     * Computes what differs within a row, for v neighbours.
     *
     * @param c the coordinate within the row that positions do not have in them yet, or nothing
     */
    private void group(Set<Integer> needed, List<Integer> folds, List<Integer> results, int v, String c) {
        Set<Integer> outside = Set.copyOf(known);
        if (v > 1) {
            for (int k : loaded(needed)) {
                String type = "const " + pack(k, v);
                out.add(type + " v" + k + " = *(" + type + "*) (" + (isKept(k, c) ? "m" + k + " + " + c : "p.x" + k + " + " + within(k, c, v)) + ");");
            }
            for (int o : results) out.add(pack(s.inputs() + o, v) + " w" + o + ";");
            out.pragma("#pragma unroll");
            out.open("for (int e = 0; e < " + v + "; e++) {");
        }
        for (int id : needed) if (!known.contains(id)) declare(id, v > 1 ? "v%d.e[e]" : null, c);
        for (int f : folds) out.add("s" + f + " = " + operation(f) + "(s" + f + ", " + name(s.folds().get(f).value()) + ");");
        for (int o : results) {
            Structure.Output y = s.outputs().get(o);
            String place = v > 1 ? "&w" + o + ".e[e]" : "p.y" + o + " + " + within(s.inputs() + o, c, v);
            out.add("k_store(" + place + ", " + name(y.value()) + ");");
        }
        if (v > 1) {
            out.close();
            for (int o : results) {
                int k = s.inputs() + o;
                out.add("*(" + pack(k, v) + "*) (p.y" + o + " + " + within(k, c, v) + ") = w" + o + ";");
            }
        }
        known.retainAll(outside);
    }

    private String pack(int operand, int v) { return "k_pack<" + parameters.element(operand) + ", " + v + ">"; }

    private String within(int operand, String c, int v) {
        if (c.isEmpty()) return "o" + operand;
        return "o" + operand + " + (" + at.position() + ") " + c + (v > 1 ? "" : " * " + at.stride(operand, last));
    }

    private boolean isKept(int input, String c) { return !c.isEmpty() && kept.contains(input); }

    private Set<Integer> loaded(Set<Integer> needed) {
        Set<Integer> inputs = new TreeSet<>();
        for (int id : needed) if (!uniform[id] && s.node(id).op() instanceof Dag.Op.Load(int k, ScalarType _)) inputs.add(k);
        return inputs;
    }

    private void storeOnce(int o) {
        out.add("k_store(p.y" + o + " + o" + (s.inputs() + o) + ", " + name(s.outputs().get(o).value()) + ");");
    }

    // ---- nodes

    private List<Integer> outputs(boolean perRow) {
        return IntStream.range(0, s.outputs().size()).filter(o -> s.outputs().get(o).perRow() == perRow).boxed().toList();
    }

    private List<Integer> values(List<Integer> outputs) { return outputs.stream().map(o -> s.outputs().get(o).value()).toList(); }

    /** These nodes and all that they are computed from, in order. */
    private Set<Integer> needed(List<Integer> values) {
        TreeSet<Integer> all = new TreeSet<>();
        List<Integer> open = new ArrayList<>(values);
        while (!open.isEmpty()) {
            int id = open.removeLast();
            if (all.add(id)) open.addAll(s.node(id).arguments());
        }
        return all;
    }

    /** Declares those that are the same for the whole row. */
    private void hoist(Set<Integer> needed) { for (int id : needed) if (uniform[id] && !known.contains(id)) declare(id, null, ""); }

    private void hoistLoads(Set<Integer> needed) {
        for (int id : needed) if (uniform[id] && s.node(id).op() instanceof Dag.Op.Load) declare(id, null, "");
    }

    private void declare(int id, String lane, String c) {
        Dag.Node n = s.node(id);
        if (n.op() instanceof Dag.Op.Constant) return;
        known.add(id);
        String value = switch (n.op()) {
            case Dag.Op.Load(int k, ScalarType _) when k == given -> givenValue;
            case Dag.Op.Load(int k, ScalarType _) when lane != null -> "k_value(" + lane.formatted(k) + ")";
            case Dag.Op.Load(int k, ScalarType _) when isKept(k, c) -> "k_value(m" + k + "[" + c + "])";
            case Dag.Op.Load(int k, ScalarType _) -> "k_value(p.x" + k + "[" + within(k, c, 1) + "])";
            case Dag.Op.Reduced(int f, ScalarType t) -> reduced(n, f, t);
            case Dag.Op.Param p -> parameters.value(p);
            case Dag.Op.Binary(BinaryFn fn) when fn == BinaryFn.POW && isNumber(n.argument(1)) ->
                Operations.power(name(n.argument(0)), name(n.argument(1)), n.kind(), operation(n));
            default -> operation(n);
        };
        out.add("const " + CudaTypes.value(n.kind()) + " t" + id + " = " + value + ";");
    }

    private String operation(Dag.Node n) {
        return Operations.of(n, n.arguments().stream().map(this::name).toList(), n.arguments().stream().map(a -> s.node(a).kind()).toList());
    }

    /** Whether a node is one number for all elements. */
    private boolean isNumber(int id) {
        return switch (s.node(id).op()) {
            case Dag.Op.Param _, Dag.Op.Constant _ -> true;
            case Dag.Op.Cast _ -> isNumber(s.node(id).argument(0));
            default -> false;
        };
    }

    private String reduced(Dag.Node n, int f, ScalarType t) {
        Dag.Node cast = new Dag.Node(new Dag.Op.Cast(t), n.kind(), List.of());
        return Operations.of(cast, List.of("r" + f), List.of(s.node(s.folds().get(f).value()).kind()));
    }

    private String name(int id) {
        Dag.Node n = s.node(id);
        return n.op() instanceof Dag.Op.Constant(Object v) ? Operations.constant(v, n.kind()) : "t" + id;
    }
}
