package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnPoolingDescriptor;

/** How a pooling goes over its input. */
public final class PoolingDescriptor implements AutoCloseable {
    private static final int PROPAGATE_NAN = 1;

    private final DeviceContext context;
    private final cudnnPoolingDescriptor handle = new cudnnPoolingDescriptor();
    private boolean closed;

    /** What becomes of a window; NaN in it makes NaN. */
    public enum Mode {
        MAX(3), AVERAGE_WITH_PADDING(1), AVERAGE_WITHOUT_PADDING(2);

        private final int code;

        Mode(int code) { this.code = code; }
    }

    /** Windows of two or three dimensions. */
    public PoolingDescriptor(DeviceContext context, Mode mode, int[] window, int[] padding, int[] stride) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreatePoolingDescriptor(handle), "cudnnCreatePoolingDescriptor");
        int status = JCudnn.cudnnSetPoolingNdDescriptor(handle, mode.code, PROPAGATE_NAN, window.length, window, padding, stride);
        if (status != 0) close();
        context.check(Status.CUDNN, status, "cudnnSetPoolingNdDescriptor");
    }

    cudnnPoolingDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyPoolingDescriptor(handle), "cudnnDestroyPoolingDescriptor");
    }
}
