package dev.cresset.ir.graph;

import dev.cresset.ir.schema.OperatorInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One operation of a graph. Immutable; passes make changed copies.
 *
 * <p>Attributes, by kind (the names are PyTorch's):
 * <ul>
 * <li>{@code prim::Constant}: {@code value} (Long, Double, Boolean, String, Complex, Device, a tensor or any other
 *     run-time value; absent for None), for functions {@code function} (a {@link ScriptFunction});
 * <li>{@code prim::GetAttr}, {@code SetAttr}, {@code CallMethod}: {@code name};
 * <li>{@code prim::isinstance}: {@code types} (List of Type);
 * <li>{@code prim::fork} and fused groups: {@code Subgraph} (a {@link Graph});
 * <li>{@code prim::unresolved}: {@code name}, {@code reason} – a call that fails when it is reached.
 * </ul>
 *
 * @param kind     qualified name without overload: {@code aten::add}, {@code prim::If}
 * @param operator the operator called, or null for the structural {@code prim} kinds
 */
public record Node(String kind, OperatorInfo operator, Map<String, Object> attributes, List<Value> inputs,
                   List<Value> outputs, List<Block> blocks, Location location) {
    public Node {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        blocks = List.copyOf(blocks);
    }

    /** A structural node without attributes and blocks. */
    public static Node prim(String kind, List<Value> inputs, List<Value> outputs, Location location) {
        return new Node(kind, null, Map.of(), inputs, outputs, List.of(), location);
    }

    /** A call of an operator. */
    public static Node call(OperatorInfo operator, List<Value> inputs, List<Value> outputs, Location location) {
        return new Node(operator.schema().name(), operator, Map.of(), inputs, outputs, List.of(), location);
    }

    /** A constant; {@code value} null is None. */
    public static Node constant(Object value, Value output, Location location) {
        return new Node(Kinds.CONSTANT, null, value == null ? Map.of() : Map.of("value", value), List.of(), List.of(output),
            List.of(), location);
    }

    public boolean is(String otherKind) { return kind.equals(otherKind); }

    public Value input(int i) { return inputs.get(i); }

    /** The only output. */
    public Value output() {
        if (outputs.size() != 1) throw new IllegalStateException(kind + " has " + outputs.size() + " outputs");
        return outputs.getFirst();
    }

    public Block block(int i) { return blocks.get(i); }

    public Object attribute(String name) { return attributes.get(name); }

    /** A text attribute such as {@code name}. */
    public String text(String name) { return (String) attributes.get(name); }

    public Optional<Graph> subgraph() { return Optional.ofNullable((Graph) attributes.get("Subgraph")); }

    public Node withInputs(List<Value> in) { return new Node(kind, operator, attributes, in, outputs, blocks, location); }

    public Node withOutputs(List<Value> out) { return new Node(kind, operator, attributes, inputs, out, blocks, location); }

    public Node withBlocks(List<Block> b) { return new Node(kind, operator, attributes, inputs, outputs, b, location); }

    public Node withLocation(Location l) { return new Node(kind, operator, attributes, inputs, outputs, blocks, l); }
}
