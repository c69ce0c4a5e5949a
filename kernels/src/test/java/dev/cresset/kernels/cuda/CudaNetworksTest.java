package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The operators of neural networks on the device against the same on the host, in element types and layouts that models seldom have. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class CudaNetworksTest extends BesideTheHost {
    private static final long[] ZERO = {0}, ONE = {1};

    private Tensor random(ScalarType type, long... sizes) {
        return host.tensor("aten::to.dtype", host.tensor("aten::mul.Scalar", host.tensor("aten::randn", sizes), 4L), (long) type.code());
    }

    private Tensor random(long... sizes) { return host.tensor("aten::randn", sizes); }

    private Object there(Object value) {
        return switch (value) {
            case Tensor t -> cuda.place(t, device.device());
            case List<?> l -> l.stream().map(this::there).toList();
            case null, default -> value;
        };
    }

    private void same(double tolerance, String operator, Object... arguments) {
        Object want = host.call(operator, arguments), got = cuda.call(operator, Arrays.stream(arguments).map(this::there).toArray());
        if (want instanceof Object[] several) for (int i = 0; i < several.length; i++) same(tolerance, (Tensor) several[i], (Tensor) ((Object[]) got)[i]);
        else same(tolerance, (Tensor) want, (Tensor) got);
    }

    private void same(double tolerance, Tensor want, Tensor got) {
        assertEquals(device.device(), got.device());
        assertEquals(want.dtype(), got.dtype());
        assertArrayEquals(want.sizes(), got.sizes());
        Tensor a = want.dtype().isComplex() ? Views.asReal(want) : want, b = want.dtype().isComplex() ? Views.asReal(got) : got;
        double[] expected = a.toDoubleArray(), actual = b.toDoubleArray();
        for (int i = 0; i < expected.length; i++) {
            double bound = Double.isFinite(expected[i]) ? tolerance * (1 + Math.abs(expected[i])) : 0;
            assertEquals(expected[i], actual[i], bound, "element " + i);
        }
    }

    private void convolution(double tolerance, Tensor x, Tensor w, Tensor bias, long stride, long padding, long dilation, boolean transposed, long more, long groups) {
        same(tolerance, "aten::convolution", x, w, bias, new long[] {stride}, new long[] {padding}, new long[] {dilation}, transposed, new long[] {more}, groups);
    }

    /** What cuDNN has offered and then does not do is done in another way, in the end by a plain kernel. */
    @Test void convolutionsThatFail() {
        for (long failures : new long[] {1, 2}) {
            CudaEmulation.set("refuse_convolutions", failures);
            for (int again = 0; again < 2; again++) convolution(1e-4, random(failures, 3, 5, 5), random(2, 3, 3, 3), random(2), 1, 1, 1, false, 0, 1);
            assertEquals(0, CudaEmulation.get("refuse_convolutions"));
        }
    }

    /** cuDNN's kernels may read 16 bytes at once. */
    @Test void convolutionsOfWhatLiesAnywhere() {
        Tensor all = random(1 + 75), weight = random(1 + 54), there = (Tensor) there(all), weightThere = (Tensor) there(weight);
        long[] x = {1, 3, 5, 5}, w = {2, 3, 3, 3};
        Object[] rest = {null, new long[] {1}, new long[] {1}, new long[] {1}, false, new long[] {0}, 1L};
        same(1e-4, host.tensor("aten::convolution", with(rest, behindTheFirst(all, x), behindTheFirst(weight, w))),
            cuda.tensor("aten::convolution", with(rest, behindTheFirst(there, x), behindTheFirst(weightThere, w))));
    }

    private static Tensor behindTheFirst(Tensor t, long... sizes) { return Views.view(Views.narrow(t, 0, 1, t.size(0) - 1), sizes); }

    private static Object[] with(Object[] rest, Object... first) { return Stream.of(first, rest).flatMap(Arrays::stream).toArray(); }

    @Test void convolutionsOfAllNumberTypes() {
        convolution(1e-12, random(ScalarType.FLOAT64, 2, 4, 7, 6), random(ScalarType.FLOAT64, 6, 2, 3, 3), random(ScalarType.FLOAT64, 6), 2, 1, 1, false, 0, 2);
        convolution(0, random(ScalarType.INT64, 2, 4, 7, 6), random(ScalarType.INT64, 6, 2, 3, 2), random(ScalarType.INT64, 6), 1, 1, 2, false, 0, 2);
        convolution(1e-4, random(ScalarType.COMPLEX64, 1, 2, 5), random(ScalarType.COMPLEX64, 3, 2, 2), random(ScalarType.COMPLEX64, 3), 1, 1, 1, false, 0, 1);
        convolution(1e-2, random(ScalarType.FLOAT16, 1, 3, 5, 5), random(ScalarType.FLOAT16, 2, 3, 3, 3), null, 1, 1, 1, false, 0, 1);
        convolution(0.1, random(ScalarType.BFLOAT16, 1, 3, 5, 5, 4), random(ScalarType.BFLOAT16, 2, 3, 3, 3, 1), random(ScalarType.BFLOAT16, 2), 1, 1, 1, false, 0, 1);
    }

    @Test void transposedConvolutions() {
        convolution(1e-4, random(2, 4, 5), random(4, 3, 3), random(6), 2, 1, 1, true, 1, 2);
        convolution(1e-4, random(1, 2, 3, 4), random(2, 3, 3, 2), null, 1, 1, 2, true, 1, 1);   // more than a stride: the plain kernel
        convolution(1e-4, random(1, 2, 3, 3, 2), random(2, 3, 2, 2, 2), random(3), 2, 0, 1, true, 0, 1);
    }

    @Test void convolutionsOfAllLayouts() {
        Tensor x = Views.permute(random(2, 7, 6, 4), 0, 3, 1, 2), w = random(6, 4, 3, 2);
        convolution(1e-4, x, w, Views.slice(random(12), 0, 0, 12, 2), 1, 1, 1, false, 0, 1);
        convolution(1e-4, Views.slice(random(2, 4, 7, 12), 3, 0, 12, 2), Views.transpose(random(6, 4, 2, 3), 2, 3), null, 2, 0, 1, false, 0, 1);
        same(1e-4, "aten::conv2d.padding", random(4, 7, 6), w, random(6), ONE, "same", ONE, 1L);
        same(0, "aten::conv1d", random(0, 2, 5), random(3, 2, 3), random(3), ONE, ZERO, ONE, 1L);
    }

    @Test void poolings() {
        Tensor x = random(2, 3, 8, 7), integers = random(ScalarType.INT32, 2, 3, 8, 7);
        long[] window = {3, 2}, stride = {2, 1}, padding = {1, 0};
        same(0, "aten::max_pool2d_with_indices", x, window, stride, padding, new long[] {2}, true);
        same(0, "aten::max_pool2d", integers, window, stride, padding, ONE, false);
        same(1e-6, "aten::avg_pool2d", Views.transpose(x, 1, 3), window, stride, padding, true, true, null);
        same(1e-6, "aten::avg_pool2d", x, window, stride, padding, true, false, 5L);
        same(1e-2, "aten::adaptive_avg_pool2d", random(ScalarType.FLOAT16, 3, 8, 7), new long[] {3, 2});
        same(0, "aten::adaptive_max_pool3d", random(1, 2, 5, 4, 3), new long[] {2, 3, 2});
        Tensor nan = Tensor.of(new float[] {1, Float.NaN, 0, 2}, 1, 1, 4);
        same(0, "aten::max_pool1d", nan, new long[] {2}, new long[] {1}, ZERO, ONE, false);
    }

    @Test void elementsThatGoToOnePlace() {
        same(0, "aten::max_unpool2d", Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2), Tensor.of(new long[] {5, 0, 5, 8}, 1, 2, 2), new long[] {3, 3});
    }

    @Test void batchNormWithStatisticsOfTraining() {
        Tensor x = random(3, 4, 5), mean = random(4), variance = host.tensor("aten::rand", new long[] {4});
        same(1e-5, "aten::batch_norm", x, random(4), null, mean, variance, false, 0.1, 1e-5, true);
        same(1e-2, "aten::batch_norm", random(ScalarType.FLOAT16, 2, 4), null, null, mean, variance, false, 0.1, 1e-5, true);
    }

    private List<Tensor> parameters(ScalarType type, long... shape) {
        long input = shape[0], hidden = shape[1], gates = shape[2], directions = shape[3], width = shape[4];
        return LongStream.range(0, 2 * directions).boxed().flatMap(l -> {
            List<Tensor> each = List.of(random(type, gates * hidden, l < directions ? input : directions * width), random(type, gates * hidden, width),
                random(type, gates * hidden), random(type, gates * hidden));
            return width == hidden ? each.stream() : Stream.concat(each.stream(), Stream.of(random(type, width, hidden)));
        }).toList();
    }

    @Test void recurrentLayersOfAllKinds() {
        Tensor x = random(5, 2, 3), h = random(4, 2, 4), c = random(4, 2, 4);
        same(1e-4, "aten::lstm.input", x, List.of(h, c), parameters(ScalarType.FLOAT32, 3, 4, 4, 2, 4), true, 2L, 0.0, false, true, false);
        same(1e-4, "aten::lstm.input", Views.transpose(x, 0, 1), List.of(random(2, 2, 2), random(2, 2, 4)), parameters(ScalarType.FLOAT32, 3, 4, 4, 1, 2), true,
            2L, 0.0, false, false, true);
        same(1e-12, "aten::gru.input", random(ScalarType.FLOAT64, 5, 2, 3), random(ScalarType.FLOAT64, 2, 2, 4), parameters(ScalarType.FLOAT64, 3, 4, 3, 1, 4), true,
            2L, 0.0, false, false, false);
        same(1e-4, "aten::rnn_relu.data", random(6, 3), Tensor.of(new long[] {3, 2, 1}, 3), random(4, 3, 4), parameters(ScalarType.FLOAT32, 3, 4, 1, 2, 4), true,
            2L, 0.0, false, true);
    }

    @Test void gridsInAllModes() {
        Tensor image = random(2, 3, 5, 4), volume = random(1, 2, 3, 4, 5);
        Tensor grid = random(2, 6, 3, 2), points = random(1, 2, 2, 3, 3);
        for (long padding = 0; padding < 3; padding++) {
            for (boolean align : new boolean[] {false, true}) {
                for (long mode = 0; mode < 3; mode++) same(1e-4, "aten::grid_sampler", image, grid, mode, padding, align);
                for (long mode = 0; mode < 2; mode++) same(1e-4, "aten::grid_sampler", volume, points, mode, padding, align);
            }
        }
        same(1e-6, "aten::affine_grid_generator", random(2, 2, 3), new long[] {2, 1, 3, 4}, true);
    }

    @Test void resampling() {
        same(1e-5, "aten::upsample_bilinear2d", Views.permute(random(2, 4, 5, 3), 0, 3, 1, 2), new long[] {7, 3}, false, null, null);
        same(1e-5, "aten::_upsample_bicubic2d_aa", random(1, 2, 9, 8), new long[] {4, 12}, false, null, null);
        same(0, "aten::upsample_nearest3d", random(ScalarType.UINT8, 1, 2, 2, 3, 2), new long[] {4, 4, 3}, null, null, null);
        same(1e-12, "aten::upsample_linear1d", random(ScalarType.FLOAT64, 1, 2, 5), new long[] {8}, true, null);
    }

    @Test void lossOfAlignments() {
        Tensor logs = host.tensor("aten::log_softmax.int", random(12, 3, 5), 2L, null);
        Tensor padded = Tensor.of(new long[] {1, 2, 2, 4, 3, 1, 1, 1, 1, 3, 4, 2}, 3, 4), joined = Tensor.of(new long[] {1, 2, 2, 4, 3, 1}, 6);
        same(1e-5, "aten::ctc_loss.IntList", logs, padded, new long[] {12, 10, 3}, new long[] {3, 2, 4}, 0L, 0L, false);
        same(1e-5, "aten::ctc_loss.Tensor", logs, joined, Tensor.of(new long[] {12, 11, 1}, 3), Tensor.of(new long[] {3, 0, 3}, 3), 0L, 0L, true);
    }

    @Test void movedWindows() {
        Tensor x = random(2, 4, 5, 6), offset = random(2, 36, 5, 6), mask = random(2, 18, 5, 6);
        same(1e-4, "torchvision::deform_conv2d", x, random(6, 2, 3, 3), offset, mask, random(6), 1L, 1L, 1L, 1L, 1L, 1L, 2L, 2L, true);
    }

    @Test void productsOfAllNumberTypes() {
        same(1e-3, "aten::matmul", random(ScalarType.COMPLEX64, 2, 1, 3, 4), random(ScalarType.COMPLEX64, 3, 4, 2));
        same(0, "aten::baddbmm", random(ScalarType.INT32, 2, 3, 5), random(ScalarType.INT32, 2, 3, 4), Views.transpose(random(ScalarType.INT32, 2, 5, 4), 1, 2), 3L, 2L);
        same(0, "aten::mv", random(ScalarType.INT64, 3, 4), random(ScalarType.INT64, 4));
    }
}
