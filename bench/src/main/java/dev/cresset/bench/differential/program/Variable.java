package dev.cresset.bench.differential.program;

/**
 * A tensor variable in scope while a program is written.
 *
 * @param estimate what its elements may be, with the largest sizes; to keep programs from blowing up, not to judge results
 * @param writable whether it may be written in place
 */
record Variable(String name, TensorKind kind, Bound estimate, boolean writable) {}
