package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.ValueEquality;

/** Operators of the language on numbers: arithmetic, bits, comparisons. */
final class ArithmeticOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        Overloads o = new Overloads(ops);
        arithmetic(o);
        division(o);
        bits(o);
        comparisons(o);
        o.each("prim::abs", a -> Numbers.abs(a.get(0)),
            ".int(int a) -> int", ".float(float a) -> float", ".complex(complex a) -> float", ".Scalar(Scalar a) -> Scalar");
        o.each("aten::neg", a -> Numbers.neg(a.get(0)),
            ".int(int a) -> int", ".float(float a) -> float", ".complex(complex a) -> complex", ".Scalar(Scalar a) -> Scalar");
    }

    private static void arithmetic(Overloads o) {
        String[] forms = {"int -> int", "complex -> complex", "float -> float", "int_complex -> complex", "complex_int -> complex",
            "float_complex -> complex", "complex_float -> complex", "int_float -> float", "float_int -> float", "Scalar -> Scalar"};
        o.binary("aten::add", a -> Numbers.add(a.get(0), a.get(1)), forms);
        o.binary("aten::sub", a -> Numbers.sub(a.get(0), a.get(1)), forms);
        o.binary("aten::mul", a -> Numbers.mul(a.get(0), a.get(1)), forms);
    }

    private static void division(Overloads o) {
        o.binary("aten::div", a -> Numbers.div(a.get(0), a.get(1)), "int -> float", "complex -> complex", "float -> float", "Scalar -> float");
        String[] forms = {"int -> int", "float -> float", "int_float -> float", "float_int -> float", "Scalar -> Scalar"};
        o.binary("aten::floordiv", a -> Numbers.floordiv(a.get(0), a.get(1)), forms);
        o.binary("aten::remainder", a -> Numbers.remainder(a.get(0), a.get(1)), forms);
        o.binary("aten::pow", a -> Numbers.pow(a.get(0), a.get(1)), "int -> float", "complex -> complex", "float -> float",
            "int_float -> float", "float_int -> float", "float_complex -> complex", "complex_float -> complex");
        o.each("aten::pow", a -> Numbers.pow(a.get(0), a.get(1)), ".Scalar_Scalar(Scalar a, Scalar b) -> float");
        o.each("aten::pow", a -> Numbers.truncate(Numbers.cPow(a.int64(0), a.int64(1))), ".int_to_int(int a, int b) -> int");
        o.each("aten::divmod", a -> Numbers.divmod(a.get(0), a.get(1)), ".int(int x, int y) -> (int, int)",
            ".float(float x, float y) -> (float, float)", ".int_float(int x, float y) -> (float, float)",
            ".float_int(float x, int y) -> (float, float)");
        o.each("aten::__round_to_zero_floordiv", a -> truncatingDivision(a.int64(0), a.int64(1)), ".int(int a, int b) -> int");
    }

    private static long truncatingDivision(long a, long b) {
        if (b == 0) throw new ScriptError("division by 0");
        return a / b;
    }

    private static void bits(Overloads o) {
        o.binary("aten::__and__", a -> a.bool(0) & a.bool(1), "bool -> bool");
        o.binary("aten::__and__", a -> a.int64(0) & a.int64(1), "int -> int");
        o.binary("aten::__or__", a -> a.bool(0) | a.bool(1), "bool -> bool");
        o.binary("aten::__or__", a -> a.int64(0) | a.int64(1), "int -> int");
        o.binary("aten::__xor__", a -> a.bool(0) ^ a.bool(1), "bool -> bool");
        o.binary("aten::__xor__", a -> a.int64(0) ^ a.int64(1), "int -> int");
        // Java takes the shift count modulo 64, as the x86 instruction behind PyTorch does
        o.binary("aten::__lshift__", a -> a.int64(0) << a.int64(1), "int -> int");
        o.binary("aten::__rshift__", a -> a.int64(0) >> a.int64(1), "int -> int");
    }

    private static void comparisons(Overloads o) {
        String[] equality = {"bool -> bool", "int -> bool", "complex -> bool", "float -> bool", "int_float -> bool", "float_int -> bool",
            "float_complex -> bool", "complex_float -> bool", "Scalar -> bool", "str -> bool"};
        Body.Function equal = a -> ValueEquality.equal(a.get(0), a.get(1));
        Body.Function unequal = a -> !ValueEquality.equal(a.get(0), a.get(1));
        String[] others = {".device(Device a, Device b) -> bool", ".enum(AnyEnumType a, AnyEnumType b) -> bool"};
        o.each("aten::eq", equal, others).binary("aten::eq", equal, equality);
        o.each("aten::ne", unequal, others).binary("aten::ne", unequal, equality);
        for (String type : new String[] {"int", "float", "Tensor", "bool", "str"}) {
            String tail = "." + type + "_list(" + type + "[] a, " + type + "[] b) -> bool";
            o.each("aten::eq", equal, tail).each("aten::ne", unequal, tail);
        }
        String[] order = {"int -> bool", "float -> bool", "int_float -> bool", "float_int -> bool", "Scalar -> bool", "str -> bool"};
        o.binary("aten::lt", a -> Numbers.less(a.get(0), a.get(1)), order);
        o.binary("aten::gt", a -> Numbers.less(a.get(1), a.get(0)), order);
        o.binary("aten::le", a -> Numbers.lessOrEqual(a.get(0), a.get(1)), order);
        o.binary("aten::ge", a -> Numbers.lessOrEqual(a.get(1), a.get(0)), order);
        o.each("aten::__is__", a -> ValueEquality.same(a.get(0), a.get(1)), "(t1 self, t2 obj) -> bool");
        o.each("aten::__isnot__", a -> !ValueEquality.same(a.get(0), a.get(1)), "(t1 self, t2 obj) -> bool");
        o.each("aten::__not__", a -> !a.bool(0), "(bool self) -> bool");
    }
}
