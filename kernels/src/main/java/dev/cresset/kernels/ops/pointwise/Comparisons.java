package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.COMMON_TO_BOOL;
import static dev.cresset.kernels.expr.Promotion.FIRST_TO_BOOL;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Comparisons and tests, element by element and of whole tensors. */
final class Comparisons implements OpFamily {
    @Override public void declare(Catalog ops) {
        Map<String, BinaryFn> names = new LinkedHashMap<>();
        names.put("eq", BinaryFn.EQ);
        names.put("ne", BinaryFn.NE);
        names.put("not_equal", BinaryFn.NE);
        names.put("lt", BinaryFn.LT);
        names.put("less", BinaryFn.LT);
        names.put("le", BinaryFn.LE);
        names.put("less_equal", BinaryFn.LE);
        names.put("gt", BinaryFn.GT);
        names.put("greater", BinaryFn.GT);
        names.put("ge", BinaryFn.GE);
        names.put("greater_equal", BinaryFn.GE);
        names.forEach((name, fn) -> {
            PointwiseRule rule = p -> p.in(0).apply(fn, p.in(1));
            ops.op("aten::" + name + ".Tensor(Tensor self, Tensor other) -> Tensor").pointwise(COMMON_TO_BOOL, rule)
                .inplace().out("Tensor_out");
            ops.op("aten::" + name + ".Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON_TO_BOOL, rule)
                .inplace().out("Scalar_out");
        });
        tests(ops);
        ops.op("aten::isclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False)"
            + " -> Tensor").pointwise(FIRST_TO_BOOL, Comparisons::isClose);
        ops.op("aten::allclose(Tensor self, Tensor other, float rtol=1.0000000000000001e-05, float atol=1e-08, bool equal_nan=False)"
            + " -> bool").host(a -> allTrue(a.context().tensor("aten::isclose", a.get(0), a.get(1), a.get(2), a.get(3), a.get(4))));
        ops.op("aten::equal(Tensor self, Tensor other) -> bool").host(Comparisons::equal);
    }

    private static void tests(Catalog ops) {
        ops.op("aten::isnan(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).isNan());
        ops.op("aten::isinf(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).apply(UnaryFn.IS_INF));
        ops.op("aten::isfinite(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).apply(UnaryFn.IS_FINITE));
        ops.op("aten::isreal(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).apply(UnaryFn.IMAG).eq(0));
        ops.op("aten::isposinf(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> isInfinity(p, Double.POSITIVE_INFINITY)).out();
        ops.op("aten::isneginf(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> isInfinity(p, Double.NEGATIVE_INFINITY)).out();
        ops.op("aten::signbit(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).apply(UnaryFn.SIGN_BIT)).out();
    }

    private static Expr isInfinity(PointwiseArgs p, double infinity) {
        Expr x = p.in(0);
        return p.type().isIntegral() ? Expr.constant(0, ScalarType.BOOL) : x.eq(infinity);
    }

    private static Expr isClose(PointwiseArgs p) {
        if (p.raw(0).type() != p.raw(1).type()) {
            throw new ScriptError(p.raw(0).type().printName() + " did not match " + p.raw(1).type().printName());
        }
        ScalarType t = p.type().isComplex() || p.type() == ScalarType.FLOAT64 ? ScalarType.FLOAT64 : p.type().isIntegral()
            ? ScalarType.FLOAT64 : ScalarType.FLOAT32;
        Expr x = p.in(0), y = p.in(1);
        Expr allowed = p.raw(3).to(t).add(p.raw(2).to(t).mul(y.abs().to(t)).abs());
        Expr actual = x.sub(y).abs().to(t);
        Expr close = x.eq(y).or(actual.apply(UnaryFn.IS_FINITE).and(actual.le(allowed)));
        return (boolean) p.flag(4) ? close.or(x.isNan().and(y.isNan())) : close;
    }

    private static Object equal(Args a) {
        if (!Arrays.equals(a.tensor(0).sizes(), a.tensor(1).sizes())) return false;
        return allTrue(a.context().tensor("aten::eq.Tensor", a.get(0), a.get(1)));
    }

    private static boolean allTrue(Tensor bools) {
        Tensor t = bools.isContiguous() ? bools : bools.view(new long[] {bools.numel()}, new long[] {1});
        for (byte b : t.cpu().contiguousData().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)) if (b == 0) return false;
        return true;
    }
}
