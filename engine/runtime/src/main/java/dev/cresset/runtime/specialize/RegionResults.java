package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must be known outside of a region: fresh results, and the views of these and of outer values. */
final class RegionResults {
    private final StaticNodes nodes;
    private final Map<Value, Node> producers = new IdentityHashMap<>();
    final Set<Value> results = new LinkedHashSet<>();
    final Set<Node> views = Collections.newSetFromMap(new IdentityHashMap<>());

    /** @param members of the region, in order */
    RegionResults(StaticNodes nodes, List<Node> members) {
        this.nodes = nodes;
        for (Node n : members) n.outputs().forEach(v -> producers.put(v, n));
    }

    void require(Value v) {
        Node n = producers.get(v);
        if (n == null || views.contains(n) || results.contains(v)) return;
        if (n.is(Kinds.LIST_UNPACK)) {
            Node call = producers.get(n.input(0));
            if (nodes.isFresh(v, call)) {
                results.add(v);
            } else {
                addView(call);
                views.add(n);
            }
        } else if (nodes.isFresh(v, n)) {
            results.add(v);
        } else {
            addView(n);
        }
    }

    private void addView(Node n) {
        views.add(n);
        n.inputs().forEach(this::requireParts);
    }

    private void requireParts(Value v) {
        Node list = nodes.list(v);
        if (list != null) list.inputs().forEach(this::requireParts);
        else require(v);
    }
}
