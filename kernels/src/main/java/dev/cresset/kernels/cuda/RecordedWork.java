package dev.cresset.kernels.cuda;

import dev.cresset.kernels.cuda.driver.ExecutableGraph;

/**
 * Work of a stream, recorded once and given to any stream as one piece. It uses the memory it was recorded with, so two streams
 * must not run it at once.
 */
public final class RecordedWork implements AutoCloseable {
    /** What the driver has on the device for a piece of work is not to be learnt; so much is assumed. */
    static final long BYTES_OF_ONE = 4 << 10;

    private final CudaDevice device;
    private final ExecutableGraph graph;
    private boolean closed;

    RecordedWork(CudaDevice device, ExecutableGraph graph) {
        this.device = device;
        this.graph = graph;
        device.count(MemoryUse.RECORDED, bytes(), 0);
    }

    /** How many kernels, copies and fills it is. */
    public long size() { return graph.nodes(); }

    /** Bytes of the device's memory that it takes beside what it works in: an estimate. */
    public long bytes() { return graph.nodes() * BYTES_OF_ONE; }

    ExecutableGraph graph() { return graph; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        device.count(MemoryUse.RECORDED, -bytes(), 0);
        graph.close();
    }
}
