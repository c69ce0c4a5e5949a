package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.fuse.Definitions.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Who computes and who reads each value of a static subgraph, looking through views. Nodes go by their position. */
final class Readers {
    private final List<Node> nodes;
    private final Definitions known;
    private final Map<Value, Integer> definers = new HashMap<>();
    private final Map<Value, Set<Value>> roots = new HashMap<>();
    private final Map<Value, TreeSet<Integer>> readers = new HashMap<>();
    private final Set<Value> returned = new HashSet<>();
    private final Map<Node, Integer> positions = new IdentityHashMap<>();

    Readers(Graph graph, Definitions known) {
        this.nodes = graph.nodes();
        this.known = known;
        for (int i = 0; i < nodes.size(); i++) {
            positions.put(nodes.get(i), i);
            for (Value v : nodes.get(i).outputs()) definers.put(v, i);
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (role(i) == Role.FREE) continue;
            for (Value v : sources(i)) readers.computeIfAbsent(v, _ -> new TreeSet<>()).add(i);
        }
        for (Value v : graph.outputs()) returned.addAll(roots(v));
    }

    int count() { return nodes.size(); }

    Node node(int i) { return nodes.get(i); }

    Role role(int i) { return known.role(nodes.get(i)); }

    /** The position of the node that defines a value, or -1 for an input of the graph. */
    int definer(Value v) { return definers.getOrDefault(v, -1); }

    /** The values that a node reads, those behind views instead of the views. */
    Set<Value> sources(int i) {
        Set<Value> out = new LinkedHashSet<>();
        for (Value v : nodes.get(i).inputs()) out.addAll(roots(v));
        return out;
    }

    /** As the other, of one input. */
    Set<Value> sources(int i, int input) { return roots(nodes.get(i).input(input)); }

    private Set<Value> roots(Value v) {
        int at = definer(v);
        if (at < 0 || role(at) != Role.FREE) return Set.of(v);
        Set<Value> before = roots.get(v);
        if (before != null) return before;
        Set<Value> found = sources(at);
        roots.put(v, found);
        return found;
    }

    /** The nodes that read a value, directly or through views. */
    Set<Integer> readers(Value v) { return readers.getOrDefault(v, new TreeSet<>()); }

    boolean isReturned(Value v) { return returned.contains(v); }

    /** The values that these nodes have to give to others, in order. */
    List<Value> outputs(Set<Integer> members) {
        List<Value> out = new ArrayList<>();
        for (int i : members) {
            for (Value v : nodes.get(i).outputs()) if (isReturned(v) || !members.containsAll(readers(v))) out.add(v);
        }
        return out;
    }
}
