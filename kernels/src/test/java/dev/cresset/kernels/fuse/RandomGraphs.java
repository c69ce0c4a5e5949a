package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random straight-line graphs over small tensors: pointwise operators, broadcasts, views, copies, joins, reductions. */
final class RandomGraphs {
    private static final ScalarType[] TYPES = {ScalarType.FLOAT32, ScalarType.FLOAT32, ScalarType.FLOAT64, ScalarType.INT64,
        ScalarType.INT32, ScalarType.BOOL, ScalarType.FLOAT16};
    private static final String[] UNARY = {"relu", "abs", "floor", "square", "logical_not", "neg", "relu6"};
    private static final String[] BINARY = {"mul.Tensor", "maximum", "minimum", "lt.Tensor", "logical_xor", "eq.Tensor"};

    private final Catalog catalog;
    private final MetaExecution meta;
    private final Random random;
    private final boolean sums;   // with reductions that round
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> tensors = new ArrayList<>();
    private final Map<Value, Object> known = new HashMap<>();

    private RandomGraphs(Catalog catalog, Random random, boolean sums) {
        this.catalog = catalog;
        this.meta = new MetaExecution(catalog);
        this.random = random;
        this.sums = sums;
    }

    /** @param sums true for graphs of doubles with sums, softmax and layer_norm; else nothing in it rounds differently when fused */
    static Graph make(Catalog catalog, Random random, boolean sums) { return new RandomGraphs(catalog, random, sums).graph(); }

    private Graph graph() {
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(2); i++) {
            Value v = new Value(inputType(), "x" + i);
            inputs.add(v);
            tensors.add(v);
            known.put(v, MetaExecution.tensor((TensorType) v.type()));
        }
        int target = 4 + random.nextInt(12);
        for (int i = 0; i < 60 && tensors.size() < target; i++) step();
        Graph whole = new Graph(new Block(inputs, nodes, List.of()));
        Uses uses = Uses.of(whole);
        List<Value> results = tensors.stream()
            .filter(v -> isFresh(uses.definition(v)) && (!uses.isUsed(v) || random.nextInt(6) == 0)).toList();
        return new Graph(new Block(inputs, nodes, results));
    }

    /** Views and what may return its argument are no results of static subgraphs. */
    private static boolean isFresh(Node n) {
        return n != null && n.operator() != null && !n.operator().schema().hasAliasedReturn() && !n.is("aten::type_as");
    }

    private TensorType inputType() {
        ScalarType type = sums ? ScalarType.FLOAT64 : TYPES[random.nextInt(TYPES.length)];
        long[] sizes = new long[1 + random.nextInt(3)];
        for (int d = 0; d < sizes.length; d++) sizes[d] = new long[] {1, 2, 4, 6}[random.nextInt(4)];
        long[] strides = Shapes.contiguousStrides(sizes);
        switch (random.nextInt(4)) {
            case 0 -> strides = reversed(Shapes.contiguousStrides(reversed(sizes)));
            case 1 -> strides = Arrays.stream(strides).map(s -> 2 * s).toArray();
            default -> { }
        }
        return TensorType.of(type, Device.CPU, sizes, strides, false);
    }

    private static long[] reversed(long[] v) {
        long[] out = new long[v.length];
        for (int i = 0; i < v.length; i++) out[i] = v[v.length - 1 - i];
        return out;
    }

    private void step() {
        Value x = tensors.get(tensors.size() - 1 - random.nextInt(Math.min(5, tensors.size())));
        Value y = tensors.get(random.nextInt(tensors.size()));
        int rank = Definitions.sizes(x).length;
        long dim = rank == 0 ? 0 : random.nextInt(rank);
        switch (random.nextInt(sums ? 22 : 19)) {
            case 0, 1 -> call("aten::" + UNARY[random.nextInt(UNARY.length)], x);
            case 2, 3 -> call("aten::" + BINARY[random.nextInt(BINARY.length)], x, y);
            case 4 -> call("aten::add.Tensor", x, y, random.nextBoolean() ? 1L : 2L);
            case 5 -> call("aten::sub.Tensor", x, y, 1L);
            case 6 -> call(random.nextBoolean() ? "aten::mul.Scalar" : "aten::div.Scalar", x, random.nextBoolean() ? (Object) 1L : (Object) 0.5);
            case 7 -> call("aten::transpose.int", x, dim, (long) random.nextInt(Math.max(1, rank)));
            case 8 -> call("aten::slice.Tensor", x, dim, (long) random.nextInt(2), 2L + random.nextInt(4), 1L + random.nextInt(2));
            case 9 -> call("aten::select.int", x, dim, (long) random.nextInt(2));
            case 10 -> call("aten::unsqueeze", x, dim);
            case 11 -> call("aten::reshape", x, ScriptList.ofLongs(random.nextBoolean() ? new long[] {-1} : new long[] {2, -1}));
            case 12 -> call("aten::expand_as", x, y);
            case 13 -> call(random.nextBoolean() ? "aten::contiguous" : "aten::clone", x, 0L);
            case 14 -> chunks(x, dim);
            case 15 -> join(x, dim);
            case 16 -> call(random.nextBoolean() ? "aten::amax" : "aten::amin", x, ScriptList.ofLongs(-1), random.nextBoolean());
            case 17 -> call("aten::where.self", comparison(x, y), x, x);
            case 18 -> call(random.nextInt(4) == 0 ? "aten::flip" : "aten::type_as", x, random.nextInt(4) == 0 ? ScriptList.ofLongs(0) : y);
            case 19 -> call("aten::mean.dim", x, ScriptList.ofLongs(-1), random.nextBoolean(), null);
            case 20 -> call("aten::softmax.int", x, -1L, null);
            default -> call("aten::layer_norm", x, ScriptList.ofLongs(last(x)), null, null, 1e-5, false);
        }
    }

    private static long last(Value x) {
        long[] sizes = Definitions.sizes(x);
        return sizes.length == 0 ? 1 : sizes[sizes.length - 1];
    }

    private Value comparison(Value x, Value y) {
        Value c = call("aten::gt.Tensor", x, y);
        return c == null ? x : c;
    }

    private void chunks(Value x, long dim) {
        Value list = call("aten::chunk", x, 2L, dim);
        if (list == null) return;
        List<Value> parts = new ArrayList<>();
        for (Object t : (List<?>) known.get(list)) parts.add(define(t));
        nodes.add(Node.prim(Kinds.LIST_UNPACK, List.of(list), parts, Location.NONE));
    }

    private void join(Value x, long dim) {
        List<Value> parts = new ArrayList<>(List.of(x));
        for (Value v : tensors) if (parts.size() < 3 && Definitions.type(v).sizes().equals(Definitions.type(x).sizes())) parts.add(v);
        Value list = new Value(new ListType(TensorType.ANY));
        known.put(list, ScriptList.ofTensors(parts.stream().map(v -> (Tensor) known.get(v)).toList()));
        nodes.add(Node.prim(Kinds.LIST_CONSTRUCT, parts, List.of(list), Location.NONE));
        if (call(random.nextBoolean() ? "aten::cat" : "aten::stack", list, dim) == null) nodes.removeLast();
    }

    /** Adds a call unless it would fail; returns its result or null. */
    private Value call(String operator, Object... arguments) {
        var op = catalog.get(operator);
        Object[] full = Arrays.copyOf(arguments, op.schema().arguments().size());
        for (int i = arguments.length; i < full.length; i++) full[i] = op.schema().arguments().get(i).defaultValue();
        Object[] values = Arrays.stream(full).map(a -> a instanceof Value v ? known.get(v) : a).toArray();
        Object result = meta.run(op, values).map(MetaExecution.Result::value).orElse(null);
        if (result == null || result instanceof Tensor t && (t.numel() == 0 || t.numel() > 500)) return null;
        List<Value> in = new ArrayList<>();
        for (Object a : full) in.add(a instanceof Value v ? v : constant(a));
        Value out = result instanceof Tensor ? define(result) : new Value(new ListType(TensorType.ANY));
        known.put(out, result);
        nodes.add(Node.call(op, in, List.of(out), Location.NONE));
        return out;
    }

    private Value define(Object tensor) {
        Value v = new Value(((Tensor) tensor).type());
        known.put(v, tensor);
        tensors.add(v);
        return v;
    }

    private Value constant(Object value) {
        var type = switch (value) {
            case null -> SimpleType.NONE;
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            default -> new ListType(SimpleType.INT);
        };
        Value v = new Value(type);
        nodes.add(Node.constant(value, v, Location.NONE));
        return v;
    }
}
