package dev.cresset.runtime.interpreter;

import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.EnumType;
import dev.cresset.ir.type.FunctionType;
import dev.cresset.ir.type.FutureType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.ir.type.UnionType;
import dev.cresset.ir.type.VarType;
import dev.cresset.ir.type.EnumMember;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptFuture;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;

/** Whether a run-time value is of a type. Containers are asked for their declared element types. */
public final class RuntimeTypes {
    private RuntimeTypes() {}

    public static boolean isInstance(Object value, Type type) {
        return switch (type) {
            case SimpleType s -> isSimple(value, s);
            case TensorType _ -> value instanceof Tensor;
            case ListType t -> value instanceof ScriptList l && new ListType(l.elementType()).isSubtypeOf(t);
            case DictType t -> value instanceof ScriptDict d && new DictType(d.keyType(), d.valueType()).isSubtypeOf(t);
            case TupleType t -> value instanceof ScriptTuple v && isTuple(v, t);
            case OptionalType t -> value == null || isInstance(value, t.element());
            case UnionType t -> t.members().stream().anyMatch(m -> isInstance(value, m));
            case ClassType t -> value instanceof ScriptObject o && o.type() == t;
            case InterfaceType t -> value instanceof ScriptObject o && o.type().isSubtypeOf(t);
            case EnumType t -> value instanceof EnumMember m && m.type() == t;
            case FutureType _ -> value instanceof ScriptFuture;
            case FunctionType _, VarType _ -> false;
        };
    }

    private static boolean isTuple(ScriptTuple value, TupleType type) {
        if (value.size() != type.elements().size() || type.isNamed() && !type.fields().equals(value.fields())) return false;
        for (int i = 0; i < value.size(); i++) if (!isInstance(value.get(i), type.elements().get(i))) return false;
        return true;
    }

    private static boolean isSimple(Object value, SimpleType type) {
        return switch (type) {
            case INT -> value instanceof Long;
            case FLOAT -> value instanceof Double;
            case COMPLEX -> value instanceof Complex;
            case BOOL -> value instanceof Boolean;
            case STR -> value instanceof String;
            case NUMBER -> value instanceof Long || value instanceof Double || value instanceof Complex;
            case NONE -> value == null;
            case ANY, UNKNOWN -> true;
            case DEVICE -> value instanceof Device;
            case GENERATOR -> value instanceof dev.cresset.kernels.op.Generator;
            case ANY_LIST -> value instanceof ScriptList;
            case ANY_TUPLE -> value instanceof ScriptTuple;
            case ANY_CLASS -> value instanceof ScriptObject;
            case ANY_ENUM -> value instanceof EnumMember;
            case STREAM, STORAGE -> false;
        };
    }
}
