package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnTensorDescriptor;

/** Type, sizes and strides of a tensor for cuDNN, which wants at least four dimensions but for the states of recurrent layers. */
public final class TensorDescriptor implements AutoCloseable {
    private final DeviceContext context;
    private final cudnnTensorDescriptor handle = new cudnnTensorDescriptor();
    private boolean closed;

    /** @param strides in elements */
    public TensorDescriptor(DeviceContext context, ElementType type, int[] sizes, int[] strides) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateTensorDescriptor(handle), "cudnnCreateTensorDescriptor");
        int status = JCudnn.cudnnSetTensorNdDescriptor(handle, type.cudnn, sizes.length, sizes, strides);
        if (status != 0) close();
        context.check(Status.CUDNN, status, "cudnnSetTensorNdDescriptor");
    }

    /** A tensor in row-major order. */
    public static TensorDescriptor contiguous(DeviceContext context, ElementType type, int... sizes) {
        int[] strides = new int[sizes.length];
        int stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= sizes[i];
        }
        return new TensorDescriptor(context, type, sizes, strides);
    }

    cudnnTensorDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyTensorDescriptor(handle), "cudnnDestroyTensorDescriptor");
    }
}
