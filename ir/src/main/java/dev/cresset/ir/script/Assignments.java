package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.BinaryOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.script.ast.Stmt;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compiles assignments to variables, attributes, elements and tuples of these. */
final class Assignments {
    private final FunctionCompiler f;

    Assignments(FunctionCompiler f) { this.f = f; }

    void assign(Stmt.Assign s) {
        Type type = s.annotation().map(f.unit.types()::resolve).orElse(null);
        if (s.value().isEmpty()) {
            throw FunctionCompiler.error("a declaration without a value can stand only in a class", s.range());
        }
        Expr value = s.value().get();
        if (s.targets().size() == 1 && s.targets().getFirst() instanceof Expr.TupleExpr target
            && value instanceof Expr.TupleExpr(var sources, _) && sources.size() == target.elements().size()
            && sources.stream().noneMatch(Expr.Starred.class::isInstance)
            && target.elements().stream().noneMatch(Expr.Starred.class::isInstance)) {
            assignInParallel(target, sources);
            return;
        }
        Term term = f.expressions.term(value, type);
        if (type != null) {
            Value v = f.terms.value(term, value.range());
            Value given = v;
            v = f.tryConvert(v, type, s.range()).orElseThrow(() ->
                FunctionCompiler.error("Variable was annotated as having type "
                + type.annotation() + " but its value has type " + given.type().annotation(), s.range()));
            term = new Term.Val(f.widen(v, type, s.range()));
        }
        for (Expr target : s.targets()) assign(target, term);
    }

    /** {@code a, b = x, y}: both values first, then both variables; no tuple is needed. */
    private void assignInParallel(Expr.TupleExpr target, List<Expr> sources) {
        List<Term> terms = new ArrayList<>();
        for (Expr e : sources) terms.add(f.expressions.term(e, null));
        for (int i = 0; i < terms.size(); i++) assign(target.elements().get(i), terms.get(i));
    }

    void assign(Expr target, Term term) {
        switch (target) {
            case Expr.Name(String name, SourceRange range) -> variable(name, term, range);
            case Expr.TupleExpr(List<Expr> targets, SourceRange range) -> unpack(targets, term, range);
            case Expr.ListExpr(List<Expr> targets, SourceRange range) -> unpack(targets, term, range);
            case Expr.Attribute a -> attribute(f.expressions.value(a.value()), a.name(),
                f.terms.value(term, a.range()), a.range());
            case Expr.Subscript s -> f.subscripts.store(s, f.terms.value(term, s.range()));
            case Expr.Call c when f.forms.isGetAttr(c) ->
                attribute(f.expressions.value(c.args().get(0)), f.forms.attributeName(c),
                    f.terms.value(term, c.range()), c.range());
            default -> throw FunctionCompiler.error("this cannot be assigned to", target.range());
        }
    }

    /** Sets a variable. Inside a branch or loop it keeps the type it has outside. */
    void variable(String name, Term term, SourceRange range) {
        Term outside = f.frame.lookupOutside(name);
        Term stored = term instanceof Term.Outputs ? new Term.Val(f.terms.value(term, range)) : term;
        if (outside instanceof Term.Val(Value old)) {
            Value v = f.terms.value(stored, range);
            Value converted = f.tryConvert(v, old.type(), range).orElseThrow(() ->
                FunctionCompiler.error("Variable '" + name
                + "' previously had type " + old.type().annotation() + " but is now being assigned to a value of type "
                + v.type().annotation(), range));
            stored = new Term.Val(converted);
        }
        f.frame.assign(name, stored);
    }

    private void unpack(List<Expr> targets, Term term, SourceRange range) {
        int star = -1;
        for (int i = 0; i < targets.size(); i++) if (targets.get(i) instanceof Expr.Starred) star = i;
        List<Term> parts = f.terms.parts(term, star < 0 ? targets.size() : -1, range);
        if (star < 0 ? parts.size() != targets.size() : parts.size() < targets.size() - 1) {
            throw FunctionCompiler.error((parts.size() > targets.size() ? "Too many" : "Not enough")
                + " values to unpack: there are "
                + parts.size() + ", and " + targets.size() + " names", range);
        }
        int rest = parts.size() - targets.size() + 1;
        for (int i = 0, p = 0; i < targets.size(); i++) {
            if (targets.get(i) instanceof Expr.Starred(Expr inner, SourceRange r)) {
                List<Value> values = parts.subList(p, p + rest).stream().map(t -> f.terms.value(t, r)).toList();
                assign(inner, new Term.Val(f.emitter.tuple(values, r)));
                p += rest;
            } else {
                assign(targets.get(i), parts.get(p++));
            }
        }
    }

    private void attribute(Value object, String name, Value value, SourceRange range) {
        if (!(object.type() instanceof ClassType type)) {
            throw FunctionCompiler.error("an attribute of '" + object.type().annotation() + "' cannot be set", range);
        }
        if (type.attribute(name).isEmpty() && !f.unit.declareAttribute(type, name, value.type())) {
            throw FunctionCompiler.error("Tried to set nonexistent attribute: " + name
                + ". Did you forget to initialize it in __init__()?", range);
        }
        Type wanted = type.attribute(name).orElseThrow().type();
        Value converted = f.tryConvert(value, wanted, range).orElseThrow(() ->
            FunctionCompiler.error("Wrong type for attribute "
            + "assignment. Expected " + wanted.annotation() + " but got " + value.type().annotation(), range));
        f.emitter.effect(Kinds.SET_ATTR, Map.of("name", name), List.of(object, converted), range);
    }

    // ---- augmented

    void augmented(Stmt.AugAssign s) {
        SourceRange range = s.range();
        switch (s.target()) {
            case Expr.Name(String name, SourceRange at) -> {
                Value left = f.terms.value(f.lookup(name, at), at);
                variable(name, new Term.Val(combine(s.op(), left, f.expressions.value(s.value()), range)), range);
            }
            case Expr.Attribute a -> {
                Value object = f.expressions.value(a.value());
                Value left = f.terms.value(f.terms.attribute(new Term.Val(object), a.name(), a.range()), a.range());
                Value result = combine(s.op(), left, f.expressions.value(s.value()), range);
                if (!left.type().isTensor()) attribute(object, a.name(), result, range);
            }
            case Expr.Subscript target ->
                f.subscripts.update(target, left -> combine(s.op(), left, f.expressions.value(s.value()), range));
            default -> throw FunctionCompiler.error("this cannot be assigned to", s.target().range());
        }
    }

    /** {@code left op= right}: in place for tensors and lists. */
    private Value combine(BinaryOp op, Value left, Value right, SourceRange range) {
        Term magic = f.expressions.magic(left, "__i" + Expressions.magicName(op).substring(2), List.of(right), range);
        if (magic != null) return f.terms.value(magic, range);
        String inPlace = left.type().isTensor() ? tensorOperator(op)
            : left.type() instanceof ListType && op == BinaryOp.ADD ? "aten::add_"
            : left.type() instanceof ListType && op == BinaryOp.MULTIPLY ? "aten::mul_" : null;
        if (inPlace != null && !f.unit.operators().overloads(inPlace).isEmpty()) {
            return f.operators.call(inPlace, range, left, right);
        }
        return f.expressions.binary(op, left, right, range);
    }

    private static String tensorOperator(BinaryOp op) {
        return switch (op) {
            case BIT_AND -> "aten::__iand__";
            case BIT_OR -> "aten::__ior__";
            case BIT_XOR -> "aten::__ixor__";
            case SHIFT_LEFT -> "aten::__ilshift__";
            case SHIFT_RIGHT -> "aten::__irshift__";
            case FLOOR_DIVIDE -> "aten::floor_divide_";
            case MATMUL -> null;
            default -> Expressions.operatorName(op) + "_";
        };
    }

    void delete(Expr target) {
        switch (target) {
            case Expr.Name(String name, _) -> {
                f.frame.own.remove(name);
                f.frame.missing.put(name, name + " has been deleted");
            }
            case Expr.Subscript s -> f.subscripts.delete(s);
            default -> throw FunctionCompiler.error("this cannot be deleted", target.range());
        }
    }
}
