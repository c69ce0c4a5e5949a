package dev.cresset.ir.verify;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.SignatureMatch;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.FunctionType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What each kind of node must look like, apart from where its inputs come from. */
final class KindRules {
    private static final Optional<String> FINE = Optional.empty();

    private KindRules() {}

    /** What is wrong with a node, or empty. */
    static Optional<String> fault(Node n) {
        return switch (n.kind()) {
            case Kinds.CONSTANT -> first(counts(n, 0, 1), () -> constant(n));
            case Kinds.IF -> first(inputs(n, 1), () -> ifNode(n));
            case Kinds.LOOP -> loop(n);
            case Kinds.LIST_CONSTRUCT -> first(outputs(n, 1), () -> listConstruct(n));
            case Kinds.LIST_UNPACK -> first(inputs(n, 1), () -> listUnpack(n));
            case Kinds.DICT_CONSTRUCT -> first(outputs(n, 1), () -> dictConstruct(n));
            case Kinds.TUPLE_CONSTRUCT -> first(outputs(n, 1), () -> tupleConstruct(n));
            case Kinds.TUPLE_UNPACK -> first(inputs(n, 1), () -> tupleUnpack(n));
            case Kinds.TUPLE_INDEX, Kinds.CONTAINER_INDEX -> counts(n, 2, 1);
            case Kinds.TUPLE_SLICE, Kinds.UNCHECKED_CAST, Kinds.ENUM_NAME, Kinds.ENUM_VALUE -> counts(n, 1, 1);
            case Kinds.GET_ATTR -> first(counts(n, 1, 1), () -> getAttr(n));
            case Kinds.SET_ATTR -> first(counts(n, 2, 0), () -> setAttr(n));
            case Kinds.CREATE_OBJECT, Kinds.UNINITIALIZED -> counts(n, 0, 1);
            case Kinds.CALL_FUNCTION -> callFunction(n);
            case Kinds.CALL_METHOD -> callMethod(n);
            case Kinds.IS_INSTANCE -> first(counts(n, 1, 1), () ->
                check(n.attribute("types") instanceof List<?>, "it has no attribute 'types'"));
            case Kinds.FORK -> fork(n);
            case Kinds.STATIC_SUBGRAPH -> straightLine(n, n.inputs());
            case String kind when Kinds.GROUPS.contains(kind) -> straightLine(n, asSeen(n));
            default -> n.operator() == null ? FINE
                : SignatureMatch.mismatch(n.operator().schema(), types(n.inputs()), types(n.outputs()))
                    .map(why -> why + " (" + n.operator().schema() + ")");
        };
    }

    private static Optional<String> constant(Node n) {
        if (n.attributes().containsKey("function") || n.attributes().containsKey("name")) {
            return check(n.output().type() instanceof FunctionType, "a function constant is typed "
                + n.output().type());
        }
        Object value = n.attribute("value");
        Type type = n.output().type();
        if (value == null) return check(type.admitsNone() || type == SimpleType.UNKNOWN, "None is typed " + type);
        return check(mayBe(value, type), "the constant " + value + " is typed " + type);
    }

    /** False only where value and type are both of ir's own kinds and do not fit. */
    private static boolean mayBe(Object value, Type type) {
        Type simple = switch (value) {
            case Long _ -> SimpleType.INT;
            case Double _ -> SimpleType.FLOAT;
            case Boolean _ -> SimpleType.BOOL;
            case String _ -> SimpleType.STR;
            case Complex _ -> SimpleType.COMPLEX;
            case Device _ -> SimpleType.DEVICE;
            default -> null;
        };
        if (simple != null) return simple.isSubtypeOf(type) || simple == SimpleType.BOOL && type == SimpleType.NUMBER;
        if (value instanceof List<?> items && type instanceof ListType list) {
            return items.stream().allMatch(i -> i == null ? list.element().admitsNone() : mayBe(i, list.element()));
        }
        return !(type instanceof SimpleType s) || s == SimpleType.ANY || s == SimpleType.UNKNOWN
            || !List.of(SimpleType.INT, SimpleType.FLOAT, SimpleType.BOOL, SimpleType.STR, SimpleType.NONE).contains(s);
    }

    private static Optional<String> ifNode(Node n) {
        if (!n.input(0).type().isSubtypeOf(SimpleType.BOOL)) {
            return fault("its condition is a " + n.input(0).type() + ", not a bool");
        }
        if (n.blocks().size() != 2) return fault("it has " + n.blocks().size() + " blocks, expected 2");
        for (Block b : n.blocks()) {
            if (!b.params().isEmpty()) return fault("a block of it has parameters");
            Optional<String> why = flow(b.returns(), n.outputs(), "a block returns", "its output");
            if (why.isPresent()) return why;
        }
        return FINE;
    }

    private static Optional<String> loop(Node n) {
        if (n.inputs().size() < 2) return fault("it has " + n.inputs().size() + " inputs, expected at least 2");
        if (!n.input(0).type().isSubtypeOf(SimpleType.INT)) return fault("its trip count is a " + n.input(0).type());
        if (!n.input(1).type().isSubtypeOf(SimpleType.BOOL)) return fault("its condition is a " + n.input(1).type());
        if (n.blocks().size() != 1) return fault("it has " + n.blocks().size() + " blocks, expected 1");
        Block body = n.block(0);
        if (body.params().isEmpty() || body.params().getFirst().type() != SimpleType.INT) {
            return fault("its block has no int counter as first parameter");
        }
        if (body.returns().isEmpty() || !body.returns().getFirst().type().isSubtypeOf(SimpleType.BOOL)) {
            return fault("its block does not return a bool condition first");
        }
        List<Value> carried = body.params().subList(1, body.params().size());
        List<Value> returned = body.returns().subList(1, body.returns().size());
        return first(flow(n.inputs().subList(2, n.inputs().size()), carried, "the loop starts with",
            "the block's parameter"),
            () -> first(flow(returned, carried, "the block returns", "its parameter"),
                () -> flow(returned, n.outputs(), "the block returns", "the loop's output")));
    }

    private static Optional<String> listConstruct(Node n) {
        if (!(n.output().type() instanceof ListType list)) {
            return fault("its output is a " + n.output().type() + ", not a list");
        }
        return each(n.inputs(), list.element(), "an element");
    }

    private static Optional<String> listUnpack(Node n) {
        if (n.input(0).type() == SimpleType.UNKNOWN) return FINE;
        if (!(n.input(0).type() instanceof ListType list)) {
            return fault("its input is a " + n.input(0).type() + ", not a list");
        }
        for (Value v : n.outputs()) {
            Optional<String> fault = unpacked(list.element(), v, "the list holds");
            if (fault.isPresent()) return fault;
        }
        return FINE;
    }

    /** More may be known of an output than of what the container holds: a guard has looked at it. */
    private static Optional<String> unpacked(Type element, Value output, String holds) {
        return check(element.isSubtypeOf(output.type()) || output.type().isSubtypeOf(element),
            "an output is a " + output.type() + ", but " + holds + " " + element);
    }

    private static Optional<String> dictConstruct(Node n) {
        if (!(n.output().type() instanceof DictType dict)) {
            return fault("its output is a " + n.output().type() + ", not a dict");
        }
        if (n.inputs().size() % 2 != 0) {
            return fault("it has " + n.inputs().size() + " inputs, expected key and value for each entry");
        }
        List<Value> keys = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < n.inputs().size(); i++) (i % 2 == 0 ? keys : values).add(n.input(i));
        return first(each(keys, dict.key(), "a key"), () -> each(values, dict.value(), "a value"));
    }

    private static Optional<String> tupleConstruct(Node n) {
        if (!(n.output().type() instanceof TupleType tuple)) {
            return fault("its output is a " + n.output().type() + ", not a tuple");
        }
        return flowTypes(types(n.inputs()), tuple.elements(), "an input is", "the tuple's element");
    }

    private static Optional<String> tupleUnpack(Node n) {
        if (n.input(0).type() == SimpleType.UNKNOWN) return FINE;
        if (!(n.input(0).type() instanceof TupleType tuple)) {
            return fault("its input is a " + n.input(0).type() + ", not a tuple");
        }
        if (tuple.elements().size() != n.outputs().size()) {
            return fault("the tuple holds " + tuple.elements().size() + " values, but there are " + n.outputs().size() + " outputs");
        }
        for (int i = 0; i < n.outputs().size(); i++) {
            Optional<String> fault = unpacked(tuple.elements().get(i), n.outputs().get(i), "the tuple holds");
            if (fault.isPresent()) return fault;
        }
        return FINE;
    }

    private static Optional<String> getAttr(Node n) {
        if (!(n.attribute("name") instanceof String name)) return fault("it has no attribute 'name'");
        if (!(n.input(0).type() instanceof ClassType type) || type.attributes().isEmpty()) return FINE;
        Optional<ClassType.Attribute> attribute = type.attribute(name);
        if (attribute.isEmpty()) return fault(type.name() + " has no attribute '" + name + "'");
        return check(attribute.get().type().isSubtypeOf(n.output().type())
            || n.output().type().isSubtypeOf(attribute.get().type()),
            "attribute '" + name + "' is a " + attribute.get().type() + ", but its output is a " + n.output().type());
    }

    private static Optional<String> setAttr(Node n) {
        if (!(n.attribute("name") instanceof String name)) return fault("it has no attribute 'name'");
        if (!(n.input(0).type() instanceof ClassType type) || type.attributes().isEmpty()) return FINE;
        Optional<ClassType.Attribute> attribute = type.attribute(name);
        if (attribute.isEmpty()) return fault(type.name() + " has no attribute '" + name + "'");
        return check(n.input(1).type().isSubtypeOf(attribute.get().type()),
            "attribute '" + name + "' is a " + attribute.get().type() + ", got " + n.input(1).type());
    }

    private static Optional<String> callFunction(Node n) {
        if (n.inputs().isEmpty()) return fault("it has no input, expected the function");
        if (!(n.input(0).type() instanceof FunctionType f) || f.function() == null) return outputs(n, 1);
        return first(outputs(n, 1), () -> check(f.function().schema().arguments().size() == n.inputs().size() - 1,
            "it gives " + (n.inputs().size() - 1) + " arguments to " + f.function().schema()));
    }

    private static Optional<String> callMethod(Node n) {
        if (n.inputs().isEmpty()) return fault("it has no input, expected the object");
        if (!(n.attribute("name") instanceof String name)) return fault("it has no attribute 'name'");
        if (!(n.input(0).type() instanceof ClassType type) || type.method(name).isEmpty()) return outputs(n, 1);
        return first(outputs(n, 1), () ->
            check(type.method(name).get().schema().arguments().size() == n.inputs().size(),
            "it gives " + n.inputs().size() + " arguments (with self) to " + type.method(name).get().schema()));
    }

    private static Optional<String> fork(Node n) {
        Optional<Graph> graph = n.subgraph();
        if (graph.isEmpty()) return fault("it has no Subgraph");
        return first(outputs(n, 1), () -> first(check(n.output().type() instanceof FutureType, "its output is a "
            + n.output().type() + ", not a Future"), () -> flow(n.inputs(), graph.get().inputs(), "it captures",
                "the subgraph's input")));
    }

    /** A node that stands for its subgraph, which has neither blocks nor values but tensors as inputs and results. */
    /** The inputs of a group outside of static code may be of any sizes: those of its subgraph say what was seen in one run. */
    private static List<Value> asSeen(Node group) {
        if (group.subgraph().isEmpty()) return group.inputs();
        List<Value> inside = group.subgraph().get().inputs();
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < group.inputs().size(); i++) {
            Value v = group.input(i);
            boolean narrower = i < inside.size() && inside.get(i).type().isSubtypeOf(v.type());
            out.add(narrower ? inside.get(i) : v);
        }
        return out;
    }

    /** @param given what its inputs are */
    private static Optional<String> straightLine(Node n, List<Value> given) {
        if (n.subgraph().isEmpty()) return fault("it has no Subgraph");
        Graph graph = n.subgraph().get();
        return first(flow(given, graph.inputs(), "it is given", "the subgraph's input"),
            () -> first(flow(graph.outputs(), n.outputs(), "the subgraph returns", "its output"),
                () -> first(each(graph.inputs(), TensorType.ANY, "an input"), () -> first(each(n.outputs(), TensorType.ANY, "an output"),
                    () -> check(graph.nodes().stream().allMatch(m -> m.blocks().isEmpty()), "its subgraph has nodes with blocks")))));
    }

    private static Optional<String> flow(List<Value> from, List<Value> to, String giver, String taker) {
        return flowTypes(types(from), types(to), giver, taker);
    }

    private static Optional<String> flowTypes(List<Type> from, List<Type> to, String giver, String taker) {
        if (from.size() != to.size()) return fault(giver + " " + from.size() + " values, expected " + to.size());
        for (int i = 0; i < from.size(); i++) {
            if (!from.get(i).isSubtypeOf(to.get(i))) {
                return fault(giver + " a " + from.get(i) + ", but " + taker + " " + i + " is a " + to.get(i));
            }
        }
        return FINE;
    }

    private static Optional<String> each(List<Value> values, Type type, String what) {
        for (Value v : values) {
            if (!v.type().isSubtypeOf(type)) return fault(what + " is a " + v.type() + ", expected " + type);
        }
        return FINE;
    }

    private static List<Type> types(List<Value> values) { return values.stream().map(Value::type).toList(); }

    private static Optional<String> counts(Node n, int in, int out) {
        return first(inputs(n, in), () -> outputs(n, out));
    }

    private static Optional<String> inputs(Node n, int count) {
        return check(n.inputs().size() == count, "it has " + n.inputs().size() + " inputs, expected " + count);
    }

    private static Optional<String> outputs(Node n, int count) {
        return check(n.outputs().size() == count, "it has " + n.outputs().size() + " outputs, expected " + count);
    }

    private static Optional<String> check(boolean holds, String otherwise) { return holds ? FINE : fault(otherwise); }

    private static Optional<String> fault(String what) { return Optional.of(what); }

    private static Optional<String> first(Optional<String> fault, java.util.function.Supplier<Optional<String>> next) {
        return fault.isPresent() ? fault : next.get();
    }
}
