package dev.cresset.ir.type;

/** The types without parts. Dtypes, layouts and memory formats are {@link #INT}, as in TorchScript. */
public enum SimpleType implements Type {
    INT("int", "int"),
    FLOAT("float", "float"),
    COMPLEX("complex", "complex"),
    BOOL("bool", "bool"),
    STR("str", "str"),
    /** Any of int, float, complex (and bool where an operator takes a Scalar). */
    NUMBER("Scalar", "number"),
    NONE("NoneType", "NoneType"),
    ANY("Any", "Any"),
    DEVICE("Device", "Device"),
    GENERATOR("Generator", "Generator"),
    STREAM("Stream", "Stream"),
    STORAGE("Storage", "Storage"),
    /** {@code list} without element type, for isinstance. */
    ANY_LIST("list", "list"),
    /** {@code tuple} without element types, for isinstance. */
    ANY_TUPLE("tuple", "tuple"),
    ANY_CLASS("AnyClassType", "AnyClassType"),
    ANY_ENUM("AnyEnumType", "AnyEnumType"),
    /** The result of something that could not be resolved; it converts to every type, so that the rest still compiles. */
    UNKNOWN("Unknown", "Unknown");

    private final String printed;
    private final String annotation;

    SimpleType(String printed, String annotation) {
        this.printed = printed;
        this.annotation = annotation;
    }

    @Override public String annotation() { return annotation; }

    boolean mayHoldMutable() {
        return switch (this) {
            case ANY, ANY_LIST, ANY_TUPLE, ANY_CLASS, UNKNOWN, STORAGE -> true;
            default -> false;
        };
    }

    @Override public String toString() { return printed; }
}
