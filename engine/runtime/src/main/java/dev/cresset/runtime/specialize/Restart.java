package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Node;
import java.util.List;

/** Thrown when the evaluation has relied on something that turns out wrong: it begins again, knowing that. */
abstract sealed class Restart extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Restart() { super(null, null, false, false); }

    /** A value is needed whose memory has been replaced by a functional form of the write in {@code writer}. */
    static final class Replaced extends Restart {
        private static final long serialVersionUID = 1;
        final transient Node writer;

        Replaced(Node writer) { this.writer = writer; }
    }

    /** A list or dict of an outer block would have to be made in an inner one. */
    static final class EscapedWithin extends Restart {
        private static final long serialVersionUID = 1;
    }

    /** An attribute that was taken for constant may change after all. */
    static final class Unfrozen extends Restart {
        private static final long serialVersionUID = 1;
        final transient List<Integer> path;

        /** @param path of the attribute; null if it is not known which */
        Unfrozen(List<Integer> path) { this.path = path; }
    }
}
