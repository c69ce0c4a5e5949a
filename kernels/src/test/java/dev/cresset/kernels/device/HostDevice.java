package dev.cresset.kernels.device;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.kernels.op.DeviceCall;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.DeviceMemory;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** A device that lies in the host's memory: what an operator does with places can be tested without a driver. */
final class HostDevice implements DeviceCall, DeviceMemory {
    static final Device CUDA = new Device("cuda", 0);

    private final CpuFallback fallback;
    private final MemoryPool memory = new MemoryPool(0);
    private final Map<Long, MemorySegment> blocks = new HashMap<>();
    private final Catalog catalog;
    int kernels;

    HostDevice(Catalog catalog, CpuFallback fallback) {
        this.catalog = catalog;
        this.fallback = fallback;
    }

    /** A call on this device. */
    CallContext context(Scope scope) { return host(scope).on(this); }

    private CallContext host(Scope scope) { return new CallContext(catalog, scope, new Generator(1), System.out, 1, false); }

    int liveBlocks() { return blocks.size(); }

    @Override public DeviceMemory memory() { return this; }

    @Override public CpuFallback fallback() { return fallback; }

    @Override public Device device() { return CUDA; }

    @Override public MemorySegment take(long bytes) {
        MemorySegment block = memory.take(bytes);
        blocks.put(block.address(), block);
        return MemorySegment.ofAddress(block.address());
    }

    @Override public void giveBack(MemorySegment block) { memory.giveBack(blocks.remove(block.address())); }

    @Override public void forget(MemorySegment block, Object owner) { blocks.remove(block.address()); }

    @Override public void upload(MemorySegment from, long to, long bytes) { MemorySegment.copy(from, 0, at(to, bytes), 0, bytes); }

    @Override public void download(long from, MemorySegment to, long bytes) { MemorySegment.copy(at(from, bytes), 0, to, 0, bytes); }

    @Override public void copy(long from, long to, long bytes) { MemorySegment.copy(at(from, bytes), 0, at(to, bytes), 0, bytes); }

    @Override public void waitFor(DeviceMemory other) {}

    private static MemorySegment at(long address, long bytes) { return MemorySegment.ofAddress(address).reinterpret(bytes); }

    @Override public void pointwise(Expr expression, Args numbers, Tensor[] tensors, Tensor out) {
        kernels++;
        Object[] inputs = new Object[tensors.length - 1];
        for (int i = 0; i < inputs.length; i++) inputs[i] = tensors[i] != null ? seen(tensors[i]) : numbers.get(i);
        try (Scope scope = new Scope(memory)) {
            Elementwise.apply(host(scope), expression, seen(out), inputs);
        }
    }

    /** A tensor of this device as one of the host. */
    private static Tensor seen(Tensor t) {
        MemorySegment whole = at(t.storage().address(), t.storage().byteSize());
        return new Tensor(dev.cresset.tensor.Storage.of(whole), t.dtype(), t.offset(), t.sizes(), t.strides());
    }
}
