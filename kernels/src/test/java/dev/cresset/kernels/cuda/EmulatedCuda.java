package dev.cresset.kernels.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that runs on the emulated CUDA libraries; skipped where there is no g++ to build them. After each test the
 * emulation is as fresh, and device memory or pinned memory that is left is a failure.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CudaEmulation.class)
public @interface EmulatedCuda {
    /** For {@link #order}: one of the random orders. What lacks a barrier gives wrong results there. */
    int ANY = 20;

    /** In which order threads and blocks run, unless {@code CUEMU_ORDER} says so: see {@link CudaEmulation#set}. */
    int order() default 0;
}
