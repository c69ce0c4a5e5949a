package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.COMMON;
import static dev.cresset.kernels.expr.Promotion.COMMON_FLOAT;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.Promotion;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;

/** Functions of two numbers other than arithmetic. */
final class BinaryMath implements OpFamily {
    @Override public void declare(Catalog ops) {
        binary(ops, "minimum", COMMON, p -> p.in(0).min(p.in(1))).out();
        binary(ops, "maximum", COMMON, p -> p.in(0).max(p.in(1))).out();
        binary(ops, "fmin", COMMON, p -> p.in(0).apply(BinaryFn.FMIN, p.in(1))).out();
        binary(ops, "fmax", COMMON, p -> p.in(0).apply(BinaryFn.FMAX, p.in(1))).out();
        binary(ops, "max.other", COMMON, p -> p.in(0).max(p.in(1))).out();
        binary(ops, "min.other", COMMON, p -> p.in(0).min(p.in(1))).out();
        for (String name : new String[] {"atan2", "arctan2"}) {
            binary(ops, name, COMMON_FLOAT, p -> p.in(0).apply(BinaryFn.ATAN2, p.in(1))).inplace().out();
        }
        binary(ops, "hypot", COMMON, p -> p.in(0).apply(BinaryFn.HYPOT, p.in(1))).inplace().out();
        binary(ops, "nextafter", COMMON, p -> p.in(0).apply(BinaryFn.NEXTAFTER, p.in(1))).inplace().out();
        binary(ops, "logaddexp", COMMON, BinaryMath::logAddExp).out();
        binary(ops, "logaddexp2", COMMON, BinaryMath::logAddExp2).out();

        PointwiseRule copysign = p -> p.in(0).apply(BinaryFn.COPYSIGN, p.in(1));
        binary(ops, "copysign.Tensor", COMMON_FLOAT, copysign).inplace().out();
        ops.op("aten::copysign.Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON_FLOAT, copysign)
            .inplace().out("Scalar_out");
        ops.op("aten::heaviside(Tensor self, Tensor values) -> Tensor").pointwise(COMMON, BinaryMath::heaviside).inplace().out();

        binary(ops, "xlogy.Tensor", COMMON_FLOAT, BinaryMath::xlogy).inplace().out("OutTensor");
        ops.op("aten::xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor").pointwise(COMMON_FLOAT, BinaryMath::xlogy)
            .inplace().out("OutScalar_Other");
        ops.op("aten::xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor").pointwise(COMMON_FLOAT, BinaryMath::xlogy)
            .out("OutScalar_Self");
        special(ops, "special_xlogy", BinaryMath::xlogy);
        special(ops, "special_xlog1py", BinaryMath::xlog1py);
    }

    private static void special(Catalog ops, String name, PointwiseRule rule) {
        binary(ops, name, COMMON_FLOAT, rule).out();
        ops.op("aten::" + name + ".other_scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON_FLOAT, rule)
            .out("other_scalar_out");
        ops.op("aten::" + name + ".self_scalar(Scalar self, Tensor other) -> Tensor").pointwise(COMMON_FLOAT, rule)
            .out("self_scalar_out");
    }

    private static Catalog.Declaration binary(Catalog ops, String name, Promotion promotion, PointwiseRule rule) {
        return ops.op("aten::" + name + "(Tensor self, Tensor other) -> Tensor").pointwise(promotion, rule);
    }

    /** {@code log(exp x + exp y)} without overflow; equal infinities are returned as they are. */
    private static Expr logAddExp(PointwiseArgs p) {
        Expr x = floating(p, "logaddexp_cpu"), y = p.in(1);
        Expr sum = x.max(y).add(x.sub(y).abs().neg().exp().log1p());
        return sameInfinity(x, y).select(x, sum);
    }

    private static Expr logAddExp2(PointwiseArgs p) {
        Expr x = floating(p, "logaddexp2_cpu"), y = p.in(1);
        Expr power = x.sub(y).abs().neg().apply(UnaryFn.EXP2);
        return sameInfinity(x, y).select(x, x.max(y).add(power.log1p().mul(1 / Math.log(2))));
    }

    private static Expr floating(PointwiseArgs p, String kernel) {
        if (p.type().isIntegral()) throw new ScriptError('"' + kernel + "\" not implemented for '" + p.type().printName() + "'");
        return p.in(0);
    }

    private static Expr sameInfinity(Expr x, Expr y) { return x.eq(y).and(x.apply(UnaryFn.IS_INF)); }

    private static Expr heaviside(PointwiseArgs p) {
        if (p.raw(0).type() != p.raw(1).type()) {
            throw new ScriptError("heaviside is not yet implemented for tensors with different dtypes.");
        }
        Expr x = p.in(0);
        return x.eq(0).select(p.in(1), x.gt(0).select(p.constant(1), p.constant(0)));
    }

    /** {@code x log y}, 0 where x is 0, unless y is NaN. */
    private static Expr xlogy(PointwiseArgs p) { return zeroTimes(p, p.in(1).log()); }

    private static Expr xlog1py(PointwiseArgs p) { return zeroTimes(p, p.in(1).log1p()); }

    private static Expr zeroTimes(PointwiseArgs p, Expr log) {
        Expr x = p.in(0), y = p.in(1);
        return y.isNan().select(y, x.eq(0).select(p.constant(0), x.mul(log)));
    }
}
