package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Builds a subgraph for a static plan by running its operators: each value's type is that of what it was. */
final class Trace {
    static final Catalog OPS = Operators.catalog();

    final MemoryPool pool = new MemoryPool(64 << 20);
    final Random random;
    private final CallContext context = context(pool, 1);
    private final List<Value> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Value, Object> values = new IdentityHashMap<>();
    private final Map<Tensor, Value> constants = new IdentityHashMap<>();

    Trace(long seed) { random = new Random(seed); }

    static CallContext context(MemoryPool pool, int threads) {
        return new CallContext(OPS, new Scope(pool), new Generator(0), System.out, threads, false);
    }

    /** Uniform in -1 … 1. */
    Tensor random(long... shape) {
        float[] v = new float[(int) Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = 2 * random.nextFloat() - 1;
        return Tensor.of(v, shape);
    }

    /** A weight of the program. */
    Tensor weight(long... shape) {
        Tensor t = random(shape);
        float[] v = t.toFloatArray();
        long fan = shape.length == 1 ? 4 : Shapes.numel(shape) / shape[0];
        for (int i = 0; i < v.length; i++) v[i] *= (float) Math.sqrt(3.0 / fan);
        return constant(Tensor.of(v, shape));
    }

    /** A weight rounded to float16. */
    static Tensor half(Tensor t) { return narrow(t, ScalarType.FLOAT16); }

    static Tensor narrow(Tensor t, ScalarType type) {
        Tensor out = Tensor.zeros(type, t.sizes());
        double[] v = t.toDoubleArray();
        for (int i = 0; i < v.length; i++) Elements.setDouble(out.data(), type, i, v[i]);
        return constant(out);
    }

    static Tensor constant(Tensor t) { return new Tensor(Storage.readOnly(t.data()), t.dtype(), t.offset(), t.sizes(), t.strides()); }

    /** Positive numbers, for variances. */
    Tensor positive(long n) {
        float[] v = new float[(int) n];
        for (int i = 0; i < v.length; i++) v[i] = 0.5f + random.nextFloat();
        return constant(Tensor.of(v, n));
    }

    Value input(long... shape) { return input(random(shape)); }

    Value input(Tensor t) {
        Value v = new Value(t.type());
        inputs.add(v);
        values.put(v, t);
        return v;
    }

    Tensor tensor(Value v) { return (Tensor) values.get(v); }

    /** Calls {@code aten::name}; missing arguments take their defaults. */
    Value op(String name, Object... arguments) { return ops(name, arguments).getFirst(); }

    List<Value> ops(String name, Object... arguments) { return call(OPS.get("aten::" + name), arguments); }

    List<Value> call(Operator operator, Object... arguments) {
        List<Argument> formal = operator.schema().arguments();
        List<Value> in = new ArrayList<>();
        for (int i = 0; i < formal.size(); i++) in.add(argument(i < arguments.length ? arguments[i] : formal.get(i).defaultValue(), formal.get(i)));
        Object result = operator.run(new Args(context, in.stream().map(values::get).toArray()));
        List<Value> out = new ArrayList<>();
        for (Object r : result instanceof Object[] all ? all : new Object[] {result}) out.add(defined(r));
        nodes.add(Node.call(operator, in, out, Location.NONE));
        if (!(result instanceof ScriptList list)) return out;
        List<Value> items = list.stream().map(this::defined).toList();
        nodes.add(Node.prim(Kinds.LIST_UNPACK, out, items, Location.NONE));
        return items;
    }

    private Value argument(Object given, Argument formal) {
        Object value = switch (given) {
            case Integer i -> (Object) (long) i;
            case List<?> l when l.stream().allMatch(o -> o instanceof Long) -> l.stream().mapToLong(o -> (Long) o).toArray();
            case null, default -> given;
        };
        boolean repeated = value instanceof Long && formal.fixedLength() > 0;
        return value(repeated ? new long[] {(Long) value} : value, formal.type());
    }

    private Value defined(Object r) {
        Value v = new Value(r instanceof Tensor t ? t.type() : new ListType(TensorType.ANY));
        values.put(v, r);
        return v;
    }

    private Value value(Object a, Type type) {
        return switch (a) {
            case Value v -> v;
            case Tensor t -> constants.computeIfAbsent(t, k -> constant(k, t.type()));
            case List<?> l when l.stream().anyMatch(o -> o instanceof Value || o instanceof Tensor) -> list(l, (ListType) type);
            case long[] v -> constant(ScriptList.ofLongs(v), new ListType(SimpleType.INT));
            case Integer i -> constant((long) i, type);
            case ScalarType t -> constant((long) t.code(), type);
            case null, default -> constant(a, type);
        };
    }

    private Value list(List<?> items, ListType type) {
        List<Value> in = items.stream().map(i -> value(i, TensorType.ANY)).toList();
        Value v = new Value(type);
        values.put(v, new ScriptList(TensorType.ANY, in.stream().map(values::get).toList()));
        nodes.add(Node.prim(Kinds.LIST_CONSTRUCT, in, List.of(v), Location.NONE));
        return v;
    }

    private Value constant(Object value, Type type) {
        Value v = new Value(type);
        values.put(v, value);
        nodes.add(Node.constant(value, v, Location.NONE));
        return v;
    }

    Graph graph(Value... outputs) { return new Graph(new Block(inputs, nodes, Arrays.asList(outputs))); }

    Tensor[] inputs() { return inputs.stream().map(this::tensor).toArray(Tensor[]::new); }

    // ---- the reference

    /** Runs a subgraph node by node, each operator on its own. */
    static Tensor[] run(Graph graph, CallContext context, Tensor[] inputs) {
        Map<Value, Object> values = new IdentityHashMap<>();
        for (int i = 0; i < inputs.length; i++) values.put(graph.inputs().get(i), inputs[i]);
        for (Node n : graph.nodes()) run(n, context, values);
        return graph.outputs().stream().map(v -> (Tensor) values.get(v)).toArray(Tensor[]::new);
    }

    private static void run(Node n, CallContext context, Map<Value, Object> values) {
        Object[] in = n.inputs().stream().map(values::get).toArray();
        Object[] out = switch (n.kind()) {
            case Kinds.CONSTANT -> new Object[] {n.attribute("value")};
            case Kinds.LIST_CONSTRUCT -> new Object[] {new ScriptList(((ListType) n.output().type()).element(), Arrays.asList(in))};
            case Kinds.LIST_UNPACK -> ((List<?>) in[0]).toArray();
            default -> n.subgraph().isPresent() ? run(n.subgraph().get(), context, Arrays.copyOf(in, in.length, Tensor[].class))
                : ((Operator) n.operator()).run(new Args(context, in)) instanceof Object[] all ? all
                : new Object[] {((Operator) n.operator()).run(new Args(context, in))};
        };
        for (int i = 0; i < n.outputs().size(); i++) values.put(n.outputs().get(i), out[i]);
    }
}
