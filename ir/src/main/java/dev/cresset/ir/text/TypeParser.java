package dev.cresset.ir.text;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.FunctionType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads types as graphs print them: {@code Tensor?}, {@code Dict(str, int[])}, {@code Float(2, 3, device=cpu)}. */
public final class TypeParser {
    private final IrScanner in;
    private final Function<String, Type> classes;
    private final Map<String, Type> enums = new HashMap<>();

    TypeParser(IrScanner in, Function<String, Type> classes) {
        this.in = in;
        this.classes = classes;
    }

    /**
     * Parses one type.
     *
     * @param classes the type of a qualified name, {@code __torch__.m.Net}
     * @throws dev.cresset.ir.diag.CressetException naming the place if the text is no type
     */
    public static Type parse(String text, Function<String, Type> classes) {
        IrScanner in = new IrScanner(text);
        Type type = new TypeParser(in, classes).type();
        if (!in.atEnd()) throw in.error("unexpected text after the type");
        return type;
    }

    Type type() {
        Type type = baseType();
        while (true) {
            if (in.accept("[]")) type = new ListType(type);
            else if (in.accept("?")) type = OptionalType.of(type);
            else return type;
        }
    }

    private Type baseType() {
        if (in.accept("(")) return TupleType.of(typesUntil(")"));
        String name = in.dottedName();
        return switch (name) {
            case "Tensor" -> tensor(null);
            case "Dict" -> dict();
            case "Future", "Await" -> future();
            case "Union" -> {
                in.expect("(");
                yield UnionType.of(typesUntil(")"));
            }
            case "NamedTuple" -> namedTuple();
            case "Enum" -> enumType();
            case "Function" -> new FunctionType(null);
            default -> named(name);
        };
    }

    private Type named(String name) {
        for (SimpleType s : SimpleType.values()) if (s.toString().equals(name) || s.annotation().equals(name)) return s;
        Optional<ScalarType> dtype = ScalarType.ofPrintName(name);
        if (dtype.isPresent()) return tensor(dtype.get());
        return classes.apply(name);
    }

    private Type dict() {
        in.expect("(");
        Type key = type();
        in.expect(",");
        Type value = type();
        in.expect(")");
        return new DictType(key, value);
    }

    private Type future() {
        boolean square = in.accept("[");
        if (!square) in.expect("(");
        Type element = type();
        in.expect(square ? "]" : ")");
        return new FutureType(element);
    }

    private Type namedTuple() {
        in.expect("(");
        List<String> fields = new ArrayList<>();
        List<Type> types = new ArrayList<>();
        while (!in.accept(")")) {
            fields.add(in.word());
            in.expect(":");
            types.add(type());
            in.accept(",");
        }
        return new TupleType(types, null, fields);
    }

    private Type enumType() {
        in.expect("<");
        String name = in.dottedName();
        in.expect(">");
        Type known = classes.apply(name);
        if (known instanceof EnumType) return known;
        return enums.computeIfAbsent(name, n -> new EnumType(n, SimpleType.UNKNOWN, Map.of()));
    }

    private List<Type> typesUntil(String close) {
        List<Type> types = new ArrayList<>();
        while (!in.accept(close)) {
            types.add(type());
            if (!in.looksAt(close)) in.expect(",");
        }
        return types;
    }

    /**
     * After {@code Tensor} or the name of an element type. A known element type without {@code ...} has a known
     * rank.
     */
    private Type tensor(ScalarType dtype) {
        if (!in.accept("(")) return new TensorType(dtype, null, null, null, null);
        List<Long> sizes = dtype == null ? null : new ArrayList<>();
        List<Long> strides = null;
        Boolean requiresGrad = null;
        Device device = null;
        while (!in.accept(")")) {
            if (in.accept("...")) sizes = null;
            else if (in.accept("strides=[")) strides = numbersUntilClose();
            else if (in.accept("requires_grad=")) requiresGrad = in.word().equals("1");
            else if (in.accept("device=")) device = device();
            else {
                if (sizes == null) sizes = new ArrayList<>();
                sizes.add(number());
            }
            in.accept(",");
        }
        if (sizes != null && sizes.isEmpty()) strides = List.of();
        return new TensorType(dtype, device, sizes, strides, requiresGrad);
    }

    private Device device() {
        String name = in.word();
        return Device.parse(in.accept(":") ? name + ":" + in.word() : name);
    }

    private List<Long> numbersUntilClose() {
        List<Long> numbers = new ArrayList<>();
        while (!in.accept("]")) {
            numbers.add(number());
            in.accept(",");
        }
        return numbers;
    }

    private long number() {
        if (in.accept("*")) return -1;
        String word = in.word();
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw in.error("expected a size, got '" + word + "'");
        }
    }
}
