package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnFilterDescriptor;

/** Type and sizes of the weights of a convolution. */
public final class FilterDescriptor implements AutoCloseable {
    private final DeviceContext context;
    private final cudnnFilterDescriptor handle = new cudnnFilterDescriptor();
    private boolean closed;

    /**
     * @param sizes        outputs, inputs of a group, then the window
     * @param channelsLast true if the inputs are the fastest dimension in memory
     */
    public FilterDescriptor(DeviceContext context, ElementType type, boolean channelsLast, int... sizes) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateFilterDescriptor(handle), "cudnnCreateFilterDescriptor");
        int status = JCudnn.cudnnSetFilterNdDescriptor(handle, type.cudnn, channelsLast ? 1 : 0, sizes.length, sizes);
        if (status != 0) close();
        context.check(Status.CUDNN, status, "cudnnSetFilterNdDescriptor");
    }

    cudnnFilterDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyFilterDescriptor(handle), "cudnnDestroyFilterDescriptor");
    }
}
