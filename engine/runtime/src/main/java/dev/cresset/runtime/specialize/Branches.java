package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Evaluates ifs and guards. A decided if is replaced by the branch taken; of another one both branches are evaluated, and
 * what both say about a result holds after it.
 */
final class Branches {
    private final Specializer evaluation;
    private final Facts facts;
    private final Loops loops;
    private final Map<Value, Node> checks = new IdentityHashMap<>();

    Branches(Specializer evaluation, Facts facts) {
        this.evaluation = evaluation;
        this.facts = facts;
        this.loops = new Loops(evaluation, facts, this);
    }

    /** The guard behind each check in the new graph, by the check's result. */
    Map<Value, Node> checks() { return checks; }

    boolean loop(Node node) { return loops.evaluate(node); }

    boolean ifNode(Node node) {
        if (facts.of(node.input(0)) instanceof Fact.Known(Object c, Type _) && c instanceof Boolean taken) {
            List<Fact> results = evaluation.block(node.block(taken ? 0 : 1));
            if (results != null) bind(node.outputs(), results);
            return results != null;
        }
        release(node.blocks(), List.of());
        boolean changes = changesAttributes(node.blocks());
        Value condition = facts.value(facts.of(node.input(0)), SimpleType.BOOL);
        return join(node, condition, changes, () -> evaluation.block(node.block(0)), () -> evaluation.block(node.block(1)), node.outputs());
    }

    private void bind(List<Value> values, List<Fact> results) {
        for (int i = 0; i < values.size(); i++) facts.bind(values.get(i), results.get(i));
    }

    /** One branch as evaluated. @param results null if it never gets to its end */
    record Branch(List<Node> nodes, List<Fact> results) {}

    Branch branch(Supplier<List<Fact>> body) {
        List<List<Fact>> results = new ArrayList<>();
        List<Node> nodes = facts.nested(() -> results.add(body.get()));
        return new Branch(nodes, results.getFirst());
    }

    /** Adds an if of two branches and binds its outputs; false if neither branch gets to its end. */
    private boolean join(Node node, Value condition, boolean changes, Supplier<List<Fact>> yes, Supplier<List<Fact>> no, List<Value> outputs) {
        AttributeFacts.State before = evaluation.attributes().state();
        Branch a = branch(yes);
        evaluation.attributes().restore(before, changes);
        Branch b = branch(no);
        evaluation.attributes().restore(before, changes);
        BranchJoin join = new BranchJoin(facts, a, b);
        List<Fact> merged = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) merged.add(join.merge(i, outputs.get(i)));
        List<Block> blocks = List.of(new Block(List.of(), join.left, join.leftReturns), new Block(List.of(), join.right, join.rightReturns));
        facts.emission.add(new Node(Kinds.IF, null, Map.of(), List.of(condition), join.outputs, blocks, node.location()));
        if (a.results == null && b.results == null) return false;
        bind(outputs, merged);
        return true;
    }

    static boolean sameType(Fact.Shaped a, Fact.Shaped b) { return Facts.typeOf(a.mirror()).equals(Facts.typeOf(b.mirror())); }

    // ---- guards

    /**
     * If the guarded value is as expected, the rest of the block specialised, else the rest as it was. What the block returns
     * comes out of the if.
     */
    List<Fact> guarded(Node guard, Block block, int at, Supplier<List<Fact>> rest) {
        Value unknown = ((Fact.Unknown) facts.of(guard.input(0))).value();
        facts.bind(guard.output(), facts.of(guard.input(0)));
        return either(guard, Map.of("type", guard.output().type()), unknown, block, at + 1, () -> specialised(guard, unknown, rest), () -> {
            facts.bind(guard.output(), new Fact.Unknown(unknown));
        });
    }

    /**
     * If a condition is as the profile always saw it, the branch taken and the rest of the block specialised; else the if and
     * the rest as they were. So what holds in the branch holds after it.
     */
    List<Fact> oneSided(Node node, boolean taken, Block block, int at, Supplier<List<Fact>> rest) {
        Value unknown = ((Fact.Unknown) facts.of(node.input(0))).value();
        return either(node, Map.of("value", taken), unknown, block, at, () -> {
            List<Fact> results = evaluation.block(node.block(taken ? 0 : 1));
            if (results == null) return null;
            bind(node.outputs(), results);
            return rest.get();
        }, () -> { });
    }

    /** What an if with an unknown condition loses: something is known of a result in the branch taken, and not after the if. */
    boolean losesFacts(Node node, boolean taken) {
        if (node.outputs().isEmpty()) return false;
        release(node.blocks(), List.of());      // or both branches would leave their writes in what is known of a container
        AttributeFacts.State before = evaluation.attributes().state();
        boolean changes = changesAttributes(node.blocks());
        Branch hot = branch(() -> evaluation.block(node.block(taken ? 0 : 1)));
        evaluation.attributes().restore(before, changes);
        Branch cold = branch(() -> evaluation.block(node.block(taken ? 1 : 0)));
        evaluation.attributes().restore(before, changes);
        if (hot.results == null || cold.results == null) return false;
        for (int i = 0; i < node.outputs().size(); i++) {
            Fact x = hot.results.get(i), y = cold.results.get(i);
            boolean kept = x instanceof Fact.Unknown || x.equals(y) || x instanceof Fact.Shaped s && y instanceof Fact.Shaped t && sameType(s, t);
            if (!kept) return true;
        }
        return false;
    }

    /** An if on a check: the block specialised from here, or as it is from {@code from} on. What the block returns comes out. */
    private List<Fact> either(Node guard, Map<String, Object> expected, Value unknown, Block block, int from, Supplier<List<Fact>> specialised,
        Runnable beforeRest) {
        Block tail = new Block(List.of(), block.nodes().subList(from, block.nodes().size()), block.returns());
        releaseAll(List.of(tail), List.of());
        boolean changes = changesAttributes(List.of(tail));
        Value holds = new Value(SimpleType.BOOL);
        facts.emission.add(new Node(Kinds.TYPE_CHECK, null, expected, List.of(unknown), List.of(holds), List.of(), guard.location()));
        checks.put(holds, guard);
        List<Value> outputs = block.returns().stream().map(v -> new Value(v.type(), v.hint())).toList();
        boolean ends = join(guard, holds, changes, specialised, () -> {
            beforeRest.run();
            return unspecialised(tail);
        }, outputs);
        return ends ? facts.of(outputs) : null;
    }

    private List<Fact> specialised(Node guard, Value unknown, Supplier<List<Fact>> rest) {
        var mirror = MetaExecution.tensor((dev.cresset.ir.type.TensorType) guard.output().type());
        Value typed = new Value(Facts.typeOf(mirror), unknown.hint());
        facts.emission.add(Node.prim(Kinds.UNCHECKED_CAST, List.of(unknown), List.of(typed), guard.location()));
        facts.bind(guard.output(), facts.shaped(mirror, typed));
        return rest.get();
    }

    private List<Fact> unspecialised(Block tail) {
        evaluation.noteWrites(tail.nodes());
        Map<Value, Value> values = new IdentityHashMap<>();
        for (Value v : free(List.of(tail))) values.put(v, facts.escape(facts.of(v), v.type()));
        Block plain = new Rewriter((n, r) -> withoutGuard(n, r)).block(tail);
        Rewriter.copy(plain.nodes(), values, null).forEach(facts.emission::add);
        return plain.returns().stream().map(v -> (Fact) new Fact.Unknown(values.get(v))).toList();
    }

    private static List<Node> withoutGuard(Node n, Rewriter rewriter) {
        if (!n.is(Kinds.GUARD)) return null;
        rewriter.replace(n.output(), n.input(0));
        return List.of();
    }

    // ---- what nested blocks may do

    /** Before blocks that may change containers: those they can reach are made, and nothing is known of them any more. */
    void release(List<Block> blocks, List<Value> more) {
        if (evaluation.makesListsEarly() || changesContainers(blocks)) releaseAll(blocks, more);
    }

    private void releaseAll(List<Block> blocks, List<Value> more) {
        Set<Value> used = free(blocks);
        used.addAll(more);
        for (Value v : used) releaseContainers(facts.of(v));
    }

    private void releaseContainers(Fact f) {
        switch (f) {
            case Fact.Container c -> facts.escape(c, c.type());
            case Fact.Tupled t -> t.elements().forEach(this::releaseContainers);
            case Fact.Known _, Fact.Shaped _, Fact.Module _, Fact.Unknown _ -> { }
        }
    }

    private static boolean changesContainers(List<Block> blocks) {
        return blocks.stream().flatMap(b -> b.nodes().stream()).anyMatch(n -> Effects.isOpaque(n) || n.is(Kinds.SET_ATTR)
            || Effects.ownWrites(n).stream().anyMatch(v -> !v.type().isTensor()) || changesContainers(n.blocks()));
    }

    static boolean changesAttributes(List<Block> blocks) {
        return blocks.stream().flatMap(b -> b.nodes().stream()).anyMatch(n -> Effects.isOpaque(n) || n.is(Kinds.SET_ATTR)
            || changesAttributes(n.blocks()));
    }

    /** The values of the original graph that blocks use and do not define. */
    static Set<Value> free(List<Block> blocks) {
        Set<Value> used = new LinkedHashSet<>(), defined = Collections.newSetFromMap(new IdentityHashMap<>());
        blocks.forEach(b -> collect(b, used, defined));
        used.removeAll(defined);
        return used;
    }

    private static void collect(Block block, Set<Value> used, Set<Value> defined) {
        defined.addAll(block.params());
        for (Node n : block.nodes()) {
            used.addAll(n.inputs());
            defined.addAll(n.outputs());
            n.blocks().forEach(b -> collect(b, used, defined));
        }
        used.addAll(block.returns());
    }
}
