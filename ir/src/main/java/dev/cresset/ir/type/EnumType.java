package dev.cresset.ir.type;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** A Python Enum: named members with values of one type (int, float or str). */
public final class EnumType implements Type {
    private final String name;
    private final Type valueType;
    private final SequencedMap<String, Object> members;

    /** @param members name to value (Long, Double or String), in declaration order */
    public EnumType(String name, Type valueType, Map<String, Object> members) {
        this.name = name;
        this.valueType = valueType;
        this.members = new LinkedHashMap<>(members);
    }

    public String name() { return name; }

    public Type valueType() { return valueType; }

    public SequencedMap<String, Object> members() { return java.util.Collections.unmodifiableSequencedMap(members); }

    @Override public String annotation() { return name; }

    @Override public String toString() { return "Enum<" + name + ">"; }
}
