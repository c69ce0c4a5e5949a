package dev.cresset.ir.schema;

import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.Subtyping;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import dev.cresset.ir.type.VarType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the type variables of a schema ({@code t} in {@code t[]}) stand for in one call. */
final class TypeVariables {
    private final Map<String, Type> bound = new HashMap<>();

    static boolean occurIn(Type type) {
        if (type instanceof VarType) return true;
        for (Type part : type.contained()) if (occurIn(part)) return true;
        return false;
    }

    /** The formal type with its variables bound by the actual one; null if they do not fit. */
    Type bind(Type formal, Type actual, boolean emptyList) {
        if (emptyList && formal instanceof ListType l && l.element() instanceof VarType v
            && bound.containsKey(v.name())) {
            return new ListType(bound.get(v.name()));
        }
        return bind(formal, actual) ? substitute(formal) : null;
    }

    private boolean bind(Type formal, Type actual) {
        if (!occurIn(formal)) return true;
        if (actual == SimpleType.UNKNOWN && !(formal instanceof VarType)) {
            for (Type part : formal.contained()) bind(part, SimpleType.UNKNOWN);
            return true;
        }
        return switch (formal) {
            case VarType v -> bindVariable(v, actual);
            case ListType l when actual instanceof ListType a -> bind(l.element(), a.element());
            case ListType l when actual instanceof TupleType t ->
                t.elements().stream().allMatch(e -> bind(l.element(), e));
            case DictType d when actual instanceof DictType a -> bind(d.key(), a.key()) && bind(d.value(), a.value());
            case FutureType f when actual instanceof FutureType a -> bind(f.element(), a.element());
            case TupleType t when actual instanceof TupleType a -> bindAll(t.elements(), a.elements());
            case OptionalType o when actual instanceof OptionalType a -> bind(o.element(), a.element());
            case OptionalType _ when actual == SimpleType.NONE -> true;
            case OptionalType o -> bind(o.element(), actual);
            default -> false;
        };
    }

    private boolean bindAll(List<Type> formals, List<Type> actuals) {
        if (formals.size() != actuals.size()) return false;
        for (int i = 0; i < formals.size(); i++) if (!bind(formals.get(i), actuals.get(i))) return false;
        return true;
    }

    private boolean bindVariable(VarType variable, Type actual) {
        Type before = bound.putIfAbsent(variable.name(), actual);
        if (before == null) return true;
        Optional<Type> joined = Subtyping.join(before, actual);
        joined.ifPresent(t -> bound.put(variable.name(), t));
        // a value that needs a conversion to the first binding is left to the conversion
        return true;
    }

    /** The type with its variables replaced; an unbound one becomes unknown. */
    Type substitute(Type type) {
        return switch (type) {
            case VarType v -> bound.getOrDefault(v.name(), SimpleType.UNKNOWN);
            case ListType l -> new ListType(substitute(l.element()));
            case DictType d -> new DictType(substitute(d.key()), substitute(d.value()));
            case FutureType f -> new FutureType(substitute(f.element()));
            case OptionalType o -> OptionalType.of(substitute(o.element()));
            case TupleType t when !t.isNamed() -> TupleType.of(substituteAll(t.elements()));
            case UnionType u -> UnionType.of(substituteAll(u.members()));
            default -> type;
        };
    }

    private List<Type> substituteAll(List<Type> types) {
        List<Type> out = new ArrayList<>(types.size());
        for (Type t : types) out.add(substitute(t));
        return out;
    }
}
