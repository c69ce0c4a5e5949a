package dev.cresset.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.LayoutKernels;
import dev.cresset.kernels.cuda.driver.DeviceContext;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernels stay on the device. */
@EmulatedCuda
class KernelLibraryTest {
    private static final KernelSource ONE = LayoutKernels.range(ScalarType.INT64), TWO = LayoutKernels.range(ScalarType.FLOAT32),
        THREE = LayoutKernels.triangle(ScalarType.FLOAT32);

    @TempDir private Path folder;

    private KernelLibrary library(DeviceContext context, long bytes) {
        return new KernelLibrary(context, new CubinCache(folder), null, new DeviceCache(bytes));
    }

    @Test void theOneUnusedForLongestGoes() {
        try (DeviceContext context = DeviceContext.open(0)) {
            long one, two;
            try (KernelLibrary all = library(context, Long.MAX_VALUE)) {
                one = all.kernel(ONE).bytes();
                two = all.kernel(TWO).bytes();
                assertTrue(one > 0 && two > 0);
                assertEquals(one + two, all.bytes());
            }
            long three;
            try (KernelLibrary all = library(context, Long.MAX_VALUE)) {
                three = all.kernel(THREE).bytes();
            }
            try (KernelLibrary library = library(context, one + two + three - 1)) {
                LoadedKernel first = library.kernel(ONE);
                library.kernel(TWO);
                assertSame(first, library.kernel(ONE));
                library.kernel(THREE);
                assertTrue(library.has(THREE));
                assertTrue(library.has(ONE));
                assertFalse(library.has(TWO), "used before the first was used again");
                assertTrue(library.hasRetired());
                assertEquals(one + two + three, library.bytes(), "nothing is freed while a call may go on");
                library.freeRetired();
                assertFalse(library.hasRetired());
                assertEquals(one + three, library.bytes());
                assertEquals(TWO.entry(), library.function(TWO).name(), "it comes from disk again");
                assertEquals(3, CudaEmulation.get("compilations"));
            }
        }
    }

    @Test void whatRecordedWorkUsesStays() {
        long room;
        try (DeviceContext context = DeviceContext.open(0); KernelLibrary all = library(context, Long.MAX_VALUE)) {
            room = Math.max(all.kernel(ONE).bytes(), all.kernel(TWO).bytes());
        }
        try (DeviceContext context = DeviceContext.open(0); KernelLibrary library = library(context, room)) {
            LoadedKernel one = library.kernel(ONE);
            one.keep();
            library.kernel(TWO);
            library.kernel(THREE);
            assertSame(one, library.kernel(ONE));
            assertFalse(library.has(TWO));
            one.release();
            library.kernel(TWO);
            assertFalse(library.has(ONE));
            one.keep();         // looked up before
            library.freeRetired();
            assertTrue(library.hasRetired());
            one.release();
            library.freeRetired();
            assertFalse(library.hasRetired());
        }
    }
}
