package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** A run of static nodes, and what stands between them and can be moved out of the way. */
final class StaticRun {
    final List<Node> before = new ArrayList<>(), members = new ArrayList<>(), after = new ArrayList<>();
    final List<Node> lists = new ArrayList<>();     // of what the run defines: copied into it, kept outside if needed there
    final Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
    final Set<Value> late = Collections.newSetFromMap(new IdentityHashMap<>());     // lists of what the run defines
    final Set<Value> later = Collections.newSetFromMap(new IdentityHashMap<>());

    /** A list of static values. */
    void add(Node list) {
        boolean isLate = list.inputs().stream().anyMatch(v -> defined.contains(v) || late.contains(v));
        (isLate ? lists : before).add(list);
        if (isLate) late.add(list.output());
    }

    boolean comesAfter(Node n) { return n.inputs().stream().anyMatch(later::contains); }

    void pass(Node n) {
        boolean waits = comesAfter(n) || n.inputs().stream().anyMatch(v -> defined.contains(v) || late.contains(v));
        (waits ? after : before).add(n);
        if (waits) later.addAll(n.outputs());
    }
}
