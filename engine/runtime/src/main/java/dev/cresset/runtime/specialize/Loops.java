package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Evaluates loops. As long as it is known that a loop goes on, its body is evaluated once for each round, up to a limit;
 * the rounds after that, and loops that depend on data, stay a loop, whose body is specialised for what holds in every round.
 */
final class Loops {
    private static final int MAX_ROUNDS = 2048;
    /** Nodes that unrolling may make in a graph. */
    private static final int MAX_NODES = 30_000;
    private static final int MAX_WIDENINGS = 6;

    private final Specializer evaluation;
    private final Facts facts;
    private final Branches branches;
    private int unrolled;

    Loops(Specializer evaluation, Facts facts, Branches branches) {
        this.evaluation = evaluation;
        this.facts = facts;
        this.branches = branches;
    }

    /** @return false if what follows the loop is never reached */
    boolean evaluate(Node node) {
        List<Fact> carried = facts.of(node.inputs().subList(2, node.inputs().size()));
        Fact maximum = facts.of(node.input(0)), condition = facts.of(node.input(1));
        int size = size(node.block(0));
        long round = 0;
        while (maximum instanceof Fact.Known(Object m, Type _) && m instanceof Long most && condition instanceof Fact.Known(Object c, Type _)) {
            if (round >= most || !(Boolean) c) {
                bind(node.outputs(), carried);
                return true;
            }
            if (round >= MAX_ROUNDS || unrolled + size > MAX_NODES || round == 0 && most != Long.MAX_VALUE && most > MAX_ROUNDS) break;
            unrolled += size;
            List<Fact> results = round(node.block(0), new Fact.Known(round, SimpleType.INT), carried);
            if (results == null) return false;
            condition = results.getFirst();
            carried = results.subList(1, results.size());
            round++;
        }
        return residual(node, maximum, condition, carried, round);
    }

    private static int size(Block b) { return b.nodes().stream().mapToInt(n -> 1 + n.blocks().stream().mapToInt(Loops::size).sum()).sum(); }

    private List<Fact> round(Block body, Fact trip, List<Fact> carried) {
        facts.bind(body.params().getFirst(), trip);
        bind(body.params().subList(1, body.params().size()), carried);
        return evaluation.block(body);
    }

    private void bind(List<Value> values, List<Fact> results) {
        for (int i = 0; i < values.size(); i++) facts.bind(values.get(i), results.get(i));
    }

    // ---- loops that stay

    /** How a carried value stands in the loop: the same in every round, a tensor of one type, or of its static type. */
    private sealed interface Slot {
        record Same(Fact fact) implements Slot {}

        record Typed(TensorType type) implements Slot {}

        record Any(Type type) implements Slot {}
    }

    private boolean residual(Node node, Fact maximum, Fact condition, List<Fact> start, long done) {
        List<Value> params = node.block(0).params().subList(1, node.block(0).params().size());
        branches.release(node.blocks(), node.inputs().subList(2, node.inputs().size()));
        boolean changes = Branches.changesAttributes(node.blocks());
        List<Fact> initial = new ArrayList<>();
        for (Fact f : start) initial.add(settled(f));
        List<Slot> slots = new ArrayList<>();
        for (Fact f : initial) slots.add(new Slot.Same(f));
        for (int i = 0; i < MAX_WIDENINGS; i++) {
            Body body = body(node.block(0), params, slots, done, changes);
            List<Slot> wider = widen(slots, initial, body.results, params);
            if (wider.equals(slots)) {
                emit(node, maximum, condition, initial, slots, body, done);
                return true;
            }
            slots = i + 2 < MAX_WIDENINGS ? wider : params.stream().<Slot>map(p -> new Slot.Any(p.type())).toList();
        }
        throw new Unspecialisable("a loop's values keep changing their types");
    }

    /** A virtual list or dict is made before the loop; others stay what they are. */
    private Fact settled(Fact f) {
        return f instanceof Fact.Container c ? new Fact.Unknown(facts.escape(c, c.type()), c.mirror()) : f;
    }

    private record Body(Value trip, List<Value> params, List<Node> nodes, List<Fact> results) {}

    private Body body(Block block, List<Value> params, List<Slot> slots, long done, boolean changes) {
        AttributeFacts.State before = evaluation.attributes().state();
        evaluation.attributes().restore(before, changes);
        Value trip = new Value(SimpleType.INT, block.params().getFirst().hint());
        List<Value> carried = new ArrayList<>();
        Branches.Branch evaluated = branches.branch(() -> {
            List<Fact> in = new ArrayList<>();
            for (int i = 0; i < slots.size(); i++) in.add(parameter(slots.get(i), params.get(i).hint(), carried));
            return round(block, new Fact.Unknown(counted(trip, done, block)), in);
        });
        evaluation.attributes().restore(before, changes);
        return new Body(trip, carried, evaluated.nodes(), evaluated.results());
    }

    /** The number of this round, counted from the first one, which may have been evaluated before. */
    private Value counted(Value trip, long done, Block block) {
        if (done == 0) return trip;
        Value sum = new Value(SimpleType.INT);
        facts.emission.add(Node.call(evaluation.operator("aten::add.int"), List.of(trip, facts.emission.constant(done, SimpleType.INT)),
            List.of(sum), dev.cresset.ir.graph.Location.NONE));
        return sum;
    }

    private Fact parameter(Slot slot, String hint, List<Value> carried) {
        return switch (slot) {
            case Slot.Same(Fact f) -> f;
            case Slot.Typed(TensorType type) -> {
                Tensor mirror = MetaExecution.tensor(type);
                Value v = new Value(type, hint);
                carried.add(v);
                yield facts.shaped(mirror, v);
            }
            case Slot.Any(Type type) -> {
                Value v = new Value(type, hint);
                carried.add(v);
                yield new Fact.Unknown(v);
            }
        };
    }

    private List<Slot> widen(List<Slot> slots, List<Fact> initial, List<Fact> results, List<Value> params) {
        if (results == null) return slots;
        List<Slot> out = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) out.add(widen(slots.get(i), initial.get(i), results.get(i + 1), params.get(i).type()));
        return out;
    }

    private static Slot widen(Slot slot, Fact initial, Fact result, Type type) {
        return switch (slot) {
            case Slot.Same(Fact f) -> f.equals(result) ? slot
                : initial instanceof Fact.Shaped a && result instanceof Fact.Shaped b && Branches.sameType(a, b)
                ? new Slot.Typed(Facts.typeOf(a.mirror())) : new Slot.Any(type);
            case Slot.Typed(TensorType t) -> result instanceof Fact.Shaped s && Facts.typeOf(s.mirror()).equals(t) ? slot : new Slot.Any(type);
            case Slot.Any _ -> slot;
        };
    }

    private void emit(Node node, Fact maximum, Fact condition, List<Fact> initial, List<Slot> slots, Body body, long done) {
        List<Value> inputs = new ArrayList<>();
        inputs.add(remaining(maximum, done));
        inputs.add(facts.value(condition, SimpleType.BOOL));
        List<Value> returns = new ArrayList<>();
        List<Value> outputs = new ArrayList<>();
        List<Node> nodes = new ArrayList<>(body.nodes);
        List<Fact> after = new ArrayList<>();
        nodes.addAll(facts.nested(() -> returns.add(body.results == null
            ? facts.emission.structural(Kinds.UNINITIALIZED, List.of(), SimpleType.BOOL, node.location())
            : facts.value(body.results.getFirst(), SimpleType.BOOL))));
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot instanceof Slot.Same(Fact f)) {
                after.add(f);
                continue;
            }
            Type type = slot instanceof Slot.Typed(TensorType t) ? t : ((Slot.Any) slot).type();
            Fact result = body.results == null ? null : body.results.get(i + 1);
            facts.expose(initial.get(i));
            inputs.add(facts.escape(initial.get(i), type));
            if (result != null) facts.expose(result);
            nodes.addAll(facts.nested(() -> returns.add(result == null
                ? facts.emission.structural(Kinds.UNINITIALIZED, List.of(), type, node.location()) : facts.escape(result, type))));
            Value out = new Value(type, node.outputs().get(i).hint());
            outputs.add(out);
            after.add(type instanceof TensorType t && slot instanceof Slot.Typed ? facts.shaped(MetaExecution.tensor(t), out) : new Fact.Unknown(out));
        }
        List<Value> params = new ArrayList<>(List.of(body.trip));
        params.addAll(body.params);
        facts.emission.add(new Node(Kinds.LOOP, null, Map.of(), inputs, outputs, List.of(new Block(params, nodes, returns)), node.location()));
        bind(node.outputs(), after);
    }

    private Value remaining(Fact maximum, long done) {
        if (done == 0) return facts.value(maximum, SimpleType.INT);
        return facts.value(new Fact.Known((Long) ((Fact.Known) maximum).value() - done, SimpleType.INT), SimpleType.INT);
    }
}
