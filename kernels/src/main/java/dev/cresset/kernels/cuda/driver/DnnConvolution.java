package dev.cresset.kernels.cuda.driver;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;

/**
 * A convolution of fixed shapes, or its transposed: y from x, with the weights w. Tensors have four or five dimensions; one
 * of a line has a window of height 1. What is transposed in PyTorch is what cuDNN calls the gradient of the data: there x
 * is what the convolution would have made from y.
 */
public final class DnnConvolution {
    /** The number of the one algorithm that can add a bias and do nothing else after it. */
    public static final int IMPLICIT_PRECOMPUTED = 1;
    /** Eight, each in two modes of multiplying. */
    private static final int MOST_ALGORITHMS = 16;
    private static final int DETERMINISTIC = 1;

    /**
     * A way of computing it.
     *
     * @param number         cuDNN's number for it
     * @param workspaceBytes device memory that it needs while it runs
     */
    public record Algorithm(int number, long workspaceBytes) {}

    private final Dnn dnn;
    private final ElementType type;
    private final boolean transposed;
    private final ConvolutionDescriptor convolution;
    private final TensorDescriptor x;
    private final FilterDescriptor w;
    private final TensorDescriptor y;

    /** The descriptors stay the caller's, who closes them after this is used no more. */
    public DnnConvolution(Dnn dnn, ElementType type, boolean transposed, ConvolutionDescriptor convolution, TensorDescriptor x,
                          FilterDescriptor w, TensorDescriptor y) {
        this.dnn = dnn;
        this.type = type;
        this.transposed = transposed;
        this.convolution = convolution;
        this.x = x;
        this.w = w;
        this.y = y;
    }

    /**
     * Deterministic algorithms that cuDNN offers, in the order in which its heuristics expect them to be fast. It answers for its
     * default mode of multiplying as well as for the descriptor's, and JCudnn does not tell for which: so the memory that an algorithm
     * needs in the descriptor's mode is asked for.
     */
    public List<Algorithm> algorithms() {
        dnn.context().enter();
        Set<Integer> numbers = new LinkedHashSet<>();
        int[] count = new int[1];
        if (transposed) {
            cudnnConvolutionBwdDataAlgoPerf[] found = new cudnnConvolutionBwdDataAlgoPerf[MOST_ALGORITHMS];
            dnn.check(JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(dnn.handle(), w.handle(), x.handle(), convolution.handle(),
                y.handle(), found.length, count, found), "cudnnGetConvolutionBackwardDataAlgorithm_v7");
            for (int i = 0; i < count[0]; i++) {
                if (found[i].status == 0 && found[i].determinism == DETERMINISTIC) numbers.add(found[i].algo);
            }
        } else {
            cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[MOST_ALGORITHMS];
            dnn.check(JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(dnn.handle(), x.handle(), w.handle(), convolution.handle(),
                y.handle(), found.length, count, found), "cudnnGetConvolutionForwardAlgorithm_v7");
            for (int i = 0; i < count[0]; i++) {
                if (found[i].status == 0 && found[i].determinism == DETERMINISTIC) numbers.add(found[i].algo);
            }
        }
        List<Algorithm> out = numbers.stream().map(this::inOurMode).filter(Objects::nonNull).toList();
        if (out.isEmpty()) throw new CudaUnsupportedException("cuDNN offers no deterministic algorithm for a convolution of " + type);
        return out;
    }

    /** Null if there is none. */
    private Algorithm inOurMode(int number) {
        long[] bytes = new long[1];
        int status = transposed
            ? JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(dnn.handle(), w.handle(), x.handle(), convolution.handle(), y.handle(), number, bytes)
            : JCudnn.cudnnGetConvolutionForwardWorkspaceSize(dnn.handle(), x.handle(), w.handle(), convolution.handle(), y.handle(), number, bytes);
        return status == 0 ? new Algorithm(number, bytes[0]) : null;
    }

    /** Computes y. @param workspace of as many bytes as the algorithm needs; 0 if none */
    public void run(Algorithm algorithm, long xAddress, long wAddress, long workspace, long yAddress) {
        dnn.context().enter();
        RawPointer space = RawPointer.of(workspace);
        int status = transposed
            ? JCudnn.cudnnConvolutionBackwardData(dnn.handle(), dnn.one(type), w.handle(), RawPointer.of(wAddress), x.handle(),
                RawPointer.of(xAddress), convolution.handle(), algorithm.number, space, algorithm.workspaceBytes, dnn.zero(type),
                y.handle(), RawPointer.of(yAddress))
            : JCudnn.cudnnConvolutionForward(dnn.handle(), dnn.one(type), x.handle(), RawPointer.of(xAddress), w.handle(),
                RawPointer.of(wAddress), convolution.handle(), algorithm.number, space, algorithm.workspaceBytes, dnn.zero(type),
                y.handle(), RawPointer.of(yAddress));
        dnn.check(status, transposed ? "cudnnConvolutionBackwardData" : "cudnnConvolutionForward");
    }

    /**
     * Computes {@code activation(convolution + z + bias)}, not transposed, not in double precision.
     *
     * @param z         a tensor like y that is added; 0 if none is
     * @param biasShape of the vector over the channels: (1, C, 1, 1…)
     * @throws CudaUnsupportedException if cuDNN does not do it with this algorithm
     */
    public void runWith(Algorithm algorithm, long xAddress, long wAddress, long workspace, long z, TensorDescriptor biasShape, long bias,
                        ActivationDescriptor activation, long yAddress) {
        dnn.context().enter();
        dnn.check(JCudnn.cudnnConvolutionBiasActivationForward(dnn.handle(), dnn.one(type), x.handle(), RawPointer.of(xAddress), w.handle(),
            RawPointer.of(wAddress), convolution.handle(), algorithm.number, RawPointer.of(workspace), algorithm.workspaceBytes,
            z == 0 ? dnn.zero(type) : dnn.one(type), y.handle(), RawPointer.of(z == 0 ? yAddress : z), biasShape.handle(), RawPointer.of(bias),
            activation.handle(), y.handle(), RawPointer.of(yAddress)), "cudnnConvolutionBiasActivationForward");
    }

    /** Adds a vector over the channels to y. @param shape of the vector: (1, C, 1, 1…) */
    public void addBias(TensorDescriptor shape, long bias, long yAddress) {
        dnn.context().enter();
        dnn.check(JCudnn.cudnnAddTensor(dnn.handle(), dnn.one(type), shape.handle(), RawPointer.of(bias), dnn.one(type), y.handle(),
            RawPointer.of(yAddress)), "cudnnAddTensor");
    }
}
