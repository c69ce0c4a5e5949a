package dev.cresset.ir.script;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.SourceRange;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What names, attributes and namespaces stand for. */
final class Terms {
    private static final Set<String> SPECIAL = Set.of("annotate", "unchecked_cast", "uninitialized", "isinstance",
        "print",
        "range", "len", "enumerate", "zip", "getattr", "hasattr", "fork", "wait", "awaitable", "int", "float", "bool",
            "str",
        "complex", "list", "dict", "tuple", "min", "max", "abs", "super", "iter", "type");
    /** Builtin functions that are operators under the same name. */
    private static final Set<String> BUILTINS = Set.of("round", "sum", "sorted", "hash", "ord", "chr", "hex", "oct",
        "bin",
        "divmod", "pow", "any", "all", "id", "reversed");
    private static final Set<String> PRIM_PROPERTIES = Set.of("dtype", "device", "grad", "data", "is_cuda", "is_cpu",
        "is_xla",
        "is_xpu", "is_sparse", "is_sparse_csr", "is_mkldnn", "is_mps", "is_quantized", "is_vulkan", "is_ipu", "is_meta",
        "is_nested", "requires_grad", "layout", "name", "names", "is_ort", "itemsize", "nbytes");
    private static final Map<String, String> ATEN_PROPERTIES = Map.of("shape", "aten::size", "ndim", "aten::dim",
        "T", "aten::numpy_T", "H", "aten::matrix_H", "mT", "aten::mT", "mH", "aten::mH", "real", "aten::real",
        "imag", "aten::imag", "is_leaf", "aten::is_leaf", "retains_grad", "aten::retains_grad");

    private final FunctionCompiler f;

    Terms(FunctionCompiler f) { this.f = f; }

    /** A name that is no variable; null if it is nothing. */
    Term global(String name) {
        if (SPECIAL.contains(name)) return new Term.Special(name);
        if (BUILTINS.contains(name)) return new Term.Operator(name.equals("id") ? "prim::id" : "aten::" + name, null);
        switch (name) {
            case "torch", "ops", "math", "CONSTANTS", "__torch__", "typing" -> {
                return new Term.Namespace(name);
            }
            case "inf" -> {
                return new Term.Val(f.emitter.constant(Double.POSITIVE_INFINITY, SimpleType.FLOAT, null));
            }
            case "nan" -> {
                return new Term.Val(f.emitter.constant(Double.NaN, SimpleType.FLOAT, null));
            }
            case "infj" -> {
                return complex(Double.POSITIVE_INFINITY);
            }
            case "nanj" -> {
                return complex(Double.NaN);
            }
            default -> { }
        }
        Term declared = f.unit.lookup(name);
        if (declared != null) return declared;
        return isExceptionName(name) ? new Term.ExceptionRef(name) : null;
    }

    private Term complex(double imaginary) {
        return new Term.Val(f.emitter.constant(new dev.cresset.ir.type.Complex(0, imaginary), SimpleType.COMPLEX,
            null));
    }

    private static boolean isExceptionName(String name) {
        return name.endsWith("Error") || name.endsWith("Exception") || name.endsWith("Warning")
            || name.equals("StopIteration");
    }

    /** The term as one value. */
    Value value(Term term, SourceRange range) {
        return switch (term) {
            case Term.Val(Value v) -> v;
            case Term.Outputs(List<Value> values, List<String> names) -> tuple(values, names, range);
            case Term.Function(var function) -> f.emitter.function(function, range);
            case Term.Sequence(List<Term> items) ->
                f.emitter.tuple(items.stream().map(i -> value(i, range)).toList(), range);
            case Term.Range(List<Value> bounds) when bounds.size() == 1 ->
                f.operators.call("prim::rangelist", range, bounds.getFirst());
            case Term.Range _, Term.Enumerate _, Term.Zip _ -> f.iterations.toList(term, range);
            case Term.Namespace(String path) -> throw FunctionCompiler.error("undefined value " + path, range);
            case Term.Operator o -> throw unusable("operator " + o.name(), range);
            case Term.Method m -> throw unusable("method " + m.name(), range);
            case Term.ClassRef c -> throw unusable("class " + c.type().name(), range);
            case Term.Creator c -> throw unusable("class " + c.type().name(), range);
            case Term.NamedTupleRef t -> throw unusable("class " + t.type().name(), range);
            case Term.EnumRef e -> throw unusable("enum " + e.type().name(), range);
            case Term.InterfaceRef i -> throw unusable("interface " + i.type().name(), range);
            case Term.Special s -> throw unusable("function " + s.name(), range);
            case Term.ExceptionRef e -> throw unusable("exception " + e.name(), range);
            case Term.Closure c -> throw unusable("nested function " + c.definition().name(), range);
        };
    }

    private RuntimeException unusable(String what, SourceRange range) {
        return FunctionCompiler.error("the " + what + " cannot be used as a value", range);
    }

    private Value tuple(List<Value> values, List<String> names, SourceRange range) {
        List<Type> types = values.stream().map(Value::type).toList();
        boolean named = names.stream().noneMatch(String::isEmpty);
        Type type = named ? new TupleType(types, null, names) : TupleType.of(types);
        return f.emitter.prim(Kinds.TUPLE_CONSTRUCT, values, type, range);
    }

    Term attribute(Term term, String name, SourceRange range) {
        return switch (term) {
            case Term.Namespace(String path) -> f.unit.namespaces().attribute(f, path, name, range);
            case Term.ClassRef(ClassType type) -> classAttribute(type, name, range);
            case Term.EnumRef(EnumType type) -> {
                if (!type.members().containsKey(name)) {
                    throw FunctionCompiler.error("enum " + type.name() + " has no member '" + name + "'", range);
                }
                yield new Term.Val(f.emitter.constant(new EnumMember(type, name), type, range));
            }
            case Term.Val(Value v) -> valueAttribute(v, name, range);
            case Term.Outputs _ -> valueAttribute(value(term, range), name, range);
            case Term.NamedTupleRef t when name.equals("__new__") -> t;
            default -> throw FunctionCompiler.error("this has no attribute '" + name + "'", range);
        };
    }

    private Term classAttribute(ClassType type, String name, SourceRange range) {
        if (name.equals("__new__")) return new Term.Creator(type);
        if (type.methods().containsKey(name)) return new Term.Function(type.methods().get(name));
        Term nested = f.unit.lookup(type.name() + "." + name);
        if (nested != null) return nested;
        throw FunctionCompiler.error("class " + type.name() + " has no method '" + name + "'", range);
    }

    private Term valueAttribute(Value v, String name, SourceRange range) {
        return switch (v.type()) {
            case ClassType c -> objectAttribute(v, c, name, range);
            case InterfaceType i -> {
                if (!i.methods().containsKey(name)) throw noAttribute(v.type(), name, range);
                yield new Term.Method(v, name);
            }
            case TupleType t when t.isNamed() && t.fields().contains(name) -> {
                int index = t.fields().indexOf(name);
                yield new Term.Val(f.emitter.prim(Kinds.TUPLE_INDEX, List.of(v, f.emitter.constant(index, range)),
                    t.elements().get(index), range));
            }
            case EnumType e -> new Term.Val(enumAttribute(v, e, name, range));
            case TensorType _ -> tensorAttribute(v, name, range);
            case SimpleType s when s == SimpleType.DEVICE && (name.equals("type") || name.equals("index")) ->
                f.operators.call(new Operators.Call("prim::" + name, null, List.of(v), Map.of(), range));
            case SimpleType s when s == SimpleType.COMPLEX && (name.equals("real") || name.equals("imag")) ->
                f.operators.call(new Operators.Call("aten::" + name, null, List.of(v), Map.of(), range));
            case OptionalType o when o.element() instanceof ClassType || o.element() instanceof InterfaceType ->
                throw noAttribute(v.type(), name, range);
            default -> new Term.Operator("aten::" + name, v);
        };
    }

    private static RuntimeException noAttribute(Type type, String name, SourceRange range) {
        return FunctionCompiler.error("'" + type.annotation() + "' object has no attribute or method '" + name + "'",
            range);
    }

    private Term objectAttribute(Value v, ClassType type, String name, SourceRange range) {
        var attribute = type.attribute(name);
        if (attribute.isPresent()) {
            return new Term.Val(f.emitter.prim(Kinds.GET_ATTR, Map.of("name", name), List.of(v),
                attribute.get().type(), range));
        }
        if (type.method(name).isPresent()) {
            if (f.unit.isProperty(type, name)) return f.calls.method(v, name, List.of(), Map.of(), range);
            return f.unit.isStatic(type, name) ? new Term.Function(type.methods().get(name)) : new Term.Method(v, name);
        }
        var constant = f.unit.classConstant(type, name);
        if (constant != null) return new Term.Val(f.expressions.value(constant.value(), constant.type()));
        if (f.unit.completeAttributes(type) && type.attribute(name).isPresent()) return objectAttribute(v, type, name,
            range);
        if (CompilationUnit.isOpaque(type)) return new Term.Operator(type.name() + "." + name, v);
        throw noAttribute(type, name, range);
    }

    private Value enumAttribute(Value v, EnumType type, String name, SourceRange range) {
        return switch (name) {
            case "name" -> f.emitter.prim(Kinds.ENUM_NAME, List.of(v), SimpleType.STR, range);
            case "value" -> f.emitter.prim(Kinds.ENUM_VALUE, List.of(v), type.valueType(), range);
            default -> throw noAttribute(type, name, range);
        };
    }

    private Term tensorAttribute(Value v, String name, SourceRange range) {
        if (PRIM_PROPERTIES.contains(name) && !f.unit.operators().overloads("prim::" + name).isEmpty()) {
            return f.operators.call(new Operators.Call("prim::" + name, null, List.of(v), Map.of(), range));
        }
        String aten = ATEN_PROPERTIES.get(name);
        if (aten != null) return f.operators.call(new Operators.Call(aten, null, List.of(v), Map.of(), range));
        return new Term.Operator("aten::" + name, v);
    }

    /** The parts of a value or term that is a fixed number of things: what {@code a, b = …} unpacks. */
    List<Term> parts(Term term, int count, SourceRange range) {
        return switch (term) {
            case Term.Outputs(List<Value> values, _) -> asTerms(values);
            case Term.Sequence(List<Term> items) -> items;
            default -> asTerms(unpack(value(term, range), count, range));
        };
    }

    private List<Value> unpack(Value v, int count, SourceRange range) {
        return switch (v.type()) {
            case TupleType t -> f.emitter.unpack(Kinds.TUPLE_UNPACK, v, t.elements(), range);
            case dev.cresset.ir.type.ListType l when count >= 0 ->
                f.emitter.unpack(Kinds.LIST_UNPACK, v, java.util.Collections.nCopies(count, l.element()), range);
            case SimpleType s when s == SimpleType.UNKNOWN && count >= 0 ->
                f.emitter.unpack(Kinds.TUPLE_UNPACK, v, java.util.Collections.nCopies(count, s), range);
            case TensorType _ when count >= 0 -> f.emitter.unpack(Kinds.LIST_UNPACK,
                f.operators.call("aten::unbind", range, v), java.util.Collections.nCopies(count, TensorType.ANY),
                    range);
            default -> throw FunctionCompiler.error("'" + v.type().annotation()
                + "' cannot be unpacked: a tuple was expected", range);
        };
    }

    static List<Term> asTerms(List<Value> values) {
        List<Term> terms = new ArrayList<>();
        for (Value v : values) terms.add(new Term.Val(v));
        return terms;
    }
}
