package dev.cresset.kernels.ops.shape;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.function.Predicate;

/** What a tensor or device is: sizes, strides, type, place. */
final class PropertyOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::size(Tensor self) -> int[]").host(a -> ScriptList.ofLongs(a.tensor(0).sizes()));
        ops.op("aten::size.int(Tensor self, int dim) -> int").host(a -> a.tensor(0).size(a.int32(1)));
        ops.op("aten::sym_size(Tensor self) -> SymInt[]").host(a -> ScriptList.ofLongs(a.tensor(0).sizes()));
        ops.op("aten::sym_size.int(Tensor self, int dim) -> SymInt").host(a -> a.tensor(0).size(a.int32(1)));
        ops.op("aten::sym_numel(Tensor self) -> SymInt").host(a -> a.tensor(0).numel());
        ops.op("aten::dim(Tensor self) -> int").host(a -> (long) a.tensor(0).dim());
        ops.op("aten::numel(Tensor self) -> int").host(a -> a.tensor(0).numel());
        ops.op("aten::stride(Tensor self) -> int[]").host(a -> ScriptList.ofLongs(a.tensor(0).strides()));
        ops.op("aten::stride.int(Tensor self, int dim) -> int")
            .host(a -> a.tensor(0).strides()[Shapes.wrapDim(a.int64(1), a.tensor(0).dim())]);
        ops.op("aten::storage_offset(Tensor self) -> int").host(a -> a.tensor(0).offset());
        ops.op("aten::element_size(Tensor self) -> int").host(a -> (long) a.tensor(0).dtype().byteSize());
        ops.op("aten::len.Tensor(Tensor t) -> int").host(PropertyOps::length);
        ops.op("aten::is_contiguous(Tensor self) -> bool").host(a -> a.tensor(0).isContiguous());
        ops.op("aten::is_contiguous.memory_format(Tensor self, MemoryFormat memory_format) -> bool")
            .host(a -> a.tensor(0).isContiguous(a.int32(1)));
        ops.op("aten::is_leaf(Tensor self) -> bool").host(_ -> true);
        ops.op("aten::is_pinned(Tensor self, Device? device=None) -> bool").host(_ -> false);
        ops.op("aten::is_nonzero(Tensor self) -> bool").host(a -> isNonzero(a.tensor(0)));
        declareTypes(ops);
        declarePlaces(ops);
    }

    private static void declareTypes(Catalog ops) {
        test(ops, "aten::is_floating_point(Tensor self)", t -> t.dtype().isFloating());
        test(ops, "aten::is_complex(Tensor self)", t -> t.dtype().isComplex());
        test(ops, "aten::is_signed(Tensor self)", t -> t.dtype() != ScalarType.UINT8 && t.dtype() != ScalarType.BOOL);
        for (String never : List.of("conj", "neg", "inference", "distributed")) {
            test(ops, "aten::is_" + never + "(Tensor self)", _ -> false);
        }
        ops.op("prim::dtype(Tensor a) -> int").host(a -> (long) a.tensor(0).dtype().code());
        ops.op("prim::requires_grad(Tensor a) -> bool").host(a -> a.tensor(0).requiresGrad());
        ops.op("aten::result_type.Tensor(Tensor tensor, Tensor other) -> ScalarType").host(PropertyOps::resultType);
        ops.op("aten::result_type.Scalar(Tensor tensor, Scalar other) -> ScalarType").host(PropertyOps::resultType);
        ops.op("aten::result_type.Scalar_Tensor(Scalar scalar, Tensor tensor) -> ScalarType")
            .host(PropertyOps::resultType);
        ops.op("aten::result_type.Scalar_Scalar(Scalar scalar1, Scalar scalar2) -> ScalarType")
            .host(PropertyOps::resultType);
        ops.op("aten::promote_types(ScalarType type1, ScalarType type2) -> ScalarType")
            .host(a -> (long) ScalarType.promote(a.dtype(0), a.dtype(1)).code());
        ops.op("aten::can_cast(ScalarType from, ScalarType to) -> bool").host(a -> canCast(a.dtype(0), a.dtype(1)));
    }

    private static void declarePlaces(Catalog ops) {
        ops.op("prim::device(Tensor a) -> Device").host(a -> a.tensor(0).device());
        ops.op("prim::layout(Tensor a) -> Layout").host(_ -> 0L);
        test(ops, "prim::is_cpu(Tensor a)", t -> t.device().isCpu());
        test(ops, "prim::is_cuda(Tensor a)", t -> t.device().isCuda());
        test(ops, "prim::is_meta(Tensor a)", t -> t.device().equals(Device.META));
        test(ops, "prim::is_quantized(Tensor a)", t -> t.dtype().isQuantized());
        for (String never : List.of("sparse", "sparse_csr", "mkldnn", "nested", "xpu", "mps", "vulkan", "ipu", "ort")) {
            test(ops, "prim::is_" + never + "(Tensor a)", _ -> false);
        }
        ops.op("prim::type(Device self) -> str").host(a -> a.device(0).type());
        ops.op("prim::index(Device self) -> int?")
            .host(a -> a.device(0).index() < 0 ? null : (Object) (long) a.device(0).index());
        ops.op("aten::device(str a) -> Device").host(a -> device(a.str(0)));
    }

    private static void test(Catalog ops, String head, Predicate<Tensor> property) {
        ops.op(head + " -> bool").host(a -> property.test(a.tensor(0)));
    }

    private static Device device(String text) {
        try {
            return Device.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ScriptError("Invalid device string: '" + text + "'");
        }
    }

    private static long length(Args a) {
        if (a.tensor(0).dim() == 0) throw new ScriptError("len() of a 0-d tensor");
        return a.tensor(0).sizes()[0];
    }

    static boolean isNonzero(Tensor t) {
        long n = t.numel();
        if (n != 1) {
            throw new ScriptError("Boolean value of Tensor with " + (n == 0 ? "no values" : "more than one value")
                + " is ambiguous");
        }
        return switch (t.item()) {
            case Boolean b -> b;
            case Long l -> l != 0;
            case Complex c -> c.re() != 0 || c.im() != 0;
            case Object d -> (Double) d != 0;
        };
    }

    private static boolean canCast(ScalarType from, ScalarType to) {
        return !(from.isComplex() && !to.isComplex() || from.isFloating() && to.isIntegral()
            || from != ScalarType.BOOL && to == ScalarType.BOOL);
    }

    /** Promotion of two operands with PyTorch's three ranks: tensors with dimensions, 0-dim tensors, numbers. */
    private static long resultType(Args a) {
        ScalarType[] ranks = new ScalarType[3];
        for (int i = 0; i < 2; i++) {
            int rank = a.get(i) instanceof Tensor t ? t.dim() > 0 ? 0 : 1 : 2;
            ScalarType type = a.get(i) instanceof Tensor t ? t.dtype() : CreationOps.numberType(a.get(i));
            ranks[rank] = ranks[rank] == null ? type : ScalarType.promote(ranks[rank], type);
        }
        return combined(combined(ranks[0], ranks[1]), ranks[2]).code();
    }

    /** A lower rank counts only if its category is higher. */
    private static ScalarType combined(ScalarType higher, ScalarType lower) {
        if (higher == null || lower == null) return higher == null ? lower : higher;
        if (lower.category().compareTo(higher.category()) <= 0) return higher;
        return lower.isComplex() && higher.isFloating() ? higher.toComplex() : lower;
    }
}
