package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.Type;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The nodes of a specialised graph as they are made: those of the block at hand, and constants at the very beginning. */
final class Emission {
    private final List<Node> prologue = new ArrayList<>();
    private final Map<List<Object>, Value> constants = new HashMap<>();
    private final Map<Tensor, Value> tensors = new IdentityHashMap<>();
    private List<Node> nodes = new ArrayList<>();

    void add(Node node) { nodes.add(node); }

    /** Adds a node that everything after the beginning of the graph may use. */
    void addToPrologue(Node node) { prologue.add(node); }

    /** Runs something whose nodes go to a block of its own, and returns them. */
    List<Node> inBlock(Runnable body) {
        List<Node> outer = nodes;
        nodes = new ArrayList<>();
        try {
            body.run();
            return nodes;
        } finally {
            nodes = outer;
        }
    }

    /** The constants and then the nodes of the outermost block. */
    List<Node> finish() {
        List<Node> all = new ArrayList<>(prologue);
        all.addAll(nodes);
        return all;
    }

    /** The value of a number, bool, string, device or None. */
    Value constant(Object value, Type type) {
        List<Object> key = java.util.Arrays.asList(value, value == null ? null : value.getClass(), type);
        return constants.computeIfAbsent(key, _ -> constantNode(value, new Value(type)));
    }

    /** The value of a constant tensor. */
    Value constant(Tensor tensor, String hint) {
        return tensors.computeIfAbsent(tensor, t -> constantNode(t, new Value(t.type(), hint)));
    }

    private Value constantNode(Object value, Value output) {
        prologue.add(Node.constant(value, output, Location.NONE));
        return output;
    }

    /** Adds a structural node without attributes. */
    Value structural(String kind, List<Value> inputs, Type type, Location location) {
        Value out = new Value(type);
        add(Node.prim(kind, inputs, List.of(out), location));
        return out;
    }
}
