package dev.cresset.ir.type;

import dev.cresset.ir.schema.FunctionSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The subtype relation and the join of types, as TorchScript defines them (torchscript language reference, "types"). */
public final class Subtyping {
    private Subtyping() {}

    static boolean isSubtype(Type a, Type b) {
        if (a == b || b == SimpleType.ANY || a == SimpleType.UNKNOWN || b == SimpleType.UNKNOWN || a.equals(b)) return true;
        if (a instanceof UnionType u) return u.members().stream().allMatch(m -> isSubtype(m, b));
        if (a instanceof OptionalType o) return isSubtype(o.element(), b) && isSubtype(SimpleType.NONE, b);
        return switch (b) {
            case OptionalType o -> a == SimpleType.NONE || isSubtype(a, o.element());
            case UnionType u -> u.members().stream().anyMatch(m -> isSubtype(a, m));
            case SimpleType s -> isSubtypeOfSimple(a, s);
            case TensorType t -> a instanceof TensorType s && s.refines(t);
            case TupleType t -> a instanceof TupleType s && isTupleSubtype(s, t);
            case ListType t -> a instanceof ListType s && sameElement(s.element(), t.element());
            case DictType t -> a instanceof DictType s && sameElement(s.key(), t.key()) && sameElement(s.value(), t.value());
            case FutureType t -> a instanceof FutureType s && isSubtype(s.element(), t.element());
            case InterfaceType t -> a instanceof ClassType s && implementsInterface(s, t)
                || a instanceof InterfaceType i && i.methods().keySet().containsAll(t.methods().keySet());
            case FunctionType _ -> a instanceof FunctionType;
            case ClassType _, EnumType _, VarType _ -> false;
        };
    }

    /** Lists and dicts are invariant, except that what is known about tensors does not count. */
    private static boolean sameElement(Type a, Type b) {
        return a == SimpleType.UNKNOWN || b == SimpleType.UNKNOWN || a.equals(b) || a.isTensor() && b.isTensor()
            || a instanceof ListType x && b instanceof ListType y && sameElement(x.element(), y.element());
    }

    private static boolean isSubtypeOfSimple(Type a, SimpleType b) {
        return switch (b) {
            case NUMBER -> a == SimpleType.INT || a == SimpleType.FLOAT || a == SimpleType.COMPLEX;
            case ANY_LIST -> a instanceof ListType;
            case ANY_TUPLE -> a instanceof TupleType;
            case ANY_CLASS -> a instanceof ClassType;
            case ANY_ENUM -> a instanceof EnumType;
            default -> false;
        };
    }

    private static boolean isTupleSubtype(TupleType a, TupleType b) {
        if (a.elements().size() != b.elements().size()) return false;
        if (b.isNamed() && !(a.isNamed() && b.fields().equals(a.fields()))) return false;
        for (int i = 0; i < a.elements().size(); i++) {
            if (!isSubtype(a.elements().get(i), b.elements().get(i))) return false;
        }
        return true;
    }

    private static boolean implementsInterface(ClassType type, InterfaceType wanted) {
        return wanted.methods().entrySet().stream().allMatch(m ->
            type.method(m.getKey()).filter(f -> sameShape(f.schema(), m.getValue())).isPresent());
    }

    private static boolean sameShape(FunctionSchema have, FunctionSchema want) {
        if (have.arguments().size() < want.arguments().size() || have.returns().size() != want.returns().size()) return false;
        for (int i = 1; i < want.arguments().size(); i++) {
            if (!isSubtype(want.arguments().get(i).type(), have.arguments().get(i).type())) return false;
        }
        for (int i = 0; i < want.returns().size(); i++) {
            if (!isSubtype(have.returns().get(i).type(), want.returns().get(i).type())) return false;
        }
        return true;
    }

    /**
     * The type of a value that comes from one of two branches, or empty if they have nothing in common. int and float
     * have nothing in common; a type and None give Optional; tuples join element-wise.
     */
    public static Optional<Type> join(Type a, Type b) {
        if (a == SimpleType.UNKNOWN) return Optional.of(b);
        if (b == SimpleType.UNKNOWN) return Optional.of(a);
        if (a instanceof TensorType x && b instanceof TensorType y) return Optional.of(x.merge(y));
        if (isSubtype(a, b)) return Optional.of(b);
        if (isSubtype(b, a)) return Optional.of(a);
        if (a == SimpleType.NONE) return Optional.of(OptionalType.of(b));
        if (b == SimpleType.NONE) return Optional.of(OptionalType.of(a));
        if (a instanceof OptionalType x) return join(x.element(), b).map(OptionalType::of);
        if (b instanceof OptionalType y) return join(a, y.element()).map(OptionalType::of);
        if (a instanceof TupleType x && b instanceof TupleType y && x.elements().size() == y.elements().size()) {
            return joinTuples(x, y);
        }
        return Optional.empty();
    }

    private static Optional<Type> joinTuples(TupleType a, TupleType b) {
        List<Type> joined = new ArrayList<>();
        for (int i = 0; i < a.elements().size(); i++) {
            Optional<Type> element = join(a.elements().get(i), b.elements().get(i));
            if (element.isEmpty()) return Optional.empty();
            joined.add(element.get());
        }
        return Optional.of(TupleType.of(joined));
    }
}
