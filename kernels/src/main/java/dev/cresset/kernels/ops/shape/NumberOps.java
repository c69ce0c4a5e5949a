package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.ListType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Tensors from numbers and nested lists of numbers, and numbers from tensors. */
final class NumberOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        for (String type : List.of("float", "int", "bool", "complex")) {
            ops.op("aten::tensor." + type + "(" + type
                + " t, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False)"
                + " -> Tensor").host(a -> withGrad(a, number(a)));
            ops.op("aten::as_tensor." + type + "(" + type
                + " t, *, ScalarType? dtype=None, Device? device=None) -> Tensor")
                .host(NumberOps::number);
        }
        ops.op("aten::tensor(t[] data, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False) "
            + "-> Tensor")
            .host(a -> withGrad(a, fromList(a.context(), a.list(0), a.dtype(1))));
        ops.op("aten::as_tensor(Tensor(a) data, *, ScalarType? dtype=None, Device? device=None) -> Tensor(b|a)")
            .host(a -> ConvertOps.convert(a, a.dtype(1), a.device(2), false, Shapes.PRESERVE));
        ops.op("aten::as_tensor.list(t[] data, *, ScalarType? dtype=None, Device? device=None) -> Tensor")
            .host(a -> fromList(a.context(), a.list(0), a.dtype(1)));
        ops.op("aten::_list_to_tensor(int[] self) -> Tensor")
            .host(a -> fromList(a.context(), a.list(0), ScalarType.INT64));
        ops.op("prim::NumToTensor.Scalar(Scalar a) -> Tensor")
            .kernel(a -> Meta.of(widest(a.get(0))), (a, out) -> Fill.dense(a.context(), out, a.get(0))).everywhere();
        ops.op("prim::NumToTensor.bool(bool a) -> Tensor")
            .kernel(a -> Meta.of(widest(a.get(0))), (a, out) -> Fill.dense(a.context(), out, a.get(0))).everywhere();
        ops.op("aten::item(Tensor self) -> Scalar").host(a -> a.tensor(0).item());
        ops.op("aten::_local_scalar_dense(Tensor self) -> Scalar").host(a -> a.tensor(0).item());
    }

    /** A number as tensor without loss, unlike torch.tensor: float64, complex128. */
    private static ScalarType widest(Object number) {
        return switch (CreationOps.numberType(number)) {
            case FLOAT32 -> ScalarType.FLOAT64;
            case COMPLEX64 -> ScalarType.COMPLEX128;
            case ScalarType t -> t;
        };
    }

    private static Tensor number(Args a) {
        return Fill.dense(a.context(), a.context().empty(a.dtypeOr(1, CreationOps.numberType(a.get(0)))), a.get(0));
    }

    private static Tensor withGrad(Args a, Tensor t) {
        t.setRequiresGrad(a.bool(3));
        return t;
    }

    /** @param dtype null for that of the numbers */
    static Tensor fromList(CallContext context, ScriptList list, ScalarType dtype) {
        List<Long> shape = new ArrayList<>();
        Object first = list;
        Type element = null;
        while (first instanceof ScriptList l) {
            shape.add((long) l.size());
            element = l.elementType();
            first = l.isEmpty() ? null : l.getFirst();
        }
        ScalarType type = dtype != null ? dtype : first != null ? elementType(first) : elementType(element);
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        return context.madeOnHost(() -> {
            Tensor out = context.empty(type, sizes);
            if (out.numel() > 0 || shape.size() > 1) write(list, out, 0, 0);
            return out;
        });
    }

    private static ScalarType elementType(Object first) {
        return CreationOps.numberType(first instanceof Tensor t ? t.item() : first);
    }

    private static ScalarType elementType(Type element) {
        Type t = element;
        while (t instanceof ListType l) t = l.element();
        return t == SimpleType.INT ? ScalarType.INT64 : t == SimpleType.BOOL ? ScalarType.BOOL
            : t == SimpleType.COMPLEX ? ScalarType.COMPLEX64 : ScalarType.FLOAT32;
    }

    /** Writes a nested list and returns the position after it. */
    private static long write(ScriptList list, Tensor out, int dim, long at) {
        if (list.size() != out.sizes()[dim]) {
            throw new ScriptError("Expected sequence of length " + out.sizes()[dim] + " at dim " + dim + " (got "
                + list.size() + ")");
        }
        long next = at;
        for (Object item : list) {
            if (item instanceof ScriptList inner) {
                next = write(inner, out, dim + 1, next);
            } else {
                Object number = item instanceof Tensor t ? t.item() : item;
                if (out.dtype().isIntegral() && number instanceof Double d) number = (long) (double) d;
                Elements.set(out.data(), out.dtype(), next++, number);
            }
        }
        return next;
    }
}
