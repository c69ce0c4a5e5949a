package dev.cresset.kernels.cuda.driver;

import java.util.function.IntConsumer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** Work of a stream, recorded once and launched as one. It reads and writes the addresses it was recorded with. */
public final class ExecutableGraph implements AutoCloseable {
    private static final int THREAD_LOCAL = 1;

    private final DeviceContext context;
    private final CUgraphExec handle = new CUgraphExec();
    private final long nodes;
    private boolean closed;

    private ExecutableGraph(DeviceContext context, CUgraph graph) {
        this.context = context;
        long[] count = new long[1];
        context.check(JCudaDriver.cuGraphGetNodes(graph, null, count), "cuGraphGetNodes");
        nodes = count[0];
        context.check(context.withRoom(() -> JCudaDriver.cuGraphInstantiate(handle, graph, 0)), "cuGraphInstantiate");
    }

    /**
     * Records what the given code gives to the stream, and to streams that wait for events of it and that it waits for in the
     * end. Nothing is run. The code must not wait for the device, allocate device memory, or copy to or from memory that
     * is not pinned: that spoils the recording, and throws.
     */
    public static ExecutableGraph record(Stream stream, Runnable work) {
        DeviceContext context = stream.context();
        context.enter();
        CUgraph graph = context.recording(() -> recorded(stream, work));
        try {
            return new ExecutableGraph(context, graph);
        } finally {
            context.check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    private static CUgraph recorded(Stream stream, Runnable work) {
        DeviceContext context = stream.context();
        context.check(JCudaDriver.cuStreamBeginCapture(stream.handle(), THREAD_LOCAL), "cuStreamBeginCapture");
        CUgraph graph = new CUgraph();
        boolean done = false;
        int status;
        try {
            work.run();
            done = true;
        } finally {
            status = JCudaDriver.cuStreamEndCapture(stream.handle(), graph);
            if (!done && status == 0) JCudaDriver.cuGraphDestroy(graph);
        }
        context.check(status, "cuStreamEndCapture");
        return graph;
    }

    /** Whether the driver can {@linkplain #record(Stream, int[][], IntConsumer) record branches}. */
    public static boolean canBranch() { return RecordedBranches.isAvailable(); }

    /**
     * As the other, of parts that need not all follow each other: each is given to the stream by itself, in order.
     *
     * @param before for each part, those before it that it comes after; parts that neither comes after the other may run at once
     */
    public static ExecutableGraph record(Stream stream, int[][] before, IntConsumer part) {
        return record(stream, () -> new RecordedBranches(stream).record(before, part));
    }

    /** How many pieces of work it has. */
    public long nodes() { return nodes; }

    public void launch(Stream stream) {
        context.enter();
        context.check(JCudaDriver.cuGraphLaunch(handle, stream.handle()), "cuGraphLaunch");
    }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) context.check(JCudaDriver.cuGraphExecDestroy(handle), "cuGraphExecDestroy");
    }
}
