package dev.cresset.ir.type;

/** One member of an Enum: the run-time value of {@code Color.RED}. */
public record EnumMember(EnumType type, String name) {
    public EnumMember {
        if (!type.members().containsKey(name)) {
            throw new IllegalArgumentException("enum " + type.name() + " has no member '" + name + "'; it has "
                + type.members().keySet());
        }
    }

    /** The member's value: Long, Double or String. */
    public Object value() { return type.members().get(name); }

    @Override public String toString() { return type.name() + "." + name; }
}
