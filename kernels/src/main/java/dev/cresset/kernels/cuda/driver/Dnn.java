package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;

/** cuDNN on one stream, for one thread at a time. Its operations stand in {@link DnnConvolution}, {@link DnnRnn} and here. */
public final class Dnn implements AutoCloseable {
    private static final int ACCURATE = 1;
    private static final int LOGARITHM = 2;
    private static final int OVER_CHANNELS = 1;
    private static final int SPATIAL = 1;

    private final DeviceContext context;
    private final cudnnHandle handle = new cudnnHandle();
    private final RawPointer floatOne;
    private final RawPointer floatZero;
    private final RawPointer doubleOne;
    private final RawPointer doubleZero;
    private final MemorySegment scalars = Arena.ofAuto().allocate(32, 8);
    private boolean closed;

    public Dnn(Stream stream) {
        context = stream.context();
        context.enter();
        check(context.betweenRecordings(() -> JCudnn.cudnnCreate(handle)), "cudnnCreate");
        check(JCudnn.cudnnSetStream(handle, stream.runtimeHandle()), "cudnnSetStream");
        scalars.set(JAVA_FLOAT, 0, 1);
        scalars.set(JAVA_DOUBLE, 16, 1);
        floatOne = RawPointer.of(scalars.address());
        floatZero = RawPointer.of(scalars.address() + 8);
        doubleOne = RawPointer.of(scalars.address() + 16);
        doubleZero = RawPointer.of(scalars.address() + 24);
    }

    /** Pools x into y. */
    public void pool(ElementType type, PoolingDescriptor pooling, TensorDescriptor xShape, long x, TensorDescriptor yShape, long y) {
        context.enter();
        check(JCudnn.cudnnPoolingForward(handle, pooling.handle(), one(type), xShape.handle(), RawPointer.of(x), zero(type),
            yShape.handle(), RawPointer.of(y)), "cudnnPoolingForward");
    }

    /** Softmax over dimension 1 of tensors of four dimensions, or its logarithm. */
    public void softmax(ElementType type, boolean logarithm, TensorDescriptor xShape, long x, TensorDescriptor yShape, long y) {
        context.enter();
        check(JCudnn.cudnnSoftmaxForward(handle, logarithm ? LOGARITHM : ACCURATE, OVER_CHANNELS, one(type), xShape.handle(),
            RawPointer.of(x), zero(type), yShape.handle(), RawPointer.of(y)), "cudnnSoftmaxForward");
    }

    /**
     * Batch normalisation with the given statistics, over dimension 1.
     *
     * @param parameters shape (1, C, 1, 1…) of the four vectors: float also where x is half
     */
    public void batchNorm(ElementType type, TensorDescriptor xShape, long x, TensorDescriptor yShape, long y,
                          TensorDescriptor parameters, long scale, long bias, long mean, long variance, double epsilon) {
        context.enter();
        check(JCudnn.cudnnBatchNormalizationForwardInference(handle, SPATIAL, one(type), zero(type), xShape.handle(), RawPointer.of(x),
            yShape.handle(), RawPointer.of(y), parameters.handle(), RawPointer.of(scale), RawPointer.of(bias), RawPointer.of(mean),
            RawPointer.of(variance), epsilon), "cudnnBatchNormalizationForwardInference");
    }

    /** The device's context, which descriptors are made in. */
    public DeviceContext context() { return context; }

    cudnnHandle handle() { return handle; }

    RawPointer one(ElementType type) { return type == ElementType.DOUBLE ? doubleOne : floatOne; }

    RawPointer zero(ElementType type) { return type == ElementType.DOUBLE ? doubleZero : floatZero; }

    void check(int status, String call) { context.check(Status.CUDNN, status, call); }

    @Override public void close() {
        if (closed) return;
        closed = true;
        if (context.enterToFree()) check(context.betweenRecordings(() -> JCudnn.cudnnDestroy(handle)), "cudnnDestroy");
    }
}
