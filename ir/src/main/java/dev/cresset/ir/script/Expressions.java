package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.BinaryOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.UnaryOp;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Subtyping;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles expressions. */
final class Expressions {
    private final FunctionCompiler f;

    Expressions(FunctionCompiler f) { this.f = f; }

    Value value(Expr e) { return value(e, null); }

    /** @param hint the type wanted, which literals and {@code tolist} follow; or null */
    Value value(Expr e, Type hint) { return f.terms.value(term(e, hint), e.range()); }

    Term term(Expr e, Type hint) {
        return switch (e) {
            case Expr.Name(String name, SourceRange range) -> f.lookup(name, range);
            case Expr.Attribute _, Expr.Call _, Expr.Subscript _ -> postfix(e, hint);
            case Expr.Binary b -> binary(b);
            default -> new Term.Val(simple(e, hint));
        };
    }

    private Value simple(Expr e, Type hint) {
        return switch (e) {
            case Expr.IntLiteral(long v, SourceRange range) -> f.emitter.constant(v, range);
            case Expr.FloatLiteral(double v, SourceRange range) -> f.emitter.constant(v, SimpleType.FLOAT, range);
            case Expr.ComplexLiteral(double v, SourceRange range) ->
                f.emitter.constant(new Complex(0, v), SimpleType.COMPLEX, range);
            case Expr.StringLiteral(String v, SourceRange range) -> f.emitter.constant(v, range);
            case Expr.BoolLiteral(boolean v, SourceRange range) -> f.emitter.constant(v, range);
            case Expr.NoneLiteral(SourceRange range) -> f.emitter.none(range);
            case Expr.EllipsisLiteral(SourceRange range) ->
                throw FunctionCompiler.error("'...' stands only in subscripts", range);
            case Expr.FormattedString s -> formatted(s);
            case Expr.TupleExpr t -> tuple(t, hint);
            case Expr.ListExpr l -> list(l, hint);
            case Expr.DictExpr d -> dict(d, hint);
            case Expr.ListComp c -> f.iterations.listComprehension(c, hint);
            case Expr.DictComp c -> f.iterations.dictComprehension(c, hint);
            case Expr.Unary(UnaryOp op, Expr operand, SourceRange range) -> unary(op, operand, range);
            case Expr.Compare c -> f.comparisons.compare(c);
            case Expr.ChainedCompare c -> f.comparisons.chained(c);
            case Expr.BoolOp b -> f.conditions.compile(b).value();
            case Expr.Not n -> f.conditions.compile(n).value();
            case Expr.Ternary t -> ternary(t, hint);
            case Expr.Starred s -> throw FunctionCompiler.error("a starred expression cannot stand here", s.range());
            case Expr.Name _, Expr.Attribute _, Expr.Call _, Expr.Subscript _, Expr.Binary _ -> value(e, hint);
        };
    }

    /** {@code a.b(c)[d].e}: walked from the inside out, since it may be long. */
    private Term postfix(Expr whole, Type hint) {
        List<Expr> chain = new ArrayList<>();
        Expr at = whole;
        while (true) {
            Expr inner = switch (at) {
                case Expr.Attribute a -> a.value();
                case Expr.Call c -> c.callee();
                case Expr.Subscript s -> s.value();
                default -> null;
            };
            if (inner == null) break;
            chain.addFirst(at);
            at = inner;
        }
        Term term = term(at, null);
        for (Expr step : chain) {
            Type stepHint = step == whole ? hint : null;
            term = switch (step) {
                case Expr.Attribute a -> f.terms.attribute(term, a.name(), a.range());
                case Expr.Call c -> f.calls.call(term, c, stepHint);
                case Expr.Subscript s -> f.subscripts.load(term, s);
                default -> throw new IllegalStateException("not a postfix expression");
            };
        }
        return term;
    }

    private Value formatted(Expr.FormattedString s) {
        StringBuilder format = new StringBuilder();
        List<Value> args = new ArrayList<>();
        for (Expr part : s.parts()) {
            if (part instanceof Expr.StringLiteral(String text, _)) {
                format.append(text);
            } else {
                format.append("{}");
                args.add(value(part));
            }
        }
        args.addFirst(f.emitter.constant(format.toString(), s.range()));
        return f.operators.call("aten::format", s.range(), args.toArray(Value[]::new));
    }

    // ---- containers

    private Value tuple(Expr.TupleExpr t, Type hint) {
        List<Type> hints = hint instanceof OptionalType o && o.element() instanceof TupleType h ? h.elements()
            : hint instanceof TupleType h ? h.elements() : List.of();
        boolean useHints = hints.size() == t.elements().size();
        List<Value> items = new ArrayList<>();
        for (int i = 0; i < t.elements().size(); i++) {
            Expr e = t.elements().get(i);
            if (e instanceof Expr.Starred(Expr inner, SourceRange range)) {
                f.terms.parts(term(inner, null), -1, range).forEach(x -> items.add(f.terms.value(x, range)));
            } else {
                items.add(value(e, useHints ? hints.get(i) : null));
            }
        }
        return f.emitter.tuple(items, t.range());
    }

    private static Type elementHint(Type hint) {
        return switch (hint) {
            case ListType l -> l.element();
            case OptionalType o -> elementHint(o.element());
            case UnionType u -> {
                List<Type> lists = u.members().stream().filter(ListType.class::isInstance).toList();
                yield lists.size() == 1 ? elementHint(lists.getFirst()) : null;
            }
            case null, default -> null;
        };
    }

    private Value list(Expr.ListExpr l, Type hint) {
        Type wanted = elementHint(hint);
        if (l.elements().isEmpty()) {
            return wanted != null ? f.emitter.list(List.of(), wanted, l.range())
                : f.emitter.emptyList(TensorType.ANY, l.range());
        }
        List<Value> items = new ArrayList<>(l.elements().size());
        for (Expr e : l.elements()) {
            if (e instanceof Expr.Starred(Expr inner, SourceRange range)) {
                f.terms.parts(term(inner, null), -1, range).forEach(x -> items.add(f.terms.value(x, range)));
            } else {
                items.add(value(e, wanted));
            }
        }
        Type element = wanted != null ? wanted : common(items);
        List<Value> converted = new ArrayList<>(items.size());
        for (Value v : items) converted.add(convertElement(v, element, l.range()));
        return f.emitter.list(converted, element, l.range());
    }

    private Value convertElement(Value v, Type element, SourceRange range) {
        return f.tryConvert(v, element, range).orElseThrow(() -> FunctionCompiler.error("a container of "
            + element.annotation() + " cannot hold a value of type " + v.type().annotation(), range));
    }

    /** The type of the elements of a container literal. */
    private static Type common(List<Value> items) {
        Type type = items.getFirst().type();
        for (Value v : items) {
            Optional<Type> joined = Subtyping.join(type, v.type());
            type = joined.isPresent() ? joined.get() : UnionType.of(List.of(type, v.type()));
        }
        return type;
    }

    private Value dict(Expr.DictExpr d, Type hint) {
        DictType wanted = hint instanceof DictType h ? h : hint instanceof OptionalType o
            && o.element() instanceof DictType h ? h : null;
        List<Value> keys = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        for (Expr.DictExpr.Entry e : d.entries()) {
            keys.add(value(e.key(), wanted == null ? null : wanted.key()));
            values.add(value(e.value(), wanted == null ? null : wanted.value()));
        }
        DictType type = wanted != null ? wanted : keys.isEmpty() ? new DictType(SimpleType.STR, TensorType.ANY)
            : new DictType(common(keys), common(values));
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            inputs.add(convertElement(keys.get(i), type.key(), d.range()));
            inputs.add(convertElement(values.get(i), type.value(), d.range()));
        }
        return f.emitter.prim(Kinds.DICT_CONSTRUCT, inputs, type, d.range());
    }

    // ---- operators

    private Value unary(UnaryOp op, Expr operand, SourceRange range) {
        Value v = value(operand);
        Emitter.Known k = f.emitter.known(v);
        if (op == UnaryOp.NEGATE && k != null && k.value() instanceof Double d
            && !(operand instanceof Expr.Name(String n, _)
            && f.frame.lookup(n) != null)) {
            return f.emitter.constant(-d, SimpleType.FLOAT, range);
        }
        Term magic = magic(v, switch (op) {
            case NEGATE -> "__neg__";
            case INVERT -> "__invert__";
            case PLUS -> "__pos__";
        }, List.of(), range);
        if (magic != null) return f.terms.value(magic, range);
        return switch (op) {
            case NEGATE -> f.operators.call("aten::neg", range, v);
            case INVERT -> f.operators.call("aten::bitwise_not", range, v);
            case PLUS -> f.operators.call("aten::positive", range, v);
        };
    }

    /** {@code a + b + c}: walked from the left, since it may be long. */
    private Term binary(Expr.Binary whole) {
        List<Expr.Binary> chain = new ArrayList<>();
        Expr at = whole;
        while (at instanceof Expr.Binary b) {
            chain.addFirst(b);
            at = b.left();
        }
        Value left = value(at);
        for (Expr.Binary b : chain) {
            Value complex = complexLiteral(b, left);
            left = complex != null ? complex : binary(b.op(), left, value(b.right()), b.range());
        }
        return new Term.Val(left);
    }

    /** {@code 1.+2.j} is one constant. */
    private Value complexLiteral(Expr.Binary b, Value left) {
        if (!(b.right() instanceof Expr.ComplexLiteral(double imaginary, _))
            || !(b.left() instanceof Expr.FloatLiteral)) return null;
        double re = (Double) f.emitter.known(left).value();
        if (b.op() == BinaryOp.ADD) return f.emitter.constant(new Complex(re, imaginary), SimpleType.COMPLEX,
            b.range());
        if (b.op() == BinaryOp.SUBTRACT) return f.emitter.constant(new Complex(re, -imaginary), SimpleType.COMPLEX,
            b.range());
        return null;
    }

    Value binary(BinaryOp op, Value left, Value right, SourceRange range) {
        Term magic = magic(left, magicName(op), List.of(right), range);
        if (magic != null) return f.terms.value(magic, range);
        if (op == BinaryOp.ADD && left.type() instanceof TupleType a && right.type() instanceof TupleType b) {
            List<Value> parts = new ArrayList<>(f.emitter.unpack(Kinds.TUPLE_UNPACK, left, a.elements(), range));
            parts.addAll(f.emitter.unpack(Kinds.TUPLE_UNPACK, right, b.elements(), range));
            return f.emitter.tuple(parts, range);
        }
        if (op == BinaryOp.MODULO && left.type() == SimpleType.STR) return percentFormat(left, right, range);
        return f.operators.call(operatorName(op), range, left, right);
    }

    private Value percentFormat(Value format, Value args, SourceRange range) {
        return f.operators.call("aten::percentFormat", range, format, args);
    }

    static String operatorName(BinaryOp op) {
        return switch (op) {
            case ADD -> "aten::add";
            case SUBTRACT -> "aten::sub";
            case MULTIPLY -> "aten::mul";
            case DIVIDE -> "aten::div";
            case FLOOR_DIVIDE -> "aten::floordiv";
            case MODULO -> "aten::remainder";
            case MATMUL -> "aten::matmul";
            case POWER -> "aten::pow";
            case BIT_OR -> "aten::__or__";
            case BIT_XOR -> "aten::__xor__";
            case BIT_AND -> "aten::__and__";
            case SHIFT_LEFT -> "aten::__lshift__";
            case SHIFT_RIGHT -> "aten::__rshift__";
        };
    }

    static String magicName(BinaryOp op) {
        return switch (op) {
            case ADD -> "__add__";
            case SUBTRACT -> "__sub__";
            case MULTIPLY -> "__mul__";
            case DIVIDE -> "__truediv__";
            case FLOOR_DIVIDE -> "__floordiv__";
            case MODULO -> "__mod__";
            case MATMUL -> "__matmul__";
            case POWER -> "__pow__";
            case BIT_OR -> "__or__";
            case BIT_XOR -> "__xor__";
            case BIT_AND -> "__and__";
            case SHIFT_LEFT -> "__lshift__";
            case SHIFT_RIGHT -> "__rshift__";
        };
    }

    /** The call of a class's method for an operator, or null if the value has none. */
    Term magic(Value object, String method, List<Value> args, SourceRange range) {
        if (!(object.type() instanceof ClassType c) || c.method(method).isEmpty()) return null;
        return f.calls.method(object, method, args, Map.of(), range);
    }

    private Value ternary(Expr.Ternary t, Type hint) {
        Conditions.Condition condition = f.conditions.compile(t.condition());
        if (condition.known() != null) {
            boolean yes = condition.known();
            Value[] out = new Value[1];
            Frame frame = new Frame(f.frame, true);
            List<Node> nodes = f.inFrame(frame, new ArrayList<>(), () -> {
                f.conditions.refine(yes ? condition.whenTrue() : condition.whenFalse(), t.range());
                out[0] = value(yes ? t.yes() : t.no(), hint);
            });
            nodes.forEach(f.emitter::add);
            return out[0];
        }
        Value[] out = new Value[2];
        List<Node> yes = f.inFrame(new Frame(f.frame, true), new ArrayList<>(), () -> {
            f.conditions.refine(condition.whenTrue(), t.range());
            out[0] = value(t.yes(), hint);
        });
        List<Node> no = f.inFrame(new Frame(f.frame, true), new ArrayList<>(), () -> {
            f.conditions.refine(condition.whenFalse(), t.range());
            out[1] = value(t.no(), hint);
        });
        return f.merges.emitIf(condition.value(), yes, List.of(out[0]), no, List.of(out[1]), t.range()).getFirst();
    }
}
