package dev.cresset.kernels.op;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.io.PrintStream;
import java.util.function.Consumer;

/** What a running call offers to its operators: memory, random numbers, output, modes. One for each thread of a call. */
public final class CallContext {
    private final Catalog catalog;
    private final Scope scope;
    private final Generator generator;
    private final PrintStream out;
    private final int threads;
    private final boolean meta;
    private boolean gradEnabled;
    private Consumer<String> warnings = message -> System.err.println("Warning: " + message);

    /**
     * @param out     where the program's {@code print} goes
     * @param threads how many threads a kernel may use, at least 1
     */
    public CallContext(Catalog catalog, Scope scope, Generator generator, PrintStream out, int threads, boolean gradEnabled) {
        this(catalog, scope, generator, out, threads, gradEnabled, false);
    }

    private CallContext(Catalog catalog, Scope scope, Generator generator, PrintStream out, int threads, boolean gradEnabled, boolean meta) {
        this.meta = meta;
        this.catalog = catalog;
        this.scope = scope;
        this.generator = generator;
        this.out = out;
        this.threads = threads;
        this.gradEnabled = gradEnabled;
    }

    /** A context in which operators compute shapes only; see {@link MetaExecution}. */
    static CallContext meta(Catalog catalog, PrintStream out) {
        return new CallContext(catalog, null, new Generator(0), out, 1, true, true).warningsTo(_ -> { });
    }

    /** True if tensors have no memory here: see {@link MetaExecution}. */
    public boolean isMeta() { return meta; }

    /** The same call on another thread, with memory of its own. */
    public CallContext withScope(Scope other) {
        return new CallContext(catalog, other, generator, out, threads, gradEnabled).warningsTo(warnings);
    }

    /** A context for the same call run a second time beside it: the same random numbers, other output, no warnings. */
    public CallContext beside(PrintStream prints) {
        return new CallContext(catalog, scope, generator.copy(), prints, threads, gradEnabled).warningsTo(_ -> { });
    }

    /** Sends what the program warns of elsewhere than to standard error. */
    public CallContext warningsTo(Consumer<String> receiver) {
        warnings = receiver;
        return this;
    }

    /** Passes on a warning of the program: {@code warnings.warn}. */
    public void warn(String message) { warnings.accept(message); }

    public Catalog catalog() { return catalog; }

    public Scope scope() { return scope; }

    public Generator generator() { return generator; }

    public PrintStream out() { return out; }

    public int threads() { return threads; }

    public boolean gradEnabled() { return gradEnabled; }

    public void setGradEnabled(boolean enabled) { gradEnabled = enabled; }

    /** The device where tensors are made unless said otherwise. */
    public Device device() { return Device.CPU; }

    /** A row-major tensor, content undefined. */
    public Tensor empty(ScalarType dtype, long... sizes) { return emptyStrided(dtype, sizes, Shapes.contiguousStrides(sizes)); }

    /** A tensor with these strides (non-overlapping, without large gaps), content undefined. */
    public Tensor emptyStrided(ScalarType dtype, long[] sizes, long[] strides) {
        if (meta) return new Tensor(Storage.meta(device()), dtype, 0, sizes, strides);
        long elements = Shapes.numel(sizes) == 0 ? 0 : 1;
        for (int d = 0; d < sizes.length && elements > 0; d++) elements += (sizes[d] - 1) * strides[d];
        long bytes = Math.multiplyExact(elements, (long) dtype.byteSize());
        return new Tensor(scope.allocate(bytes), dtype, 0, sizes, strides);
    }

    /** A tensor for a result of this description. */
    public Tensor empty(Meta meta) { return emptyStrided(meta.dtype(), meta.sizes(), meta.strides()); }

    /** A row-major tensor of zeros. */
    public Tensor zeros(ScalarType dtype, long... sizes) {
        Tensor t = empty(dtype, sizes);
        if (meta) return t;
        t.data().asSlice(0, t.numel() * dtype.byteSize()).fill((byte) 0);
        return t;
    }

    /** A 0-dim tensor with this value (Long, Double, Boolean or Complex). */
    public Tensor scalar(ScalarType dtype, Object value) {
        Tensor t = empty(dtype);
        if (meta) return t;
        dev.cresset.tensor.Elements.set(t.data(), dtype, 0, value);
        return t;
    }

    /** Gives the memory of a temporary back at once, where waiting for the end of the operator would hold too much. */
    public void free(Tensor temporary) {
        Storage s = temporary.storage();
        if (s.isScoped() && !s.hasEscaped()) scope.release(s);
    }

    /** Calls another operator: {@code call("aten::mul.Tensor", x, y)}. Missing trailing arguments take their defaults. */
    public Object call(String qualifiedName, Object... arguments) { return catalog.get(qualifiedName).call(this, arguments); }

    /** As {@link #call}, for an operator with one tensor as its result. */
    public Tensor tensor(String qualifiedName, Object... arguments) { return (Tensor) call(qualifiedName, arguments); }
}
