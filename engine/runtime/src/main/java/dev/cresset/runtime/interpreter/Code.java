package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Location;

/**
 * A graph made ready to run: a flat array of instructions over numbered registers. Immutable; shared by all calls.
 *
 * <p>Registers 0 … constants-1 hold the constants, the next ones the inputs, then everything else.
 */
public final class Code {
    private final String name;
    private final Graph graph;
    private final Instruction[] instructions;
    private final Location[] locations;
    private final String[] labels;
    private final Object[] constants;
    private final int firstInput;
    private final int registerCount;
    private final int[] results;
    private final boolean changesState;

    Code(String name, Graph graph, Instruction[] instructions, Location[] locations, String[] labels, Object[] constants,
         int registerCount, int[] results, boolean changesState) {
        this.name = name;
        this.graph = graph;
        this.instructions = instructions;
        this.locations = locations;
        this.labels = labels;
        this.constants = constants;
        this.firstInput = constants.length;
        this.registerCount = registerCount;
        this.results = results;
        this.changesState = changesState;
    }

    /** The function's qualified name. */
    public String name() { return name; }

    /** The graph that runs, calls inlined. */
    public Graph graph() { return graph; }

    /** True if running it may change attributes of objects that existed before. */
    public boolean changesState() { return changesState; }

    int inputCount() { return graph.inputs().size(); }

    int instructionCount() { return instructions.length; }

    Instruction instruction(int i) { return instructions[i]; }

    Location location(int i) { return locations[i]; }

    /** What an instruction is called in timelines: the operator's qualified name, or the node kind. */
    String label(int i) { return labels[i]; }

    int firstInput() { return firstInput; }

    int[] results() { return results; }

    Object[] freshRegisters() {
        Object[] registers = new Object[registerCount];
        System.arraycopy(constants, 0, registers, 0, constants.length);
        return registers;
    }
}
