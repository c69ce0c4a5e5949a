package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.schema.SchemaMatcher;
import dev.cresset.ir.schema.SchemaMatcher.Match;
import dev.cresset.ir.schema.SchemaMatcher.Mismatch;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Calls of functions, methods, classes and operators. */
final class Calls {
    private final FunctionCompiler f;

    Calls(FunctionCompiler f) { this.f = f; }

    /** The call whose callee stands for {@code callee}. */
    Term call(Term callee, Expr.Call call, Type hint) {
        if (callee instanceof Term.Creator) return invoke(callee, List.of(), Map.of(), call.range());
        if (callee instanceof Term.Special(String name)) return f.forms.call(name, call, hint);
        if (callee instanceof Term.Operator(String name, Value self)) {
            Term special = f.forms.operator(name, self, call, hint);
            if (special != null) return special;
        }
        return invoke(callee, positional(call), named(call), call.range());
    }

    List<Value> positional(Expr.Call call) {
        List<Value> args = new ArrayList<>(call.args().size());
        for (Expr a : call.args()) {
            if (a instanceof Expr.Starred(Expr tuple, SourceRange range)) {
                f.terms.parts(f.expressions.term(tuple, null), -1, range).forEach(t ->
                    args.add(f.terms.value(t, range)));
            } else {
                args.add(f.expressions.value(a));
            }
        }
        return args;
    }

    Map<String, Value> named(Expr.Call call) {
        if (call.kwargs().isEmpty()) return Map.of();
        Map<String, Value> named = new LinkedHashMap<>();
        for (Expr.Call.Keyword k : call.kwargs()) {
            if (named.put(k.name(), f.expressions.value(k.value())) != null) {
                throw FunctionCompiler.error("keyword argument '" + k.name() + "' is given twice", k.range());
            }
        }
        return named;
    }

    /** Calls what the term stands for. */
    Term invoke(Term callee, List<Value> args, Map<String, Value> named, SourceRange range) {
        return switch (callee) {
            case Term.Operator(String name, Value self) ->
                f.operators.call(new Operators.Call(name, self, args, named, range));
            case Term.Function(ScriptFunction function) -> function(function, args, named, range);
            case Term.Method(Value object, String name) -> method(object, name, args, named, range);
            case Term.Creator(ClassType type) ->
                new Term.Val(f.emitter.prim(Kinds.CREATE_OBJECT, List.of(), type, range));
            case Term.ClassRef(ClassType type) -> create(type, args, named, range);
            case Term.NamedTupleRef(TupleType type) -> namedTuple(type, args, named, range);
            case Term.Val(Value v) -> callValue(v, args, named, range);
            case Term.Namespace(String path) -> throw FunctionCompiler.error("undefined value " + path, range);
            default -> throw FunctionCompiler.error("this cannot be called", range);
        };
    }

    private Term callValue(Value v, List<Value> args, Map<String, Value> named, SourceRange range) {
        if (v.type() instanceof ClassType c) {
            String name = c.isModule() ? "forward" : "__call__";
            return method(v, c.method(name).isPresent() ? name : "forward", args, named, range);
        }
        if (v.type() instanceof InterfaceType) return method(v, "forward", args, named, range);
        if (v.type() == SimpleType.UNKNOWN) {
            return new Term.Val(f.emitter.prim(Kinds.UNRESOLVED, Map.of("name", "call", "reason",
                "what is called here could not be resolved"), args, SimpleType.UNKNOWN, range));
        }
        throw FunctionCompiler.error("'" + v.type().annotation() + "' object is not callable", range);
    }

    private Term function(ScriptFunction function, List<Value> args, Map<String, Value> named, SourceRange range) {
        return emitFunction(function, match(function.schema(), args, named, range), range);
    }

    private Term emitFunction(ScriptFunction function, Match match, SourceRange range) {
        List<Value> inputs = new ArrayList<>();
        inputs.add(f.emitter.function(function, range));
        inputs.addAll(f.operators.inputs(match, range));
        return new Term.Val(f.emitter.prim(Kinds.CALL_FUNCTION, inputs, match.returns().getFirst(), range));
    }

    Term method(Value object, String name, List<Value> args, Map<String, Value> named, SourceRange range) {
        FunctionSchema schema = switch (object.type()) {
            case ClassType c -> c.method(name).map(ScriptFunction::schema).orElse(null);
            case InterfaceType i -> i.methods().get(name);
            default -> null;
        };
        if (schema == null) {
            throw FunctionCompiler.error("'" + object.type().annotation() + "' object has no method '" + name + "'",
                range);
        }
        List<Value> all = new ArrayList<>();
        all.add(object);
        all.addAll(args);
        Match match = match(schema, all, named, range);
        List<Value> inputs = f.operators.inputs(match, range);
        return new Term.Val(f.emitter.prim(Kinds.CALL_METHOD, Map.of("name", name), inputs,
            match.returns().getFirst(), range));
    }

    private Term create(ClassType type, List<Value> args, Map<String, Value> named, SourceRange range) {
        Value object = f.emitter.prim(Kinds.CREATE_OBJECT, List.of(), type, range);
        if (type.method("__init__").isPresent()) method(object, "__init__", args, named, range);
        return new Term.Val(object);
    }

    private Term namedTuple(TupleType type, List<Value> args, Map<String, Value> named, SourceRange range) {
        Match match = match(f.unit.constructor(type), args, named, range);
        return new Term.Val(f.emitter.prim(Kinds.TUPLE_CONSTRUCT, f.operators.inputs(match, range), type, range));
    }

    private Match match(FunctionSchema schema, List<Value> args, Map<String, Value> named, SourceRange range) {
        Map<String, Operators.Arg> namedArgs = new LinkedHashMap<>();
        named.forEach((k, v) -> namedArgs.put(k, arg(v)));
        return switch (SchemaMatcher.match(schema, null, args.stream().map(this::arg).toList(), namedArgs, true)) {
            case Match m -> m;
            case Mismatch m -> throw FunctionCompiler.error(declaration(schema) + ":\n" + m.reason().get(), range);
        };
    }

    private Operators.Arg arg(Value v) { return new Operators.Arg(v, f.emitter.isEmptyList(v)); }

    private static String declaration(FunctionSchema schema) {
        StringBuilder out = new StringBuilder(schema.name()).append('(');
        for (Argument a : schema.arguments()) {
            if (a != schema.arguments().getFirst()) out.append(", ");
            out.append(a.type()).append(' ').append(a.name());
            if (a.hasDefault()) out.append('=').append(a.defaultValue());
        }
        return out.append(") -> ").append(schema.returns().getFirst().type()).toString();
    }

    /** Calls the first of the functions that takes the arguments without conversions. */
    Optional<Term> tryCallAny(List<ScriptFunction> functions, Operators.Arg self, List<Operators.Arg> positional,
            Map<String, Operators.Arg> named, SourceRange range) {
        for (ScriptFunction g : functions) {
            if (SchemaMatcher.match(g.schema(), self, positional, named, false) instanceof Match m) {
                return Optional.of(emitFunction(g, m, range));
            }
        }
        return Optional.empty();
    }
}
