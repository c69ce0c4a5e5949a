package dev.cresset.ir.script;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The variables of one block of a function, seen from inside out. */
final class Frame {
    /** Whether control reaches the end of the block. */
    enum Flow {
        FALLS,
        /** It never does: an error is raised. */
        RAISES,
        /** It never does: return, break or continue, recorded in flag variables. */
        EXITS,
        /** The flag variables tell. */
        MAYBE;

        boolean isDefinite() { return this == RAISES || this == EXITS; }

        Flow or(Flow o) {
            if (this == o) return this;
            if (this == RAISES) return o;
            return o == RAISES ? this : MAYBE;
        }
    }

    /** @param assigned false if only more is known of the type of an outer variable */
    record Entry(Term term, boolean assigned) {}

    final Frame parent;
    /** True if the block continues an outer one, so that its variables may change their types as there. */
    final boolean continuation;
    final Map<String, Entry> own = new LinkedHashMap<>();
    final Map<String, String> missing = new HashMap<>();
    Flow flow = Flow.FALLS;

    Frame(Frame parent, boolean continuation) {
        this.parent = parent;
        this.continuation = continuation;
    }

    /** What the name stands for, or null. */
    Term lookup(String name) {
        for (Frame f = this; f != null; f = f.parent) {
            Entry e = f.own.get(name);
            if (e != null) return e.term();
        }
        return null;
    }

    /** What the name stands for outside the block, whose type an assignment inside must keep; or null. */
    Term lookupOutside(String name) {
        Frame f = this;
        while (f.continuation && f.parent != null) f = f.parent;
        return f.parent == null ? null : f.parent.lookup(name);
    }

    /** Why a name is undefined though there are assignments to it, or null. */
    String whyMissing(String name) {
        for (Frame f = this; f != null; f = f.parent) if (f.missing.containsKey(name)) return f.missing.get(name);
        return null;
    }

    void assign(String name, Term term) { own.put(name, new Entry(term, true)); }

    void refine(String name, Term term) {
        Entry before = own.get(name);
        own.put(name, new Entry(term, before != null && before.assigned()));
    }
}
