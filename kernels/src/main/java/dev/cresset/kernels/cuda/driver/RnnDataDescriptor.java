package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnRNNDataDescriptor;

/** Sequences of vectors, all of one length or each of its own. */
public final class RnnDataDescriptor implements AutoCloseable {
    /** The order in memory. */
    public enum Layout {
        /** Time, batch, vector. */
        TIME_FIRST(0),
        /** As that, each step with the sequences that are still going on; the longest come first. */
        PACKED(1),
        /** Batch, time, vector. */
        BATCH_FIRST(2);

        private final int code;

        Layout(int code) { this.code = code; }
    }

    private final DeviceContext context;
    private final cudnnRNNDataDescriptor handle = new cudnnRNNDataDescriptor();
    private boolean closed;

    /** @param lengths of the sequences; all alike where they are not packed, so that no place is padding */
    public RnnDataDescriptor(DeviceContext context, ElementType type, Layout layout, int maxLength, int vectorSize, int[] lengths) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateRNNDataDescriptor(handle), "cudnnCreateRNNDataDescriptor");
        int status = JCudnn.cudnnSetRNNDataDescriptor(handle, type.cudnn, layout.code, maxLength, lengths.length, vectorSize, lengths,
            RawPointer.of(0));
        if (status != 0) close();
        context.check(Status.CUDNN, status, "cudnnSetRNNDataDescriptor");
    }

    cudnnRNNDataDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyRNNDataDescriptor(handle), "cudnnDestroyRNNDataDescriptor");
    }
}
