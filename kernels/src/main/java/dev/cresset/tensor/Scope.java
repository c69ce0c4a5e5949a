package dev.cresset.tensor;

import dev.cresset.ir.diag.ScriptError;
import java.util.Arrays;

/**
 * Owns what a running call allocates. See Note [Who owns a storage] in {@link Storage}. Used by one thread; a forked task
 * has its own scope, which its waiter takes over.
 */
public final class Scope implements AutoCloseable {
    private final MemoryPool pool;
    private final long storageLimit;
    private Storage[] storages = new Storage[4];
    private int count;

    public Scope(MemoryPool pool) { this(pool, Long.MAX_VALUE); }

    /** @param storageLimit bytes that one storage may have; for code that is not to be trusted with memory */
    public Scope(MemoryPool pool, long storageLimit) {
        this.pool = pool;
        this.storageLimit = storageLimit;
    }

    /** A fresh storage of at least this many bytes, content undefined. */
    public Storage allocate(long bytes) {
        checkLimit(bytes);
        Storage s = Storage.pooled(pool, bytes);
        add(s);
        return s;
    }

    /** As {@link #allocate(long)}, on a device. */
    public Storage allocate(long bytes, DeviceMemory memory) {
        checkLimit(bytes);
        Storage s = Storage.pooledOn(memory, bytes);
        add(s);
        return s;
    }

    private void checkLimit(long bytes) {
        if (bytes > storageLimit) {
            throw new ScriptError("OutOfMemoryError", "a tensor of " + bytes + " bytes is more than the " + storageLimit + " allowed here");
        }
    }

    private void add(Storage s) {
        if (count == storages.length) storages = Arrays.copyOf(storages, 2 * count);
        s.scope = this;
        s.scopeIndex = count;
        storages[count++] = s;
    }

    /** Gives a storage back now. */
    public void release(Storage s) {
        remove(s);
        s.giveBack();
    }

    void remove(Storage s) {
        Storage last = storages[--count];
        storages[s.scopeIndex] = last;
        last.scopeIndex = s.scopeIndex;
        storages[count] = null;
        s.scope = null;
    }

    /** The number of storages; what is allocated later has a higher position, as long as nothing is released. */
    public int mark() { return count; }

    /** Gives back what was allocated since {@code mark} and is neither held nor escaped: temporaries of an operator. */
    public void releaseUnheldSince(int mark) {
        for (int i = count - 1; i >= mark; i--) {
            Storage s = storages[i];
            if (!s.isHeld() && !s.hasEscaped()) release(s);
        }
    }

    /** As {@link #releaseUnheldSince(int)}, but keeps what these tensors lie in. */
    public void releaseUnheldSince(int mark, Tensor[] kept) {
        for (int i = count - 1; i >= mark; i--) {
            Storage s = storages[i];
            if (!s.isHeld() && !s.hasEscaped() && !isOf(s, kept)) release(s);
        }
    }

    private static boolean isOf(Storage s, Tensor[] tensors) {
        for (Tensor t : tensors) if (t.storage() == s) return true;
        return false;
    }

    /** Takes over everything that a finished forked task left. */
    public void takeOver(Scope other) {
        for (int i = 0; i < other.count; i++) {
            Storage s = other.storages[i];
            s.escape();
            add(s);
        }
        Arrays.fill(other.storages, 0, other.count, null);
        other.count = 0;
    }

    /** True if nothing is left to give back. */
    public boolean isEmpty() { return count == 0; }

    /** Gives a storage one owner outside of the call, whether it is of this scope or was there before: what has one survives the scope's end. */
    public void handOver(Storage s) {
        if (s.scope == this) {
            remove(s);
            s.adopt();
        } else {
            s.retain();
        }
    }

    /** Gives everything back. */
    @Override public void close() {
        while (count > 0) release(storages[count - 1]);
    }
}
