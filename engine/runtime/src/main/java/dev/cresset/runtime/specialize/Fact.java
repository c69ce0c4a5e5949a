package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.List;

/**
 * What is known about a value before the program runs. Each fact has a mirror, a run-time value that stands for it when
 * operators are run for their types alone.
 */
sealed interface Fact {
    /** What stands for the value in {@link dev.cresset.kernels.op.MetaExecution}. */
    Object mirror();

    /** A number, bool, string, device, enum member, or None (null): the very value. */
    record Known(Object value, Type type) implements Fact {
        @Override public Object mirror() { return value; }
    }

    /** A tensor of known type; the mirror has no memory, but that of a constant has. */
    final class Shaped implements Fact {
        private final Tensor mirror;
        private final boolean constant;
        Value value;            // null for a constant that nobody has needed yet
        boolean stale;          // it saw memory that has since been replaced; see Specializer.functional

        Shaped(Tensor mirror, Value value, boolean constant) {
            this.mirror = mirror;
            this.value = value;
            this.constant = constant;
        }

        @Override public Tensor mirror() { return mirror; }

        boolean isConstant() { return constant; }
    }

    /** A list whose elements are known. Virtual, not made at run time, until something needs the list itself. */
    final class Listed implements Fact {
        private final ListType type;
        private final ScriptList mirror;
        Value value;            // null while virtual
        int depth = -1;         // of the block that it was made in
        boolean escaped;        // others may change it: nothing is known of it any more
        List<Integer> frozen;   // the place of the attribute it is, if it is one that was taken for constant

        Listed(ListType type, ScriptList mirror) {
            this.type = type;
            this.mirror = mirror;
        }

        @Override public ScriptList mirror() { return mirror; }

        ListType type() { return type; }
    }

    /** A tuple whose elements are known. */
    record Tupled(TupleType type, ScriptTuple mirror, List<Fact> elements) implements Fact {}

    /**
     * A module that is always the same object of an instance.
     *
     * @param path slots from the main module to it
     */
    record Module(ScriptObject mirror, List<Integer> path) implements Fact {}

    /** A value of which only the static type is known. */
    record Unknown(Value value, Object mirror) implements Fact {
        Unknown(Value value) { this(value, new Object()); }
    }
}
