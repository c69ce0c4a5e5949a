package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.ExecutableGraph;

/**
 * Work of a stream, recorded once and given to any stream as one piece. It uses the memory it was recorded with, so two streams
 * must not run it at once.
 */
public final class RecordedWork implements AutoCloseable {
    private final ExecutableGraph graph;
    private final StandIn standIn;

    RecordedWork(ExecutableGraph graph, StandIn standIn) {
        this.graph = graph;
        this.standIn = standIn;
    }

    /** How many kernels, copies and fills it is. */
    public long size() { return graph.nodes(); }

    ExecutableGraph graph() { return graph; }

    StandIn standIn() { return standIn; }

    @Override public void close() { graph.close(); }
}
