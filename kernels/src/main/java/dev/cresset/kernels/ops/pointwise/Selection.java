package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.COMMON;
import static dev.cresset.kernels.expr.Promotion.COMMON_AFTER_CONDITION;
import static dev.cresset.kernels.expr.Promotion.FIRST;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;

/** Choosing between values, limiting them, replacing them. */
final class Selection implements OpFamily {
    @Override public void declare(Catalog ops) {
        where(ops);
        limits(ops);
        PointwiseRule masked = p -> p.raw(1).to(ScalarType.BOOL).select(replacement(p, 2), p.in(0));
        ops.op("aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor").pointwise(FIRST, masked)
            .inplace().out("Scalar_out");
        ops.op("aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor").pointwise(FIRST, masked)
            .inplace().out("Tensor_out");
        PointwiseRule fill = p -> replacement(p, 1);
        ops.op("aten::fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!)").pointwise(FIRST, fill)
            .alsoAs("aten::fill.Scalar(Tensor self, Scalar value) -> Tensor");
        ops.op("aten::fill_.Tensor(Tensor(a!) self, Tensor value) -> Tensor(a!)").pointwise(FIRST, fill)
            .alsoAs("aten::fill.Tensor(Tensor self, Tensor value) -> Tensor");
        ops.op("aten::zero_(Tensor(a!) self) -> Tensor(a!)").pointwise(FIRST, p -> p.constant(0))
            .alsoAs("aten::zero(Tensor self) -> Tensor");
        ops.op("aten::nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor")
            .pointwise(FIRST, Selection::nanToNum).inplace().out();
    }

    private static void where(Catalog ops) {
        PointwiseRule rule = p -> {
            ScalarType condition = p.raw(0).type();
            if (condition != ScalarType.BOOL && condition != ScalarType.UINT8) {
                throw new ScriptError("where expected condition to be a boolean tensor, but got a tensor with dtype " + condition.printName());
            }
            return p.raw(0).to(ScalarType.BOOL).select(p.in(1), p.in(2));
        };
        ops.op("aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor").pointwise(COMMON_AFTER_CONDITION, rule)
            .out("self_out");
        ops.op("aten::where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor").pointwise(COMMON_AFTER_CONDITION, rule);
        ops.op("aten::where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor").pointwise(COMMON_AFTER_CONDITION, rule);
        ops.op("aten::where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor").pointwise(COMMON_AFTER_CONDITION, rule);
    }

    private static void limits(Catalog ops) {
        for (String clamp : new String[] {"clamp", "clip"}) {
            ops.op("aten::" + clamp + "(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor")
                .pointwise(COMMON, Selection::clamp).inplace().out();
            ops.op("aten::" + clamp + ".Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor")
                .pointwise(COMMON, Selection::clamp).inplace().out("Tensor_out");
        }
        ops.op("aten::clamp_min(Tensor self, Scalar min) -> Tensor").pointwise(COMMON, p -> p.in(0).max(p.in(1))).inplace().out();
        ops.op("aten::clamp_min.Tensor(Tensor self, Tensor min) -> Tensor").pointwise(COMMON, p -> p.in(0).max(p.in(1)))
            .inplace().out("Tensor_out");
        ops.op("aten::clamp_max(Tensor self, Scalar max) -> Tensor").pointwise(COMMON, p -> p.in(0).min(p.in(1))).inplace().out();
        ops.op("aten::clamp_max.Tensor(Tensor self, Tensor max) -> Tensor").pointwise(COMMON, p -> p.in(0).min(p.in(1)))
            .inplace().out("Tensor_out");
    }

    private static Expr clamp(PointwiseArgs p) {
        if (p.isNone(1) && p.isNone(2)) throw new ScriptError("torch.clamp: At least one of 'min' or 'max' must not be None");
        Expr x = p.in(0);
        if (!p.isNone(1)) x = x.max(p.in(1));
        if (!p.isNone(2)) x = x.min(p.in(2));
        return x;
    }

    private static Expr replacement(PointwiseArgs p, int i) {
        if (p.raw(i).type().isComplex() && !p.type().isComplex()) {
            throw new ScriptError("value cannot be converted to type " + p.type().printName() + " without overflow");
        }
        return p.in(i);
    }

    private static Expr nanToNum(PointwiseArgs p) {
        if (p.type().isIntegral()) return p.in(0);
        if (p.type().isComplex()) throw new ScriptError("nan_to_num of complex tensors is not supported: take real and imag parts");
        double largest = largest(p.type());
        Expr x = p.in(0);
        Expr nan = p.isNone(1) ? p.constant(0) : p.in(1);
        Expr high = p.isNone(2) ? p.constant(largest) : p.in(2);
        Expr low = p.isNone(3) ? p.constant(-largest) : p.in(3);
        Expr finite = x.apply(UnaryFn.IS_INF).select(x.gt(0).select(high, low), x);
        return x.isNan().select(nan, finite);
    }

    private static double largest(ScalarType t) {
        return switch (t) {
            case FLOAT16 -> 65504;
            case BFLOAT16 -> 0x1.FEp127;
            case FLOAT32 -> Float.MAX_VALUE;
            default -> Double.MAX_VALUE;
        };
    }
}
