package dev.cresset.kernels.ops.scalar;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.value.Text;
import dev.cresset.tensor.Tensor;

/** Conversions between numbers, strings, bools and one-element tensors. */
final class ConversionOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        Overloads o = new Overloads(ops);
        o.each("aten::Int", a -> elementToInt(a.tensor(0).item()), ".Tensor(Tensor a) -> int");
        o.each("aten::Int", a -> toInt(a.get(0)), ".bool(bool a) -> int", ".float(float a) -> int", ".Scalar(Scalar a) -> int");
        o.each("aten::Int", a -> parseInt(a.str(0)), ".str(str a) -> int");
        o.each("aten::Float", a -> Numbers.toDouble(plain(a.get(0))), ".Tensor(Tensor a) -> float", ".Scalar(Scalar a) -> float",
            ".int(int a) -> float", ".bool(bool a) -> float");
        o.each("aten::Float", a -> parseFloat(a.str(0)), ".str(str a) -> float");
        o.each("aten::Bool", a -> truth(a.get(0)), ".Tensor(Tensor a) -> bool", ".int(int a) -> bool", ".float(float a) -> bool");
        complex(o);
        implicit(ops);
        ops.op("aten::str(t elem) -> str").host(a -> Text.of(a.get(0)));
    }

    private static void complex(Overloads o) {
        o.each("aten::Complex", a -> Numbers.toComplex(a.get(0)), ".Scalar(Scalar a) -> complex");
        o.each("aten::Complex", ConversionOps::fromTensors, ".Tensor_Tensor(Tensor a, Tensor b) -> complex");
        for (String pair : new String[] {"int_bool", "bool_int", "float_bool", "bool_float", "float_int", "int_float", "int_int",
            "bool_bool", "float_float", "Tensor_float", "float_Tensor", "Tensor_int", "int_Tensor", "Tensor_bool", "bool_Tensor"}) {
            String[] types = pair.split("_");
            o.each("aten::Complex", a -> new Complex(Numbers.toDouble(plain(a.get(0))), Numbers.toDouble(plain(a.get(1)))),
                "." + pair + "(" + types[0] + " x, " + types[1] + " y) -> complex");
        }
    }

    /** {@code a + b i}, where both may be complex. */
    private static Object fromTensors(Args a) {
        Complex x = Numbers.toComplex(a.tensor(0).item());
        Complex y = Numbers.toComplex(a.tensor(1).item());
        return new Complex(x.re() - y.im(), x.im() + y.re());
    }

    private static void implicit(Catalog ops) {
        ops.op("aten::IntImplicit(Tensor a) -> int").host(a -> {
            Tensor t = implicitScalar(a);
            if (t.dtype().category() != ScalarType.Category.INTEGRAL) {
                throw new ScriptError("Cannot input a tensor of type " + t.dtype().printName() + " as an integral argument");
            }
            return toInt(t.item());
        });
        ops.op("aten::FloatImplicit(Tensor a) -> float").host(a -> Numbers.toDouble(implicitScalar(a).item()));
        ops.op("aten::ComplexImplicit(Tensor a) -> complex").host(a -> Numbers.toComplex(implicitScalar(a).item()));
        ops.op("aten::ScalarImplicit(Tensor a) -> Scalar").host(a -> implicitScalar(a).item());
    }

    private static Tensor implicitScalar(Args a) {
        Tensor t = a.tensor(0);
        if (t.requiresGrad()) throw new ScriptError("Cannot input a tensor that requires grad as a scalar argument");
        if (t.dim() != 0) {
            throw new ScriptError("Cannot input a tensor of dimension other than 0 as a scalar argument");
        }
        return t;
    }

    /** The element of a tensor; other values as they are. */
    private static Object plain(Object v) { return v instanceof Tensor t ? t.item() : v; }

    /** Unlike a number of the program, an element must fit. */
    private static long elementToInt(Object v) {
        if (v instanceof Double d && !(d >= -0x1p63 && d < 0x1p63)) {
            throw new ScriptError("value cannot be converted to type int64_t without overflow");
        }
        return toInt(v);
    }

    private static long toInt(Object v) {
        return switch (v) {
            case Double d -> Numbers.truncate(d);
            case Complex c when c.im() == 0 -> Numbers.truncate(c.re());
            case Complex _ -> throw new ScriptError("value cannot be converted to type int64_t without overflow");
            default -> Numbers.toLong(v);
        };
    }

    /** Python's truth of a number, string or one-element tensor; NaN is true. */
    static boolean truth(Object v) {
        return switch (v) {
            case Boolean b -> b;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case Complex c -> c.re() != 0 || c.im() != 0;
            case String s -> !s.isEmpty();
            case Tensor t when t.numel() == 1 -> truth(t.item());
            case Tensor t -> throw new ScriptError("Boolean value of Tensor with " + (t.numel() == 0 ? "no values" : "more than one value")
                + " is ambiguous");
            default -> true;
        };
    }

    private static long parseInt(String s) {
        String digits = s.stripLeading();
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            // PyTorch names std::stoll where no number begins or it does not fit
            boolean trailing = digits.matches("[+-]?\\d+\\D.*");
            throw new ScriptError((trailing ? "" : "stoll: ") + "invalid literal for int() with base 10: '" + s + "'");
        }
    }

    private static double parseFloat(String s) {
        String text = s.strip().toLowerCase(java.util.Locale.ROOT);
        if (text.matches("[+-]?(inf|infinity)")) return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        if (text.matches("[+-]?nan")) return Double.NaN;
        if (text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?") && !s.endsWith(" ")) return Double.parseDouble(text);
        throw new ScriptError("stod: could not convert string to float: '" + s + "'");
    }
}
