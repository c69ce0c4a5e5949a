package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.DictType;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TupleType;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.kernels.value.ScriptTuple;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

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

    /**
     * A list or dict whose parts are known. Virtual, not made at run time, until something needs the container itself. What
     * changes it changes the mirror.
     */
    abstract sealed class Container implements Fact {
        Value value;            // null while virtual
        int depth = -1;         // of the block that it was made in
        boolean escaped;        // others may change it: nothing is known of it any more
        List<Integer> frozen;   // the place of the attribute it is, if it is one that was taken for constant

        abstract Type type();

        /** The structural kind that makes it. */
        abstract String kind();

        /** The mirrors of what it is made of, with their types, in the order in which that kind takes them. */
        abstract List<Part> parts();
    }

    /** One part of a container. */
    record Part(Object mirror, Type type) {}

    /** A list whose elements are known. */
    final class Listed extends Container {
        private final ListType type;
        private final ScriptList mirror;

        Listed(ListType type, ScriptList mirror) {
            this.type = type;
            this.mirror = mirror;
        }

        @Override public ScriptList mirror() { return mirror; }

        @Override ListType type() { return type; }

        @Override String kind() { return Kinds.LIST_CONSTRUCT; }

        @Override List<Part> parts() { return mirror.stream().map(e -> new Part(e, type.element())).toList(); }
    }

    /** A dict whose keys are known values, and whose elements are known. */
    final class Dicted extends Container {
        private final DictType type;
        private final ScriptDict mirror;

        Dicted(DictType type, ScriptDict mirror) {
            this.type = type;
            this.mirror = mirror;
        }

        @Override public ScriptDict mirror() { return mirror; }

        @Override DictType type() { return type; }

        @Override String kind() { return Kinds.DICT_CONSTRUCT; }

        @Override List<Part> parts() {
            return mirror.entrySet().stream().flatMap(e -> Stream.of(new Part(e.getKey(), type.key()), new Part(e.getValue(), type.value()))).toList();
        }
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
