package dev.cresset.ir.script;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Source;
import dev.cresset.ir.script.ast.Expr;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Turns annotations into types. */
final class TypeResolver {
    private static final Map<String, Type> NAMED = Map.ofEntries(
        Map.entry("Tensor", TensorType.ANY), Map.entry("int", SimpleType.INT), Map.entry("float", SimpleType.FLOAT),
        Map.entry("complex", SimpleType.COMPLEX), Map.entry("bool", SimpleType.BOOL), Map.entry("str", SimpleType.STR),
        Map.entry("number", SimpleType.NUMBER), Map.entry("Scalar", SimpleType.NUMBER),
        Map.entry("None", SimpleType.NONE), Map.entry("NoneType", SimpleType.NONE), Map.entry("Any", SimpleType.ANY),
        Map.entry("Device", SimpleType.DEVICE), Map.entry("Generator", SimpleType.GENERATOR),
        Map.entry("Stream", SimpleType.STREAM), Map.entry("Storage", SimpleType.STORAGE),
        Map.entry("Layout", SimpleType.INT), Map.entry("ScalarType", SimpleType.INT),
        Map.entry("MemoryFormat", SimpleType.INT), Map.entry("QScheme", SimpleType.INT),
        Map.entry("list", SimpleType.ANY_LIST), Map.entry("List", SimpleType.ANY_LIST),
        Map.entry("tuple", SimpleType.ANY_TUPLE), Map.entry("Tuple", SimpleType.ANY_TUPLE),
        Map.entry("AnyEnumType", SimpleType.ANY_ENUM), Map.entry("AnyClassType", SimpleType.ANY_CLASS),
        Map.entry("AnyListType", SimpleType.ANY_LIST), Map.entry("AnyTupleType", SimpleType.ANY_TUPLE),
        Map.entry("PyObject", SimpleType.ANY), Map.entry("torch.Tensor", TensorType.ANY),
        Map.entry("torch.device", SimpleType.DEVICE), Map.entry("torch.dtype", SimpleType.INT),
        Map.entry("torch.layout", SimpleType.INT), Map.entry("torch.memory_format", SimpleType.INT),
        Map.entry("torch.Generator", SimpleType.GENERATOR), Map.entry("torch.Size", new ListType(SimpleType.INT)),
        Map.entry("torch.nn.Parameter", TensorType.ANY), Map.entry("torch.qscheme", SimpleType.INT));

    /** Qualified or bare name to a class, interface, enum or NamedTuple. */
    private final Function<String, Optional<Type>> declared;

    TypeResolver(Function<String, Optional<Type>> declared) { this.declared = declared; }

    Type resolve(String annotation) { return resolve(Parser.parseType(new Source("annotation", annotation))); }

    Type resolve(Expr e) {
        return switch (e) {
            case Expr.NoneLiteral _ -> SimpleType.NONE;
            case Expr.StringLiteral(String text, _) -> resolve(text);
            case Expr.TupleExpr(var elements, _) when elements.isEmpty() -> TupleType.of(List.of());
            case Expr.Name _, Expr.Attribute _ -> named(e);
            case Expr.Subscript s -> generic(s);
            default -> throw new ScriptException("This is not a type; types look like Tensor, List[int] or a.b.C",
                e.range());
        };
    }

    private Type named(Expr e) {
        String name = dotted(e);
        if (name == null) throw new ScriptException("This is not a type; types look like Tensor, List[int] or a.b.C",
            e.range());
        Type known = NAMED.get(withoutModule(name));
        if (known != null) return known;
        return declared.apply(name).orElseThrow(() ->
            new ScriptException("Unknown type name '" + name + "'", e.range()));
    }

    private static String withoutModule(String name) {
        return name.startsWith("typing.") ? name.substring("typing.".length())
            : name.startsWith("torch.jit.") ? name.substring("torch.jit.".length()) : name;
    }

    /** {@code a.b.c}, or null if the expression is no dotted name. */
    static String dotted(Expr e) {
        List<String> parts = new ArrayList<>();
        Expr at = e;
        while (at instanceof Expr.Attribute(Expr value, String name, _)) {
            parts.addFirst(name);
            at = value;
        }
        if (!(at instanceof Expr.Name(String first, _))) return null;
        parts.addFirst(first);
        return String.join(".", parts);
    }

    private Type generic(Expr.Subscript s) {
        String name = withoutModule(String.valueOf(dotted(s.value())));
        List<Type> args = arguments(s);
        if (name.startsWith("BroadcastingList")) return new ListType(one(args, s));
        return switch (name) {
            case "List", "list", "Sequence" -> new ListType(one(args, s));
            case "Optional" -> OptionalType.of(one(args, s));
            case "Final" -> one(args, s);
            case "Future", "Await", "RRef" -> new FutureType(one(args, s));
            case "Dict", "dict" -> {
                if (args.size() != 2) throw new ScriptException("Dict takes a key type and a value type", s.range());
                yield new DictType(args.get(0), args.get(1));
            }
            case "Tuple", "tuple" -> TupleType.of(args);
            case "Union" -> UnionType.of(args);
            default -> throw new ScriptException("Unknown type constructor '" + name + "'", s.range());
        };
    }

    private List<Type> arguments(Expr.Subscript s) {
        List<Type> args = new ArrayList<>();
        for (Expr.Subscript.Item item : s.items()) {
            if (!(item instanceof Expr.Subscript.Index(Expr value))) throw new ScriptException("A type has no slices",
                item.range());
            if (value instanceof Expr.TupleExpr(var elements, _)) {
                if (s.items().size() > 1) args.add(TupleType.of(List.of()));
                for (Expr element : elements) args.add(resolve(element));
            } else {
                args.add(resolve(value));
            }
        }
        return args;
    }

    private static Type one(List<Type> args, Expr.Subscript s) {
        if (args.size() != 1) throw new ScriptException("This type takes one type in its brackets, and has "
            + args.size(), s.range());
        return args.getFirst();
    }
}
