package dev.cresset.ir.archive.pickle;

import dev.cresset.ir.type.ScalarType;

/**
 * A stretch of bytes that tensors share. There is one object per record of the archive, so tensors that share memory in
 * the model have the identical storage here; equality is identity.
 */
public final class StoredStorage {
    private final String entry;
    private final String location;
    private final ScalarType dtype;
    private final long byteSize;

    /**
     * @param entry    the record with the bytes, {@code data/0}; empty if there is none (no elements, or a meta tensor)
     * @param location the device it was on, {@code cpu}, {@code cuda:0}, {@code meta}
     * @param dtype    the element type with which the archive mentions it first
     * @param byteSize bytes of the record
     */
    public StoredStorage(String entry, String location, ScalarType dtype, long byteSize) {
        this.entry = entry;
        this.location = location;
        this.dtype = dtype;
        this.byteSize = byteSize;
    }

    public String entry() { return entry; }

    public String location() { return location; }

    public ScalarType dtype() { return dtype; }

    public long byteSize() { return byteSize; }

    public boolean isMeta() { return location.equals("meta"); }

    @Override public String toString() { return dtype + " storage " + entry + " of " + byteSize + " bytes"; }
}
