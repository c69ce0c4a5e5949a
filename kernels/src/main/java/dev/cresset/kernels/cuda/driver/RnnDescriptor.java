package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnRNNDescriptor;

/** A stack of recurrent layers for inference: gates in cuDNN's order, both bias vectors where there are biases. */
public final class RnnDescriptor implements AutoCloseable {
    /** The cell. The order of its gates is PyTorch's: LSTM i, f, g, o; GRU r, z, n. */
    public enum Cell {
        RELU(0, 1), TANH(1, 1), LSTM(2, 4), GRU(3, 3);

        private final int code;
        private final int gates;

        Cell(int code, int gates) {
            this.code = code;
            this.gates = gates;
        }

        public int gates() { return gates; }
    }

    /** How the steps of a layer are done. */
    public enum Algorithm {
        /** One kernel after the other. */
        STANDARD(0),
        /** One kernel that keeps the weights of the state on the chip; where cuDNN has one for these sizes. */
        PERSISTENT(1);

        private final int code;

        Algorithm(int code) { this.code = code; }
    }

    private static final int NO_BIAS = 0;
    private static final int TWO_BIASES = 2;
    private static final int LINEAR_INPUT = 0;
    private static final int DEFAULT_MATH = 0;
    private static final int TENSOR_OP_MATH = 1;
    private static final int FMA_MATH = 3;
    private static final int PACKED_IO = 0;
    private static final int PADDED_IO = 1;

    private final DeviceContext context;
    private final cudnnRNNDescriptor handle = new cudnnRNNDescriptor();
    private final cudnnDropoutDescriptor dropout = new cudnnDropoutDescriptor();
    private final Cell cell;
    private boolean closed;

    /**
     * @param hiddenSize     the size of the cell's state
     * @param projectionSize the size of the output; equal to {@code hiddenSize} where there is no projection
     * @param tf32           whether float may be rounded to TF32
     * @param packed         whether sequences are packed
     * @throws CudaUnsupportedException if cuDNN has no such layers
     */
    public RnnDescriptor(Dnn dnn, ElementType type, Cell cell, boolean bias, boolean bidirectional, int inputSize, int hiddenSize,
                         int projectionSize, int layers, boolean tf32, Algorithm algorithm, boolean packed) {
        this.context = dnn.context();
        this.cell = cell;
        context.enter();
        check(JCudnn.cudnnCreateDropoutDescriptor(dropout), "cudnnCreateDropoutDescriptor");
        check(JCudnn.cudnnSetDropoutDescriptor(dropout, dnn.handle(), 0, null, 0, 0), "cudnnSetDropoutDescriptor");
        check(JCudnn.cudnnCreateRNNDescriptor(handle), "cudnnCreateRNNDescriptor");
        int compute = type == ElementType.DOUBLE ? ElementType.DOUBLE.cudnn : ElementType.FLOAT.cudnn;
        boolean half = type == ElementType.HALF || type == ElementType.BFLOAT16;
        int math = half ? TENSOR_OP_MATH : tf32 || type == ElementType.DOUBLE ? DEFAULT_MATH : FMA_MATH;
        int status = JCudnn.cudnnSetRNNDescriptor_v8(handle, algorithm.code, cell.code, bias ? TWO_BIASES : NO_BIAS, bidirectional ? 1 : 0,
            LINEAR_INPUT, type.cudnn, compute, math, inputSize, hiddenSize, projectionSize, layers, dropout,
            packed ? PACKED_IO : PADDED_IO);
        if (status != 0) close();
        check(status, "cudnnSetRNNDescriptor_v8");
    }

    public Cell cell() { return cell; }

    cudnnRNNDescriptor handle() { return handle; }

    private void check(int status, String call) { context.check(Status.CUDNN, status, call); }

    @Override public void close() {
        if (closed) return;
        closed = true;
        check(JCudnn.cudnnDestroyRNNDescriptor(handle), "cudnnDestroyRNNDescriptor");
        check(JCudnn.cudnnDestroyDropoutDescriptor(dropout), "cudnnDestroyDropoutDescriptor");
    }
}
