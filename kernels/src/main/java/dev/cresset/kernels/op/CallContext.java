package dev.cresset.kernels.op;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.io.PrintStream;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a running call offers to its operators: memory, random numbers, output, modes. One for each thread of a call. */
public final class CallContext {
    private final Catalog catalog;
    private final Scope scope;
    private final Generator generator;
    private final PrintStream out;
    private final int threads;
    private final boolean meta;
    private boolean gradEnabled;
    private DeviceCall deviceCall;
    private boolean placing;             // operators have to find out where they run
    private Device current = Device.CPU;
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

    /** Lets the call run on a device; tensors that it makes are there unless it says otherwise. */
    public CallContext on(DeviceCall call) {
        deviceCall = call;
        return placedOn(call.memory().device());
    }

    /** As {@link #on}, for shapes alone: tensors are said to be on this device. */
    CallContext placedOn(Device device) {
        placing = true;
        current = device;
        return this;
    }

    /** True if tensors of this call may be elsewhere than on the host. */
    boolean isPlacing() { return placing; }

    /** What the call has of its device. @throws IllegalStateException if it runs on the host alone */
    public DeviceCall deviceCall() {
        if (deviceCall == null) throw new IllegalStateException("this call has no device");
        return deviceCall;
    }

    /** Waits until what the call has given to its device, if it has one, is done. */
    public void await() { if (deviceCall != null) deviceCall.await(); }

    /** True if tensors are made on a device at this moment. */
    public boolean isOnDevice() { return current != Device.CPU && !meta; }

    /** Does something with this device as the one where tensors are made. */
    <T> T at(Device device, Supplier<T> work) {
        Device before = current;
        current = present(device);
        try {
            return work.get();
        } finally {
            current = before;
        }
    }

    /** Does something with the host as the place where tensors are made. */
    public <T> T onHost(Supplier<T> work) { return at(Device.CPU, work); }

    /**
     * The device that a program means: the call's own for {@code cuda}; where the call has no other device than the host,
     * that one whatever the program says.
     *
     * @throws ScriptError if the call does not run on that one
     */
    private Device present(Device named) {
        if (named.isCpu()) return Device.CPU;
        if (meta) return named;
        Device own = deviceCall().memory().device();
        if (!named.isCuda() || named.index() >= 0 && !named.equals(own)) {
            throw new ScriptError("this call runs on " + own + " and cannot use " + named);
        }
        return own;
    }

    /** True if tensors have no memory here: see {@link MetaExecution}. */
    public boolean isMeta() { return meta; }

    /** The same call on another thread, with memory of its own. */
    public CallContext withScope(Scope other) {
        return sameDevice(new CallContext(catalog, other, generator, out, threads, gradEnabled).warningsTo(warnings));
    }

    /** A context for the same call run a second time beside it: the same random numbers, other output, no warnings. */
    public CallContext beside(PrintStream prints) {
        return sameDevice(new CallContext(catalog, scope, generator.copy(), prints, threads, gradEnabled).warningsTo(_ -> { }));
    }

    private CallContext sameDevice(CallContext other) { return deviceCall == null ? other : other.on(deviceCall); }

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
    public Device device() { return current; }

    /** A row-major tensor, content undefined. */
    public Tensor empty(ScalarType dtype, long... sizes) { return emptyStrided(dtype, sizes, Shapes.contiguousStrides(sizes)); }

    /** A tensor with these strides (non-overlapping, without large gaps), content undefined. */
    public Tensor emptyStrided(ScalarType dtype, long[] sizes, long[] strides) { return emptyAt(current, dtype, sizes, strides); }

    private Tensor emptyAt(Device where, ScalarType dtype, long[] sizes, long[] strides) {
        if (meta) return new Tensor(Storage.meta(device()), dtype, 0, sizes, strides);
        long elements = Shapes.numel(sizes) == 0 ? 0 : 1;
        for (int d = 0; d < sizes.length && elements > 0; d++) elements += (sizes[d] - 1) * strides[d];
        long bytes = Math.multiplyExact(elements, (long) dtype.byteSize());
        return new Tensor(where == Device.CPU ? scope.allocate(bytes) : scope.allocate(bytes, deviceCall.memory()), dtype, 0, sizes, strides);
    }

    /**
     * A tensor in the place where tensors are made at this moment: itself, if it is there, else a copy with the same strides.
     *
     * @see #place(Tensor, Device)
     */
    public Tensor here(Tensor t) { return place(t, current); }

    /** A tensor on this device: itself, if it is there, else a copy with the same strides. */
    public Tensor place(Tensor t, Device device) {
        if (!placing) return t;
        Device target = present(device);
        if (target.equals(t.device()) || t.storage().isMeta() && !meta) return t;
        if (meta) return at(target, () -> empty(Meta.like(t)));
        boolean toDevice = target.isCuda();
        if (!Meta.isDense(t)) return place(at(t.device(), () -> tensor("aten::contiguous", t)), device);
        Tensor copy = emptyAt(target, t.dtype(), t.sizes(), t.strides());
        long bytes = t.spanBytes();
        if (bytes == 0) return copy;
        DeviceMemory memory = deviceCall().memory();
        if (toDevice) memory.upload(t.byteOffset() == 0 ? t.data() : t.data().asSlice(t.byteOffset(), bytes), copy.address(), bytes);
        else memory.download(t.address(), copy.data(), bytes);
        return copy;
    }

    /** A tensor for a result of this description. */
    public Tensor empty(Meta meta) { return emptyStrided(meta.dtype(), meta.sizes(), meta.strides()); }

    /** A tensor that code of the host makes, brought to where tensors are made. */
    public Tensor madeOnHost(Supplier<Tensor> work) { return isOnDevice() ? here(onHost(work)) : work.get(); }

    /** A tensor in the place where {@code other} is. */
    public Tensor beside(Tensor other, Meta meta) { return placing ? at(other.device(), () -> empty(meta)) : empty(meta); }

    /** A row-major tensor of zeros. */
    public Tensor zeros(ScalarType dtype, long... sizes) {
        Tensor t = empty(dtype, sizes);
        if (meta) return t;
        if (isOnDevice()) {
            Elementwise.fill(this, t, 0L);
            return t;
        }
        t.data().asSlice(0, t.numel() * dtype.byteSize()).fill((byte) 0);
        return t;
    }

    /** A 0-dim tensor with this value (Long, Double, Boolean or Complex). */
    public Tensor scalar(ScalarType dtype, Object value) {
        if (isOnDevice()) return here(onHost(() -> scalar(dtype, value)));
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
