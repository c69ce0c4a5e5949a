package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.FIRST;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;

/** Activation functions of neural networks that are one expression. */
final class Activations implements OpFamily {
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    @Override public void declare(Catalog ops) {
        rectifiers(ops);
        exponential(ops);
        hard(ops);
        smooth(ops);
    }

    private static void rectifiers(Catalog ops) {
        op(ops, "relu(Tensor self)", p -> relu(p)).inplace().out();
        op(ops, "relu6(Tensor self)", p -> limited(p, p.constant(0), p.constant(6))).inplace();
        op(ops, "leaky_relu(Tensor self, Scalar negative_slope=0.01)", p -> leaky(p, p.in(1))).inplace().out();
        op(ops, "threshold(Tensor self, Scalar threshold, Scalar value)", p -> p.in(0).le(p.in(1)).select(p.in(2), p.in(0)))
            .inplace().out();
    }

    private static Expr relu(PointwiseArgs p) {
        if (p.type() == ScalarType.BOOL) throw new ScriptError("Boolean inputs not supported for relu");
        return p.in(0).max(0);
    }

    /** The sum of the parts on either side of 0, one of which is 0: cheaper than a choice between them. */
    private static Expr leaky(PointwiseArgs p, Expr slope) {
        Expr x = floating(p, "leaky_relu_cpu");
        return x.max(0).add(x.min(0).mul(slope));
    }

    private static void exponential(Catalog ops) {
        op(ops, "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1)",
            p -> elu(p, p.in(1), p.in(2), p.in(3))).inplace().out();
        op(ops, "celu(Tensor self, Scalar alpha=1.)", p -> elu(p, p.in(1), p.constant(1), p.in(1).recip())).inplace().out();
        op(ops, "selu(Tensor self)", p -> elu(p, p.constant(SELU_ALPHA), p.constant(SELU_SCALE), p.constant(1))).inplace();
    }

    /** As {@link #leaky}, the sum of the parts on either side of 0. */
    private static Expr elu(PointwiseArgs p, Expr alpha, Expr scale, Expr inputScale) {
        Expr x = floating(p, "elu_cpu");
        Expr negative = x.min(0).mul(inputScale).exp().sub(1).mul(alpha.mul(scale));
        return x.max(0).mul(scale).add(negative);
    }

    private static void hard(Catalog ops) {
        op(ops, "hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1)", p -> limited(p, p.in(1), p.in(2)))
            .inplace().out();
        op(ops, "hardsigmoid(Tensor self)", p -> floating(p, "hardsigmoid_cpu").add(3).max(0).min(6).div(6)).inplace().out();
        op(ops, "hardswish(Tensor self)", p -> p.in(0).mul(floating(p, "hardswish_cpu").add(3).max(0).min(6)).div(6))
            .inplace().out();
        op(ops, "hardshrink(Tensor self, Scalar lambd=0.5)", p -> {
            Expr x = floating(p, "hardshrink_cpu");
            return x.ge(p.in(1).neg()).and(x.le(p.in(1))).select(p.constant(0), x);
        }).out();
        op(ops, "softshrink(Tensor self, Scalar lambd=0.5)", p -> {
            Expr x = floating(p, "softshrink_cpu"), lambda = p.in(1);
            Expr below = x.lt(lambda.neg()).select(x.add(lambda), p.constant(0));
            return x.gt(lambda).select(x.sub(lambda), below);
        }).out();
    }

    private static Expr limited(PointwiseArgs p, Expr low, Expr high) {
        if (p.type() == ScalarType.BOOL) throw new ScriptError("Bool inputs not supported for hardtanh");
        return p.in(0).max(low).min(high);
    }

    private static void smooth(Catalog ops) {
        op(ops, "silu(Tensor self)", p -> floating(p, "silu_cpu").mul(p.in(0).sigmoid())).inplace().out();
        op(ops, "mish(Tensor self)", p -> floating(p, "mish_cpu").mul(p.in(0).exp().log1p().tanh())).inplace().out();
        op(ops, "gelu(Tensor self, *, str approximate=\"none\")", Activations::gelu).inplace().out();
        op(ops, "softplus(Tensor self, Scalar beta=1, Scalar threshold=20)", p -> {
            Expr x = floating(p, "softplus_cpu");
            Expr scaled = x.mul(p.in(1));
            return scaled.gt(p.in(2)).select(x, scaled.exp().log1p().div(p.in(1)));
        }).out();
        op(ops, "log_sigmoid(Tensor self)", p -> {
            Expr x = floating(p, "log_sigmoid_cpu");
            return x.min(0).sub(x.abs().neg().exp().log1p());
        }).out();
    }

    private static Expr gelu(PointwiseArgs p) {
        Expr x = floating(p, "GeluKernelImpl");
        return switch ((String) p.flag(1)) {
            case "none" -> x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1));
            case "tanh" -> {
                Expr inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
                yield x.mul(0.5).mul(inner.tanh().add(1));
            }
            case String other -> throw new ScriptError("approximate argument must be either none or tanh, got " + other + ".");
        };
    }

    private static Catalog.Declaration op(Catalog ops, String head, PointwiseRule rule) {
        return ops.op("aten::" + head + " -> Tensor").pointwise(FIRST, rule);
    }

    private static Expr floating(PointwiseArgs p, String kernel) {
        if (p.type().isIntegral()) throw new ScriptError('"' + kernel + "\" not implemented for '" + p.type().printName() + "'");
        return p.in(0);
    }
}
