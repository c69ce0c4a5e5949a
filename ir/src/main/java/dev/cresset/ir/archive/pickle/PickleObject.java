package dev.cresset.ir.archive.pickle;

/**
 * An instance of a TorchScript class, or of a class that PyTorch implements natively
 * ({@code __torch__.torch.classes.quantized.LinearPackedParamsBase}). Its identity matters: a module reached by two
 * names is one.
 */
public final class PickleObject extends PickleNode {
    private final String className;
    private Object state;
    private boolean built;

    public PickleObject(String className) { this.className = className; }

    /** Gives the object its state; false if it already has one. Only readers of archives do that. */
    public boolean build(Object newState) {
        if (built) return false;
        state = newState;
        built = true;
        return true;
    }

    /** The qualified class name, {@code __torch__.M}. */
    public String className() { return className; }

    /** A {@link PickleDict} of attributes by name, or what the class's {@code __getstate__} returned. */
    public Object state() { return state; }

    @Override int childCount() { return 1; }

    @Override Object child(int index) { return state; }

    @Override public String toString() { return "PickleObject " + className; }
}
