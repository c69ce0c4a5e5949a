package dev.cresset.ir.type;

import dev.cresset.ir.schema.FunctionSchema;
import java.util.LinkedHashMap;
import java.util.Map;

/** An interface: methods without bodies. A class is a subtype if it has methods with matching schemas. */
public final class InterfaceType implements Type {
    private final String name;
    private final boolean module;
    private final Map<String, FunctionSchema> methods = new LinkedHashMap<>();

    public InterfaceType(String name, boolean module) {
        this.name = name;
        this.module = module;
    }

    public String name() { return name; }

    public boolean isModule() { return module; }

    /** Method name to schema, {@code self} first. Filled by the compiler while it declares the interface. */
    public Map<String, FunctionSchema> methods() { return methods; }

    @Override public String annotation() { return name; }

    @Override public String toString() { return name; }
}
