package dev.cresset.kernels.plan;

import dev.cresset.kernels.cpu.RowProduct;
import dev.cresset.kernels.cpu.onednn.DnnLayout;
import dev.cresset.kernels.cpu.onednn.DnnMemory;
import dev.cresset.kernels.cpu.onednn.OneDnn;
import dev.cresset.kernels.cpu.onednn.PreparedCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.PackedConstants;
import dev.cresset.tensor.Content;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a plan holds outside the heap: primitives, packed weights, memory of its device. Steps that need the same share one. */
final class Holdings implements AutoCloseable {
    private final OneDnn oneDnn;
    private final Arena arena = Arena.ofShared();
    private final Map<Object, PreparedCall> calls = new LinkedHashMap<>();
    private final Map<Object, DnnMemory> packed = new LinkedHashMap<>();
    private final Map<Object, RowProduct> rowProducts = new LinkedHashMap<>();
    private final List<Storage> device = new ArrayList<>();
    private final Map<Object, PackedConstants.Entry> arranged = new LinkedHashMap<>();

    /** @param oneDnn the plan's own; null on a machine without it, and on a device */
    Holdings(OneDnn oneDnn) { this.oneDnn = oneDnn; }

    OneDnn oneDnn() { return oneDnn; }

    /** The primitive for this key, made if it is not there. */
    PreparedCall call(Object key, Supplier<PreparedCall> make) { return calls.computeIfAbsent(key, _ -> make.get()); }

    /** A constant in the order that a call wants. @param from how it lies as the call sees it */
    DnnMemory packed(Tensor t, DnnLayout from, DnnLayout to) {
        DnnMemory given = new DnnMemory(from, Library.memory(t));
        record Key(Content content, DnnLayout from, DnnLayout to) {}
        return packed.computeIfAbsent(new Key(Content.of(t), from, to), _ -> {
            DnnMemory target = DnnMemory.allocate(arena, to);
            oneDnn.reorder(given, target);
            return target;
        });
    }

    RowProduct rowProduct(Tensor weight, Tensor bias) {
        record Key(Content weight, Content bias) {}
        return rowProducts.computeIfAbsent(new Key(Content.of(weight), Content.of(bias)), _ ->
            new RowProduct(Library.memory(weight), (int) weight.size(0), (int) weight.size(1), weight.strides()[0], weight.strides()[1],
                bias == null ? null : Library.memory(bias)));
    }

    /** Constants on a device that are freed with this. */
    void own(List<Storage> made) { device.addAll(made); }

    /** A constant on a device in another order, kept as long as this. @param pack has it packed, on a stream that is waited for before anybody reads it */
    Tensor arranged(Tensor t, Object order, Supplier<PackedConstants.Entry> pack, CudaStream stream, long[] strides) {
        record Key(Content content, Object order) {}
        PackedConstants.Entry e = arranged.computeIfAbsent(new Key(Content.of(t), order), _ -> pack.get());
        return new Tensor(Storage.within(stream, e.address(), t.numel() * t.dtype().byteSize()), t.dtype(), 0, t.sizes(), strides);
    }

    /** A reference to a method of {@link RowProduct} would load it, which a JVM without the Vector API cannot: hence a loop here and below. */
    long nativeBytes() {
        long bytes = packed.values().stream().mapToLong(m -> m.layout().byteSize()).sum() + device.stream().mapToLong(Storage::byteSize).sum();
        for (RowProduct p : rowProducts.values()) bytes += p.byteSize();
        return bytes;
    }

    /** No frame may be in use. */
    @Override public void close() {
        calls.values().forEach(PreparedCall::close);
        for (RowProduct p : rowProducts.values()) p.close();
        arena.close();
        device.forEach(Storage::giveBackConstant);
        arranged.values().forEach(PackedConstants.Entry::close);
        if (oneDnn != null) oneDnn.close();
    }
}
