package dev.cresset.ir.script;

import dev.cresset.ir.script.ast.BinaryOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.UnaryOp;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions that are constants: default arguments, class constants, values of enum members. */
final class Literals {
    private Literals() {}

    /** The value as Long, Double, Boolean, String, Complex, Device, null, or a List or Map of these. */
    static Object evaluate(CompilationUnit unit, Expr e, Type wanted) {
        return fit(evaluate(unit, e), wanted instanceof OptionalType o ? o.element() : wanted);
    }

    private static Object fit(Object value, Type wanted) {
        return switch (value) {
            case Long v when wanted == SimpleType.FLOAT -> (double) v;
            case List<?> items when wanted instanceof ListType l -> {
                List<Object> out = new ArrayList<>();
                for (Object i : items) out.add(fit(i, l.element()));
                yield out;
            }
            case null, default -> value;
        };
    }

    private static Object evaluate(CompilationUnit unit, Expr e) {
        return switch (e) {
            case Expr.IntLiteral(long v, _) -> v;
            case Expr.FloatLiteral(double v, _) -> v;
            case Expr.ComplexLiteral(double v, _) -> new Complex(0, v);
            case Expr.StringLiteral(String v, _) -> v;
            case Expr.BoolLiteral(boolean v, _) -> v;
            case Expr.NoneLiteral _ -> null;
            case Expr.TupleExpr(var items, _) -> all(unit, items);
            case Expr.ListExpr(var items, _) -> all(unit, items);
            case Expr.DictExpr(var entries, _) -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (Expr.DictExpr.Entry x : entries) map.put(evaluate(unit, x.key()), evaluate(unit, x.value()));
                yield map;
            }
            case Expr.Unary(UnaryOp op, Expr operand, _) when op == UnaryOp.NEGATE ->
                negate(evaluate(unit, operand), e);
            case Expr.Binary(BinaryOp op, Expr left, Expr.ComplexLiteral(double im, _), _)
                when evaluate(unit, left) instanceof Double re && (op == BinaryOp.ADD || op == BinaryOp.SUBTRACT) ->
                new Complex(re, op == BinaryOp.ADD ? im : -im);
            case Expr.Name _, Expr.Attribute _ -> named(unit, TypeResolver.dotted(e), e);
            case Expr.Call c -> call(unit, c);
            default -> throw notConstant(e);
        };
    }

    private static List<Object> all(CompilationUnit unit, List<Expr> items) {
        List<Object> out = new ArrayList<>();
        for (Expr i : items) out.add(evaluate(unit, i));
        return out;
    }

    private static Object negate(Object v, Expr e) {
        return switch (v) {
            case Long n -> -n;
            case Double d -> -d;
            case Complex c -> new Complex(-c.re(), -c.im());
            case null, default -> throw notConstant(e);
        };
    }

    private static Object named(CompilationUnit unit, String name, Expr e) {
        if (name == null) throw notConstant(e);
        if (name.equals("inf")) return Double.POSITIVE_INFINITY;
        if (name.equals("nan")) return Double.NaN;
        if (name.equals("infj")) return new Complex(0, Double.POSITIVE_INFINITY);
        if (name.equals("nanj")) return new Complex(0, Double.NaN);
        if (name.matches("CONSTANTS\\.c\\d{1,9}")) {
            return unit.constant(Integer.parseInt(name.substring("CONSTANTS.c".length()))).value();
        }
        int dot = name.lastIndexOf('.');
        if (dot > 0 && unit.lookup(name.substring(0, dot)) instanceof Term.EnumRef(var type)
            && type.members().containsKey(name.substring(dot + 1))) {
            return new EnumMember(type, name.substring(dot + 1));
        }
        throw notConstant(e);
    }

    private static Object call(CompilationUnit unit, Expr.Call c) {
        String name = TypeResolver.dotted(c.callee());
        if (name == null) throw notConstant(c);
        if (name.equals("torch.device") && c.args().size() == 1
            && evaluate(unit, c.args().getFirst()) instanceof String s) {
            return Device.parse(s);
        }
        if (name.equals("annotate") && c.args().size() == 2) return evaluate(unit, c.args().get(1),
            unit.types().resolve(c.args().get(0)));
        throw notConstant(c);
    }

    private static RuntimeException notConstant(Expr e) {
        return FunctionCompiler.error("expected a constant: a number, a text, True, False, None, "
            + "or a list or tuple of these", e.range());
    }
}
