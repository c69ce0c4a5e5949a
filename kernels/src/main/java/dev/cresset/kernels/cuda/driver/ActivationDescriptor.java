package dev.cresset.kernels.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;

/** What a convolution does to each element of its result in the end. */
public final class ActivationDescriptor implements AutoCloseable {
    /** The functions that convolutions can do. */
    public enum Function {
        /** Gives 0 for NaN. */
        RELU(1),
        /** Only with {@link DnnConvolution#IMPLICIT_PRECOMPUTED}. */
        IDENTITY(5);

        private final int code;

        Function(int code) { this.code = code; }
    }

    private static final int NAN_IS_NOT_PASSED_ON = 0;
    /** For relu an upper bound. */
    private static final double NO_BOUND = Double.MAX_VALUE;

    private final DeviceContext context;
    private final cudnnActivationDescriptor handle = new cudnnActivationDescriptor();
    private boolean closed;

    public ActivationDescriptor(DeviceContext context, Function function) {
        this.context = context;
        context.enter();
        context.check(Status.CUDNN, JCudnn.cudnnCreateActivationDescriptor(handle), "cudnnCreateActivationDescriptor");
        int status = JCudnn.cudnnSetActivationDescriptor(handle, function.code, NAN_IS_NOT_PASSED_ON, NO_BOUND);
        if (status != 0) close();
        context.check(Status.CUDNN, status, "cudnnSetActivationDescriptor");
    }

    cudnnActivationDescriptor handle() { return handle; }

    @Override public void close() {
        if (closed) return;
        closed = true;
        context.check(Status.CUDNN, JCudnn.cudnnDestroyActivationDescriptor(handle), "cudnnDestroyActivationDescriptor");
    }
}
