package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.COMMON_TO_REAL;
import static dev.cresset.kernels.expr.Promotion.FIRST;
import static dev.cresset.kernels.expr.Promotion.FIRST_FLOAT;
import static dev.cresset.kernels.expr.Promotion.FROM_RULE;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.Promotion;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;

/** Functions of one number. */
final class UnaryMath implements OpFamily {
    @Override public void declare(Catalog ops) {
        signs(ops);
        rounding(ops);
        transcendental(ops);
        special(ops);
        all(ops, FIRST_FLOAT, p -> p.in(0).mul(Math.PI / 180), "deg2rad");
        all(ops, FIRST_FLOAT, p -> p.in(0).mul(180 / Math.PI), "rad2deg");
    }

    private static void signs(Catalog ops) {
        all(ops, COMMON_TO_REAL, p -> notBool(p, "abs_cpu").abs(), "abs", "absolute");
        all(ops, FIRST, UnaryMath::negated, "neg", "negative");
        all(ops, FIRST, UnaryMath::sign, "sign");
        all(ops, FIRST, p -> p.in(0).apply(UnaryFn.SIGN), "sgn");
        all(ops, FROM_RULE, UnaryMath::square, "square");
        all(ops, FIRST_FLOAT, p -> p.in(0).recip(), "reciprocal");
        functionAndOut(ops, FROM_RULE, UnaryMath::angle, "angle");
        all(ops, FIRST, p -> p.type().isComplex() ? p.in(0).apply(UnaryFn.CONJ) : p.in(0), "conj_physical");
    }

    private static Expr negated(PointwiseArgs p) {
        if (p.type() == ScalarType.BOOL) {
            throw new ScriptError("Negation, the `-` operator, on a bool tensor is not supported. "
                + "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.");
        }
        return p.in(0).neg();
    }

    private static Expr sign(PointwiseArgs p) {
        if (p.type().isComplex()) {
            throw new ScriptError("Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.");
        }
        return p.in(0).apply(UnaryFn.SIGN);
    }

    private static Expr square(PointwiseArgs p) {
        ScalarType t = p.type() == ScalarType.BOOL ? ScalarType.INT64 : p.type();
        Expr x = p.in(0).to(t);
        return x.mul(x).to(t);
    }

    private static Expr angle(PointwiseArgs p) {
        ScalarType t = p.type().isIntegral() ? ScalarType.FLOAT32 : p.type();
        return p.in(0).to(t).apply(UnaryFn.ANGLE).to(t.toReal());
    }

    private static void rounding(Catalog ops) {
        all(ops, FIRST, p -> notBool(p, "ceil").apply(UnaryFn.CEIL), "ceil");
        all(ops, FIRST, p -> notBool(p, "floor").floor(), "floor");
        all(ops, FIRST, p -> notBool(p, "trunc").trunc(), "trunc", "fix");
        all(ops, FIRST, p -> notBool(p, "round").round(), "round");
        all(ops, FIRST, p -> floating(p, "frac_cpu").sub(p.in(0).trunc()), "frac");
        ops.op("aten::round.decimals(Tensor self, *, int decimals) -> Tensor").pointwise(FIRST, UnaryMath::roundDecimals)
            .inplace().out("decimals_out");
        ops.op("aten::special_round(Tensor self, *, int decimals=0) -> Tensor").pointwise(FIRST, UnaryMath::roundDecimals).out();
    }

    private static Expr roundDecimals(PointwiseArgs p) {
        Expr x = floating(p, "round_cpu");
        Expr decimals = p.in(1);
        Expr power = p.constant(10).pow(decimals.abs());
        return decimals.lt(0).select(x.div(power).round().mul(power), x.mul(power).round().div(power));
    }

    private static void transcendental(Catalog ops) {
        float_(ops, UnaryFn.SQRT, "sqrt");
        all(ops, FIRST_FLOAT, p -> p.in(0).sqrt().recip(), "rsqrt");
        float_(ops, UnaryFn.EXP, "exp");
        float_(ops, UnaryFn.EXP2, "exp2");
        float_(ops, UnaryFn.EXPM1, "expm1");
        float_(ops, UnaryFn.LOG, "log");
        float_(ops, UnaryFn.LOG2, "log2");
        float_(ops, UnaryFn.LOG10, "log10");
        float_(ops, UnaryFn.LOG1P, "log1p");
        float_(ops, UnaryFn.SIN, "sin");
        float_(ops, UnaryFn.COS, "cos");
        float_(ops, UnaryFn.TAN, "tan");
        float_(ops, UnaryFn.ASIN, "asin", "arcsin");
        float_(ops, UnaryFn.ACOS, "acos", "arccos");
        float_(ops, UnaryFn.ATAN, "atan", "arctan");
        float_(ops, UnaryFn.SINH, "sinh");
        float_(ops, UnaryFn.COSH, "cosh");
        float_(ops, UnaryFn.TANH, "tanh");
        float_(ops, UnaryFn.ASINH, "asinh", "arcsinh");
        float_(ops, UnaryFn.ACOSH, "acosh", "arccosh");
        float_(ops, UnaryFn.ATANH, "atanh", "arctanh");
        float_(ops, UnaryFn.ERF, "erf");
        float_(ops, UnaryFn.ERFC, "erfc");
        float_(ops, UnaryFn.ERFINV, "erfinv");
        float_(ops, UnaryFn.LGAMMA, "lgamma");
        float_(ops, UnaryFn.DIGAMMA, "digamma");
        float_(ops, UnaryFn.BESSEL_I0, "i0");
        all(ops, FIRST_FLOAT, p -> p.in(0).sigmoid(), "sigmoid");
        all(ops, FIRST_FLOAT, UnaryMath::sinc, "sinc");
        ops.op("aten::logit(Tensor self, float? eps=None) -> Tensor").pointwise(FIRST_FLOAT, UnaryMath::logit).inplace().out();
        ops.op("aten::special_logit(Tensor self, float? eps=None) -> Tensor").pointwise(FIRST_FLOAT, UnaryMath::logit).out();
    }

    private static Expr sinc(PointwiseArgs p) {
        Expr x = p.in(0);
        Expr angle = x.mul(Math.PI);
        return x.eq(0).select(p.constant(1), angle.sin().div(angle));
    }

    private static Expr logit(PointwiseArgs p) {
        Expr x = p.in(0);
        if (!p.isNone(1)) {
            Expr eps = p.in(1);
            Expr limited = x.max(eps).min(p.constant(1).sub(eps));
            x = eps.lt(0).select(x, limited);
        }
        return x.div(p.constant(1).sub(x)).log();
    }

    private static void special(Catalog ops) {
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).sigmoid(), "special_expit");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).erf(), "special_erf");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.ERFC), "special_erfc");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.ERFINV), "special_erfinv");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.EXP2), "special_exp2");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.EXPM1), "special_expm1");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).log1p(), "special_log1p");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.LGAMMA), "special_gammaln");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.BESSEL_I0), "special_i0");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).apply(UnaryFn.DIGAMMA), "special_digamma", "special_psi");
        functionAndOut(ops, FIRST_FLOAT, UnaryMath::sinc, "special_sinc");
        functionAndOut(ops, FIRST_FLOAT, UnaryMath::entropy, "special_entr");
        functionAndOut(ops, FIRST_FLOAT, p -> p.in(0).mul(-Math.sqrt(0.5)).apply(UnaryFn.ERFC).mul(0.5), "special_ndtr");
    }

    /** {@code -x log x}, 0 at 0 and minus infinity below. */
    private static Expr entropy(PointwiseArgs p) {
        Expr x = p.in(0);
        Expr positive = x.neg().mul(x.log());
        Expr rest = x.eq(0).select(p.constant(0), p.constant(Double.NEGATIVE_INFINITY));
        return x.isNan().select(x, x.gt(0).select(positive, rest));
    }

    // ---- forms

    private static void float_(Catalog ops, UnaryFn fn, String... names) { all(ops, FIRST_FLOAT, p -> p.in(0).apply(fn), names); }

    /** The function, its in-place form and its out= form. */
    private static void all(Catalog ops, Promotion promotion, PointwiseRule rule, String... names) {
        for (String name : names) ops.op("aten::" + name + "(Tensor self) -> Tensor").pointwise(promotion, rule).inplace().out();
    }

    private static void functionAndOut(Catalog ops, Promotion promotion, PointwiseRule rule, String... names) {
        for (String name : names) ops.op("aten::" + name + "(Tensor self) -> Tensor").pointwise(promotion, rule).out();
    }

    private static Expr notBool(PointwiseArgs p, String kernel) {
        if (p.type() == ScalarType.BOOL) throw new ScriptError('"' + kernel + "\" not implemented for 'Bool'");
        return p.in(0);
    }

    private static Expr floating(PointwiseArgs p, String kernel) {
        if (p.type().isIntegral()) throw new ScriptError('"' + kernel + "\" not implemented for '" + p.type().printName() + "'");
        return p.in(0);
    }
}
