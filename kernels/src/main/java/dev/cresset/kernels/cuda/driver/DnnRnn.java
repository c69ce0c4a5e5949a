package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnTensorDescriptor;

/** Recurrent layers, forward, for inference. */
public final class DnnRnn {
    /** Where a matrix or a vector of weights lies: its offset in the weight space, in bytes, or -1 if there is none. */
    public record Weight(long matrixOffset, long biasOffset) {}

    private final Dnn dnn;
    private final RnnDescriptor rnn;

    public DnnRnn(Dnn dnn, RnnDescriptor rnn) {
        this.dnn = dnn;
        this.rnn = rnn;
    }

    /** Bytes of the buffer that holds all weights. */
    public long weightBytes() {
        dnn.context().enter();
        long[] bytes = new long[1];
        dnn.check(JCudnn.cudnnGetRNNWeightSpaceSize(dnn.handle(), rnn.handle(), bytes), "cudnnGetRNNWeightSpaceSize");
        return bytes[0];
    }

    /**
     * Where the weights of one gate lie.
     *
     * @param layer       counts layers, and within a layer directions: {@code layer * 2 + direction} where there are two
     * @param gate        the gates applied to the input come first, then those applied to the state; after them the projection
     * @param weightSpace device memory of {@link #weightBytes} bytes
     */
    public Weight weight(int layer, int gate, long weightBytes, long weightSpace) {
        dnn.context().enter();
        cudnnTensorDescriptor matrixShape = new cudnnTensorDescriptor(), biasShape = new cudnnTensorDescriptor();
        RawPointer matrix = RawPointer.of(0), bias = RawPointer.of(0);
        dnn.check(JCudnn.cudnnCreateTensorDescriptor(matrixShape), "cudnnCreateTensorDescriptor");
        dnn.check(JCudnn.cudnnCreateTensorDescriptor(biasShape), "cudnnCreateTensorDescriptor");
        try {
            dnn.check(JCudnn.cudnnGetRNNWeightParams(dnn.handle(), rnn.handle(), layer, weightBytes, RawPointer.of(weightSpace), gate,
                matrixShape, matrix, biasShape, bias), "cudnnGetRNNWeightParams");
        } finally {
            dnn.check(JCudnn.cudnnDestroyTensorDescriptor(matrixShape), "cudnnDestroyTensorDescriptor");
            dnn.check(JCudnn.cudnnDestroyTensorDescriptor(biasShape), "cudnnDestroyTensorDescriptor");
        }
        return new Weight(offset(matrix, weightSpace), offset(bias, weightSpace));
    }

    private static long offset(RawPointer pointer, long from) { return pointer.address() == 0 ? -1 : pointer.address() - from; }

    /** Bytes of device memory that a call with this input needs while it runs. */
    public long workspaceBytes(RnnDataDescriptor x) {
        dnn.context().enter();
        long[] work = new long[1], reserve = new long[1];
        dnn.check(JCudnn.cudnnGetRNNTempSpaceSizes(dnn.handle(), rnn.handle(), 0, x.handle(), work, reserve), "cudnnGetRNNTempSpaceSizes");
        return work[0];
    }

    /**
     * Runs the layers. (cuDNN 9 knows the lengths of sequences from their descriptors and wants no copy on the device.)
     *
     * @param hx      the states before; 0 for zeros. Of (layers * directions, batch, size), with {@code cx} for an LSTM
     * @param hy      the states after; 0 if not wanted
     */
    public void run(RnnDataDescriptor xShape, long x, RnnDataDescriptor yShape, long y, TensorDescriptor hShape, long hx,
                    long hy, TensorDescriptor cShape, long cx, long cy, long weightBytes, long weights, long workspaceBytes, long workspace) {
        dnn.context().enter();
        dnn.check(JCudnn.cudnnRNNForward(dnn.handle(), rnn.handle(), 0, RawPointer.of(0), xShape.handle(), RawPointer.of(x),
            yShape.handle(), RawPointer.of(y), hShape.handle(), RawPointer.of(hx), RawPointer.of(hy), cShape.handle(),
            RawPointer.of(cx), RawPointer.of(cy), weightBytes, RawPointer.of(weights), workspaceBytes, RawPointer.of(workspace), 0,
            RawPointer.of(0)), "cudnnRNNForward");
    }
}
