package dev.cresset.kernels.ops.pointwise;

import static dev.cresset.kernels.expr.Promotion.BOOL;
import static dev.cresset.kernels.expr.Promotion.COMMON;
import static dev.cresset.kernels.expr.Promotion.FIRST;
import static dev.cresset.kernels.expr.Promotion.FIRST_TO_BOOL;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseArgs;
import dev.cresset.kernels.expr.PointwiseRule;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;

/** Operators on bits of integers and on truth values. */
final class BitsAndLogic implements OpFamily {
    @Override public void declare(Catalog ops) {
        logic(ops, "and", BinaryFn.AND);
        logic(ops, "or", BinaryFn.OR);
        logic(ops, "xor", BinaryFn.XOR);
        ops.op("aten::logical_not(Tensor self) -> Tensor").pointwise(FIRST_TO_BOOL, p -> p.in(0).not()).inplace().out();

        bits(ops, "and", BinaryFn.AND);
        bits(ops, "or", BinaryFn.OR);
        bits(ops, "xor", BinaryFn.XOR);
        ops.op("aten::bitwise_not(Tensor self) -> Tensor").pointwise(FIRST,
            p -> onBits(p, "bitwise_not_cpu").apply(p.type() == ScalarType.BOOL ? UnaryFn.NOT : UnaryFn.BIT_NOT)).inplace().out();
        shift(ops, "left", "l", BinaryFn.SHIFT_LEFT);
        shift(ops, "right", "r", BinaryFn.SHIFT_RIGHT);
        ops.op("aten::gcd(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, p -> integers(p, "gcd_cpu", BinaryFn.GCD))
            .inplace().out();
        ops.op("aten::lcm(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, p -> integers(p, "lcm_cpu", BinaryFn.LCM))
            .inplace().out();
    }

    private static void logic(Catalog ops, String name, BinaryFn fn) {
        ops.op("aten::logical_" + name + "(Tensor self, Tensor other) -> Tensor")
            .pointwise(BOOL, p -> p.in(0).apply(fn, p.in(1))).inplace().out();
    }

    private static void bits(Catalog ops, String name, BinaryFn fn) {
        PointwiseRule rule = p -> onBits(p, "bitwise_" + name + "_cpu").apply(fn, p.in(1));
        ops.op("aten::bitwise_" + name + ".Tensor(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, rule)
            .inplace().out("Tensor_out");
        ops.op("aten::bitwise_" + name + ".Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON, rule)
            .inplace().out("Scalar_out");
        ops.op("aten::bitwise_" + name + ".Scalar_Tensor(Scalar self, Tensor other) -> Tensor").pointwise(COMMON, rule)
            .out("Scalar_Tensor_out");
        operators(ops, name, rule);
    }

    private static void shift(Catalog ops, String name, String letter, BinaryFn fn) {
        PointwiseRule rule = p -> integers(p, letter + "shift_cpu", fn);
        String full = "aten::bitwise_" + name + "_shift";
        ops.op(full + ".Tensor(Tensor self, Tensor other) -> Tensor").pointwise(COMMON, rule).inplace().out("Tensor_out");
        ops.op(full + ".Tensor_Scalar(Tensor self, Scalar other) -> Tensor").pointwise(COMMON, rule).inplace().out("Tensor_Scalar_out");
        ops.op(full + ".Scalar_Tensor(Scalar self, Tensor other) -> Tensor").pointwise(COMMON, rule).out("Scalar_Tensor_out");
        operators(ops, letter + "shift", rule);
    }

    /** The forms behind {@code &} and {@code &=}. */
    private static void operators(Catalog ops, String name, PointwiseRule rule) {
        for (String other : new String[] {"Tensor", "Scalar"}) {
            ops.op("aten::__" + name + "__." + other + "(Tensor self, " + other + " other) -> Tensor").pointwise(COMMON, rule)
                .alsoAs("aten::__i" + name + "__." + other + "(Tensor(a!) self, " + other + " other) -> Tensor(a!)");
        }
    }

    private static Expr integers(PointwiseArgs p, String kernel, BinaryFn fn) {
        if (p.type() == ScalarType.BOOL) throw new ScriptError('"' + kernel + "\" not implemented for 'Bool'");
        return onBits(p, kernel).apply(fn, p.in(1));
    }

    private static Expr onBits(PointwiseArgs p, String kernel) {
        if (!p.type().isIntegral()) throw new ScriptError('"' + kernel + "\" not implemented for '" + p.type().printName() + "'");
        return p.in(0);
    }
}
