package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaRows;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;

/** Normalisation of a sample's own elements: layer_norm and group_norm. */
final class LayerNormOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float"
            + " eps=1.0000000000000001e-05, bool cudnn_enable=True) -> Tensor")
            .kernel(a -> layerShape(a)[0], (a, out) -> layerNorm(a, out, null, null)).everywhere();
        String layer = "(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps";
        ops.op("aten::native_layer_norm" + layer + ") -> (Tensor, Tensor, Tensor)")
            .kernels(LayerNormOps::layerShape, (a, out) -> layerNorm(a, out[0], out[1], out[2])).everywhere()
            .alsoAs("aten::native_layer_norm.out" + layer + ", *, Tensor(a!) out0, Tensor(b!) out1, Tensor(c!) out2)"
                + " -> (Tensor(a!), Tensor(b!), Tensor(c!))");
        ops.op("aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float"
            + " eps=1.0000000000000001e-05, bool cudnn_enabled=True) -> Tensor")
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), LayerNormOps::groupNorm).everywhere();
        String group = "(Tensor input, Tensor? weight, Tensor? bias, SymInt N, SymInt C, SymInt HxW, int group, float eps";
        ops.op("aten::native_group_norm" + group + ") -> (Tensor, Tensor, Tensor)")
            .kernels(LayerNormOps::groupShape, (a, out) -> groups(a, a.int64(3), a.int64(4), a.int64(5), a.int64(6), 1, a.float64(7), out)).everywhere()
            .alsoAs("aten::native_group_norm.out" + group + ", *, Tensor(a!) out0, Tensor(b!) out1, Tensor(c!) out2)"
                + " -> (Tensor(a!), Tensor(b!), Tensor(c!))");
    }

    private static Meta[] layerShape(Args a) {
        Tensor t = a.tensor(0);
        long[] shape = a.longs(1);
        int lead = t.dim() - shape.length;
        if (shape.length == 0) {
            throw new ScriptError("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
                + "normalized_shape = []");
        }
        if (lead < 0 || !Arrays.equals(shape, Arrays.copyOfRange(t.sizes(), lead, t.dim()))) {
            throw new ScriptError("Given normalized_shape=" + Arrays.toString(shape) + ", expected input with shape [*, "
                + Arrays.toString(shape).substring(1) + ", but got input of size" + Arrays.toString(t.sizes()));
        }
        checkShape(a.tensorOrNull(2), shape, "weight");
        checkShape(a.tensorOrNull(3), shape, "bias");
        if (!t.dtype().isFloating()) throw new ScriptError("\"LayerNormKernelImpl\" not implemented for '" + t.dtype().printName() + "'");
        checkTypes(t, a.tensorOrNull(2), a.tensorOrNull(3));
        long[] stats = t.sizes().clone();
        Arrays.fill(stats, lead, stats.length, 1);
        return new Meta[] {Meta.of(t.dtype(), t.sizes()), Meta.of(t.dtype(), stats), Meta.of(t.dtype(), stats)};
    }

    private static void checkShape(Tensor t, long[] shape, String name) {
        if (t != null && !Arrays.equals(t.sizes(), shape)) {
            throw new ScriptError("Expected " + name + " to be of same shape as normalized_shape, but got " + name + " of shape "
                + Arrays.toString(t.sizes()) + " and normalized_shape = " + Arrays.toString(shape));
        }
    }

    /** Weights may be float32 where the input is narrower; else all are of one type. */
    private static void checkTypes(Tensor input, Tensor weight, Tensor bias) {
        Tensor first = weight != null ? weight : bias;
        if (first == null || first.dtype() == input.dtype()) return;
        for (Tensor t : new Tensor[] {weight, bias}) {
            if (t != null && t.dtype() != ScalarType.FLOAT32) {
                throw new ScriptError("mixed dtype (CPU): expect parameter to have scalar type of Float");
            }
        }
        if (input.dtype() == ScalarType.FLOAT64) throw new ScriptError("mixed dtype (CPU): all inputs must share same datatype.");
    }

    private static void layerNorm(Args a, Tensor out, Tensor mean, Tensor rstd) {
        int length = Math.toIntExact(Shapes.numel(a.longs(1)));
        if (length == 0) return;
        if (a.context().isOnDevice()) {
            CudaRows.normalize(a.context(), a.tensor(0), length, length, a.tensorOrNull(2), a.tensorOrNull(3), a.float64(4), out, mean, rstd);
            return;
        }
        Tensor in = Dims.contiguous(a.context(), a.tensor(0));
        Rows.normalize(a.context(), in, out, in.numel() / length, length, length, Rows.elements(a.tensorOrNull(2)),
            Rows.elements(a.tensorOrNull(3)), a.float64(4), mean, rstd);
    }

    private static Meta[] groupShape(Args a) {
        Meta stats = Meta.of(a.tensor(0).dtype(), a.int64(3), a.int64(6));
        return new Meta[] {Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), stats, stats};
    }

    private static void groupNorm(Args a, Tensor out) {
        Tensor t = a.tensor(0);
        if (t.dim() < 2) throw new ScriptError("Expected at least 2 dimensions for input tensor but received " + t.dim());
        long n = t.sizes()[0];
        long c = t.sizes()[1];
        if (c % a.int64(1) != 0) {
            throw new ScriptError("Expected number of channels in input to be divisible by num_groups, but got input of shape "
                + Arrays.toString(t.sizes()) + " and num_groups=" + a.int64(1));
        }
        checkChannels(a.tensorOrNull(2), c, "weight");
        checkChannels(a.tensorOrNull(3), c, "bias");
        if (t.numel() > 0) groups(a, n, c, t.numel() / (n * c), a.int64(1), 2, a.float64(4), new Tensor[] {out, null, null});
    }

    private static void checkChannels(Tensor t, long channels, String name) {
        if (t != null && (t.dim() != 1 || t.numel() != channels)) {
            throw new ScriptError("Expected " + name + " to be a vector of size equal to the number of channels in input, but got "
                + name + " of shape " + Arrays.toString(t.sizes()) + " and " + channels + " channels");
        }
    }

    private static void groups(Args a, long n, long c, long pixels, long groups, int weight, double eps, Tensor[] out) {
        int channels = Math.toIntExact(c / groups);
        int length = Math.toIntExact(channels * pixels);
        if (length == 0) return;
        if (a.context().isOnDevice()) {
            CudaRows.normalize(a.context(), a.tensor(0), length, channels, a.tensorOrNull(weight), a.tensorOrNull(weight + 1), eps, out[0], out[1], out[2]);
            return;
        }
        Tensor in = Dims.contiguous(a.context(), a.tensor(0));
        Rows.normalize(a.context(), in, out[0], n * groups, length, channels, Rows.elements(a.tensorOrNull(weight)),
            Rows.elements(a.tensorOrNull(weight + 1)), eps, out[1], out[2]);
    }
}
