package dev.cresset.kernels.value;

import dev.cresset.ir.type.ClassType;

/** An instance of a TorchScript class or module: one value for each attribute of its class, in slot order. */
public final class ScriptObject {
    private final ClassType type;
    private final Object[] slots;

    public ScriptObject(ClassType type) {
        this.type = type;
        this.slots = new Object[type.attributes().size()];
    }

    public ClassType type() { return type; }

    public Object get(int slot) { return slots[slot]; }

    public void set(int slot, Object value) { slots[slot] = value; }

    public int slotCount() { return slots.length; }

    /** The attribute of this name. @throws IllegalArgumentException if the class has none */
    public Object get(String attribute) { return slots[slotOf(attribute)]; }

    public void set(String attribute, Object value) { slots[slotOf(attribute)] = value; }

    private int slotOf(String attribute) {
        int slot = type.slot(attribute);
        if (slot < 0) throw new IllegalArgumentException("class " + type.name() + " has no attribute '" + attribute + "'");
        return slot;
    }

    @Override public String toString() { return "<" + type.name() + " object>"; }
}
