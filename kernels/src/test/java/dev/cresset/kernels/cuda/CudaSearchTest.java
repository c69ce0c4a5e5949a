package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Finding, counting and telling elements apart, regions of images, random numbers: on the device against the host, and not through it. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class CudaSearchTest extends BesideTheHost {
    private static final double NAN = Double.NaN;

    private Tensor random(long... sizes) { return host.tensor("aten::randn", sizes); }

    private static Tensor longs(long... values) { return Tensor.of(values, values.length); }

    private static Tensor floats(float... values) { return Tensor.of(values, values.length); }

    private Object there(Object v) { return v instanceof Tensor t ? cuda.place(t, device.device()) : v; }

    private void same(double tolerance, String operator, Object... arguments) {
        Tensor[] want = tensors(host.call(operator, arguments));
        Tensor[] got = tensors(cuda.call(operator, Arrays.stream(arguments).map(this::there).toArray()));
        stream.raise();
        assertEquals(List.of(), throughHost.uses(), operator);
        for (int i = 0; i < want.length; i++) {
            assertEquals(device.device(), got[i].device(), operator);
            assertEquals(want[i].dtype(), got[i].dtype(), operator);
            assertArrayEquals(want[i].sizes(), got[i].sizes(), operator + ", result " + i);
            assertArrayEquals(want[i].toDoubleArray(), got[i].toDoubleArray(), tolerance, operator + ", result " + i);
        }
    }

    private static Tensor[] tensors(Object result) {
        return result instanceof Object[] several ? Arrays.copyOf(several, several.length, Tensor[].class) : new Tensor[] {(Tensor) result};
    }

    /** What a call reports when it ends. */
    private String error(String operator, Object... arguments) {
        return assertThrows(ScriptError.class, () -> {
            cuda.call(operator, Arrays.stream(arguments).map(this::there).toArray());
            stream.raise();
        }).getMessage();
    }

    @Test void placesInSortedRows() {
        Tensor edges = floats(-1, 0, 0, 0.5f, 2, Float.NaN), x = floats(-3, 0, 0.25f, 2, 9, Float.NaN);
        Tensor rows = Views.transpose(Tensor.of(new float[] {0, 5, 1, 6, 2, 7}, 3, 2), 0, 1);
        for (boolean right : new boolean[] {false, true}) {
            same(0, "aten::searchsorted.Tensor", edges, x, false, right);
            same(0, "aten::searchsorted.Tensor", rows, Tensor.of(new float[] {1, 3, 6, 9}, 2, 2), true, right);
            same(0, "aten::bucketize.Tensor", longs(4, 1, 0), longs(0, 1, 4), false, right);
            same(0, "aten::bucketize.Scalar", 0.5, edges, false, right);
        }
        same(0, "aten::searchsorted.Tensor", floats(2, 0, 1), floats(0.5f, 1.5f), false, false, null, longs(1, 2, 0));
        same(0, "aten::searchsorted.Tensor", longs(1, 2, 3), Tensor.of(new double[] {2.5, -1}, 2));
        same(0, "aten::searchsorted.Scalar", edges, 1L);
        same(0, "aten::searchsorted.Tensor", Tensor.zeros(ScalarType.FLOAT32, 0), x);
    }

    @Test void membership() {
        Tensor x = Tensor.of(new float[] {1, -0f, Float.NaN, 3, 7, 2}, 2, 3), among = floats(3, 0, Float.NaN, 1);
        for (boolean invert : new boolean[] {false, true}) {
            same(0, "aten::isin.Tensor_Tensor", x, among, false, invert);
            same(0, "aten::isin.Tensor_Tensor", longs(5, 2), Tensor.zeros(ScalarType.INT64, 0), false, invert);
            same(0, "aten::isin.Tensor_Tensor", longs(5, 2), Tensor.of(new double[] {2, 4.5}, 2), false, invert);
            same(0, "aten::isin.Tensor_Scalar", x, 3L, false, invert);
            same(0, "aten::isin.Scalar_Tensor", 3L, x, false, invert);
        }
    }

    @Test void counts() {
        same(0, "aten::bincount", longs(3, 0, 3, 3, 1));
        same(0, "aten::bincount", longs(3, 0, 3), null, 7L);
        same(0, "aten::bincount", Tensor.zeros(ScalarType.INT64, 0), null, 2L);
        same(1e-6, "aten::bincount", longs(3, 0, 3), random(3));
        assertEquals(true, error("aten::bincount", longs(1, -1)).contains("non-negative"));
        same(0, "aten::histc", floats(-2, -1, 0, 0.99f, 1, 2, 5, Float.NaN), 4L, -2.0, 2.0);
        same(0, "aten::histc", random(4, 50), 7L, 0L, 0L);
        same(0, "aten::histc", floats(3, 3), 4L, 0L, 0L);
        assertEquals(true, error("aten::histc", floats(1, Float.POSITIVE_INFINITY), 4L, 0L, 0L).contains("not finite"));
    }

    @Test void distinctElements() {
        Tensor x = Tensor.of(new float[] {2, -0f, 1, 0, 2, Float.NaN, 1, Float.NaN}, 2, 4);
        same(0, "aten::_unique2", x, true, true, true);
        same(0, "aten::_unique2", longs(4, 4, 0, 3, 0), true, false, true);
        same(0, "aten::_unique2", host.tensor("aten::gt.Scalar", x, 0.5), true, true, false);
        same(0, "aten::_unique2", Tensor.zeros(ScalarType.FLOAT32, 0), true, true, true);
        same(0, "aten::unique_consecutive", longs(1, 1, 2, 2, 1), true, true);
        same(0, "aten::unique_consecutive", x, true, true);
    }

    @Test void distinctSlices() {
        Tensor x = Tensor.of(new long[] {1, 0, 2, 1, 0, 2, 0, 9, 9, 1, 0, 1, 1, 0, 2}, 5, 3);
        for (Tensor t : List.of(x, Views.transpose(x, 0, 1), Views.unsqueeze(x, 1))) {
            same(0, "aten::unique_dim", t, 0L, true, true, true);
            same(0, "aten::unique_dim", t, -1L, true, true, true);
            same(0, "aten::unique_dim_consecutive", t, 0L, true, true);
        }
        Tensor nan = Tensor.of(new double[] {1, NAN, 0, 1, 1, NAN}, 3, 2);
        same(0, "aten::unique_dim", nan, 0L, true, true, true);
        same(0, "aten::unique_consecutive", nan, true, true, 1L);
        same(0, "aten::unique_dim", Tensor.zeros(ScalarType.INT64, 0, 2), 0L, true, true, true);
    }

    @Test void repeats() {
        same(0, "aten::repeat_interleave.Tensor", longs(2, 0, 3));
        same(0, "aten::repeat_interleave.Tensor", host.tensor("aten::to.dtype", longs(1, 2), (long) ScalarType.INT32.code()), 3L);
        same(0, "aten::repeat_interleave.Tensor", Tensor.zeros(ScalarType.INT64, 0));
        same(0, "aten::repeat_interleave.self_Tensor", random(3, 2), longs(1, 0, 2), 0L);
        same(0, "aten::repeat_interleave.self_Tensor", random(3, 2), longs(2));
        assertEquals(true, error("aten::repeat_interleave.Tensor", longs(1, -1)).contains("negative"));
    }

    @Test void ranks() {
        Tensor x = Tensor.of(new float[] {3, 1, 1, 3, Float.NaN, Float.NaN, Float.NaN, 2, 5, 4, 6, 7}, 3, 4);
        for (long dim : new long[] {0, 1}) {
            same(0, "aten::mode", x, dim, dim == 1);
            for (String how : List.of("linear", "lower", "higher", "midpoint", "nearest")) {
                same(1e-6, "aten::quantile", x, Tensor.of(new float[] {0, 0.3f, 0.5f, 1}, 4), dim, false, how);
                same(1e-6, "aten::nanquantile", x, Tensor.of(new float[] {0, 0.3f, 0.5f, 1}, 4), dim, true, how);
            }
        }
        same(0, "aten::mode", longs(2, 3, 3, 2, 5));
        same(1e-6, "aten::quantile.scalar", random(2, 3), 0.4);
        same(1e-6, "aten::vander", floats(2, -1, 0), 4L, true);
        same(0, "aten::vander", longs(2, -1, 0));
    }

    @Test void marginLosses() {
        Tensor x = random(3, 4), labels = Tensor.of(new long[] {2, 0, -1, 1, -1, 3, 3, 3, 3, 1, 0, 2}, 3, 4);
        for (long reduction = 0; reduction < 3; reduction++) {
            same(1e-6, "aten::multi_margin_loss", x, longs(0, 3, 1), 1L, 1L, null, reduction);
            same(1e-6, "aten::multi_margin_loss", x, longs(0, 3, 1), 2L, 0.5, random(4), reduction);
            same(1e-6, "aten::multilabel_margin_loss", x, labels, reduction);
        }
        same(1e-6, "aten::multi_margin_loss", random(4), longs(2));
        same(1e-6, "aten::multilabel_margin_loss", random(4), longs(2, -1, 0, 0));
        assertEquals(true, error("aten::multi_margin_loss", x, longs(0, 4, 1)).contains("Target 4 is out of bounds"));
        assertEquals(true, error("aten::multilabel_margin_loss", random(2), longs(5, 0)).contains("Target 5 is out of bounds"));
    }

    @Test void boxesAndRegions() {
        Tensor corner = host.tensor("aten::mul.Scalar", host.tensor("aten::rand", new long[] {70, 2}), 20L);
        Tensor size = host.tensor("aten::mul.Scalar", host.tensor("aten::rand", new long[] {70, 2}), 12L);
        Tensor boxes = host.tensor("aten::cat", List.of(corner, host.tensor("aten::add.Tensor", corner, size, 1L)), 1L);
        same(0, "torchvision::nms", boxes, random(70), 0.3);
        same(0, "torchvision::nms", Views.narrow(boxes, 0, 0, 0), random(0), 0.3);
        Tensor image = Views.select(host.tensor("aten::remainder.Scalar", host.tensor("aten::arange", 70L), 2L), 0, 1);
        Tensor images = host.tensor("aten::mul.Tensor", host.tensor("aten::ones_like", Views.narrow(corner, 1, 0, 1)), image);
        Tensor regions = Views.narrow(host.tensor("aten::cat", List.of(images, boxes), 1L), 0, 0, 9), x = random(2, 12, 9, 11);
        for (long sampling : new long[] {2, -1}) {
            for (boolean aligned : new boolean[] {false, true}) same(1e-5, "torchvision::roi_align", x, regions, 0.5, 3L, 2L, sampling, aligned);
            same(1e-5, "torchvision::ps_roi_align", x, regions, 0.5, 3L, 2L, sampling);
        }
        same(0, "torchvision::roi_pool", x, regions, 0.5, 3L, 2L);
        same(1e-6, "torchvision::ps_roi_pool", x, regions, 0.5, 3L, 2L);
        assertEquals(true, error("torchvision::roi_pool", Views.narrow(x, 0, 0, 1), regions, 0.5, 3L, 2L).contains("image 1 of a batch of 1"));
    }

    @Test void rowsAreShortened() {
        Tensor table = random(5, 3);
        for (double p : new double[] {2, Double.POSITIVE_INFINITY}) {
            Tensor here = host.tensor("aten::clone", table), device = (Tensor) there(table);
            host.call("aten::embedding_renorm_", here, longs(1, 4, 1), 0.7, p);
            cuda.call("aten::embedding_renorm_", device, there(longs(1, 4, 1)), 0.7, p);
            assertArrayEquals(here.toFloatArray(), device.toFloatArray(), 1e-6f);
        }
        assertEquals(List.of(), throughHost.uses());
    }

    @Test void randomNumbersWithParametersOfTheDevice() {
        Tensor p = host.tensor("aten::sigmoid", random(40)), mean = random(40);
        sameDraws(0, "aten::bernoulli", p);
        sameDraws(0, "aten::bernoulli.Tensor", mean, p);
        sameDraws(1e-6, "aten::normal.Tensor_Tensor", mean, p);
        sameDraws(1e-6, "aten::normal.Tensor_float", mean, 0.5);
        sameDraws(1e-6, "aten::normal.float_Tensor", 2.0, p);
        assertEquals(true, error("aten::bernoulli", floats(0.5f, 1.5f)).contains("got 1.5"));
        assertEquals(true, error("aten::normal.float_Tensor", 0.0, floats(-1)).contains("std >= 0.0"));
        drawnOnTheHost("aten::multinomial", p, 6L, true);
        drawnOnTheHost("aten::poisson", p);
    }

    private void sameDraws(double tolerance, String operator, Object... arguments) {
        deviceNumbers.manualSeed(3);
        hostNumbers.manualSeed(3);
        same(tolerance, operator, arguments);
    }

    /** Draws on the host what depends on sums or on earlier draws, which is counted. */
    private void drawnOnTheHost(String operator, Object... arguments) {
        long before = throughHost.uses().size();
        deviceNumbers.manualSeed(3);
        hostNumbers.manualSeed(3);
        Tensor want = host.tensor(operator, arguments), got = cuda.tensor(operator, Arrays.stream(arguments).map(this::there).toArray());
        assertArrayEquals(want.toDoubleArray(), got.toDoubleArray());
        assertEquals(before + 1, throughHost.uses().size());
    }
}
