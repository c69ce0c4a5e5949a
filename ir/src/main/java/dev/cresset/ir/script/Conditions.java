package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.script.ast.CompareOp;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compiles conditions: their value, whether it is known at once, and what it tells about the types of variables. */
final class Conditions {
    /**
     * @param known     the answer if it is known while compiling, else null
     * @param whenTrue  types that variables have where the condition holds
     * @param whenFalse types that variables have where it does not
     */
    record Condition(Value value, Boolean known, Map<String, Type> whenTrue, Map<String, Type> whenFalse) {
        Condition not(Value negated) {
            return new Condition(negated, known == null ? null : !known, whenFalse, whenTrue);
        }
    }

    private final FunctionCompiler f;

    Conditions(FunctionCompiler f) { this.f = f; }

    Condition compile(Expr e) {
        return switch (e) {
            case Expr.Not(Expr operand, SourceRange range) -> not(compile(operand), range);
            case Expr.BoolOp b -> connected(b);
            case Expr.Compare(CompareOp op, Expr left, Expr right, SourceRange range) when op == CompareOp.IS
                || op == CompareOp.IS_NOT ->
                identity(op == CompareOp.IS, left, right, range);
            case Expr.Call c when isInstanceCall(c) -> isInstance(c);
            case Expr.BoolLiteral(boolean value, SourceRange range) -> known(value, range);
            default -> plain(e);
        };
    }

    private Condition plain(Expr e) {
        Value v = toBool(f.expressions.value(e), e.range());
        boolean variable = e instanceof Expr.Name || e instanceof Expr.Call c && !(c.callee() instanceof Expr.Name)
            && !String.valueOf(TypeResolver.dotted(c.callee())).endsWith("is_scripting");
        Emitter.Known k = variable ? null : f.emitter.known(v);
        return new Condition(v, k != null && k.value() instanceof Boolean b ? b : null, Map.of(), Map.of());
    }

    private Condition known(boolean value, SourceRange range) {
        return new Condition(f.emitter.constant(value, range), value, Map.of(), Map.of());
    }

    private Condition not(Condition c, SourceRange range) {
        if (c.known != null) return c.not(f.emitter.constant(!c.known, range));
        return c.not(f.operators.call("aten::__not__", range, c.value));
    }

    /** The value as a bool: numbers, texts, containers and tensors have a truth. */
    Value toBool(Value v, SourceRange range) {
        Type t = v.type();
        if (t == SimpleType.BOOL) return v;
        if (t instanceof ListType || t instanceof DictType || t == SimpleType.STR) {
            return f.operators.call("aten::ne", range, f.operators.call("aten::len", range, v),
                f.emitter.constant(0, range));
        }
        if (t instanceof TupleType tuple) return f.emitter.constant(!tuple.elements().isEmpty(), range);
        if (t == SimpleType.NONE) return f.emitter.constant(false, range);
        if (t instanceof ClassType c && c.method("__bool__").isPresent()) {
            return f.terms.value(f.calls.method(v, "__bool__", List.of(), Map.of(), range), range);
        }
        if (t instanceof ClassType c && c.method("__len__").isPresent()) {
            Value length = f.terms.value(f.calls.method(v, "__len__", List.of(), Map.of(), range), range);
            return f.operators.call("aten::ne", range, length, f.emitter.constant(0, range));
        }
        if (t instanceof OptionalType || t instanceof ClassType || t instanceof UnionType) {
            throw FunctionCompiler.error("Could not cast value of type " + t.annotation() + " to bool", range);
        }
        return f.operators.call("aten::Bool", range, v);
    }

    // ---- and, or

    private Condition connected(Expr.BoolOp last) {
        List<Expr> operands = new ArrayList<>();
        Expr.BoolOp at = last;
        while (true) { // the left edge may be thousands deep
            operands.addFirst(at.right());
            if (at.left() instanceof Expr.BoolOp l && l.kind() == last.kind()) {
                at = l;
            } else {
                operands.addFirst(at.left());
                break;
            }
        }
        boolean and = last.kind() == Expr.BoolOp.Kind.AND;
        Condition all = compile(operands.getFirst());
        for (Expr next : operands.subList(1, operands.size())) all = connect(and, all, next, last.range());
        return all;
    }

    private Condition connect(boolean and, Condition first, Expr next, SourceRange range) {
        if (first.known != null && first.known != and) return first; // False and …, True or …
        Map<String, Type> before = and ? first.whenTrue : first.whenFalse;
        if (first.known != null) {
            refine(before, range);
            return compile(next);
        }
        Condition[] second = new Condition[1];
        Frame frame = new Frame(f.frame, true);
        List<Node> nodes = f.inFrame(frame, new ArrayList<>(), () -> {
            refine(before, range);
            second[0] = compile(next);
        });
        Value shortcut = f.emitter.constant(!and, range);
        Value out = and ? f.merges.emitIf(first.value, nodes, List.of(second[0].value), List.of(), List.of(shortcut),
            range).getFirst()
            : f.merges.emitIf(first.value, List.of(), List.of(shortcut), nodes, List.of(second[0].value),
            range).getFirst();
        Map<String, Type> both = new LinkedHashMap<>(before);
        both.putAll(and ? second[0].whenTrue : second[0].whenFalse);
        Boolean known = second[0].known != null && second[0].known != and ? second[0].known : null;
        return new Condition(out, known, and ? both : Map.of(), and ? Map.of() : both);
    }

    // ---- is, is not

    private Condition identity(boolean is, Expr left, Expr right, SourceRange range) {
        Value a = f.expressions.value(left);
        Value b = f.expressions.value(right);
        Type ta = a.type();
        Type tb = b.type();
        if (ta == SimpleType.NONE && tb == SimpleType.NONE) return known(is, range);
        boolean withNone = ta == SimpleType.NONE || tb == SimpleType.NONE;
        Type other = ta == SimpleType.NONE ? tb : ta;
        if (withNone && !other.admitsNone() && other != SimpleType.ANY
            && other != SimpleType.UNKNOWN) return known(!is, range);
        Value v = f.operators.call(is ? "aten::__is__" : "aten::__isnot__", range, a, b);
        Expr subject = ta == SimpleType.NONE ? right : left;
        if (!withNone || !(subject instanceof Expr.Name(String name, _)) || !other.admitsNone()) {
            return new Condition(v, null, Map.of(), Map.of());
        }
        Map<String, Type> none = Map.of(name, SimpleType.NONE);
        Map<String, Type> some = other == SimpleType.ANY ? Map.of()
            : Map.of(name, without(other, List.of(SimpleType.NONE)));
        return new Condition(v, null, is ? none : some, is ? some : none);
    }

    // ---- isinstance

    static boolean isInstanceCall(Expr.Call c) {
        String name = c.callee() instanceof Expr.Name(String n, _) ? n : TypeResolver.dotted(c.callee());
        return c.args().size() == 2 && ("isinstance".equals(name) || "torch.jit.isinstance".equals(name));
    }

    private Condition isInstance(Expr.Call call) {
        SourceRange range = call.range();
        Value v = f.expressions.value(call.args().get(0));
        List<Type> types = types(call.args().get(1));
        List<Type> members = members(v.type());
        boolean unknown = v.type() == SimpleType.ANY || v.type() == SimpleType.UNKNOWN;
        List<Type> fits = members.stream().filter(m -> isAnyOf(m, types)).toList();
        if (!unknown && fits.size() == members.size()) return known(true, range);
        boolean open = unknown || members.stream().anyMatch(m -> types.stream().anyMatch(t -> t.isSubtypeOf(m)));
        if (fits.isEmpty() && !open) return known(false, range);
        Value out = f.emitter.prim(Kinds.IS_INSTANCE, Map.of("types", types), List.of(v), SimpleType.BOOL, range);
        if (!(call.args().get(0) instanceof Expr.Name(String name, _))) return new Condition(out, null, Map.of(),
            Map.of());
        Type yes = fits.isEmpty() ? UnionType.of(types) : UnionType.of(fits);
        Type no = unknown ? null : without(v.type(), fits);
        return new Condition(out, null, Map.of(name, yes), no == null ? Map.of() : Map.of(name, no));
    }

    private List<Type> types(Expr e) {
        if (e instanceof Expr.TupleExpr(var elements, _)) {
            return elements.stream().flatMap(x -> types(x).stream()).toList();
        }
        return List.of(f.unit.types().resolve(e));
    }

    private static boolean isAnyOf(Type member, List<Type> types) {
        return types.stream().anyMatch(member::isSubtypeOf);
    }

    /** The types a value of this type may have. */
    static List<Type> members(Type type) {
        return switch (type) {
            case OptionalType o -> List.of(o.element(), SimpleType.NONE);
            case UnionType u -> u.members();
            case SimpleType s when s == SimpleType.NUMBER ->
                List.of(SimpleType.INT, SimpleType.FLOAT, SimpleType.COMPLEX);
            default -> List.of(type);
        };
    }

    private static Type without(Type type, List<Type> gone) {
        List<Type> left = members(type).stream().filter(m -> !gone.contains(m)).toList();
        return left.isEmpty() ? null : UnionType.of(left);
    }

    /** Makes what a condition tells about variables true from here on in the current frame. */
    void refine(Map<String, Type> types, SourceRange range) {
        types.forEach((name, type) -> {
            if (!(f.frame.lookup(name) instanceof Term.Val(Value v)) || type == null || v.type().equals(type)) return;
            Value refined = type == SimpleType.NONE ? f.emitter.none(range)
                : f.emitter.prim(Kinds.UNCHECKED_CAST, List.of(v), type, range);
            f.frame.refine(name, new Term.Val(refined));
        });
    }
}
