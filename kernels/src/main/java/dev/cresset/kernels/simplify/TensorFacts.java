package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a rule may ask about a static subgraph, and how it makes new calls. */
final class TensorFacts {
    private final Catalog catalog;
    private final MetaExecution meta;
    private final Uses uses;
    private final Set<Value> returned;
    private final Map<Value, Node> definitions = new HashMap<>();
    private final List<Node> made = new ArrayList<>();

    TensorFacts(Graph graph, Catalog catalog) {
        this.catalog = catalog;
        this.meta = new MetaExecution(catalog);
        this.uses = Uses.of(graph);
        this.returned = new HashSet<>(graph.outputs());
    }

    // ---- for rules

    /** The call of an operator whose name (without overload) is among these, if it defines the value. */
    Optional<Node> call(Value v, String... names) {
        Node n = definitions.get(v);
        return n != null && n.operator() != null && Arrays.asList(names).contains(n.kind()) ? Optional.of(n) : Optional.empty();
    }

    boolean isConstant(Value v) {
        Node n = definitions.get(v);
        return n != null && (n.is(Kinds.CONSTANT) || n.is(Kinds.LIST_CONSTRUCT) && n.inputs().stream().allMatch(this::isConstant));
    }

    /** The value of a constant; null for None. */
    Object constant(Value v) {
        Node n = definitions.get(v);
        return n.is(Kinds.CONSTANT) ? n.attribute("value") : n.inputs().stream().map(this::constant).toList();
    }

    /** The number that an argument is: a constant number. */
    Optional<Double> number(Value v) {
        if (!isConstant(v)) return Optional.empty();
        return switch (constant(v)) {
            case Long l -> Optional.of((double) l);
            case Double d -> Optional.of(d);
            case null, default -> Optional.empty();
        };
    }

    /** The tensors of a list, if they are known. */
    Optional<List<Value>> elements(Value list) {
        Node n = definitions.get(list);
        return n != null && n.is(Kinds.LIST_CONSTRUCT) ? Optional.of(n.inputs()) : Optional.empty();
    }

    boolean isUsedOnce(Value v) { return uses.count(v) == 1; }

    static TensorType type(Value v) { return (TensorType) v.type(); }

    static long[] sizes(Value v) { return type(v).sizes().stream().mapToLong(Long::longValue).toArray(); }

    /** True if both are of the same element type, sizes and strides. */
    static boolean isSameType(Value a, Value b) {
        return a.type() instanceof TensorType x && b.type() instanceof TensorType y && x.isComplete() && y.isComplete()
            && x.dtype() == y.dtype() && x.device().equals(y.device()) && x.sizes().equals(y.sizes())
            && x.strides().equals(y.strides());
    }

    /**
     * A new call; arguments that are no values become constants, those left out take their defaults.
     *
     * @return its result, or empty if its type is not known
     */
    Optional<Value> make(Location location, String operator, Object... arguments) {
        Operator o = catalog.get(operator);
        List<Value> in = new ArrayList<>();
        for (int i = 0; i < o.schema().arguments().size(); i++) {
            Object a = i < arguments.length ? arguments[i] : o.schema().arguments().get(i).defaultValue();
            in.add(a instanceof Value v ? v : constant(a, location));
        }
        Object[] values = in.stream().map(this::runtime).toArray();
        if (!(meta.run(o, values).map(MetaExecution.Result::value).orElse(null) instanceof Tensor t)) return Optional.empty();
        Value out = new Value(t.type());
        add(Node.call(o, in, List.of(out), location));
        return Optional.of(out);
    }

    /** A new constant; a list becomes one of its elements, which may be values. */
    Value constant(Object value, Location location) {
        if (value instanceof List<?> list) return list(list, location);
        Value v = new Value(switch (value) {
            case null -> SimpleType.NONE;
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            case String _ -> SimpleType.STR;
            default -> throw new IllegalArgumentException("not a constant: " + value);
        });
        add(Node.constant(value, v, location));
        return v;
    }

    private Value list(List<?> list, Location location) {
        List<Value> elements = list.stream().map(e -> e instanceof Value v ? v : constant(e, location)).toList();
        boolean isTensors = !elements.isEmpty() && elements.getFirst().type() instanceof TensorType;
        Value v = new Value(new ListType(isTensors ? TensorType.ANY : SimpleType.INT));
        add(Node.prim(Kinds.LIST_CONSTRUCT, elements, List.of(v), location));
        return v;
    }

    private Object runtime(Value v) {
        if (v.type() instanceof TensorType t) return MetaExecution.tensor(t);
        if (isConstant(v)) return asRuntime(constant(v));
        return ScriptList.ofTensors(elements(v).orElseThrow().stream().map(e -> MetaExecution.tensor(type(e))).toList());
    }

    private static Object asRuntime(Object constant) {
        return constant instanceof List<?> items ? new ScriptList(SimpleType.INT, items) : constant;
    }

    private void add(Node n) {
        made.add(n);
        define(n);
    }

    // ---- for the runner

    /** Records a node that stands in the graph. */
    void define(Node n) { for (Value v : n.outputs()) definitions.put(v, n); }

    /** The nodes made since the last time. */
    List<Node> takeMade() {
        List<Node> out = List.copyOf(made);
        made.clear();
        return out;
    }

    /** True if {@code now} may stand wherever {@code old} stood. */
    boolean mayReplace(Value old, Value now) {
        return isSameType(old, now) && (!returned.contains(old) || isFresh(now) && returned.add(now));
    }

    /** True if an operator computed the value into memory of its own, and it is no result already. */
    private boolean isFresh(Value v) {
        Node n = definitions.get(v);
        return n != null && !returned.contains(v) && n.operator() instanceof Operator o
            && (o.body() instanceof Body.Pointwise || o.body() instanceof Body.Kernel);
    }

    static boolean isFloating(Value v) {
        ScalarType t = type(v).dtype();
        return t.isFloating();
    }
}
