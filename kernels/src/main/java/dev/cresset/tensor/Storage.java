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
    private volatile Arrangement arrangement;   // null if the content is plain memory of the host
    private MemorySegment retired;              // the arranged block after it became plain
    private final Device device;
    private BlockPool pool;
    private DeviceMemory home;                  // null on the host: the stream that made it
    private long deviceBytes;
    private Object keeper;                      // memory of a device without pool lives as long as this is reachable
    private Object content = new Object();
    private boolean copyOnWrite;
    private boolean meta;
    private int holds;
    private boolean escaped;
    Scope scope;
    int scopeIndex;

    private Storage(MemorySegment data, Device device, BlockPool pool) {
        this.data = data;
        this.device = device;
        this.pool = pool;
    }

    /** Memory that somebody else owns and that stays valid as long as it is reachable. */
    public static Storage of(MemorySegment data) { return new Storage(data, Device.CPU, null); }

    /** A storage without memory, for shapes alone. */
    public static Storage meta() { return meta(Device.META); }

    /** A storage without memory that says it is on a device; see {@link dev.cresset.kernels.op.MetaExecution}. */
    public static Storage meta(Device device) {
        Storage s = new Storage(MemorySegment.NULL, device, null);
        s.meta = true;
        return s;
    }

    /** True if there is no memory behind it, only a shape. */
    public boolean isMeta() { return meta; }

    static Storage pooled(BlockPool pool, long bytes) { return new Storage(pool.take(bytes), Device.CPU, pool); }

    /**
     * Memory of a device that goes back there when its last owner releases it; it has none yet.
     *
     * @param bytes its size, at least 0
     */
    public static Storage pooledOn(DeviceMemory memory, long bytes) { return new Storage(memory.take(bytes), bytes, memory, memory); }

    /** A part of a device's memory that somebody else owns. */
    public static Storage within(DeviceMemory memory, long address, long bytes) {
        return new Storage(MemorySegment.ofAddress(address), bytes, memory, null);
    }

    private Storage(MemorySegment block, long bytes, DeviceMemory home, BlockPool pool) {
        this(block, home.device(), pool);
        this.home = home;
        this.deviceBytes = bytes;
        arrangement = ON_DEVICE;   // sends data() to plain(), so that host code pays nothing for the question
    }

    /** True if its memory is a device's. */
    public boolean isOnDevice() { return home != null; }

    /** The memory it lies in, as the stream that made it sees it; null on the host. */
    public DeviceMemory home() { return home; }

    /** Where it lies on its device. @throws IllegalStateException on the host */
    public long address() {
        if (home == null) throw new IllegalStateException("memory of the host has no address on a device");
        if (data == MemorySegment.NULL && deviceBytes > 0) throw new IllegalStateException("this memory has been given back");
        return data.address();
    }

    /** Bytes from a place on, as host memory: the memory itself, or a copy from the device, which this waits for. */
    public MemorySegment read(long from, long bytes) {
        if (home == null) return data().asSlice(from, bytes);
        MemorySegment copy = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, bytes), 64);
        if (bytes > 0) home.download(address() + from, copy, bytes);
        return copy;
    }

    /**
     * The memory, its content plain; at least as large as every tensor over it needs.
     *
     * @throws DeviceAccessException if it is on a device
     */
    public MemorySegment data() { return arrangement == null ? data : plain(); }

    /**
     * Another order of a storage's content.
     *
     * <p>Note [Lazy layout]. Convolutions work on channels-last memory while programs see row-major results. So an
     * operator may leave its fresh result arranged in another order ({@link #arrange}); operators that know the
     * arrangement read and write it as it lies ({@link #arrangement}, {@link #arranged}), and for all others
     * {@link #data} puts the content in order first, once. Exactly one of the two forms is valid at a time. The arranged
     * block is kept until the storage is given back, because another thread may still be reading it.
     */
    public interface Arrangement {
        /** Writes the plain form of {@code from} to {@code to}, which is at least as large. */
        void toPlain(MemorySegment from, MemorySegment to);
    }

    private static final Arrangement ON_DEVICE = (_, _) -> {
        throw new IllegalStateException("memory of a device has no other form");
    };

    /** How the content lies, or null if it is plain. */
    public Arrangement arrangement() { return home == null ? arrangement : null; }

    /** The memory as it lies, for those who know the arrangement. */
    public MemorySegment arranged() { return data; }

    /** Says that the whole content, just written, lies in this order. Only for storages from a pool. */
    public void arrange(Arrangement order) {
        if (pool == null || home != null) throw new IllegalStateException("only pooled memory of the host is arranged");
        arrangement = order;
    }

    private synchronized MemorySegment plain() {
        if (home != null) throw new DeviceAccessException(device);
        Arrangement order = arrangement;
        if (order != null) {
            MemorySegment fresh = pool != null ? pool.take(data.byteSize())
                : java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, data.byteSize()), 64);
            order.toPlain(data, fresh);
            giveBackRetired();
            retired = pool != null ? data : null;
            data = fresh;
            arrangement = null;
        }
        return data;
    }

    private void giveBackRetired() {
        if (retired != null) pool.giveBack(retired);
        retired = null;
    }

    /** True for memory of a program, which is written through operators only, so that its content is known by {@link #content}. */
    public boolean isConstant() { return pool == null && copyOnWrite; }

    public long byteSize() { return home == null ? data.byteSize() : deviceBytes; }

    public Device device() { return device; }

    /**
     * A storage with the same content that shares the memory until one of the two is written; weights of several
     * instances of a module. Both must be without pool.
     */
    public Storage share() {
        if (pool != null) throw new IllegalStateException("pooled memory is not shared");
        copyOnWrite = true;
        Storage s = home == null ? new Storage(data, device, null) : new Storage(data, deviceBytes, home, null);
        s.keeper = keeper;
        s.copyOnWrite = true;
        s.content = content;
        return s;
    }

    /** A storage with the same content in memory of its own, which lives as long as it is reachable. */
    public Storage copy() {
        if (home != null) {
            Storage own = pooledOn(home, deviceBytes);
            home.copy(address(), own.address(), deviceBytes);
            own.detach();
            return own;
        }
        MemorySegment from = data();
        MemorySegment own = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, from.byteSize()), 64);
        MemorySegment.copy(from, 0, own, 0, from.byteSize());
        return of(own);
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

    /**
     * Makes memory of a device, just written, what a program holds and its instances share until they write it. Whoever
     * loaded it frees it by {@link #giveBackConstant}.
     */
    public Storage asConstant() {
        if (scope != null) scope.remove(this);
        if (pool != null) home.countConstant(data, true);
        pool = null;
        copyOnWrite = true;
        return this;
    }

    /** Frees memory of a device that no pool counts, when nobody uses it any more. Idempotent. */
    public void giveBackConstant() {
        if (home == null || data == MemorySegment.NULL || keeper != null) return;
        MemorySegment block = data;
        data = MemorySegment.NULL;
        home.dropDerived(content);
        home.countConstant(block, false);
        home.giveBack(block);
    }

    /**
     * As {@link #beforeWrite()}, in a call that works on a stream of the device.
     *
     * @param stream where the memory of its own comes from, if it is on a device and shares it
     */
    public void beforeWrite(DeviceMemory stream) {
        if (home != null && copyOnWrite) {
            MemorySegment own = stream.take(deviceBytes);
            stream.copy(address(), own.address(), deviceBytes);
            data = own;
            home = stream;
            pool = stream;
            keeper = null;
            holds = 0;
            copyOnWrite = false;
        }
        beforeWrite();
    }

    /** To be called before every in-place write: gives the storage its own memory if it shares it. */
    public void beforeWrite() {
        if (copyOnWrite) {
            if (home != null) throw new DeviceAccessException(device);
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

    /** Leaves its scope with one owner. */
    void adopt() {
        scope = null;
        escaped = false;
        holds = 1;
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
        if (home == null) plain();
        giveBackRetired();
        keeper = new Object();
        pool.forget(data, keeper);
        pool = null;
    }

    /** Makes room for at least this many bytes, keeping the content; for {@code resize_}. */
    public void grow(long bytes) {
        if (home != null) {
            growOnDevice(bytes);
            return;
        }
        plain();
        if (meta || data.byteSize() >= bytes) return;
        MemorySegment larger = pool != null ? pool.take(bytes) : java.lang.foreign.Arena.ofAuto().allocate(bytes, 64);
        MemorySegment.copy(data, 0, larger, 0, data.byteSize());
        if (pool != null) pool.giveBack(data);
        data = larger;
    }

    private void growOnDevice(long bytes) {
        if (deviceBytes >= bytes) return;
        MemorySegment larger = home.take(bytes);
        home.copy(address(), larger.address(), deviceBytes);
        if (pool != null) pool.giveBack(data);
        pool = home;
        data = larger;
        deviceBytes = bytes;
    }

    void giveBack() {
        MemorySegment block = data;
        data = MemorySegment.NULL;   // use after close is an exception, not a corruption
        if (home == null) arrangement = null;
        giveBackRetired();
        pool.giveBack(block);
    }
}
