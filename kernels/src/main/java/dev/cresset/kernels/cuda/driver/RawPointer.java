package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** An address as JCuda takes it, in host or device memory; also what JCuda writes an address to. */
final class RawPointer extends Pointer {
    RawPointer(long address) { super(address); }

    static RawPointer of(long address) { return new RawPointer(address); }

    static RawPointer of(MemorySegment nativeMemory) { return new RawPointer(nativeMemory.address()); }

    /** Null for the address 0, where a library takes a null pointer to mean "none". */
    static RawPointer ofNullable(long address) { return address == 0 ? null : new RawPointer(address); }

    long address() { return getNativePointer() + getByteOffset(); }

    static CUdeviceptr device(long address) { return new CUdeviceptr().withByteOffset(address); }

    /** The address in a pointer that a call of the driver's has set. */
    static long addressOf(CUdeviceptr set) { return new Reader(set).address(); }

    private static final class Reader extends Pointer {
        Reader(Pointer other) { super(other); }

        long address() { return getNativePointer() + getByteOffset(); }
    }
}
