package dev.cresset.kernels.cuda.driver;

import jcuda.NativePointerObject;

/** Reads the native address of JCuda's handles; calls without JCuda need it. */
final class Handles {
    private static final class Reader extends NativePointerObject {
        Reader(NativePointerObject other) { super(other); }

        long address() { return getNativePointer(); }
    }

    private Handles() {}

    static long address(NativePointerObject handle) { return new Reader(handle).address(); }
}
