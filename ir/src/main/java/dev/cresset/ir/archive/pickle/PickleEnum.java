package dev.cresset.ir.archive.pickle;

/** A member of a TorchScript enum, given by its value. */
public final class PickleEnum extends PickleNode {
    private final String className;
    private final Object value;

    public PickleEnum(String className, Object value) {
        this.className = className;
        this.value = value;
    }

    public String className() { return className; }

    public Object value() { return value; }

    @Override int childCount() { return 1; }

    @Override Object child(int index) { return value; }
}
