package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.profiler.profile.BranchProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compiles a graph to a {@link Code}: blocks become jumps, each value gets a register, and each instruction is followed
 * by the death of the registers that nothing reads any more (see {@link Lifetimes}).
 */
final class CodeCompiler {
    private static final int[] NONE = {};

    private final String name;
    private final Graph graph;
    private final Lifetimes lifetimes;
    private final Extensions extensions;
    private final Map<Value, Integer> registers = new IdentityHashMap<>();
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<Location> locations = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final List<Object> constants = new ArrayList<>();
    private int registerCount;

    private CodeCompiler(String name, Graph graph, Extensions extensions) {
        this.extensions = extensions;
        this.name = name;
        this.graph = graph;
        this.lifetimes = Lifetimes.of(graph);
    }

    static Code compile(String name, Graph graph) { return compile(name, graph, Extensions.NONE); }

    static Code compile(String name, Graph graph, Extensions extensions) { return new CodeCompiler(name, graph, extensions).compile(); }

    private Code compile() {
        collectConstants(graph.body());
        registerCount = constants.size();
        graph.inputs().forEach(this::define);
        emitDeaths(lifetimes.deadAtStart(graph.body()), Location.NONE);
        emitBlock(graph.body());
        return new Code(name, graph, instructions.toArray(Instruction[]::new), locations.toArray(Location[]::new),
            labels.toArray(String[]::new), constants.toArray(), registerCount, registersOf(graph.outputs()), StateChanges.in(graph));
    }

    private void collectConstants(Block block) {
        for (Node node : block.nodes()) {
            if (node.is(Kinds.CONSTANT)) {
                registers.put(node.output(), constants.size());
                Object function = node.attribute("function");
                constants.add(function != null ? function : node.attribute("value"));
            }
            node.blocks().forEach(this::collectConstants);
        }
    }

    private int define(Value v) {
        int register = registerCount++;
        registers.put(v, register);
        return register;
    }

    private int[] define(List<Value> values) { return values.stream().mapToInt(this::define).toArray(); }

    private int register(Value v) {
        Integer register = registers.get(v);
        if (register == null) throw new IllegalStateException("value " + v + " is used before its definition in " + name);
        return register;
    }

    private int[] registersOf(List<Value> values) { return values.stream().mapToInt(this::register).toArray(); }

    /** Registers to empty after a node; constants stay for ever. */
    private int[] deathsAfter(Node node) { return mortal(lifetimes.deadAfter(node)); }

    private int[] mortal(List<Value> dead) {
        if (dead.isEmpty()) return NONE;
        return dead.stream().mapToInt(this::register).filter(r -> r >= constants.size()).toArray();
    }

    private void emitDeaths(List<Value> dead, Location location) {
        int[] gone = mortal(dead);
        if (gone.length > 0) {
            emit(location, (f, pc) -> {
                f.kill(gone);
                return pc + 1;
            });
        }
    }

    private int emit(Location location, Instruction instruction) { return emit("control", location, instruction); }

    private int emit(Node node, Instruction instruction) {
        return emit(node.operator() != null ? node.operator().schema().qualifiedName() : node.kind(), node.location(), instruction);
    }

    private int emit(String label, Location location, Instruction instruction) {
        instructions.add(instruction);
        locations.add(location);
        labels.add(label);
        return instructions.size() - 1;
    }

    private void emitBlock(Block block) {
        List<Node> nodes = block.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (i + 1 < nodes.size() && lifetimes.unpacksDirectly(node, nodes.get(i + 1))) {
                emitUnpackedCall(node, nodes.get(++i));
            } else {
                emitNode(node);
            }
        }
    }

    private void emitNode(Node node) {
        switch (node.kind()) {
            case Kinds.CONSTANT -> { }
            case Kinds.IF -> emitIf(node);
            case Kinds.LOOP -> emitLoop(node);
            default -> {
                int[] in = registersOf(node.inputs());
                int[] out = define(node.outputs());
                emit(node, Instructions.of(node, in, out, deathsAfter(node), lifetimes, extensions));
            }
        }
    }

    /** An operator that returns a list, taken apart at once: its elements never leave the registers. */
    private void emitUnpackedCall(Node call, Node unpack) {
        int[] in = registersOf(call.inputs());
        int[] out = define(unpack.outputs());
        List<Value> dead = new ArrayList<>(lifetimes.deadAfter(call));
        dead.addAll(lifetimes.deadAfter(unpack));
        dead.removeAll(call.outputs());
        emit(call, Instructions.unpackedCall(call, in, out, mortal(dead)));
    }

    private void emitIf(Node node) {
        int condition = register(node.input(0));
        int[] out = define(node.outputs());
        int branch = emit(node.location(), null);
        emitDeaths(lifetimes.deadAtStart(node.block(0)), node.location());
        emitBlock(node.block(0));
        emitMoves(node.block(0), node.block(0).returns(), out, node.location());
        int jump = emit(node.location(), null);
        int elseAt = instructions.size();
        emitDeaths(lifetimes.deadAtStart(node.block(1)), node.location());
        emitBlock(node.block(1));
        emitMoves(node.block(1), node.block(1).returns(), out, node.location());
        int end = instructions.size();
        BranchProfile profile = extensions.branch(node);
        instructions.set(branch, profile == null ? (f, pc) -> (Boolean) f.get(condition) ? pc + 1 : elseAt
            : (f, pc) -> counted(profile, (Boolean) f.get(condition)) ? pc + 1 : elseAt);
        instructions.set(jump, (_, _) -> end);
        emitDeaths(lifetimes.deadAfter(node), node.location());
    }

    /** Carried values live in the registers of the loop's outputs; trip number and condition have registers of their own. */
    private void emitLoop(Node node) {
        Block body = node.block(0);
        int maximum = register(node.input(0));
        int initial = register(node.input(1));
        int[] carried = define(node.outputs());
        List<Value> params = body.params();
        int trip = define(params.getFirst());
        for (int i = 0; i < carried.length; i++) registers.put(params.get(i + 1), carried[i]);
        int[] from = registersOf(node.inputs().subList(2, node.inputs().size()));
        int condition = registerCount++;
        int counter = registerCount++;
        emit(node.location(), (f, pc) -> {
            Instructions.move(f, from, carried);
            f.registers[condition] = f.get(initial);
            f.registers[counter] = 0L;
            return pc + 1;
        });
        int head = emit(node.location(), null);
        emitDeaths(lifetimes.deadAtStart(body).stream().filter(v -> v != params.getFirst()).toList(), node.location());
        emitBlock(body);
        int bodyCondition = register(body.returns().getFirst());
        int[] next = registersOf(body.returns().subList(1, body.returns().size()));
        // what the body returns of its parameters lies, after the move, in a register that the next round reads
        int[] dead = Arrays.stream(mortal(lifetimes.deadAtEnd(body))).filter(r -> Arrays.stream(carried).noneMatch(c -> c == r)).toArray();
        emit(node.location(), (f, _) -> {
            f.registers[condition] = f.get(bodyCondition);
            Instructions.move(f, next, carried);
            f.kill(dead);
            f.registers[counter] = (Long) f.registers[counter] + 1;
            return head;
        });
        int end = instructions.size();
        BranchProfile profile = extensions.branch(node);
        instructions.set(head, (f, pc) -> {
            Long i = (Long) f.registers[counter];
            boolean goesOn = i < (Long) f.get(maximum) && (Boolean) f.registers[condition];
            if (profile != null) counted(profile, goesOn);
            if (!goesOn) return end;
            f.registers[trip] = i;
            return pc + 1;
        });
        emitDeaths(lifetimes.deadAfter(node), node.location());
    }

    private static boolean counted(BranchProfile profile, boolean taken) {
        if (taken) profile.take();
        else profile.pass();
        return taken;
    }

    private void emitMoves(Block block, List<Value> returns, int[] out, Location location) {
        int[] from = registersOf(returns);
        int[] dead = mortal(lifetimes.deadAtEnd(block));
        if (from.length == 0 && dead.length == 0) return;
        emit(location, (f, pc) -> {
            Instructions.move(f, from, out);
            f.kill(dead);
            return pc + 1;
        });
    }
}
