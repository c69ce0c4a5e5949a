package dev.cresset.ir.archive.pickle;

/**
 * A value of a pickle that holds other values.
 *
 * <p>Values are shared by reference: what two places of the pickle refer to is one Java object, so results are acyclic
 * graphs, not trees. A walk must remember what it has seen by identity, else a small file can make it take for ever.
 * The {@link Unpickler} guarantees that no path is longer than {@link Unpickler#MAX_DEPTH}, so walks may recurse.
 * Equality is identity, and printing a node does not print what it holds.
 */
public abstract sealed class PickleNode permits PickleTuple, PickleList, PickleDict, PickleObject, PickleEnum,
        SparseTensor {
    /** For {@link DepthCheck}: 0 not seen, -1 on the path, else the length of the longest path below. */
    int height;
    /** For {@link DepthCheck}: the next child to look at. */
    int cursor;

    abstract int childCount();

    abstract Object child(int index);

    @Override public String toString() { return getClass().getSimpleName() + " of " + childCount(); }
}
