package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.COMMON;
import static dev.cresset.kernels.expr.Promotion.COMMON_FLOAT;
import static dev.cresset.kernels.expr.Promotion.COMMON_FROM_RULE;
import static dev.cresset.kernels.expr.Promotion.FIRST;
import static dev.cresset.kernels.expr.Promotion.FROM_RULE;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.Promotion;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import java.util.List;

/** Sums, products, quotients, powers. */
final class Arithmetic implements OpFamily {
    @Override public void declare(Catalog ops) {
        sums(ops);
        for (String mul : List.of("mul", "multiply")) {
            tensorAndScalar(ops, mul, COMMON, p -> p.in(0).mul(p.in(1)), mul.equals("mul"));
        }
        quotients(ops);
        powers(ops);
        fused(ops);
    }

    private static void sums(Catalog ops) {
        for (String add : List.of("add", "_add_relu")) {
            PointwiseRule rule = add.equals("add") ? Arithmetic::sum : p -> sum(p).max(0);
            ops.op("aten::" + add + ".Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
                .pointwise(COMMON, rule).inplace().out();
            ops.op("aten::" + add + ".Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor")
                .pointwise(COMMON, rule).inplace().out("Scalar_out");
        }
        for (String sub : List.of("sub", "subtract")) {
            ops.op("aten::" + sub + ".Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
                .pointwise(COMMON, p -> difference(p, 0, 1)).inplace().out();
            Catalog.Declaration scalar = ops.op("aten::" + sub + ".Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor")
                .pointwise(COMMON, p -> difference(p, 0, 1)).inplace();
            if (sub.equals("sub")) scalar.out("Scalar_out");
        }
        ops.op("aten::rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")
            .pointwise(COMMON, p -> difference(p, 1, 0)).out("Tensor_out");
        ops.op("aten::rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor")
            .pointwise(COMMON, p -> difference(p, 1, 0)).out("Scalar_out");
    }

    private static Expr sum(PointwiseArgs p) { return p.in(0).add(scaled(p, p.in(1), 2)); }

    private static Expr difference(PointwiseArgs p, int minuend, int subtrahend) {
        boolean first = p.raw(0).type() == ScalarType.BOOL;
        boolean second = p.raw(1).type() == ScalarType.BOOL;
        if (first && second) {
            throw new ScriptError("Subtraction, the `-` operator, with two bool tensors is not supported. "
                + "Use the `^` or `logical_xor()` operator instead.");
        }
        if (first || second) {
            throw new ScriptError("Subtraction, the `-` operator, with a bool tensor is not supported. "
                + "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.");
        }
        return p.in(minuend).sub(scaled(p, p.in(subtrahend), 2));
    }

    /** {@code x} times the factor that is argument i, which must not be of a higher category than the result. */
    private static Expr scaled(PointwiseArgs p, Expr x, int i) {
        if (p.isOne(i)) return x;
        ScalarType factor = p.raw(i).type();
        if (factor == ScalarType.BOOL && p.type() != ScalarType.BOOL) {
            throw new ScriptError("Boolean alpha only supported for Boolean results.");
        }
        if (p.type().isIntegral() && !factor.isIntegral()) {
            throw new ScriptError("For integral input tensors, argument alpha must not be a floating point number.");
        }
        if (factor.isComplex() && !p.type().isComplex()) {
            throw new ScriptError("For non-complex input tensors, argument alpha must not be a complex number.");
        }
        return x.mul(p.in(i));
    }

    private static void quotients(Catalog ops) {
        for (String div : List.of("div", "divide", "true_divide")) {
            boolean main = div.equals("div");
            tensorAndScalar(ops, div, COMMON_FLOAT, p -> p.in(0).div(p.in(1)), main);
            if (div.equals("true_divide")) continue;
            ops.op("aten::" + div + ".Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor")
                .pointwise(COMMON_FROM_RULE, Arithmetic::divideRounding).inplace().out("out_mode");
            Catalog.Declaration scalar = ops.op("aten::" + div + ".Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor")
                .pointwise(COMMON_FROM_RULE, Arithmetic::divideRounding).inplace();
            if (main) scalar.out("Scalar_mode_out");
        }
        PointwiseRule floor = p -> p.in(0).apply(BinaryFn.FLOOR_DIV, notBool(p, p.in(1), "div_floor_cpu"));
        ops.op("aten::floor_divide(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, floor).out()
            .alsoAs("aten::floor_divide_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)");
        ops.op("aten::floor_divide.Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON, floor).inplace();

        PointwiseRule remainder = p -> p.in(0).apply(BinaryFn.REMAINDER, notBool(p, p.in(1), "remainder_cpu"));
        tensorAndScalarOut(ops, "remainder", remainder);
        ops.op("aten::remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor").pointwise(COMMON, remainder)
            .out("Scalar_Tensor_out");
        tensorAndScalarOut(ops, "fmod", p -> p.in(0).apply(BinaryFn.FMOD, notBool(p, p.in(1), "fmod_cpu")));
    }

    private static Expr divideRounding(PointwiseArgs p) {
        if (p.isNone(2)) {
            ScalarType t = p.type().isIntegral() ? ScalarType.FLOAT32 : p.type();
            return p.in(0).to(t).div(p.in(1).to(t)).to(t);
        }
        BinaryFn fn = switch ((String) p.flag(2)) {
            case "floor" -> BinaryFn.FLOOR_DIV;
            case "trunc" -> BinaryFn.TRUNC_DIV;
            case String other -> throw new ScriptError(
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '" + other + "'");
        };
        return p.in(0).apply(fn, notBool(p, p.in(1), "div_" + p.flag(2) + "_cpu")).to(p.type());
    }

    private static void powers(Catalog ops) {
        PointwiseRule pow = p -> p.in(0).pow(notBool(p, p.in(1), "pow"));
        ops.op("aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor").pointwise(COMMON, pow).out("Tensor_Tensor_out")
            .alsoAs("aten::pow_.Tensor(Tensor(a!) self, Tensor exponent) -> Tensor(a!)");
        ops.op("aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor").pointwise(COMMON, pow).out("Tensor_Scalar_out")
            .alsoAs("aten::pow_.Scalar(Tensor(a!) self, Scalar exponent) -> Tensor(a!)");
        ops.op("aten::pow.Scalar(Scalar self, Tensor exponent) -> Tensor").pointwise(COMMON, pow).out("Scalar_out");

        PointwiseRule wide = Arithmetic::floatPower;
        ops.op("aten::float_power.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor").pointwise(FROM_RULE, wide)
            .out("Tensor_Tensor_out").alsoAs("aten::float_power_.Tensor(Tensor(a!) self, Tensor exponent) -> Tensor(a!)");
        ops.op("aten::float_power.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor").pointwise(FROM_RULE, wide)
            .out("Tensor_Scalar_out").alsoAs("aten::float_power_.Scalar(Tensor(a!) self, Scalar exponent) -> Tensor(a!)");
        ops.op("aten::float_power.Scalar(Scalar self, Tensor exponent) -> Tensor").pointwise(FROM_RULE, wide).out("Scalar_out");
        ops.op("aten::ldexp.Tensor(Tensor self, Tensor other) -> Tensor")
            .pointwise(COMMON_FLOAT, p -> p.in(0).mul(p.constant(2).pow(p.in(1)))).out()
            .alsoAs("aten::ldexp_(Tensor(a!) self, Tensor other) -> Tensor(a!)");
    }

    private static Expr floatPower(PointwiseArgs p) {
        boolean complex = p.raw(0).type().isComplex() || p.raw(1).type().isComplex();
        ScalarType t = complex ? ScalarType.COMPLEX128 : ScalarType.FLOAT64;
        return p.raw(0).to(t).pow(p.raw(1).to(t)).to(t);
    }

    private static void fused(Catalog ops) {
        ops.op("aten::addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor")
            .pointwise(COMMON, p -> p.in(0).add(scaled(p, p.in(1), 3).mul(p.in(2)))).inplace().out();
        ops.op("aten::addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor")
            .pointwise(COMMON, Arithmetic::addQuotient).inplace().out();
        ops.op("aten::lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor").pointwise(FIRST, Arithmetic::interpolate)
            .inplace().out("Tensor_out");
        ops.op("aten::lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor").pointwise(FIRST, Arithmetic::interpolate)
            .inplace().out("Scalar_out");
    }

    private static Expr addQuotient(PointwiseArgs p) {
        if (p.raw(1).type().isIntegral() && p.raw(2).type().isIntegral()) {
            throw new ScriptError("Integer division with addcdiv is no longer supported, and in a future  release addcdiv will "
                + "perform a true division of tensor1 and tensor2.");
        }
        return p.in(0).add(scaled(p, p.in(1), 3).div(p.in(2)));
    }

    /** From the nearer end, so that weights 0 and 1 give the ends exactly. */
    private static Expr interpolate(PointwiseArgs p) {
        if (p.raw(0).type() != p.raw(1).type()) {
            throw new ScriptError("expected dtype " + p.raw(0).type().printName() + " for `end` but got dtype " + p.raw(1).type().printName());
        }
        if (p.type().isIntegral()) throw new ScriptError("\"lerp_kernel\" not implemented for '" + p.type().printName() + "'");
        Expr start = p.in(0), end = p.in(1), weight = p.in(2);
        Expr difference = end.sub(start);
        Expr fromStart = start.add(weight.mul(difference));
        Expr fromEnd = end.sub(difference.mul(p.constant(1).sub(weight)));
        Expr isNearStart = (p.type().isComplex() ? weight.abs().to(ScalarType.FLOAT64) : weight).lt(0.5);
        return isNearStart.select(fromStart, fromEnd);
    }

    /** {@code x}, unless the operator computes in bool, which it cannot. */
    private static Expr notBool(PointwiseArgs p, Expr x, String kernel) {
        if (p.type() == ScalarType.BOOL) throw new ScriptError('"' + kernel + "\" not implemented for 'Bool'");
        return x;
    }

    private static void tensorAndScalar(Catalog ops, String name, Promotion promotion, PointwiseRule rule, boolean scalarOut) {
        ops.op("aten::" + name + ".Tensor(Tensor self, Tensor other) -> Tensor").pointwise(promotion, rule).inplace().out();
        Catalog.Declaration scalar = ops.op("aten::" + name + ".Scalar(Tensor self, Scalar other) -> Tensor")
            .pointwise(promotion, rule).inplace();
        if (scalarOut) scalar.out("Scalar_out");
    }

    private static void tensorAndScalarOut(Catalog ops, String name, PointwiseRule rule) {
        ops.op("aten::" + name + ".Tensor(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, rule).inplace().out("Tensor_out");
        ops.op("aten::" + name + ".Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON, rule).inplace().out("Scalar_out");
    }
}
