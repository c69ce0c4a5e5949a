package dev.cresset.runtime.executor;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.value.ScriptDict;
import dev.cresset.kernels.value.ScriptObject;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.runtime.interpreter.Code;
import dev.cresset.runtime.interpreter.Interpreter;
import dev.cresset.runtime.load.DeepCopy;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the unoptimised graph on copies of a plan's arguments and compares results and what became of the arguments. */
final class Shadow {
    private Shadow() {}

    /** @throws ScriptError if the plan's answer is not the unoptimised graph's */
    static Object[] run(Interpreter interpreter, CallContext context, Timeline timeline, Code plain, Code plan, Object[] arguments) {
        try (Copies copy = new Copies(context)) {
            return compared(copy, interpreter, context, timeline, plain, plan, arguments);
        }
    }

    /** Copies whose memory on a device is the call's. */
    private static final class Copies extends DeepCopy implements AutoCloseable {
        private final CallContext context;
        private final List<Storage> shared = new ArrayList<>();

        Copies(CallContext context) { this.context = context; }

        @Override protected Storage storage(Storage s) {
            if (!s.isOnDevice()) return super.storage(s);
            if (s.isConstant()) {
                shared.add(s.share());
                return shared.getLast();
            }
            DeviceMemory memory = context.deviceCall().memory();
            Storage own = context.scope().allocate(s.byteSize(), memory);
            memory.copy(s.address(), own.address(), s.byteSize());
            own.escape();
            return own;
        }

        /** Gives back what weights became that the unoptimised graph wrote. */
        @Override public void close() {
            for (Storage s : shared) if (s.isPooled() && !s.isScoped()) s.release();
        }
    }

    private static Object[] compared(Copies copy, Interpreter interpreter, CallContext context, Timeline timeline, Code plain, Code plan,
        Object[] arguments) {
        Object[] copies = java.util.Arrays.stream(arguments).map(copy::copy).toArray();
        CallContext quiet = context.beside(new PrintStream(OutputStream.nullOutputStream()));
        Object[] expected = null;
        RuntimeException failure = null;
        try {
            expected = interpreter.run(quiet, null, plain, copies);
        } catch (RuntimeException e) {
            failure = e;
        }
        Object[] got;
        try {
            got = interpreter.run(context, timeline, plan, arguments);
        } catch (RuntimeException e) {
            if (failure == null) throw new ScriptError("ShadowError", plan.name() + " failed where the unoptimised graph did not: " + e);
            throw e;
        }
        if (failure != null) throw new ScriptError("ShadowError", plan.name() + " gave a result where the unoptimised graph failed: " + failure);
        Comparison comparison = new Comparison(plan.name(), coarsest(plan.graph().body()));
        for (int i = 0; i < got.length; i++) comparison.same("result", got[i], expected[i]);
        for (int i = 0; i < arguments.length; i++) comparison.same("argument " + i, arguments[i], copies[i]);
        return got;
    }

    private static double coarsest(Block block) {
        double most = 0;
        for (Node n : block.nodes()) {
            for (Value v : n.outputs()) if (v.type() instanceof TensorType t && t.dtype() != null) most = Math.max(most, tolerance(t.dtype()));
            for (Block b : n.blocks()) most = Math.max(most, coarsest(b));
            if (n.subgraph().isPresent()) most = Math.max(most, coarsest(n.subgraph().get().body()));
        }
        return most;
    }

    /** Relative to the largest element of a tensor. */
    private static double tolerance(ScalarType t) {
        return switch (t) {
            case FLOAT32 -> 1e-4;
            case FLOAT64 -> 1e-10;
            case FLOAT16, BFLOAT16 -> 2e-2;
            default -> 0;
        };
    }

    /** Compares values all the way down. */
    private static final class Comparison {
        private final String plan;
        private final double coarsest;
        private final Map<Object, Set<Object>> seen = new IdentityHashMap<>();    // what each has been compared with

        /** @param coarsest the tolerance of the least precise type that the plan computes in: results of any type may come from it */
        Comparison(String plan, double coarsest) {
            this.plan = plan;
            this.coarsest = coarsest;
        }

        void same(String where, Object got, Object expected) {
            if (got != null && !(got instanceof Number) && !seen.computeIfAbsent(got, _ -> identities()).add(expected)) return;
            switch (got) {
                case Tensor t when expected instanceof Tensor e -> tensors(where, t, e);
                case ScriptDict d when expected instanceof ScriptDict e -> {
                    same(where + ".keys", List.copyOf(d.keySet()), List.copyOf(e.keySet()));
                    same(where + ".values", new java.util.ArrayList<>(d.values()), new java.util.ArrayList<>(e.values()));
                }
                case List<?> l when expected instanceof List<?> e && l.size() == e.size() -> {
                    for (int i = 0; i < l.size(); i++) same(where + "[" + i + "]", l.get(i), e.get(i));
                }
                case ScriptObject o when expected instanceof ScriptObject e -> {
                    for (int i = 0; i < o.slotCount(); i++) same(where + "." + o.type().attributes().get(i).name(), o.get(i), e.get(i));
                }
                case Double d when expected instanceof Double e -> {
                    if (!close(d, e, Math.abs(e), 1e-5)) differ(where, got, expected);
                }
                case null, default -> {
                    boolean comparable = got == null || got instanceof Number || got instanceof Boolean || got instanceof String;
                    if (comparable && !java.util.Objects.equals(got, expected)) differ(where, got, expected);
                }
            }
        }

        private static Set<Object> identities() { return Collections.newSetFromMap(new IdentityHashMap<>()); }

        private void tensors(String where, Tensor got, Tensor expected) {
            boolean sameForm = got.dtype() == expected.dtype() && java.util.Arrays.equals(got.sizes(), expected.sizes())
                && java.util.Arrays.equals(got.strides(), expected.strides()) && got.requiresGrad() == expected.requiresGrad();
            if (!sameForm) differ(where, got, expected);
            if (got.dtype().isComplex() || got.storage() == expected.storage()) return;
            double[] a = got.toDoubleArray(), b = expected.toDoubleArray();
            double largest = 0;
            for (double v : b) if (Double.isFinite(v)) largest = Math.max(largest, Math.abs(v));
            double tolerance = got.dtype().isFloating() ? Math.max(coarsest, tolerance(got.dtype())) : 0;
            for (int i = 0; i < a.length; i++) {
                if (!close(a[i], b[i], largest, tolerance)) differ(where + ", element " + i, a[i], b[i]);
            }
        }

        private static boolean close(double a, double b, double scale, double tolerance) {
            return Double.doubleToLongBits(a) == Double.doubleToLongBits(b) || a == b || Math.abs(a - b) <= tolerance * (scale + 1e-3);
        }

        private void differ(String where, Object got, Object expected) {
            throw new ScriptError("ShadowError", plan + ", " + where + ": got " + got + ", the unoptimised graph gives " + expected);
        }
    }
}
