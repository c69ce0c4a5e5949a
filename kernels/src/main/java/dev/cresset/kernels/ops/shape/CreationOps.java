package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** Tensors of one value, and empty ones. */
final class CreationOps implements OpFamily {
    static final String OPTIONS =
        "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None";
    private static final String LIKE_OPTIONS = OPTIONS + ", MemoryFormat? memory_format=None) -> Tensor";

    @Override public void declare(Catalog ops) {
        declareSized(ops);
        declareLike(ops);
        ops.op("aten::scalar_tensor(Scalar s, " + OPTIONS + ") -> Tensor")
            .kernel(a -> Meta.of(a.dtypeOr(1, ScalarType.FLOAT32)), (a, out) -> Fill.dense(a.context(), out, a.get(0))).everywhere();
        ops.op("aten::eye(int n, " + OPTIONS + ") -> Tensor")
            .kernel(a -> Meta.of(a.dtypeOr(1, ScalarType.FLOAT32), a.int64(0), a.int64(0)), (a, out) -> eye(a.context(), out)).everywhere()
            .alsoAs("aten::eye.out(int n, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::eye.m(int n, int m, " + OPTIONS + ") -> Tensor")
            .kernel(a -> Meta.of(a.dtypeOr(2, ScalarType.FLOAT32), a.int64(0), a.int64(1)), (a, out) -> eye(a.context(), out)).everywhere();
    }

    private static void declareSized(Catalog ops) {
        ops.op("aten::zeros(SymInt[] size, " + OPTIONS + ") -> Tensor")
            .kernel(a -> sized(a, 0, 1), (a, out) -> Fill.dense(a.context(), out, 0L)).everywhere();
        ops.op("aten::ones(SymInt[] size, " + OPTIONS + ") -> Tensor")
            .kernel(a -> sized(a, 0, 1), (a, out) -> Fill.dense(a.context(), out, 1L)).everywhere();
        ops.op("aten::full(SymInt[] size, Scalar fill_value, " + OPTIONS + ") -> Tensor")
            .kernel(a -> Meta.of(a.dtypeOr(2, numberType(a.get(1))), a.longs(0)), (a, out) ->
            Fill.dense(a.context(), out, a.get(1))).everywhere();
        ops.op("aten::empty.memory_format(SymInt[] size, " + LIKE_OPTIONS)
            .host(a -> a.context().empty(inFormat(sized(a, 0, 1), a.int64Or(5, Shapes.CONTIGUOUS))));
        ops.op("aten::empty_strided(SymInt[] size, SymInt[] stride, " + OPTIONS + ") -> Tensor")
            .host(a -> a.context().emptyStrided(a.dtypeOr(2, ScalarType.FLOAT32), a.longs(0), a.longs(1)));
        ops.op("aten::new_empty(Tensor self, SymInt[] size, " + OPTIONS + ") -> Tensor")
            .host(a -> a.context().empty(sizedAs(a, 2)));
        ops.op("aten::new_empty_strided(Tensor self, SymInt[] size, SymInt[] stride, " + OPTIONS + ") -> Tensor")
            .host(a -> a.context().emptyStrided(a.dtypeOr(3, a.tensor(0).dtype()), a.longs(1), a.longs(2)));
        ops.op("aten::new_zeros(Tensor self, SymInt[] size, " + OPTIONS + ") -> Tensor")
            .kernel(a -> sizedAs(a, 2), (a, out) -> Fill.dense(a.context(), out, 0L)).everywhere();
        ops.op("aten::new_ones(Tensor self, SymInt[] size, " + OPTIONS + ") -> Tensor")
            .kernel(a -> sizedAs(a, 2), (a, out) -> Fill.dense(a.context(), out, 1L)).everywhere();
        ops.op("aten::new_full(Tensor self, SymInt[] size, Scalar fill_value, " + OPTIONS + ") -> Tensor")
            .kernel(a -> sizedAs(a, 3), (a, out) -> Fill.dense(a.context(), out, a.get(2))).everywhere();
    }

    private static void declareLike(Catalog ops) {
        ops.op("aten::zeros_like(Tensor self, " + LIKE_OPTIONS)
            .kernel(a -> like(a, 1), (a, out) -> Fill.dense(a.context(), out, 0L)).everywhere();
        ops.op("aten::ones_like(Tensor self, " + LIKE_OPTIONS).kernel(a -> like(a, 1), (a, out) -> Fill.dense(a.context(), out, 1L)).everywhere();
        ops.op("aten::full_like(Tensor self, Scalar fill_value, " + LIKE_OPTIONS)
            .kernel(a -> like(a, 2), (a, out) -> Fill.dense(a.context(), out, a.get(1))).everywhere();
        ops.op("aten::empty_like(Tensor self, " + LIKE_OPTIONS).host(a -> a.context().empty(like(a, 1)));
    }

    /** The element type torch.tensor and torch.full give a Python number. */
    static ScalarType numberType(Object number) {
        return switch (number) {
            case Boolean _ -> ScalarType.BOOL;
            case Long _ -> ScalarType.INT64;
            case Double _ -> ScalarType.FLOAT32;
            case Complex _ -> ScalarType.COMPLEX64;
            default -> throw new ScriptError("cannot make a tensor of " + number);
        };
    }

    private static Meta sized(Args a, int size, int dtype) {
        return Meta.of(a.dtypeOr(dtype, ScalarType.FLOAT32), checked(a.longs(size)));
    }

    private static Meta sizedAs(Args a, int dtype) {
        return Meta.of(a.dtypeOr(dtype, a.tensor(0).dtype()), checked(a.longs(1)));
    }

    private static long[] checked(long[] sizes) {
        Shapes.numel(sizes);
        return sizes;
    }

    private static Meta inFormat(Meta meta, long format) {
        return format < Shapes.CHANNELS_LAST ? meta
            : new Meta(meta.dtype(), meta.sizes(), Shapes.strides(meta.sizes(), (int) format));
    }

    /** @param dtype position of the dtype argument; the memory format comes four later */
    private static Meta like(Args a, int dtype) {
        Tensor t = a.tensor(0);
        Meta layout = CopyOps.inFormat(t, (int) a.int64Or(dtype + 4, Shapes.PRESERVE));
        return new Meta(a.dtypeOr(dtype, t.dtype()), layout.sizes(), layout.strides());
    }

    private static void eye(CallContext c, Tensor out) {
        Fill.dense(c, out, 0L);
        Fill.any(c, dev.cresset.tensor.Views.diagonal(out, 0, 0, 1), 1L);
    }
}
