package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Calls with rules of their own: {@code annotate}, {@code isinstance}, {@code fork}, casts, Python's builtin functions.
 */
final class SpecialForms {
    private final FunctionCompiler f;

    SpecialForms(FunctionCompiler f) { this.f = f; }

    Term call(String name, Expr.Call call, Type hint) {
        SourceRange range = call.range();
        return switch (name) {
            case "annotate" -> new Term.Val(annotate(call));
            case "unchecked_cast" -> {
                Type type = f.unit.types().resolve(argument(call, 0));
                yield new Term.Val(f.emitter.prim(Kinds.UNCHECKED_CAST,
                    List.of(f.expressions.value(argument(call, 1))), type, range));
            }
            case "uninitialized" -> new Term.Val(f.merges.uninitialized(f.unit.types().resolve(argument(call, 0)),
                range));
            case "isinstance" -> new Term.Val(f.conditions.compile(call).value());
            case "is_scripting" -> bool(true, range);
            case "is_tracing" -> bool(false, range);
            case "print" -> {
                f.emitter.effect(Kinds.PRINT, Map.of(), f.calls.positional(call), range);
                yield new Term.Val(f.emitter.none(range));
            }
            case "range" -> new Term.Range(f.calls.positional(call));
            case "enumerate" -> new Term.Enumerate(f.expressions.term(argument(call, 0), null), enumerateStart(call));
            case "zip" -> new Term.Zip(call.args().stream().map(a -> f.expressions.term(a, null)).toList());
            case "iter" -> f.expressions.term(argument(call, 0), null);
            case "len" -> length(f.expressions.term(argument(call, 0), null), range);
            case "getattr" -> getAttr(call);
            case "hasattr" -> hasAttr(call);
            case "fork", "awaitable" -> fork(call);
            case "wait" -> f.operators.call(new Operators.Call("aten::wait", null, f.calls.positional(call), Map.of(),
                range));
            case "device" -> device(call);
            case "Size" -> f.expressions.term(argument(call, 0), new ListType(SimpleType.INT));
            case "int", "float", "bool", "str", "complex" -> new Term.Val(cast(name, call));
            case "list" -> list(call, hint);
            case "dict" -> dict(call, hint);
            case "tuple" -> tuple(call);
            case "min", "max", "abs" -> extremum(name, call);
            default -> throw FunctionCompiler.error(name + " is not supported", range);
        };
    }

    private Term bool(boolean b, SourceRange range) { return new Term.Val(f.emitter.constant(b, range)); }

    private static Expr argument(Expr.Call call, int i) {
        if (i < call.args().size()) return call.args().get(i);
        throw FunctionCompiler.error("this call needs at least " + (i + 1) + " arguments, and has "
            + call.args().size(), call.range());
    }

    /** Operators whose arguments are not plain values; null for all others. */
    Term operator(String name, Value self, Expr.Call call, Type hint) {
        return switch (name) {
            case "prim::RaiseException" -> {
                List<Value> raised = f.calls.positional(call);
                if (raised.size() == 1) raised.add(f.emitter.none(call.range()));
                f.emitter.effect(Kinds.RAISE, Map.of(), raised, call.range());
                yield new Term.Val(f.emitter.none(call.range()));
            }
            case "prim::unchecked_cast", "prim::uninitialized" -> call(name.substring("prim::".length()), call, hint);
            case "aten::tolist" -> {
                if (self == null || !self.type().isTensor()) yield null;
                if (hint == null) throw FunctionCompiler.error("Expected type hint for result of tolist()",
                    call.range());
                yield new Term.Val(f.emitter.prim(Kinds.TO_LIST, List.of(self), hint, call.range()));
            }
            default -> null;
        };
    }

    // ---- types

    private Value annotate(Expr.Call call) {
        Type type = f.unit.types().resolve(argument(call, 0));
        Expr e = argument(call, 1);
        Value v = f.expressions.value(e, type);
        return f.tryConvert(v, type, call.range()).map(c ->
            c.type() == SimpleType.NONE ? f.widen(c, type, call.range()) : c)
            .map(c -> type == SimpleType.NUMBER ? c : f.widen(c, type, call.range()))
            .orElseThrow(() -> FunctionCompiler.error("expected an expression of type " + type.annotation()
            + " but found "
                + v.type().annotation(), call.range()));
    }

    private Value cast(String name, Expr.Call call) {
        SourceRange range = call.range();
        SimpleType type = switch (name) {
            case "int" -> SimpleType.INT;
            case "float" -> SimpleType.FLOAT;
            case "bool" -> SimpleType.BOOL;
            case "complex" -> SimpleType.COMPLEX;
            default -> SimpleType.STR;
        };
        List<Value> args = f.calls.positional(call);
        if (args.isEmpty()) return f.emitter.constant(zero(type), type, range);
        Value v = args.getFirst();
        if (args.size() == 1 && v.type() == type) return v;
        if (type == SimpleType.BOOL) return f.conditions.toBool(v, range);
        Term magic = args.size() == 1 ? f.expressions.magic(v, "__" + name + "__", List.of(), range) : null;
        if (magic != null) return f.terms.value(magic, range);
        String operator = type == SimpleType.STR ? "aten::str" : "aten::" + Character.toUpperCase(name.charAt(0))
            + name.substring(1);
        return f.terms.value(f.operators.call(new Operators.Call(operator, null, args, f.calls.named(call), range)),
            range);
    }

    private static Object zero(SimpleType type) {
        return switch (type) {
            case INT -> 0L;
            case FLOAT -> 0.0;
            case BOOL -> false;
            case COMPLEX -> new dev.cresset.ir.type.Complex(0, 0);
            default -> "";
        };
    }

    // ---- Python's functions

    private Value enumerateStart(Expr.Call call) {
        if (call.args().size() > 1) return f.expressions.value(call.args().get(1));
        return call.kwargs().isEmpty() ? f.emitter.constant(0, call.range())
            : f.expressions.value(call.kwargs().getFirst().value());
    }

    private Term length(Term of, SourceRange range) {
        if (of instanceof Term.Sequence(List<Term> items)) return new Term.Val(f.emitter.constant(items.size(), range));
        if (of instanceof Term.Range) return new Term.Val(f.iterations.over(of, range).length());
        Value v = f.terms.value(of, range);
        if (v.type() instanceof TupleType t) return new Term.Val(f.emitter.constant(t.elements().size(), range));
        Term magic = f.expressions.magic(v, "__len__", List.of(), range);
        if (magic != null) return magic;
        if (v.type() instanceof ClassType c && c.isModule()) {
            return new Term.Val(f.emitter.constant(childNames(c).size(), range));
        }
        return f.operators.call(new Operators.Call("aten::len", null, List.of(v), Map.of(), range));
    }

    private Term extremum(String name, Expr.Call call) {
        List<Value> args = f.calls.positional(call);
        boolean tensors = args.stream().anyMatch(a -> a.type().isTensor());
        String operator = tensors ? "aten::" + name : "prim::" + name;
        if (args.size() == 1 && args.getFirst().type() instanceof ClassType) {
            Term magic = f.expressions.magic(args.getFirst(), "__" + name + "__", List.of(), call.range());
            if (magic != null) return magic;
        }
        return f.operators.call(new Operators.Call(operator, null, args, f.calls.named(call), call.range()));
    }

    private Term list(Expr.Call call, Type hint) {
        if (call.args().isEmpty()) {
            return new Term.Val(hint instanceof ListType l ? f.emitter.list(List.of(), l.element(), call.range())
                : f.emitter.emptyList(TensorType.ANY, call.range()));
        }
        Term of = f.expressions.term(call.args().getFirst(), null);
        if (of instanceof Term.Val(Value v) && v.type() instanceof ListType) {
            return f.operators.call(new Operators.Call("aten::list", null, List.of(v), Map.of(), call.range()));
        }
        return new Term.Val(f.iterations.toList(of, call.range()));
    }

    private Term dict(Expr.Call call, Type hint) {
        SourceRange range = call.range();
        if (call.args().isEmpty() && call.kwargs().isEmpty()) {
            Type type = hint instanceof DictType ? hint : new DictType(SimpleType.STR, TensorType.ANY);
            return new Term.Val(f.emitter.prim(Kinds.DICT_CONSTRUCT, List.of(), type, range));
        }
        if (call.args().isEmpty()) {
            List<Expr.DictExpr.Entry> entries = call.kwargs().stream()
                .map(k -> new Expr.DictExpr.Entry(new Expr.StringLiteral(k.name(), k.range()), k.value())).toList();
            return f.expressions.term(new Expr.DictExpr(entries, range), hint);
        }
        return f.operators.call(new Operators.Call("aten::dict", null, f.calls.positional(call), Map.of(), range));
    }

    private Term tuple(Expr.Call call) {
        if (call.args().isEmpty()) return new Term.Val(f.emitter.tuple(List.of(), call.range()));
        Term of = f.expressions.term(call.args().getFirst(), null);
        List<Term> items = f.iterations.fixedItems(of, call.range());
        if (items == null) {
            throw FunctionCompiler.error("cannot statically infer the expected size of a list in this context",
                call.range());
        }
        return new Term.Val(f.emitter.tuple(items.stream().map(i -> f.terms.value(i, call.range())).toList(),
            call.range()));
    }

    private Term device(Expr.Call call) {
        List<Value> args = f.calls.positional(call);
        if (args.size() == 1 && args.getFirst().type() == SimpleType.DEVICE) return new Term.Val(args.getFirst());
        if (args.size() == 1 && f.emitter.known(args.getFirst()) instanceof Emitter.Known(String text)) {
            return new Term.Val(f.operators.device(text, call.range()));
        }
        return f.operators.call(new Operators.Call("aten::device", null, args, f.calls.named(call), call.range()));
    }

    // ---- attributes by name, children of module containers

    boolean isGetAttr(Expr.Call c) { return c.callee() instanceof Expr.Name(String n, _) && n.equals("getattr"); }

    String attributeName(Expr.Call c) {
        if (argument(c, 1) instanceof Expr.StringLiteral(String name, _)) return name;
        throw FunctionCompiler.error("getattr and hasattr need a string literal as attribute name", c.range());
    }

    private Term getAttr(Expr.Call call) {
        Term object = f.expressions.term(argument(call, 0), null);
        if (call.args().size() > 2 && !has(object, attributeName(call))) return f.expressions.term(call.args().get(2),
            null);
        return f.terms.attribute(object, attributeName(call), call.range());
    }

    private Term hasAttr(Expr.Call call) { return bool(has(f.expressions.term(argument(call, 0), null),
            attributeName(call)), call.range()); }

    private boolean has(Term object, String name) {
        return object instanceof Term.Val(Value v) && switch (v.type()) {
            case ClassType c -> c.slot(name) >= 0 || c.method(name).isPresent()
                || f.unit.classConstant(c, name) != null;
            case InterfaceType i -> i.methods().containsKey(name);
            case TupleType t -> t.isNamed() && t.fields().contains(name);
            default -> false;
        };
    }

    private static List<String> childNames(ClassType c) {
        return c.attributes().stream().filter(a ->
            a.type() instanceof ClassType t && t.isModule() || a.type() instanceof InterfaceType)
            .map(ClassType.Attribute::name).toList();
    }

    /** The children of a module container, in order. */
    List<Term> children(Value module, ClassType type, SourceRange range) {
        List<Term> out = new ArrayList<>();
        for (String name : childNames(type)) out.add(f.terms.attribute(new Term.Val(module), name, range));
        return out;
    }

    /** {@code layers[i]} of a module container. */
    Term child(Value module, ClassType type, Expr index, SourceRange range) {
        Value i = f.expressions.value(index);
        List<String> names = childNames(type);
        Emitter.Known k = f.emitter.known(i);
        if (k != null && k.value() instanceof Long n && n >= -names.size() && n < names.size()) {
            return f.terms.attribute(new Term.Val(module), names.get((int) (n < 0 ? n + names.size() : n)), range);
        }
        if (k != null && k.value() instanceof String name) return f.terms.attribute(new Term.Val(module), name, range);
        return new Term.Val(f.emitter.prim(Kinds.CONTAINER_INDEX, List.of(module, i), SimpleType.UNKNOWN, range));
    }

    // ---- with, fork

    Type methodReturn(Value object, String method, SourceRange range) {
        return switch (object.type()) {
            case ClassType c when c.method(method).isPresent() ->
                c.method(method).get().schema().returns().getFirst().type();
            case InterfaceType i when i.methods().containsKey(method) ->
                i.methods().get(method).returns().getFirst().type();
            case SimpleType s when s == SimpleType.UNKNOWN -> s;
            default -> throw FunctionCompiler.error("'" + object.type().annotation()
                + "' cannot stand in a with statement: it has no "
                + method, range);
        };
    }

    private Term fork(Expr.Call call) {
        SourceRange range = call.range();
        Term callee = f.expressions.term(argument(call, 0), null);
        FunctionCompiler.Captured captured;
        if (callee instanceof Term.Closure c) {
            captured = f.closure(c, range);
        } else {
            Expr.Call rest = new Expr.Call(call.callee(), call.args().subList(1, call.args().size()), call.kwargs(),
                range);
            captured = f.callAsGraph(callee, f.calls.positional(rest), f.calls.named(rest), range);
        }
        Value out = new Value(new FutureType(captured.returned()));
        f.emitter.add(new Node(Kinds.FORK, null, Map.of("Subgraph", captured.graph()), captured.values(),
            List.of(out), List.of(),
            f.emitter.location(range)));
        return new Term.Val(out);
    }
}
