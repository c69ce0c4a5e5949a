package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;

/** Conversions of type, place and gradient flag. What needs no change is returned as it is, not copied. */
final class ConvertOps implements OpFamily {
    private static final Map<String, ScalarType> CASTS =
        new TreeMap<>(Map.of("Byte", ScalarType.UINT8, "Char", ScalarType.INT8,
        "Double", ScalarType.FLOAT64, "Float", ScalarType.FLOAT32, "Half", ScalarType.FLOAT16, "Int", ScalarType.INT32,
        "Long", ScalarType.INT64, "Short", ScalarType.INT16));

    @Override public void declare(Catalog ops) {
        declareTo(ops);
        CASTS.forEach((name, type) -> ops.op("aten::_cast_" + name + "(Tensor self, bool non_blocking=False) -> Tensor")
            .host(a -> convert(a, type, null, false, Shapes.PRESERVE)));
        ops.op("aten::type_as(Tensor self, Tensor other) -> Tensor")
            .host(a -> convert(a, a.tensor(1).dtype(), a.tensor(1).device(), false, Shapes.PRESERVE));
        ops.op("aten::cpu(Tensor(a) self) -> Tensor(b|a)")
            .host(a -> convert(a, null, Device.CPU, false, Shapes.PRESERVE));
        ops.op("aten::cuda(Tensor(a) self) -> Tensor(b|a)")
            .host(a -> convert(a, null, new Device("cuda", -1), false, Shapes.PRESERVE));
        ops.op("aten::pin_memory(Tensor(a) self, Device? device=None) -> Tensor(a)").host(a -> a.tensor(0));
        ops.op("aten::lift(Tensor self) -> Tensor").host(a -> a.tensor(0));
        ops.op("aten::lift_fresh(Tensor(a) self) -> Tensor(a)").host(a -> a.tensor(0));
        ops.op("aten::detach(Tensor(a) self) -> Tensor(a)").host(a -> detached(a.tensor(0)));
        ops.op("prim::data(Tensor(a) a) -> Tensor(a)").host(a -> detached(a.tensor(0)));
        ops.op("aten::data(Tensor self) -> Tensor").host(a -> detached(a.tensor(0)));
        ops.op("aten::detach_(Tensor(a!) self) -> Tensor(a!)").host(a -> withGrad(a.tensor(0), false));
        ops.op("aten::requires_grad_(Tensor(a!) self, bool requires_grad=True) -> Tensor(a!)")
            .host(a -> withGrad(a.tensor(0), a.bool(1)));
    }

    private static void declareTo(Catalog ops) {
        String tail = "bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)";
        ops.op("aten::to.device(Tensor(a) self, Device device, ScalarType dtype, " + tail)
            .host(a -> convert(a, a.dtype(2), a.device(1), a.bool(4), format(a, 5)));
        ops.op("aten::to.dtype(Tensor(a) self, ScalarType dtype, " + tail)
            .host(a -> convert(a, a.dtype(1), null, a.bool(3), format(a, 4)));
        ops.op("aten::to.other(Tensor(a) self, Tensor other, " + tail)
            .host(a -> convert(a, a.tensor(1).dtype(), a.tensor(1).device(), a.bool(3), format(a, 4)));
        ops.op("aten::to.dtype_layout(Tensor(a) self, " + CreationOps.OPTIONS + ", " + tail)
            .host(a -> convert(a, a.dtype(1), a.device(3), a.bool(6), format(a, 7)));
        ops.op("aten::to.prim_Device(Tensor(a) self, Device? device, int? dtype=None, bool non_blocking=False, "
            + "bool copy=False)"
            + " -> Tensor(b|a)").host(a -> convert(a, a.dtype(2), a.device(1), a.bool(4), Shapes.PRESERVE));
        ops.op("aten::to.prim_dtype(Tensor(a) self, int? dtype=None, bool non_blocking=False, bool copy=False) -> "
            + "Tensor(b|a)")
            .host(a -> convert(a, a.dtype(1), null, a.bool(3), Shapes.PRESERVE));
        ops.op("aten::to.prim_other(Tensor(a) self, bool non_blocking=False, bool copy=False) -> Tensor(b|a)")
            .host(a -> convert(a, null, null, a.bool(2), Shapes.PRESERVE));
        ops.op("aten::_to_copy(Tensor self, " + CreationOps.OPTIONS
            + ", bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor")
            .host(a -> convert(a, a.dtype(1), a.device(3), true, format(a, 6)));
    }

    private static int format(Args a, int i) { return (int) a.int64Or(i, Shapes.PRESERVE); }

    /**
     * Argument 0 as another type, in another layout, in another place. Programs name devices of the machine they were
     * written on: a call on the host has no other device, so there the device asked for changes nothing.
     *
     * @param dtype  null to keep it
     * @param device null to keep it
     */
    static Tensor convert(Args a, ScalarType dtype, Device device, boolean copy, int format) {
        Tensor t = device == null ? a.tensor(0) : a.context().place(a.tensor(0), device);
        ScalarType to = dtype == null ? t.dtype() : dtype;
        boolean fits = format == Shapes.PRESERVE || t.isContiguous(format);
        boolean fresh = t != a.tensor(0);
        if ((fresh || !copy) && to == t.dtype() && fits) return t;
        Meta layout = CopyOps.inFormat(t, format);
        Tensor out = a.context().beside(t, new Meta(to, layout.sizes(), layout.strides()));
        Elementwise.copy(a.context(), t, out);
        return out;
    }

    private static Tensor detached(Tensor t) { return withGrad(t.view(t.sizes(), t.strides()), false); }

    private static Tensor withGrad(Tensor t, boolean requiresGrad) {
        t.setRequiresGrad(requiresGrad);
        return t;
    }
}
