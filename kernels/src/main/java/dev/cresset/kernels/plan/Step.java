package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.CallContext;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One thing that a plan does, on places that are known. Immutable; {@link #bind} makes it ready for one frame. */
interface Step {
    /** What it reads, constants left out. */
    List<Place> reads();

    /** What it writes, all of it. */
    List<Place> writes();

    /** Bytes of constants that it reads and that are no places. */
    default long constantBytes() { return 0; }

    /** Memory that it works in and that means nothing before and after. */
    default List<Buffer> works() { return List.of(); }

    /** All memory of the run that it uses. */
    default Set<Buffer> buffers() {
        Set<Buffer> out = new LinkedHashSet<>(works());
        for (Place p : reads()) out.add(p.buffer());
        for (Place p : writes()) out.add(p.buffer());
        return out;
    }

    /** True if nothing may run beside it on a device: its blocks wait for each other, so all of them need room at once. */
    default boolean runsAlone() { return false; }

    /** Made ready to run on a frame's memory, one run after the other. */
    Action bind(Frame frame);

    /** What it does in a few words, as timelines name it: {@code fused mul tanh}, {@code aten::embedding}. */
    String label();

    /** For people: what it does, with which kernel, from where to where. */
    String text();

    /** The code that was generated for it, empty if none was. */
    default String kernelText() { return ""; }

    /** Makes it fast, see {@link StaticPlan#warm}. */
    default void warm() { }

    /** True if it is as fast as it will get. */
    default boolean isWarm() { return true; }

    /** A step of one frame. */
    interface Action {
        void run(CallContext context);

        /** Frees what it holds outside the heap. */
        default void close() { }
    }
}
