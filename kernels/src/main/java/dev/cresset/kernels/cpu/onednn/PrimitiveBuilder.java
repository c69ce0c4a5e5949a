package dev.cresset.kernels.cpu.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cresset.kernels.cpu.onednn.OneDnnLibrary.Create;
import dev.cresset.kernels.cpu.onednn.OneDnnLibrary.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Owns the native objects that are needed only while one primitive is being made: descriptions, attributes, the
 * descriptor.
 */
final class PrimitiveBuilder implements AutoCloseable {
    private static final MethodHandle ATTR_CREATE = OneDnnLibrary.bind("dnnl_primitive_attr_create", JAVA_INT, ADDRESS);
    private static final MethodHandle ATTR_SCRATCHPAD =
            OneDnnLibrary.bind("dnnl_primitive_attr_set_scratchpad_mode", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle ATTR_POST_OPS =
            OneDnnLibrary.bind("dnnl_primitive_attr_set_post_ops", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle POST_OPS_CREATE = OneDnnLibrary.bind("dnnl_post_ops_create", JAVA_INT, ADDRESS);
    private static final MethodHandle APPEND_SUM =
            OneDnnLibrary.bind("dnnl_post_ops_append_sum", JAVA_INT, JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_INT);
    private static final MethodHandle APPEND_ELTWISE =
            OneDnnLibrary.bind("dnnl_post_ops_append_eltwise", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT);
    private static final MethodHandle APPEND_BINARY =
            OneDnnLibrary.bind("dnnl_post_ops_append_binary", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);

    private record Owned(Kind kind, long handle) {}

    private final long engine;
    private final PostOps postOps;
    private final String doing;
    private final Arena arena = Arena.ofConfined();
    private final List<Owned> owned = new ArrayList<>();
    private final long attributes;

    /** @param doing what the primitive is for, as it shall stand in an error message */
    PrimitiveBuilder(long engine, PostOps postOps, String doing) {
        this.engine = engine;
        this.postOps = postOps;
        this.doing = doing;
        attributes = own(Kind.ATTRIBUTES, create(out -> (int) ATTR_CREATE.invokeExact(out)));
        run(out -> (int) ATTR_SCRATCHPAD.invokeExact(attributes, Dnn.SCRATCHPAD_MODE_USER));
        if (!postOps.ops().isEmpty()) appendPostOps();
    }

    long engine() { return engine; }

    long attributes() { return attributes; }

    /** A native description that lives until this is closed; 0 for null. */
    long layout(DnnLayout layout) { return layout == null ? 0 : own(Kind.LAYOUT, layout.toNative()); }

    MemorySegment dims(long... values) { return arena.allocateFrom(JAVA_LONG, values); }

    /** Makes the primitive; arguments of binary post-ops follow the given ones. */
    DnnPrimitive build(Create create, int... arguments) {
        long descriptor = own(Kind.DESCRIPTOR, create(create));
        int[] all = IntStream.concat(IntStream.of(arguments),
                IntStream.of(postOps.operandPlaces()).map(Dnn::postOpOperand)).toArray();
        DnnLayout[] layouts = new DnnLayout[all.length];
        for (int i = 0; i < all.length; i++) {
            layouts[i] = DnnLayout.fromNative(OneDnnLibrary.queryLayout(descriptor, Dnn.QUERY_EXEC_ARG_MD, all[i]));
        }
        long scratch = OneDnnLibrary.byteSize(OneDnnLibrary.queryLayout(descriptor, Dnn.QUERY_SCRATCHPAD_MD, 0));
        String name = OneDnnLibrary.queryName(descriptor);
        return new DnnPrimitive(engine, OneDnnLibrary.createPrimitive(descriptor, doing), name, doing, all, layouts,
                scratch);
    }

    private void appendPostOps() {
        long chain = own(Kind.POST_OPS, create(out -> (int) POST_OPS_CREATE.invokeExact(out)));
        for (PostOps.Op op : postOps.ops()) {
            run(out -> switch (op) {
                case PostOps.Op.Eltwise e -> (int) APPEND_ELTWISE.invokeExact(chain, e.algorithm(), e.alpha(),
                        e.beta());
                case PostOps.Op.Sum s -> (int) APPEND_SUM.invokeExact(chain, s.scale(), 0, 0);
                case PostOps.Op.Binary b -> (int) APPEND_BINARY.invokeExact(chain, b.algorithm(), layout(b.operand()));
            });
        }
        run(out -> (int) ATTR_POST_OPS.invokeExact(attributes, chain));
    }

    private long create(Create call) {
        try {
            return OneDnnLibrary.create(doing, call);
        } catch (RuntimeException | Error e) {
            close(); // the constructor may be what fails
            throw e;
        }
    }

    private void run(Create call) { create(call); }

    private long own(Kind kind, long handle) {
        owned.add(new Owned(kind, handle));
        return handle;
    }

    @Override public void close() {
        owned.reversed().forEach(o -> OneDnnLibrary.destroy(o.kind, o.handle));
        owned.clear();
        if (arena.scope().isAlive()) arena.close();
    }
}
