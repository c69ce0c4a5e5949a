package dev.cresset.ir.schema;

import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import dev.cresset.ir.type.VarType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads schema strings in the notation of PyTorch's native_functions.yaml and of its registered schemas. */
final class SchemaParser {
    private static final Map<String, Type> NAMED_TYPES = Map.ofEntries(
        Map.entry("Tensor", TensorType.ANY), Map.entry("Scalar", SimpleType.NUMBER), Map.entry("number", SimpleType.NUMBER),
        Map.entry("int", SimpleType.INT), Map.entry("SymInt", SimpleType.INT), Map.entry("ScalarType", SimpleType.INT),
        Map.entry("Layout", SimpleType.INT), Map.entry("MemoryFormat", SimpleType.INT), Map.entry("QScheme", SimpleType.INT),
        Map.entry("float", SimpleType.FLOAT), Map.entry("complex", SimpleType.COMPLEX), Map.entry("bool", SimpleType.BOOL),
        Map.entry("str", SimpleType.STR), Map.entry("Dimname", SimpleType.STR), Map.entry("Device", SimpleType.DEVICE),
        Map.entry("Generator", SimpleType.GENERATOR), Map.entry("Stream", SimpleType.STREAM),
        Map.entry("Storage", SimpleType.STORAGE), Map.entry("NoneType", SimpleType.NONE), Map.entry("Any", SimpleType.ANY),
        Map.entry("AnyEnumType", SimpleType.ANY_ENUM), Map.entry("AnyClassType", SimpleType.ANY_CLASS),
        Map.entry("AnyListType", SimpleType.ANY_LIST), Map.entry("list", SimpleType.ANY_LIST),
        Map.entry("AnyTupleType", SimpleType.ANY_TUPLE));

    private final String text;
    private int at;
    private AliasInfo alias;      // of the type read last
    private int fixedLength;      // of the type read last

    SchemaParser(String text) { this.text = text; }

    FunctionSchema parse() {
        String name = word();
        expect("::");
        name = name + "::" + word();
        String overload = accept(".") ? word() : "";
        List<Argument> arguments = new ArrayList<>();
        boolean varargs = arguments(arguments);
        expect("->");
        List<Argument> returns = returns();
        skipSpace();
        if (at != text.length()) throw error("unexpected text");
        return new FunctionSchema(name, overload, arguments, returns, varargs);
    }

    private boolean arguments(List<Argument> into) {
        expect("(");
        boolean keywordOnly = false;
        if (accept(")")) return false;
        do {
            if (accept("...")) {
                expect(")");
                return true;
            }
            if (accept("*")) {
                keywordOnly = true;
                continue;
            }
            into.add(argument(keywordOnly));
        } while (accept(","));
        expect(")");
        return false;
    }

    private Argument argument(boolean keywordOnly) {
        Type type = type();
        AliasInfo itsAlias = alias;
        int itsLength = fixedLength;
        String name = word();
        if (accept("=")) return new Argument(name, type, itsLength, true, literal(), keywordOnly, itsAlias);
        return new Argument(name, type, itsLength, false, null, keywordOnly, itsAlias);
    }

    private List<Argument> returns() {
        if (accept("...")) return List.of(Argument.plain("", SimpleType.ANY));
        List<Argument> returns = new ArrayList<>();
        int start = at;
        if (accept("(")) {
            if (accept(")")) return List.of();
            do returns.add(oneReturn()); while (accept(","));
            expect(")");
            skipSpace();
            if (at < text.length() && "[?(".indexOf(text.charAt(at)) >= 0) { // a tuple type: (t, t)[]
                at = start;
                return List.of(oneReturn());
            }
            return returns;
        }
        return List.of(oneReturn());
    }

    private Argument oneReturn() {
        Type type = type();
        AliasInfo itsAlias = alias;
        skipSpace();
        String name = at < text.length() && isWordStart(text.charAt(at)) ? word() : "";
        return new Argument(name, type, 0, false, null, false, itsAlias);
    }

    private Type type() {
        AliasInfo found = null;
        int length = 0;
        Type type = baseType();
        while (true) {
            if (peekAlias()) {
                found = merge(found, aliasInfo());
            } else if (accept("[")) {
                length = accept("]") ? 0 : integerThen("]");
                type = new ListType(type);
            } else if (accept("?")) {
                type = OptionalType.of(type);
            } else {
                break;
            }
        }
        alias = found;
        fixedLength = length;
        return type;
    }

    /** {@code Tensor(a!)[]}: what is written inside counts for the whole. */
    private static AliasInfo merge(AliasInfo inner, AliasInfo outer) {
        if (inner == null) return outer;
        Set<String> sets = new LinkedHashSet<>(inner.sets());
        sets.addAll(outer.sets());
        Set<String> after = new LinkedHashSet<>(inner.after());
        after.addAll(outer.after());
        return new AliasInfo(sets, inner.write() || outer.write(), after);
    }

    private Type baseType() {
        if (accept("(")) return TupleType.of(typesUntilClose());
        String name = word();
        while (text.startsWith(".", at) && !text.startsWith("...", at)) {
            at++;
            name = name + "." + word();
        }
        Type known = NAMED_TYPES.get(name);
        if (known != null) return known;
        switch (name) {
            case "Dict" -> {
                expect("(");
                List<Type> parts = typesUntilClose();
                return new DictType(parts.get(0), parts.get(1));
            }
            case "Future", "Await", "RRef" -> {
                boolean square = accept("["); // both Future(t) and Future[t] are written
                if (!square) expect("(");
                Type element = type();
                expect(square ? "]" : ")");
                return new FutureType(element);
            }
            case "Union" -> {
                expect("(");
                return UnionType.of(typesUntilClose());
            }
            default -> { }
        }
        if (name.startsWith("__torch__.")) return SimpleType.ANY_CLASS;
        if (Character.isLowerCase(name.charAt(0))) return new VarType(name);
        throw error("unknown type '" + name + "'");
    }

    private List<Type> typesUntilClose() {
        List<Type> types = new ArrayList<>();
        if (accept(")")) return types;
        do {
            types.add(type());
            skipSpace();
            if (at < text.length() && isWordStart(text.charAt(at))) word(); // a field name
        } while (accept(","));
        expect(")");
        return types;
    }

    /** True at {@code (a!)}, {@code (a -> *)}, {@code (*)}, {@code (a|b)}; false at other parentheses. */
    private boolean peekAlias() {
        if (at >= text.length() || text.charAt(at) != '(') return false;
        int close = text.indexOf(')', at);
        return close > 0 && text.substring(at + 1, close)
            .matches("\\s*(\\*|[a-z](\\|[a-z])*)!?\\s*(->\\s*(\\*|[a-z](\\|[a-z])*)\\s*)?");
    }

    private AliasInfo aliasInfo() {
        int close = text.indexOf(')', at);
        String[] sides = text.substring(at + 1, close).split("->");
        at = close + 1;
        String before = sides[0].strip();
        boolean write = before.endsWith("!");
        Set<String> sets = Set.of((write ? before.substring(0, before.length() - 1) : before).split("\\|"));
        return new AliasInfo(sets, write, sides.length == 1 ? sets : Set.of(sides[1].strip().split("\\|")));
    }

    private Object literal() {
        if (accept("[")) {
            List<Object> items = new ArrayList<>();
            if (accept("]")) return items;
            do items.add(literal()); while (accept(","));
            expect("]");
            return items;
        }
        skipSpace();
        char c = text.charAt(at);
        if (c == '"' || c == '\'') {
            int end = text.indexOf(c, at + 1);
            String s = text.substring(at + 1, end);
            at = end + 1;
            return unescaped(s);
        }
        int start = at;
        while (at < text.length() && ",)] ".indexOf(text.charAt(at)) < 0) at++;
        return scalarLiteral(text.substring(start, at));
    }

    /** PyTorch prints control characters by name. */
    private static String unescaped(String s) {
        return s.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\f", "\f").replace("\\v", "\u000b");
    }

    private Object scalarLiteral(String word) {
        switch (word) {
            case "None": return null;
            case "True": return true;
            case "False": return false;
            case "contiguous_format", "strided": return 0L;
            case "Mean": return 1L;
            case "inf": return Double.POSITIVE_INFINITY;
            case "long": return (long) ScalarType.INT64.code();
            case "float": return (long) ScalarType.FLOAT32.code();
            case "double": return (long) ScalarType.FLOAT64.code();
            default: break;
        }
        if (word.matches("-?\\d{1,19}")) return Long.parseLong(word);
        if (word.matches("-?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) return Double.parseDouble(word);
        throw error("unknown default '" + word + "'");
    }

    private int integerThen(String close) {
        int start = at;
        while (at < text.length() && Character.isDigit(text.charAt(at))) at++;
        if (at == start) throw error("expected a number");
        int n = Integer.parseInt(text.substring(start, at));
        expect(close);
        return n;
    }

    private String word() {
        skipSpace();
        int start = at;
        while (at < text.length() && (isWordStart(text.charAt(at)) || Character.isDigit(text.charAt(at)))) at++;
        if (at == start) throw error("expected a name");
        return text.substring(start, at);
    }

    private static boolean isWordStart(char c) { return c == '_' || Character.isLetter(c); }

    private boolean accept(String token) {
        skipSpace();
        if (!text.startsWith(token, at)) return false;
        at += token.length();
        return true;
    }

    private void expect(String token) { if (!accept(token)) throw error("expected '" + token + "'"); }

    private void skipSpace() { while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++; }

    private IllegalArgumentException error(String what) {
        return new IllegalArgumentException("bad schema, " + what + " at character " + at + " of: " + text);
    }
}
