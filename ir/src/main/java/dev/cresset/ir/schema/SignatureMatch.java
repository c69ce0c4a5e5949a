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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the types of values with a schema and binds its type variables. For graphs, where every argument is given
 * and has been converted; what source code may write instead is the compiler's matter.
 */
public final class SignatureMatch {
    private final FunctionSchema schema;
    private final Map<String, Type> bound = new HashMap<>();

    private final boolean boolIsNumber;

    private SignatureMatch(FunctionSchema schema, boolean boolIsNumber) {
        this.schema = schema;
        this.boolIsNumber = boolIsNumber;
    }

    /** The overload for arguments of these types: the first that fits without, else with, a bool taken as a number. */
    public static Optional<OperatorInfo> choose(List<? extends OperatorInfo> overloads, List<Type> arguments,
        List<Type> results) {
        for (boolean boolIsNumber : new boolean[] {false, true}) {
            for (OperatorInfo o : overloads) {
                if (new SignatureMatch(o.schema(), boolIsNumber).mismatch(arguments, results).isEmpty()) {
                    return Optional.of(o);
                }
            }
        }
        return Optional.empty();
    }

    /** Why these arguments and results do not fit the schema, or empty if they do. */
    public static Optional<String> mismatch(FunctionSchema schema, List<Type> arguments, List<Type> results) {
        return new SignatureMatch(schema, true).mismatch(arguments, results);
    }

    private Optional<String> mismatch(List<Type> arguments, List<Type> results) {
        Optional<String> why = arguments(arguments);
        return why.isPresent() ? why : results(results);
    }

    private Optional<String> arguments(List<Type> types) {
        int formal = schema.arguments().size();
        if (types.size() < formal || types.size() > formal && !schema.varargs()) {
            return Optional.of("it takes " + formal + " arguments" + (schema.varargs() ? " or more" : "")
                + ", got " + types.size());
        }
        for (int i = 0; i < formal; i++) {
            Argument a = schema.arguments().get(i);
            if (!fits(types.get(i), a.type())) {
                return Optional.of("argument '" + a.name() + "' is a " + a.type() + ", got " + types.get(i));
            }
        }
        return Optional.empty();
    }

    private Optional<String> results(List<Type> types) {
        if (schema.varargs() && schema.returns().size() == 1 && schema.returns().getFirst().type() == SimpleType.ANY) {
            return Optional.empty();
        }
        if (types.size() != schema.returns().size()) {
            return Optional.of("it has " + schema.returns().size() + " results, got " + types.size());
        }
        for (int i = 0; i < types.size(); i++) {
            Type declared = substitute(schema.returns().get(i).type());
            Type got = types.get(i);
            // a pass may know more or, after a merge, less than the schema: both may stand
            if (!got.isSubtypeOf(declared) && !declared.isSubtypeOf(got) && !fits(got, declared)) {
                return Optional.of("result " + i + " is a " + declared + ", got " + got);
            }
        }
        return Optional.empty();
    }

    private boolean fits(Type actual, Type formal) {
        if (actual == SimpleType.UNKNOWN) return true;
        return switch (formal) {
            case VarType v -> bind(v.name(), actual);
            case ListType f when actual instanceof ListType a && hasVariable(f) -> fits(a.element(), f.element());
            case DictType f when actual instanceof DictType a && hasVariable(f) ->
                fits(a.key(), f.key()) && fits(a.value(), f.value());
            case FutureType f when actual instanceof FutureType a -> fits(a.element(), f.element());
            case TupleType f when actual instanceof TupleType a && hasVariable(f) -> {
                if (a.elements().size() != f.elements().size()) yield false;
                for (int i = 0; i < f.elements().size(); i++) {
                    if (!fits(a.elements().get(i), f.elements().get(i))) yield false;
                }
                yield true;
            }
            case OptionalType f -> actual == SimpleType.NONE
                || (actual instanceof OptionalType a ? fits(a.element(), f.element()) : fits(actual, f.element()));
            case SimpleType s when s == SimpleType.NUMBER -> boolIsNumber && actual == SimpleType.BOOL
                || actual.isSubtypeOf(s);
            default -> actual.isSubtypeOf(formal);
        };
    }

    private boolean bind(String name, Type actual) {
        Type before = bound.get(name);
        if (before == null) {
            bound.put(name, actual);
            return true;
        }
        Optional<Type> both = Subtyping.join(before, actual);
        both.ifPresent(t -> bound.put(name, t));
        return both.isPresent();
    }

    private static boolean hasVariable(Type t) {
        return t instanceof VarType || t.contained().stream().anyMatch(SignatureMatch::hasVariable);
    }

    private Type substitute(Type t) {
        return switch (t) {
            case VarType v -> bound.getOrDefault(v.name(), v);
            case ListType l -> new ListType(substitute(l.element()));
            case DictType d -> new DictType(substitute(d.key()), substitute(d.value()));
            case OptionalType o -> OptionalType.of(substitute(o.element()));
            case FutureType f -> new FutureType(substitute(f.element()));
            case TupleType p when !p.isNamed() -> TupleType.of(p.elements().stream().map(this::substitute).toList());
            case UnionType u -> UnionType.of(u.members().stream().map(this::substitute).toList());
            default -> t;
        };
    }
}
