package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what an unrolled loop has left: fusion groups that come again and again, each time with what the time before has computed.
 *
 * <pre>{@code
 * %a = prim::FusionGroup_0(%x, %h)               %a, %b, %c = prim::FusionLoop_0[phases=1](%x, %h)
 * %b = prim::FusionGroup_1(%x, %a)         →     with prim::FusionLoop_0 = graph(%x, %h):
 * %c = prim::FusionGroup_2(%x, %b)                 %a = prim::FusionGroup_0(%x, %h)
 *                                                  …
 * }</pre>
 *
 * <p>Only what looks alike is put together, but for numbers such as the position in a sequence; whether one kernel can do it is seen
 * when places are known, and otherwise its groups are done one by one. Nothing from outside may depend on the loop.
 */
public final class FormLoops implements Pass {
    /** Steps from which on it may be worth while. */
    static final int LEAST_STEPS = 8;
    private static final int MOST_PHASES = 4;

    @Override public Graph run(Graph graph, PassContext context) {
        Forming f = new Forming(graph);
        for (int i = 0; i < f.groups.size(); ) {
            List<Node> run = f.run(i);
            if (run.isEmpty() || !context.mayChange()) {
                i++;
                continue;
            }
            i += run.size();
        }
        return f.loops.isEmpty() ? graph : graph.withBody(f.rewritten());
    }

    /** Groups of a loop. */
    private record Run(List<Node> groups, long phases) {}

    private static final class Forming {
        final Graph graph;
        final List<Node> groups;
        /** By each of their groups. */
        final Map<Node, Run> loops = new IdentityHashMap<>();
        private final List<List<Object>> looks;
        private final Uses uses;
        private final Map<Object, Boolean> written = new IdentityHashMap<>();
        private final List<Node> out = new ArrayList<>();

        Forming(Graph graph) {
            this.graph = graph;
            this.uses = Uses.of(graph);
            this.groups = graph.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).toList();
            this.looks = groups.stream().map(Forming::look).toList();
        }

        /** All of a group but whole numbers, lists, constant tensors and strides. */
        private static List<Object> look(Node group) {
            Graph g = group.subgraph().orElseThrow();
            Map<Value, Object> names = new IdentityHashMap<>();     // of constants, which several nodes may share: what they are
            List<Object> out = new ArrayList<>();
            for (Value v : g.inputs()) {
                names.put(v, out.size());
                out.add(shape(v));
            }
            for (Node n : g.nodes()) {
                if (n.is(Kinds.CONSTANT)) {
                    Object value = n.attribute("value");
                    names.put(n.output(), value instanceof Double || value instanceof Boolean || value instanceof String ? value : n.output().type());
                    continue;
                }
                out.add(n.kind());
                for (Value v : n.inputs()) out.add(names.get(v));
                for (Value v : n.outputs()) {
                    names.put(v, out.size());
                    out.add(shape(v));
                }
            }
            for (Value v : g.outputs()) out.add(names.get(v));
            return out;
        }

        /** What strides are stated for a dimension of size 1 depends on where a tensor comes from. */
        private static Object shape(Value v) { return v.type() instanceof TensorType t && t.isComplete() ? List.of(t.dtype(), t.sizes()) : v.type(); }

        /** Makes a loop of the groups from this one on; empty if they are none. */
        List<Node> run(int from) {
            for (int phases = 1; phases <= MOST_PHASES; phases++) {
                int steps = 1;
                while (isAgain(from, phases, steps)) steps++;
                if (steps < LEAST_STEPS) continue;
                List<Node> members = groups.subList(from, from + steps * phases);
                if (!isApart(members)) continue;
                Run run = new Run(members, phases);
                for (Node n : members) loops.put(n, run);
                return members;
            }
            return List.of();
        }

        /** Whether a step looks like the first one and reads what the one before has left. */
        private boolean isAgain(int from, int phases, int step) {
            int at = from + step * phases;
            if (at + phases > groups.size()) return false;
            Set<Value> before = new HashSet<>();
            for (int q = 0; q < phases; q++) {
                if (!looks.get(at + q).equals(looks.get(from + q))) return false;
                before.addAll(groups.get(at - phases + q).outputs());
            }
            return groups.subList(at, at + phases).stream().anyMatch(n -> n.inputs().stream().anyMatch(before::contains));
        }

        /** True if nothing that others make of what they compute comes back to them. */
        private boolean isApart(List<Node> members) {
            Set<Node> inside = Collections.newSetFromMap(new IdentityHashMap<>());
            inside.addAll(members);
            Set<Value> own = new HashSet<>(), derived = new HashSet<>();
            for (Node n : graph.nodes()) {
                boolean depends = n.inputs().stream().anyMatch(derived::contains);
                if (inside.contains(n)) {
                    if (depends) return false;
                    own.addAll(n.outputs());
                } else if (depends || n.inputs().stream().anyMatch(own::contains)) {
                    derived.addAll(n.outputs());
                }
            }
            return true;
        }

        /** A loop stands where its first group stood, after all that its groups need. */
        Block rewritten() {
            graph.nodes().forEach(this::write);
            return graph.body().withNodes(out);
        }

        private void write(Node n) {
            Run run = loops.get(n);
            if (written.put(run == null ? n : run, true) != null) return;
            List<Node> nodes = run == null ? List.of(n) : run.groups;
            for (Node m : nodes) {
                for (Value v : m.inputs()) {
                    Node definition = uses.definition(v);
                    if (definition != null && (run == null || loops.get(definition) != run)) write(definition);
                }
            }
            out.add(run == null ? n : loop(run));
        }

        private Node loop(Run run) {
            Map<Value, Value> inner = new LinkedHashMap<>();
            Set<Value> made = new LinkedHashSet<>();
            for (Node n : run.groups) made.addAll(n.outputs());
            List<Value> given = run.groups.stream().flatMap(n -> n.inputs().stream()).filter(v -> !made.contains(v)).distinct().toList();
            List<Value> params = given.stream().map(v -> copy(v, inner)).toList();
            List<Node> body = new ArrayList<>();
            for (Node n : run.groups) {
                List<Value> in = n.inputs().stream().map(inner::get).toList();
                body.add(n.withInputs(in).withOutputs(n.outputs().stream().map(v -> copy(v, inner)).toList()));
            }
            List<Value> results = made.stream().filter(v -> isSeen(v, run)).toList();
            Graph sub = new Graph(new Block(params, body, results.stream().map(inner::get).toList()));
            return new Node(Kinds.FUSION_LOOP, null, Map.of("Subgraph", sub, "phases", run.phases), given, results, List.of(), run.groups.getFirst().location());
        }

        private static Value copy(Value v, Map<Value, Value> inner) {
            Value own = new Value(v.type(), v.hint());
            inner.put(v, own);
            return own;
        }

        private boolean isSeen(Value v, Run by) { return uses.of(v).stream().anyMatch(u -> u.node() == null || loops.get(u.node()) != by); }
    }
}
