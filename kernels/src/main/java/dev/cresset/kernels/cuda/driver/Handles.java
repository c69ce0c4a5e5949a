package dev.cresset.kernels.cuda.driver;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import jcuda.NativePointerObject;

/** Reads the native address of JCuda's handles, which it keeps to itself; calls without JCuda need it. */
final class Handles {
    private static final MethodHandle ADDRESS = find();

    private Handles() {}

    static long address(NativePointerObject handle) {
        try {
            return (long) ADDRESS.invokeExact(handle);
        } catch (Throwable t) {
            throw new IllegalStateException("JCuda's handles cannot be read", t);
        }
    }

    private static MethodHandle find() {
        try {
            Method method = NativePointerObject.class.getDeclaredMethod("getNativePointer");
            method.setAccessible(true);
            return MethodHandles.lookup().unreflect(method).asType(MethodType.methodType(long.class, NativePointerObject.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
