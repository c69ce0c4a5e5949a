package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/** A copy of a tensor into another order or element type. */
record Reorder(DnnLayout from, DnnLayout to) {
    private static final MethodHandle CREATE = OneDnnLibrary.bind("dnnl_reorder_primitive_desc_create", JAVA_INT,
            ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    DnnPrimitive build(long engine) {
        try (PrimitiveBuilder p = new PrimitiveBuilder(engine, PostOps.NONE, "reorder of " + from + " to " + to)) {
            long src = p.layout(from);
            long dst = p.layout(to);
            return p.build(out -> (int) CREATE.invokeExact(out, src, engine, dst, engine, p.attributes()), Dnn.ARG_SRC,
                    Dnn.ARG_DST);
        }
    }
}
