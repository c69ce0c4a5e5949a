package dev.cresset.kernels.op;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/**
 * Runs operators on tensors without memory, to learn the types of their results. It is the operators' own code that runs
 * – shape rules of kernels, promotion of pointwise operators, views, composites – only elements are never touched: what
 * writes them does nothing, and what reads one fails, which means that the result is not known. So what it says is what
 * happens, and which results share memory can be seen from their storages.
 */
public final class MetaExecution {
    private final CallContext context;
    private final Device home;

    public MetaExecution(Catalog catalog) { this(catalog, null); }

    /** @param home the device of calls whose tensors are not all on the host, where operators that make tensors do so; null if there is none */
    public MetaExecution(Catalog catalog, Device home) {
        this.home = home;
        context = CallContext.meta(catalog, new PrintStream(OutputStream.nullOutputStream()));
    }

    /**
     * What a call gives: as {@link Operator#run}, tensors without memory.
     *
     * @return empty if that depends on elements, or if the call would fail
     */
    public Optional<Result> run(Operator operator, Object... arguments) {
        if (!operator.isImplemented()) return Optional.empty();
        try {
            return Optional.of(new Result(operator.run(new Args(contextFor(arguments), arguments))));
        } catch (CressetException | IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException
            | ClassCastException | NullPointerException | IllegalStateException | UnsupportedOperationException _) {
            return Optional.empty();
        }
    }

    /**
     * Why a call with such arguments fails whatever their elements are.
     *
     * @return empty if it does not, or if that is not known
     */
    public Optional<String> failure(Operator operator, Object... arguments) {
        if (!operator.isImplemented()) return Optional.empty();
        try {
            operator.run(new Args(contextFor(arguments), arguments));
            return Optional.empty();
        } catch (ScriptError e) {
            return Optional.of(e.getMessage());
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }

    private CallContext contextFor(Object[] arguments) {
        Device device = home != null ? home : deviceOf(arguments);
        return device == null ? context : CallContext.meta(context.catalog(), context.out()).placedOn(device);
    }

    /** The device that some tensor is on, or null if all are on the host. */
    private static Device deviceOf(Object[] arguments) {
        for (Object a : arguments) {
            if (a instanceof Tensor t && t.device().isCuda()) return t.device();
            if (a instanceof ScriptList l && !l.isEmpty() && l.getFirst() instanceof Tensor) return deviceOf(l.toArray());
        }
        return null;
    }

    /** @param value a run-time value, null for None; Object[] for several returns */
    public record Result(Object value) {}

    /** A tensor without memory. @param type complete */
    public static Tensor tensor(TensorType type) {
        Tensor t = new Tensor(Storage.meta(type.device() == null ? Device.CPU : type.device()), type.dtype(), 0, unbox(type.sizes()),
            type.strides() == null ? Shapes.contiguousStrides(unbox(type.sizes())) : unbox(type.strides()));
        t.setRequiresGrad(Boolean.TRUE.equals(type.requiresGrad()));
        return t;
    }

    private static long[] unbox(List<Long> values) { return values.stream().mapToLong(Long::longValue).toArray(); }
}
