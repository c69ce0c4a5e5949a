package dev.cresset.ir.graph;

/**
 * Where a node comes from.
 *
 * @param range    the source text, or null if there is none
 * @param function the function the text is in, {@code forward}
 * @param caller   the call that was inlined here, or null
 */
public record Location(SourceRange range, String function, Location caller) {
    public static final Location NONE = new Location(null, "", null);

    /** This location as seen after its function has been inlined at {@code call}. */
    public Location inlinedAt(Location call) {
        return new Location(range, function, caller == null ? call : caller.inlinedAt(call));
    }
}
