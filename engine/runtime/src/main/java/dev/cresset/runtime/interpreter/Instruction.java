package dev.cresset.runtime.interpreter;

/** One step of a {@link Code}. */
@FunctionalInterface
interface Instruction {
    /** Runs it and returns the position of the next one. */
    int run(Frame f, int pc);
}
