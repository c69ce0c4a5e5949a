package dev.cresset.tensor;

import dev.cresset.ir.type.Device;
import java.lang.foreign.MemorySegment;

/**
 * The memory behind one or more tensors.
 *
 * <p>Note [Who owns a storage]. A storage made in a call belongs to that call's {@link Scope}. While the call runs, the
 * interpreter counts the registers that hold it and gives it back when the last one dies, unless it has <em>escaped</em>
 * into a container or an attribute. At the end of the call what results or attributes reach is <em>adopted</em>: one
 * hold for each result tensor (until the user closes it), one for the module state; all else is given back. Storages
 * without pool – weights mapped from an archive, a user's own memory – are not counted at all.
 */
public final class Storage {
    private MemorySegment data;
    private final Device device;
    private MemoryPool pool;
    private Object content = new Object();
    private boolean copyOnWrite;
    private int holds;
    private boolean escaped;
    Scope scope;
    int scopeIndex;

    private Storage(MemorySegment data, Device device, MemoryPool pool) {
        this.data = data;
        this.device = device;
        this.pool = pool;
    }

    /** Memory that somebody else owns and that stays valid as long as it is reachable. */
    public static Storage of(MemorySegment data) { return new Storage(data, Device.CPU, null); }

    /** A storage without memory, for shapes alone. */
    public static Storage meta() { return new Storage(MemorySegment.NULL, Device.META, null); }

    static Storage pooled(MemoryPool pool, long bytes) { return new Storage(pool.take(bytes), Device.CPU, pool); }

    /** The memory; at least as large as every tensor over it needs. */
    public MemorySegment data() { return data; }

    public long byteSize() { return data.byteSize(); }

    public Device device() { return device; }

    /**
     * A storage with the same content that shares the memory until one of the two is written; weights of several
     * instances of a module. Both must be without pool.
     */
    public Storage share() {
        if (pool != null) throw new IllegalStateException("pooled memory is not shared");
        copyOnWrite = true;
        Storage s = new Storage(data, device, null);
        s.copyOnWrite = true;
        s.content = content;
        return s;
    }

    /** Memory that must be copied before it is written, such as a read-only mapping of an archive. */
    public static Storage readOnly(MemorySegment data) {
        Storage s = of(data);
        s.copyOnWrite = true;
        return s;
    }

    /**
     * Stands for the present content: equal for storages that share it, another one after each write. What is derived
     * from the content (packed weights) is kept by this key.
     */
    public Object content() { return content; }

    /** To be called before every in-place write: gives the storage its own memory if it shares it. */
    public void beforeWrite() {
        if (copyOnWrite) {
            MemorySegment own = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, data.byteSize()), 64);
            MemorySegment.copy(data, 0, own, 0, data.byteSize());
            data = own;
            copyOnWrite = false;
        }
        content = new Object();
    }

    /** True if its memory comes from a pool and goes back there. */
    public boolean isPooled() { return pool != null; }

    /** True if it belongs to the scope of a running call. */
    public boolean isScoped() { return scope != null; }

    /** Marks a storage that something else than a register refers to: it lives until the end of the call. */
    public void escape() { escaped = true; }

    public boolean hasEscaped() { return escaped; }

    /** A register holds it. Only for storages of a scope, on the scope's thread. */
    public void hold() { holds++; }

    boolean isHeld() { return holds > 0; }

    /** A register no longer holds it; the last one gives it back, unless it has escaped. */
    public void unhold() {
        if (--holds <= 0 && !escaped && scope != null) scope.release(this);
    }

    /** Leaves its scope with this many owners. */
    void adopt(int owners) {
        scope = null;
        escaped = false;
        holds = owners;
    }

    /** One owner more, outside of calls. No effect on storages without pool. */
    public synchronized void retain() { if (pool != null) holds++; }

    /** One owner less, outside of calls; the last one gives the memory back. */
    public synchronized void release() {
        if (pool == null || data == MemorySegment.NULL || scope != null) return;
        if (--holds <= 0) giveBack();
    }

    /** Leaves scope and pool for good: from now on its memory lives as long as it is reachable. */
    public void detach() {
        if (pool == null) return;
        if (scope != null) scope.remove(this);
        pool.forget(data);
        pool = null;
    }

    /** Makes room for at least this many bytes, keeping the content; for {@code resize_}. */
    public void grow(long bytes) {
        if (data.byteSize() >= bytes) return;
        MemorySegment larger = pool != null ? pool.take(bytes) : java.lang.foreign.Arena.ofAuto().allocate(bytes, 64);
        MemorySegment.copy(data, 0, larger, 0, data.byteSize());
        if (pool != null) pool.giveBack(data);
        data = larger;
    }

    void giveBack() {
        MemorySegment block = data;
        data = MemorySegment.NULL;   // use after close is an exception, not a corruption
        pool.giveBack(block);
    }
}
