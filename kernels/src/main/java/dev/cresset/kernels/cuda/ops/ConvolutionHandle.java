package dev.cresset.kernels.cuda.ops;

import dev.cresset.kernels.cuda.DnnWorkshop;
import dev.cresset.kernels.cuda.driver.ConvolutionDescriptor;
import dev.cresset.kernels.cuda.driver.CudaUnsupportedException;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import dev.cresset.kernels.cuda.driver.Dnn;
import dev.cresset.kernels.cuda.driver.DnnConvolution;
import dev.cresset.kernels.cuda.driver.DnnConvolution.Algorithm;
import dev.cresset.kernels.cuda.driver.ElementType;
import dev.cresset.kernels.cuda.driver.FilterDescriptor;
import dev.cresset.kernels.cuda.driver.TensorDescriptor;
import java.util.List;

/** cuDNN's convolution of fixed shapes and the algorithm chosen for it: its first deterministic one, so the same in each process. */
final class ConvolutionHandle implements DnnWorkshop.Prepared {
    /** PyTorch's default too: float32 convolutions may round their inputs to TF32. */
    private static final boolean TF32 = true;

    /** Sizes as cuDNN has them: with two or three dimensions of space. */
    record Key(ElementType type, boolean transposed, boolean channelsLast, List<Integer> x, List<Integer> w, List<Integer> y,
        List<Integer> padding, List<Integer> stride, List<Integer> dilation, int groups) {}

    private final ConvolutionDescriptor geometry;
    private final TensorDescriptor x, y;
    private final FilterDescriptor w;
    private final DnnConvolution convolution;
    private final Algorithm algorithm;      // null if cuDNN has none

    ConvolutionHandle(Dnn dnn, Key k) {
        DeviceContext c = dnn.context();
        geometry = new ConvolutionDescriptor(c, k.type, ints(k.padding), ints(k.stride), ints(k.dilation), k.groups, TF32);
        x = tensor(c, k, ints(k.x));
        y = tensor(c, k, ints(k.y));
        w = new FilterDescriptor(c, k.type, k.channelsLast, ints(k.w));
        convolution = new DnnConvolution(dnn, k.type, k.transposed, geometry, x, w, y);
        algorithm = choose(convolution);
    }

    private static Algorithm choose(DnnConvolution convolution) {
        try {
            return convolution.algorithms().getFirst();
        } catch (CudaUnsupportedException e) {
            return null;
        }
    }

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

    /** Whether cuDNN computes it. */
    boolean isSupported() { return algorithm != null; }

    /** Device memory that it needs while it runs. */
    long workspaceBytes() { return algorithm.workspaceBytes(); }

    void run(long xAddress, long wAddress, long workspace, long yAddress) { convolution.run(algorithm, xAddress, wAddress, workspace, yAddress); }

    @Override public void close() {
        geometry.close();
        x.close();
        y.close();
        w.close();
    }
}
