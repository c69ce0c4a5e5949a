package dev.cresset.kernels.plan;

import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.MeasuredChoices;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.plan.passes.FormProductGroups;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What is at hand while a plan is made: the catalogue, and a context in which operators run now, where the plan will run. */
public final class Workshop implements AutoCloseable {
    private final Catalog catalog;
    private final Target target;
    private final Scope scope = new Scope(new MemoryPool(0));
    private final CallContext context;
    private final CudaStream stream;        // null on the host
    private final MeasuredChoices choices;
    private final List<Storage> made = new ArrayList<>();

    public Workshop(Catalog catalog, Target target) { this(catalog, target, target instanceof Target.Cuda c ? c.device().choices() : null); }

    /** @param choices what is measured on a device; null on the host */
    Workshop(Catalog catalog, Target target, MeasuredChoices choices) {
        this.catalog = catalog;
        this.choices = choices;
        this.target = target;
        CallContext host = new CallContext(catalog, scope, new Generator(0), new PrintStream(OutputStream.nullOutputStream()), threads(), false)
            .warningsTo(_ -> { });
        stream = target instanceof Target.Cuda c ? c.device().lease() : null;
        context = target instanceof Target.Cuda c ? host.on(c.call(stream, stream)) : host;
    }

    public Catalog catalog() { return catalog; }

    /** What is measured on the device. */
    MeasuredChoices choices() { return choices; }

    /** Which products are generated kernels on the device. */
    public FormProductGroups.Choice products() { return new ProductChoice(this); }

    Target target() { return target; }

    /** True if the plan will run on a device. */
    public boolean isOnDevice() { return stream != null; }

    /** What is done on the device while the plan is made; null on the host. */
    CudaStream stream() { return stream; }

    /** Where the plan's tensors will be. */
    public Device device() { return context.device(); }

    public int threads() { return target instanceof Target.Host h ? h.threads() : 1; }

    /** For calls whose results are used while the plan is made. */
    public CallContext context() { return context; }

    /**
     * The tensor over memory that counts as the program's and lives as long as it is reachable, on a device as long as the plan.
     *
     * @param t of the context's scope, or a view of what is constant already
     */
    public Tensor kept(Tensor t) {
        Storage s = t.storage();
        if (s.isConstant()) return t;
        if (s.isOnDevice()) {
            made.add(s.asConstant());
            return t;
        }
        s.detach();
        return new Tensor(Storage.readOnly(t.data()), t.dtype(), t.offset(), t.sizes(), t.strides());
    }

    /** A constant with these elements, row-major. */
    public Tensor constant(ScalarType type, double[] elements, long... sizes) {
        MemorySegment data = Arena.ofAuto().allocate(Math.max(1, (long) elements.length * type.byteSize()), 64);
        for (int i = 0; i < elements.length; i++) Elements.setDouble(data, type, i, elements[i]);
        Tensor t = new Tensor(Storage.readOnly(data), type, 0, sizes, Shapes.contiguousStrides(sizes));
        return isOnDevice() ? kept(context.here(t)) : t;
    }

    /** How many times memory of a device was made for the plan and not taken. */
    int made() { return made.size(); }

    /** Memory of a device that was made for the plan since there was so much, for who frees it. It has been written when this returns. */
    List<Storage> takeMade(int since) {
        if (stream != null) stream.synchronize();
        List<Storage> tail = made.subList(since, made.size()), all = List.copyOf(tail);
        tail.clear();
        return all;
    }

    @Override public void close() {
        made.forEach(Storage::giveBackConstant);
        scope.close();
        if (target instanceof Target.Cuda c) c.device().giveBack(stream);
    }
}
