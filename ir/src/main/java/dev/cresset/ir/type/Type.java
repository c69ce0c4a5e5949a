package dev.cresset.ir.type;

import java.util.List;

/**
 * A TorchScript type. {@link #toString()} prints it as graphs do ({@code int[]}, {@code Tensor?}), {@link #annotation()}
 * as source code does ({@code List[int]}, {@code Optional[Tensor]}). Types are compared by {@code equals}; classes,
 * interfaces and enums by identity of their declaration.
 */
public sealed interface Type
        permits SimpleType, TensorType, ListType, DictType, TupleType, OptionalType, UnionType, FutureType, ClassType,
                InterfaceType, EnumType, FunctionType, VarType {

    /** The type as source code writes it. */
    String annotation();

    /** Types this one is built from, {@code [int]} for {@code int[]}; empty for most. */
    default List<Type> contained() { return List.of(); }

    /** True if every value of this type may stand where {@code other} is expected. */
    default boolean isSubtypeOf(Type other) { return Subtyping.isSubtype(this, other); }

    /** True if None is a value of this type. */
    default boolean admitsNone() { return SimpleType.NONE.isSubtypeOf(this) && this != SimpleType.UNKNOWN; }

    /** True for tensors, also specialised ones. */
    default boolean isTensor() { return this instanceof TensorType; }

    /** True if values of this type can change in place: tensors, lists, dicts, objects, and what contains them. */
    default boolean isMutable() {
        return switch (this) {
            case TensorType _, ListType _, DictType _, ClassType _, InterfaceType _, FutureType _, VarType _ -> true;
            case TupleType _, OptionalType _, UnionType _ -> contained().stream().anyMatch(Type::isMutable);
            case SimpleType s -> s.mayHoldMutable();
            case EnumType _, FunctionType _ -> false;
        };
    }
}
