package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnRNNDataDescriptor;

/** Sequences of vectors, all of one length or each of its own. */
public final class RnnDataDescriptor implements AutoCloseable {
    private static final int SEQUENCE_MAJOR = 0;
    private static final int BATCH_MAJOR = 2;
    private static final MemorySegment ZERO = Arena.global().allocate(Double.BYTES);

    private final DeviceContext context;
    private final cudnnRNNDataDescriptor handle = new cudnnRNNDataDescriptor();
    private boolean closed;

    /** @param batchFirst the order in memory: batch, time, vector; otherwise time, batch, vector */
    public RnnDataDescriptor(DeviceContext context, ElementType type, boolean batchFirst, int maxLength, int vectorSize, int[] lengths) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateRNNDataDescriptor(handle), "cudnnCreateRNNDataDescriptor");
        // where sequences are shorter, the rest of the output is filled with zeros
        int status = JCudnn.cudnnSetRNNDataDescriptor(handle, type.cudnn, batchFirst ? BATCH_MAJOR : SEQUENCE_MAJOR, maxLength,
            lengths.length, vectorSize, lengths, RawPointer.of(ZERO));
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
