package dev.cresset.ir.type;

import dev.cresset.ir.graph.ScriptFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TorchScript class or module class: typed attributes in slot order, constants, methods. Filled once by the compiler
 * while it declares the class; not changed afterwards (method bodies compile when first asked for).
 */
public final class ClassType implements Type {
    /** What an attribute of a module is. */
    public enum AttributeKind { PARAMETER, BUFFER, PLAIN }

    /** @param name may be any text, {@code "0"} in a Sequential */
    public record Attribute(String name, Type type, AttributeKind kind) {}

    private final String name;
    private final boolean module;
    private final List<Attribute> attributes = new ArrayList<>();
    private final Map<String, Integer> slots = new HashMap<>();
    private final Map<String, Object> constants = new LinkedHashMap<>();
    private final Map<String, ScriptFunction> methods = new LinkedHashMap<>();

    public ClassType(String name, boolean module) {
        this.name = name;
        this.module = module;
    }

    /** Qualified name, {@code __torch__.m.Net}. */
    public String name() { return name; }

    public boolean isModule() { return module; }

    public void addAttribute(String attribute, Type type, AttributeKind kind) {
        if (slots.putIfAbsent(attribute, attributes.size()) != null) {
            throw new IllegalArgumentException("class " + name + " declares attribute '" + attribute + "' twice");
        }
        attributes.add(new Attribute(attribute, type, kind));
    }

    public List<Attribute> attributes() { return Collections.unmodifiableList(attributes); }

    /** The attribute's slot number, or -1. */
    public int slot(String attribute) { return slots.getOrDefault(attribute, -1); }

    public Optional<Attribute> attribute(String attribute) {
        int slot = slot(attribute);
        return slot < 0 ? Optional.empty() : Optional.of(attributes.get(slot));
    }

    /** Class constants ({@code Final}) by name: Long, Double, Boolean, String, null, or lists of these. */
    public Map<String, Object> constants() { return constants; }

    /** Methods by name, in declaration order. */
    public Map<String, ScriptFunction> methods() { return methods; }

    public Optional<ScriptFunction> method(String method) { return Optional.ofNullable(methods.get(method)); }

    @Override public String annotation() { return name; }

    @Override public String toString() { return name; }
}
