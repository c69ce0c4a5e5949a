package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;

/** How a convolution goes over its input. */
public final class ConvolutionDescriptor implements AutoCloseable {
    private static final int CROSS_CORRELATION = 1;
    private static final int DEFAULT_MATH = 0;
    private static final int TENSOR_OP_MATH = 1;
    private static final int FMA_MATH = 3;

    private final DeviceContext context;
    private final cudnnConvolutionDescriptor handle = new cudnnConvolutionDescriptor();
    private boolean closed;

    /**
     * @param padding  on both sides of each of the two or three dimensions of the window
     * @param tf32     whether float may be rounded to TF32, as PyTorch does by default
     */
    public ConvolutionDescriptor(DeviceContext context, ElementType type, int[] padding, int[] stride, int[] dilation, int groups, boolean tf32) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateConvolutionDescriptor(handle), "cudnnCreateConvolutionDescriptor");
        try {
            int computeType = type == ElementType.DOUBLE ? ElementType.DOUBLE.cudnn : ElementType.FLOAT.cudnn;
            check(JCudnn.cudnnSetConvolutionNdDescriptor(handle, padding.length, padding, stride, dilation, CROSS_CORRELATION, computeType),
                "cudnnSetConvolutionNdDescriptor");
            check(JCudnn.cudnnSetConvolutionGroupCount(handle, groups), "cudnnSetConvolutionGroupCount");
            check(JCudnn.cudnnSetConvolutionMathType(handle, mathType(type, tf32)), "cudnnSetConvolutionMathType");
        } catch (CudaException e) {
            close();
            throw e;
        }
    }

    private static int mathType(ElementType type, boolean tf32) {
        if (type == ElementType.HALF || type == ElementType.BFLOAT16) return TENSOR_OP_MATH;
        return tf32 || type == ElementType.DOUBLE ? DEFAULT_MATH : FMA_MATH;    // of double there is one
    }

    private void check(int status, String call) { context.check(Status.CUDNN, status, call); }

    cudnnConvolutionDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyConvolutionDescriptor(handle), "cudnnDestroyConvolutionDescriptor");
    }
}
