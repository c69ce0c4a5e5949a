package dev.cresset.kernels.op;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.schema.Argument;
import dev.cresset.ir.schema.FunctionSchema;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.PointwiseCall;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ListType;
import dev.cresset.tensor.Tensor;
import java.util.Collection;
import java.util.List;

/** One operator overload: schema, body, properties. Immutable; safe from any thread. */
public final class Operator implements OperatorInfo {
    private final String text;
    private final Body body;
    private final boolean nondeterministic;
    private final boolean sideEffects;
    private final boolean throughHost;
    private volatile Plan plan;

    /** What follows from schema and body; made on first use, since most declared operators are never called. */
    private record Plan(FunctionSchema schema, int[] written, int outFrom, PointwiseCall pointwise, Placement placement) {}

    /** @param body null for an operator that is known and not implemented */
    Operator(String text, Body body, boolean nondeterministic, boolean sideEffects, boolean throughHost) {
        this.text = text;
        this.body = body;
        this.nondeterministic = nondeterministic;
        this.sideEffects = sideEffects;
        this.throughHost = throughHost;
    }

    @Override public FunctionSchema schema() { return plan().schema; }

    @Override public boolean isImplemented() { return body != null; }

    @Override public boolean isNondeterministic() { return nondeterministic; }

    @Override public boolean hasSideEffects() { return sideEffects; }

    public Body body() { return body; }

    /** How an operator with a pointwise body runs; null for other bodies. */
    public PointwiseCall pointwise() { return plan().pointwise; }

    private Plan plan() {
        Plan p = plan;
        if (p == null) {
            FunctionSchema schema = FunctionSchema.parse(text);
            int[] written = java.util.stream.IntStream.range(0, schema.arguments().size())
                .filter(i -> schema.arguments().get(i).isWritten()).toArray();
            int out = 0;
            while (out < schema.arguments().size() && !isOut(schema.arguments().get(out))) out++;
            PointwiseCall call = body instanceof Body.Pointwise b ? new PointwiseCall(schema, b.dtypes(), b.rule()) : null;
            plan = p = new Plan(schema, written, out < schema.arguments().size() ? out : -1, call,
                new Placement(schema));
        }
        return p;
    }

    private static boolean isOut(Argument a) { return a.keywordOnly() && a.isWritten(); }

    /** Calls it from Java; missing trailing arguments take their defaults, Java lists and ints are converted. */
    public Object call(CallContext context, Object... arguments) {
        List<Argument> formal = schema().arguments();
        if (arguments.length > formal.size() && !schema().varargs()) {
            throw new IllegalArgumentException(arguments.length + " arguments for " + schema());
        }
        Object[] values = new Object[Math.max(formal.size(), arguments.length)];
        for (int i = 0; i < values.length; i++) {
            Object given = i < arguments.length ? arguments[i] : defaultOf(formal.get(i));
            values[i] = i < formal.size() ? fromJava(given, formal.get(i)) : given;
        }
        return run(new Args(context, values));
    }

    private Object defaultOf(Argument a) {
        if (!a.hasDefault()) throw new IllegalArgumentException("argument '" + a.name() + "' is missing: " + schema());
        return a.defaultValue();
    }

    private static Object fromJava(Object value, Argument formal) {
        return switch (value) {
            case Integer i -> fromJava((long) i, formal);
            case long[] v -> ScriptList.ofLongs(v);
            case ScriptList l -> l;
            case Long l when formal.fixedLength() > 0 -> ScriptList.ofLongs(l);
            case Collection<?> c when !(c instanceof dev.cresset.kernels.value.ScriptTuple) -> new ScriptList(
                formal.type() instanceof ListType t ? t.element() : dev.cresset.ir.type.TensorType.ANY, c);
            case dev.cresset.ir.type.ScalarType t -> (long) t.code();
            case null, default -> value;
        };
    }

    /**
     * Runs it. The result of an in-place or {@code out=} operator is the written argument itself.
     *
     * @throws UnsupportedException if it has no body
     */
    public Object run(Args a) {
        Plan p = plan();
        if (a.context().isPlacing()) return runPlaced(a, p);
        for (int w : p.written) beforeWrite(a.get(w));
        return runHere(a, p);
    }

    /** True if calls on a CUDA device can have it: it runs there, or is declared to run on copies. */
    public boolean runsOnCuda() { return body != null && throughHost || isOnCuda(); }

    private boolean isOnCuda() {
        return switch (body) {
            case null -> false;
            case Body.Pointwise _ -> true;
            case Body.Composite c -> !c.onHost();
            case Body.Host h -> !h.onHost();
            case Body.Kernel k -> k.cuda() != null;
        };
    }

    /** In a call that may have tensors on a device: where the arguments are. */
    private Object runPlaced(Args a, Plan p) {
        CallContext c = a.context();
        boolean strict = body instanceof Body.Pointwise || body instanceof Body.Kernel k && !k.mixes();
        Device device = p.placement.of(a, c.device(), strict);
        return c.at(device, () -> {
            for (int w : p.written) beforeWrite(c, a.get(w));
            if (!c.isOnDevice() || body == null || !throughHost && isOnCuda()) return runHere(a, p);
            CpuFallback fallback = throughHost ? c.deviceCall().throughHost() : c.deviceCall().fallback();
            if (fallback == null) throw noKernel(List.of(p.schema.qualifiedName()), device);
            return fallback.run(this, a, copies -> runHere(copies, p));
        });
    }

    /** The error for operators that a device has no kernel for. */
    public static UnsupportedException noKernel(List<String> operators, Device device) {
        return new UnsupportedException((operators.size() == 1 ? "operator " : "operators ") + String.join(", ", operators)
            + (operators.size() == 1 ? " has" : " have") + " no kernel for " + device + " in this version of Cresset; with --cpu-fallback "
            + "(Engine.builder().cpuFallback(true)) the CPU runs what the device cannot", operators);
    }

    private Object runHere(Args a, Plan p) {
        return switch (body) {
            case null -> throw new UnsupportedException("operator " + p.schema.qualifiedName() + " is not supported by this version of Cresset",
                List.of(p.schema.qualifiedName()));
            case Body.Pointwise _ -> a.context().isMeta() ? p.pointwise.runMeta(a) : p.pointwise.run(a);
            case Body.Composite c -> c.function().apply(a);
            case Body.Host h -> h.function().apply(a);
            case Body.Kernel k -> runKernel(k, a, p);
        };
    }

    private static void beforeWrite(CallContext c, Object written) {
        if (written instanceof Tensor t) {
            if (t.storage().isOnDevice()) t.storage().beforeWrite(c.deviceCall().memory());
            else t.storage().beforeWrite();
        } else if (written instanceof ScriptList l) {
            for (Object o : l) beforeWrite(c, o);
        }
    }

    private static void beforeWrite(Object written) {
        if (written instanceof Tensor t) t.storage().beforeWrite();
        else if (written instanceof ScriptList l) for (Object o : l) if (o instanceof Tensor t) t.storage().beforeWrite();
    }

    private Object runKernel(Body.Kernel kernel, Args a, Plan p) {
        Meta[] metas = kernel.shape().infer(a);
        Tensor[] out = new Tensor[metas.length];
        for (int i = 0; i < metas.length; i++) {
            out[i] = p.outFrom >= 0 ? Resize.output(a.context(), a.tensor(p.outFrom + i), metas[i]) : a.context().empty(metas[i]);
        }
        if (a.context().isMeta()) return p.outFrom >= 0 ? given(a, p.outFrom, out.length) : out.length == 1 ? out[0] : out;
        if (a.context().isOnDevice()) kernel.cuda().run(a, out);
        else kernel.cpu().run(a, out);
        if (p.outFrom >= 0) for (int i = 0; i < out.length; i++) out[i] = Resize.finish(a.context(), a.tensor(p.outFrom + i), out[i]);
        return out.length == 1 ? out[0] : out;
    }

    private static Object given(Args a, int from, int count) {
        Tensor[] tensors = new Tensor[count];
        for (int i = 0; i < count; i++) tensors[i] = a.tensor(from + i);
        return count == 1 ? tensors[0] : tensors;
    }

    /**
     * What a pointwise operator computes at each element; see {@link PointwiseCall#expression}.
     *
     * @throws IllegalStateException if it is not pointwise
     */
    public Expr expression(Args a) {
        if (!(body instanceof Body.Pointwise)) throw new IllegalStateException("not pointwise: " + text);
        return plan().pointwise.expression(a);
    }

    @Override public String toString() { return text; }
}
