package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import org.junit.jupiter.api.Test;

/** What folds, normalises, scans or sorts rows, on the device against the host; nothing of it may run on the host. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class CudaReductionsTest extends BesideTheHost {
    private Tensor random(long... sizes) { return new CallContext(OPS, scope, new Generator(sizes.length), System.out, 1, false).tensor("aten::randn", sizes); }

    private void same(double tolerance, String operator, Object... arguments) {
        Object[] moved = arguments.clone();
        for (int i = 0; i < moved.length; i++) if (moved[i] instanceof Tensor t) moved[i] = cuda.place(t, device.device());
        Tensor[] want = tensors(host.call(operator, arguments)), got = tensors(cuda.call(operator, moved));
        for (int i = 0; i < want.length; i++) {
            assertEquals(device.device(), got[i].device());
            assertEquals(want[i].dtype(), got[i].dtype());
            assertArrayEquals(want[i].sizes(), got[i].sizes());
            assertArrayEquals(want[i].toDoubleArray(), got[i].toDoubleArray(), tolerance, operator + ", result " + i);
        }
    }

    private static Tensor[] tensors(Object result) {
        return result instanceof Object[] several ? java.util.Arrays.copyOf(several, several.length, Tensor[].class) : new Tensor[] {(Tensor) result};
    }

    @Test void foldsOfAllLayouts() {
        Tensor x = random(3, 4, 5, 6), turned = Views.permute(x, 3, 1, 0, 2);
        same(1e-4, "aten::sum.dim_IntList", turned, new long[] {0, 2}, true, null);
        same(1e-5, "aten::mean.dim", Views.slice(x, 3, 1, 6, 2), new long[] {-1}, false, null);
        same(0, "aten::max.dim", turned, 1L, false);
        same(0, "aten::argmin", turned, null, false);
        same(1e-5, "aten::var_mean.correction", Views.expand(random(4, 1), 4, 7), new long[] {1}, 1L, false);
        same(1e-5, "aten::norm.ScalarOpt_dim", x, 3L, new long[] {0, 3}, false);
        same(0, "aten::amax", random(2, 2, 2, 2, 2, 2, 2, 2, 2, 2), new long[] {0, 2, 4, 6, 8}, false);
    }

    @Test void longRowsInParts() {
        Tensor x = random(2, 40_000);
        same(1e-2, "aten::sum.dim_IntList", x, new long[] {1}, false, null);
        same(0, "aten::max.dim", x, 1L, true);
        same(1e-4, "aten::std.dim", x, new long[] {1}, true, false);
    }

    @Test void nothingToFold() {
        Tensor none = Tensor.zeros(ScalarType.FLOAT32, 3, 0);
        same(0, "aten::sum.dim_IntList", none, new long[] {1}, false, null);
        same(0, "aten::mean", none, (Object) null);
        same(0, "aten::all", none);
        same(0, "aten::amax", none, new long[] {0}, false);
        same(0, "aten::sort", none, 1L, false);
        same(0, "aten::sum", random(), (Object) null);
        same(0, "aten::sort", random(), 0L, false);
    }

    @Test void rows() {
        Tensor x = random(4, 6, 10);
        same(1e-6, "aten::softmax.int", Views.transpose(x, 0, 2), 1L, null);
        same(1e-5, "aten::log_softmax.int", x, 0L, null);
        same(1e-5, "aten::native_layer_norm", Views.transpose(x, 0, 1), new long[] {4, 10}, random(4, 10), random(4, 10), 1e-5);
        same(1e-5, "aten::group_norm", x, 3L, random(6), null, 1e-5, true);
        same(1e-5, "aten::instance_norm", x, random(6), random(6), null, null, true, 0.1, 1e-5, true);
        same(1e-5, "aten::cumsum", Views.transpose(x, 1, 2), 1L, null);
        same(0, "aten::cummax", x, 2L);
    }

    @Test void statisticsOfInstances() {
        Tensor x = random(4, 6, 10);
        Tensor[] running = new Tensor[4];
        for (int i = 0; i < 2; i++) {
            Tensor mean = Tensor.zeros(ScalarType.FLOAT32, 6), variance = Tensor.of(new float[] {1, 1, 1, 1, 1, 1}, 6);
            CallContext c = i == 0 ? host : cuda;
            running[2 * i] = i == 0 ? mean : cuda.place(mean, device.device());
            running[2 * i + 1] = i == 0 ? variance : cuda.place(variance, device.device());
            c.call("aten::instance_norm", i == 0 ? x : cuda.place(x, device.device()), null, null, running[2 * i], running[2 * i + 1], true, 0.1, 1e-5, true);
        }
        for (int i = 0; i < 2; i++) assertArrayEquals(running[i].toDoubleArray(), running[2 + i].toDoubleArray(), 1e-6);
    }

    @Test void orders() {
        Tensor x = random(3, 2500);
        Elements.setDouble(x.data(), x.dtype(), x.offset() + 7, Double.NaN);
        same(0, "aten::sort", x, 1L, true);
        same(0, "aten::topk", x, 5L, 1L, false, true);
        same(0, "aten::kthvalue", x, 3L, 1L, true);
        same(0, "aten::median.dim", x, 1L, false);
        same(0, "aten::nanmedian", x);
    }

    @Test void losses() {
        Tensor scores = random(5, 4, 3), target = Tensor.of(new long[] {0, 1, 2, 3, -100, 0, 1, 2, 3, 3, 3, 0, 1, 2, 2}, 5, 3);
        for (long reduction = 0; reduction < 3; reduction++) {
            same(1e-5, "aten::cross_entropy_loss", scores, target, random(4), reduction, -100L, 0.0);
            same(1e-5, "aten::cross_entropy_loss", Views.permute(random(4, 3, 5), 2, 0, 1), target, null, reduction, -100L, 0.2);
            same(1e-5, "aten::cross_entropy_loss", scores, random(5, 4, 3), random(4), reduction, -100L, 0.1);
            same(1e-5, "aten::smooth_l1_loss", scores, Views.expand(random(3), 5, 4, 3), reduction, 0.5);
        }
        same(1e-5, "aten::cosine_similarity", scores, random(5, 4, 1), 1L, 1e-8);
        same(1e-5, "aten::cdist", random(2, 5, 3), random(4, 3), 2.0, null);
    }

    @Test void randomNumbersAreThoseOfTheHost() {
        Tensor p = host.tensor("aten::sigmoid", random(6, 5));
        same(0, "aten::bernoulli", p, (Object) null);
        same(0, "aten::multinomial", p, 3L, true, null);
        same(0, "aten::rand_like", Views.transpose(p, 0, 1));
        same(1e-6, "aten::native_dropout", p, 0.4, true);
        same(1e-6, "aten::dropout", p, 0.4, true);
        assertArrayEquals(host.tensor("aten::randperm", 9L).toLongArray(),
            cuda.tensor("aten::randperm", 9L, null, null, device.device()).toLongArray());
    }
}
