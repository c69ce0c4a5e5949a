package dev.cresset.kernels.cuda.ops;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.DnnWorkshop;
import dev.cresset.kernels.cuda.driver.ActivationDescriptor;
import dev.cresset.kernels.cuda.driver.ConvolutionDescriptor;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.Dnn;
import dev.cresset.kernels.cuda.driver.DnnConvolution;
import dev.cresset.kernels.cuda.driver.DnnConvolution.Algorithm;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.cuda.driver.FilterDescriptor;
import dev.cresset.kernels.cuda.driver.TensorDescriptor;
import dev.cresset.kernels.op.Precision;
import dev.cresset.kernels.ops.nn.ConvolutionCall;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** cuDNN's convolution of fixed shapes, with its deterministic algorithms in the order of its heuristics, so the same in each process. */
final class ConvolutionHandle implements DnnWorkshop.Prepared {
    /** Sizes as cuDNN has them: with two or three dimensions of space. @param tf32 whether float32 may be rounded to TF32 */
    record Key(ElementType type, boolean transposed, boolean channelsLast, List<Integer> x, List<Integer> w, List<Integer> y,
        List<Integer> padding, List<Integer> stride, List<Integer> dilation, int groups, boolean tf32) {

        /** @param call with the same padding on both sides */
        static Key of(ConvolutionCall call, ScalarType type, boolean channelsLast, Precision precision) {
            boolean tf32 = type == ScalarType.FLOAT32 && precision.tf32InLayers();
            return new Key(ElementType.of(type), call.transposed(), channelsLast, sizes(call.input().sizes()), sizes(call.weight().sizes()),
                sizes(call.outSizes()), space(call.padLeft(), 0), space(call.stride(), 1), space(call.dilation(), 1), Math.toIntExact(call.groups()), tf32);
        }

        /** One dimension of space is the second of two. */
        private static List<Integer> space(long[] v, int first) {
            return v.length == 1 ? List.of(first, Math.toIntExact(v[0])) : Arrays.stream(v).mapToObj(Math::toIntExact).toList();
        }

        private static List<Integer> sizes(long[] s) {
            return Arrays.stream(s.length == 3 ? Views.with(s, 2, 1) : s).mapToObj(Math::toIntExact).toList();
        }
    }

    /** More memory than this is not tried for the sake of speed. */
    static final long MOST_WORKSPACE = 512L << 20;

    private final ConvolutionDescriptor geometry;
    private final TensorDescriptor x, y, bias;
    private final FilterDescriptor w;
    private final ActivationDescriptor relu, identity;
    private final DnnConvolution convolution;
    private List<Algorithm> algorithms;

    ConvolutionHandle(Dnn dnn, Key k) {
        DeviceContext c = dnn.context();
        geometry = new ConvolutionDescriptor(c, k.type, ints(k.padding), ints(k.stride), ints(k.dilation), k.groups, k.tf32);
        x = tensor(c, k, ints(k.x));
        y = tensor(c, k, ints(k.y));
        w = new FilterDescriptor(c, k.type, k.channelsLast, ints(k.w));
        int[] vector = new int[k.y.size()];
        Arrays.fill(vector, 1);
        vector[1] = k.y.get(1);
        bias = TensorDescriptor.contiguous(c, k.type, vector);
        relu = new ActivationDescriptor(c, ActivationDescriptor.Function.RELU);
        identity = new ActivationDescriptor(c, ActivationDescriptor.Function.IDENTITY);
        convolution = new DnnConvolution(dnn, k.type, k.transposed, geometry, x, w, y);
        algorithms = offered(convolution);
    }

    /** In their order, but those last that take much memory: some that cuDNN expects to be fast take gigabytes. */
    private static List<Algorithm> offered(DnnConvolution convolution) {
        try {
            List<Algorithm> all = convolution.algorithms();
            return Stream.concat(all.stream().filter(ConvolutionHandle::isSmall), all.stream().filter(a -> !isSmall(a))).toList();
        } catch (CudaUnsupportedException e) {
            return List.of();
        }
    }

    private static boolean isSmall(Algorithm a) { return a.workspaceBytes() <= MOST_WORKSPACE; }

    private static int[] ints(List<Integer> v) { return v.stream().mapToInt(i -> i).toArray(); }

    private static TensorDescriptor tensor(DeviceContext c, Key k, int[] sizes) {
        if (!k.channelsLast) return TensorDescriptor.contiguous(c, k.type, sizes);
        int[] strides = new int[sizes.length];
        int stride = sizes[1];
        for (int d = sizes.length - 1; d > 1; d--) {
            strides[d] = stride;
            stride = Math.multiplyExact(stride, sizes[d]);
        }
        strides[1] = 1;
        strides[0] = stride;
        return new TensorDescriptor(c, k.type, sizes, strides);
    }

    /** The ways to compute it, the best first; empty if cuDNN does not. */
    List<Algorithm> algorithms() { return algorithms; }

    /** It turned out that cuDNN does not compute it in one of the ways that it has offered. */
    void refuse(Algorithm one) { algorithms = algorithms.stream().filter(a -> !a.equals(one)).toList(); }

    void run(Algorithm algorithm, long xAddress, long wAddress, long workspace, long yAddress) {
        convolution.run(algorithm, xAddress, wAddress, workspace, yAddress);
    }

    /** With a bias, a sum (z is 0 if there is none), and relu or nothing. @throws CudaUnsupportedException if cuDNN does not do this together */
    void runWith(Algorithm algorithm, long xAddress, long wAddress, long workspace, long z, long biasAddress, boolean withRelu, long yAddress) {
        convolution.runWith(algorithm, xAddress, wAddress, workspace, z, bias, biasAddress, withRelu ? relu : identity, yAddress);
    }

    @Override public void close() {
        geometry.close();
        x.close();
        y.close();
        w.close();
        bias.close();
        relu.close();
        identity.close();
    }
}
