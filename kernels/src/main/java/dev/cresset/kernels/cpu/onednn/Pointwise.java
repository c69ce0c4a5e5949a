package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.kernels.cpu.onednn.PostOps.Op;
import java.lang.invoke.MethodHandle;

/** The elementwise primitives, for tensors that stay in oneDNN's own orders; the steps are those of {@link PostOps}. */
sealed interface Pointwise {
    DnnPrimitive build(long engine);

    /** One function of each element; {@code dst} may be the same memory as {@code src}. */
    record Eltwise(Op.Eltwise function, DnnLayout layout) implements Pointwise {
        private static final MethodHandle CREATE = OneDnnLibrary.bind("dnnl_eltwise_forward_primitive_desc_create",
                JAVA_INT,
                ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT, JAVA_LONG);

        @Override public DnnPrimitive build(long engine) {
            try (PrimitiveBuilder p = new PrimitiveBuilder(engine, PostOps.NONE, "elementwise function over "
                    + layout)) {
                long both = p.layout(layout);
                return p.build(out -> (int) CREATE.invokeExact(out, engine, Dnn.FORWARD_INFERENCE, function.algorithm(),
                        both, both, function.alpha(), function.beta(), p.attributes()), Dnn.ARG_SRC, Dnn.ARG_DST);
            }
        }
    }

    /** Two tensors of one rank, sizes 1 of the second broadcast; then the post-ops. */
    record Binary(int algorithm, DnnLayout a, DnnLayout b, DnnLayout dst, PostOps then) implements Pointwise {
        private static final MethodHandle CREATE = OneDnnLibrary.bind("dnnl_binary_primitive_desc_create", JAVA_INT,
                ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

        @Override public DnnPrimitive build(long engine) {
            try (PrimitiveBuilder p = new PrimitiveBuilder(engine, then, "binary operation on " + a + " and " + b)) {
                long first = p.layout(a);
                long second = p.layout(b);
                long result = p.layout(dst);
                return p.build(out -> (int) CREATE.invokeExact(out, engine, algorithm, first, second, result,
                        p.attributes()), Dnn.ARG_SRC, Dnn.ARG_SRC_1, Dnn.ARG_DST);
            }
        }
    }

    /** (x - mean) / sqrt(variance + epsilon) · scale + shift per channel, in evaluation mode. */
    record BatchNorm(DnnLayout layout, float epsilon, PostOps then) implements Pointwise {
        private static final MethodHandle CREATE = OneDnnLibrary.bind(
                "dnnl_batch_normalization_forward_primitive_desc_create", JAVA_INT,
                ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_LONG);
        private static final int FLAGS = Dnn.USE_GLOBAL_STATS | Dnn.USE_SCALE | Dnn.USE_SHIFT;

        @Override public DnnPrimitive build(long engine) {
            try (PrimitiveBuilder p = new PrimitiveBuilder(engine, then, "batch normalization of " + layout)) {
                long both = p.layout(layout);
                return p.build(out -> (int) CREATE.invokeExact(out, engine, Dnn.FORWARD_INFERENCE, both, both, epsilon,
                        FLAGS,
                        p.attributes()), Dnn.ARG_SRC, Dnn.ARG_MEAN, Dnn.ARG_VARIANCE, Dnn.ARG_SCALE, Dnn.ARG_SHIFT,
                                Dnn.ARG_DST);
            }
        }
    }
}
