package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Everything that can go wrong gives its own typed error. */
@EmulatedCuda
class FaultsTest {
    private static final String STORE = """
        extern "C" __global__ void store(float *p, int n) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) p[i] = 1.0f;
        }
        extern "C" __global__ void stuck() {
            if (threadIdx.x < 16) __shfl_sync(0xffffffffu, 1, 0);
        }
        extern "C" __global__ void trap() { __trap(); }
        """;

    @Test void outOfMemoryLeavesTheDeviceUsable() {
        try (TestDevice device = new TestDevice()) {
            CudaEmulation.set("fail_alloc", 1);
            var e = assertThrows(OutOfDeviceMemoryException.class, () -> device.memory(1000));
            assertEquals(1000, e.bytes());
            assertEquals("cuda:0 has no memory for 1000 bytes: 0 bytes are in use, 4294967296 of 4294967296 are free on the device", e.getMessage());
            assertArrayEquals(new float[] {1, 2}, device.floats(device.upload(1f, 2f), 2));
        }
    }

    @Test void moreThanTheDeviceHas() {
        try (TestDevice device = new TestDevice()) {
            CudaEmulation.set("memory", 1 << 20);
            device.memory(1 << 19);
            assertThrows(OutOfDeviceMemoryException.class, () -> device.memory((1 << 19) + 1));
            device.memory(1 << 19);
        }
    }

    /** After the fault, every call says at once that the device is lost, and what was the cause. */
    private void assertLost(String cause, Consumer<TestDevice> fault) {
        TestDevice device = new TestDevice();
        long address = device.memory(64);
        fault.accept(device);
        var first = assertThrows(DeviceLostException.class, device.stream::synchronize);
        assertTrue(first.getMessage().startsWith("cuda:0 is lost: cuStreamSynchronize on cuda:0 answers " + cause), first.getMessage());
        assertTrue(device.context.isLost());
        long calls = CudaEmulation.get("allocations");
        List<Runnable> later = List.of(() -> device.memory(1), () -> device.floats(address, 1), () -> Event.forOrder(device.context),
            () -> device.compile(STORE), device.context::synchronize, () -> new Stream(device.context));
        for (Runnable call : later) {
            assertEquals(first.getMessage(), assertThrows(DeviceLostException.class, call::run).getMessage());
        }
        assertEquals(calls, CudaEmulation.get("allocations"), "CUDA is not asked again");
        device.close();
        CudaEmulation.forget();
    }

    @Test void aStickyError() {
        assertLost("CUDA_ERROR_ILLEGAL_ADDRESS (700)", device -> {
            KernelModule module = device.compile(STORE);
            CudaEmulation.set("fail_launch", 1);
            module.function("stuck").launch(device.stream, 1, 1, 0, new KernelArguments());
        });
    }

    @Test void anAccessPastTheEnd() {
        assertLost("CUDA_ERROR_ILLEGAL_ADDRESS (700)", device -> {
            long address = device.memory(64);
            KernelArguments arguments = new KernelArguments().pointer(address).integer(2000);
            device.compile(STORE).function("store").launch(device.stream, 8, 256, 0, arguments);
        });
    }

    @Test void aWriteJustPastTheEnd() {
        assertLost("CUDA_ERROR_ILLEGAL_ADDRESS (700)", device -> {
            long address = device.memory(4);
            device.compile(STORE).function("store").launch(device.stream, 1, 32, 0, new KernelArguments().pointer(address).integer(2));
        });
    }

    @Test void aWarpThatWaitsForLanesThatHaveLeft() {
        assertLost("CUDA_ERROR_LAUNCH_FAILED (719)",
            device -> device.compile(STORE).function("stuck").launch(device.stream, 1, 32, 0, new KernelArguments()));
    }

    @Test void aTrap() {
        assertLost("CUDA_ERROR_LAUNCH_FAILED (719)",
            device -> device.compile(STORE).function("trap").launch(device.stream, 1, 32, 0, new KernelArguments()));
    }

    @Test void aSourceThatDoesNotCompile() {
        try (TestDevice device = new TestDevice()) {
            String source = "extern \"C\" __global__ void k(float *p) {\n    p[0] = nothing;\n}\n";
            var e = assertThrows(KernelCompileException.class, () -> device.compile(source));
            assertTrue(e.log().contains("test.cu:2") && e.log().contains("nothing"), e.log());
            assertEquals(source, e.source());
            assertTrue(e.getMessage().startsWith("test.cu does not compile (NVRTC_ERROR_COMPILATION (6)):"), e.getMessage());
            assertTrue(e.getMessage().contains("   2      p[0] = nothing;"), e.getMessage());
        }
    }

    @Test void aCompilerThatFails() {
        try (TestDevice device = new TestDevice()) {
            CudaEmulation.set("fail_compile", 1);
            assertThrows(KernelCompileException.class, () -> device.compile(STORE));
            device.compile(STORE).close();
        }
    }

    @Test void codeForAnotherArchitecture() {
        try (TestDevice device = new TestDevice()) {
            byte[] cubin = Nvrtc.compile("test.cu", STORE, "sm_90", List.of());
            var e = assertThrows(CudaUnsupportedException.class, () -> new KernelModule(device.context, cubin));
            assertTrue(e.getMessage().contains("NO_BINARY_FOR_GPU"), e.getMessage());
        }
    }

    @Test void wrongCallsAreNoLoss() {
        try (TestDevice device = new TestDevice(); KernelModule module = device.compile(STORE)) {
            assertThrows(CudaCallException.class, () -> module.function("absent"));
            var e = assertThrows(CudaCallException.class, () -> module.function("store").launch(device.stream, 1, 2048, 0,
                new KernelArguments().pointer(0).integer(0)));
            assertEquals("the launch of store <<<(1, 1, 1), (2048, 1, 1), 0>>> on cuda:0 answers CUDA_ERROR_INVALID_VALUE (1)", e.getMessage());
            assertThrows(CudaCallException.class, () -> device.stream.copy(1, 2, 3));
            assertFalse(device.context.isLost());
            assertThrows(CudaUnsupportedException.class, () -> DeviceContext.open(7));
        }
    }

    @Test void freshMemoryIsPoisoned() {
        try (TestDevice device = new TestDevice()) {
            assertTrue(Float.isNaN(device.floats(device.memory(8), 2)[1]));
        }
    }
}
