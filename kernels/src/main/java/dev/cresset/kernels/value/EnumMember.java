package dev.cresset.kernels.value;

import dev.cresset.ir.type.EnumType;

/** A member of an Enum. Equal if enum and name are. @param value Long, Double or String */
public record EnumMember(EnumType type, String name, Object value) {
    @Override public String toString() {
        return type.name().substring(type.name().lastIndexOf('.') + 1) + "." + name;
    }
}
