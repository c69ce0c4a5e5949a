package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.FunctionType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects the nodes of one graph while it is made: the open blocks, and the constants, which go to the top once each.
 */
final class Emitter {
    private static final int MAX_NODES = 1_000_000;

    private record Key(Type type, Object value) {}

    /** What is known of a value that is a constant; {@code value} null is None. */
    record Known(Object value) {}

    private final String function;
    private final List<Node> constantNodes = new ArrayList<>();
    private final Map<Key, Value> constants = new HashMap<>();
    private final Map<Value, Known> known = new HashMap<>();
    private final Set<Value> emptyLists = new HashSet<>();
    private List<Node> nodes = new ArrayList<>();
    private int emitted;

    Emitter(String function) { this.function = function; }

    Location location(SourceRange range) { return new Location(range, function, null); }

    void add(Node node) {
        if (++emitted > MAX_NODES) {
            throw new ScriptException("function '" + function + "' unrolls to more than " + MAX_NODES
                + " operations; write its loops over ranges or lists, which are not unrolled");
        }
        nodes.add(node);
    }

    /** Runs the body with a node list of its own, and returns that list. */
    List<Node> collect(List<Node> into, Runnable body) {
        List<Node> saved = nodes;
        nodes = into;
        try {
            body.run();
        } finally {
            nodes = saved;
        }
        return into;
    }

    /** The body of the whole graph, with the constants in front. */
    Block finish(List<Value> params, List<Value> returns) {
        List<Node> all = new ArrayList<>(constantNodes);
        all.addAll(nodes);
        return new Block(params, all, returns);
    }

    /** A structural node with one output. */
    Value prim(String kind, Map<String, Object> attributes, List<Value> inputs, Type type, SourceRange range) {
        Value out = new Value(type);
        add(new Node(kind, null, attributes, inputs, List.of(out), List.of(), location(range)));
        return out;
    }

    Value prim(String kind, List<Value> inputs, Type type, SourceRange range) {
        return prim(kind, Map.of(), inputs, type, range);
    }

    void effect(String kind, Map<String, Object> attributes, List<Value> inputs, SourceRange range) {
        add(new Node(kind, null, attributes, inputs, List.of(), List.of(), location(range)));
    }

    List<Value> unpack(String kind, Value of, List<Type> types, SourceRange range) {
        List<Value> outs = types.stream().map(Value::new).toList();
        add(Node.prim(kind, List.of(of), outs, location(range)));
        return outs;
    }

    Value tuple(List<Value> items, SourceRange range) {
        return prim(Kinds.TUPLE_CONSTRUCT, items, TupleType.of(items.stream().map(Value::type).toList()), range);
    }

    Value list(List<Value> items, Type element, SourceRange range) {
        return prim(Kinds.LIST_CONSTRUCT, items, new ListType(element), range);
    }

    /** The literal {@code []}: until its type is known, a list of tensors. */
    Value emptyList(Type element, SourceRange range) {
        Value list = list(List.of(), element, range);
        emptyLists.add(list);
        return list;
    }

    boolean isEmptyList(Value v) { return emptyLists.contains(v); }

    Value none(SourceRange range) { return constant(null, SimpleType.NONE, range); }

    /** A constant of an immutable type, one node per graph. */
    Value constant(Object value, Type type, SourceRange range) {
        return constants.computeIfAbsent(new Key(type, value), _ -> {
            Value out = new Value(type);
            constantNodes.add(Node.constant(value, out, location(range)));
            known.put(out, new Known(value));
            return out;
        });
    }

    Value constant(long value, SourceRange range) { return constant(value, SimpleType.INT, range); }

    Value constant(boolean value, SourceRange range) { return constant(value, SimpleType.BOOL, range); }

    Value constant(String value, SourceRange range) { return constant(value, SimpleType.STR, range); }

    Value function(ScriptFunction f, SourceRange range) {
        FunctionType type = new FunctionType(f);
        return constants.computeIfAbsent(new Key(type, f), _ -> {
            Value out = new Value(type);
            constantNodes.add(new Node(Kinds.CONSTANT, null, Map.of("function", f), List.of(), List.of(out), List.of(),
                location(range)));
            return out;
        });
    }

    /** What is known of a value at compile time, or null. */
    Known known(Value v) { return known.get(v); }

    /** The value of a default or class constant, where a value of {@code type} is wanted. */
    Value literal(Object value, Type type, int fixedLength, SourceRange range) {
        Type wanted = type instanceof OptionalType o && value != null ? o.element() : type;
        return switch (value) {
            case null -> constant(null, type.admitsNone() ? type : SimpleType.NONE, range);
            case List<?> items when wanted instanceof TupleType t -> tupleLiteral(items, t, range);
            case List<?> items -> listLiteral(items, wanted, range);
            case Map<?, ?> items when wanted instanceof DictType d -> dictLiteral(items, d, range);
            case Object v when wanted instanceof ListType l ->
                list(java.util.Collections.nCopies(Math.max(1, fixedLength), literal(v, l.element(), 0, range)),
                    l.element(), range);
            case Long v when wanted == SimpleType.FLOAT -> constant((double) v, SimpleType.FLOAT, range);
            case String v when wanted == SimpleType.DEVICE -> constant(Device.parse(v), SimpleType.DEVICE, range);
            default -> constant(value, typeOf(value, wanted), range);
        };
    }

    private Value listLiteral(List<?> items, Type wanted, SourceRange range) {
        Type element = wanted instanceof ListType l ? l.element()
            : items.isEmpty() ? SimpleType.INT : typeOf(items.getFirst(), SimpleType.ANY);
        return list(items.stream().map(i -> literal(i, element, 0, range)).toList(), element, range);
    }

    private Value tupleLiteral(List<?> items, TupleType type, SourceRange range) {
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) values.add(literal(items.get(i), type.elements().get(i), 0, range));
        return prim(Kinds.TUPLE_CONSTRUCT, values, type, range);
    }

    private Value dictLiteral(Map<?, ?> items, DictType type, SourceRange range) {
        List<Value> values = new ArrayList<>();
        items.forEach((k, v) -> {
            values.add(literal(k, type.key(), 0, range));
            values.add(literal(v, type.value(), 0, range));
        });
        return prim(Kinds.DICT_CONSTRUCT, values, type, range);
    }

    static Type typeOf(Object value, Type otherwise) {
        return switch (value) {
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            case String _ -> SimpleType.STR;
            case Complex _ -> SimpleType.COMPLEX;
            case Device _ -> SimpleType.DEVICE;
            case EnumMember m -> m.type();
            default -> otherwise;
        };
    }
}
