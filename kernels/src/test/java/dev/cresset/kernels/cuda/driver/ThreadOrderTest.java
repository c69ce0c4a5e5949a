package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That mistakes of kernels about the order of threads show on the emulation, and that there is nothing to see where there are none. */
@EmulatedCuda
class ThreadOrderTest {
    private static final int ASCENDING = 0, DESCENDING = -1, THREADS = 64;

    private static final String SOURCE = """
        // Each thread takes what its neighbour has left.
        extern "C" __global__ void without_barrier(float *out) {
            __shared__ float cells[64];
            int t = threadIdx.x;
            cells[t] = t;
            if (out == 0) __syncthreads();
            out[t] = cells[t == 0 ? 0 : t - 1];
        }
        extern "C" __global__ void with_barrier(float *out) {
            __shared__ float cells[64];
            int t = threadIdx.x;
            cells[t] = t;
            __syncthreads();
            out[t] = cells[t == 0 ? 0 : t - 1];
        }
        // Writes again what others may have to read yet.
        extern "C" __global__ void without_second_barrier(float *out) {
            __shared__ float cells[64];
            int t = threadIdx.x;
            float sum = 0;
            for (int i = 0; i < 4; i++) {
                cells[t] = t + i;
                __syncthreads();
                sum += cells[t == 63 ? 63 : t + 1];
            }
            out[t] = sum;
        }
        // A shuffle is no barrier for memory, nor are lanes in lockstep after it.
        extern "C" __global__ void without_warp_barrier(float *out) {
            __shared__ float cells[64];
            int t = threadIdx.x;
            float v = __shfl_xor_sync(0xffffffffu, (float) t, 1);
            cells[t] = v;
            out[t] = cells[t % 32 == 0 ? t : t - 1];
        }
        extern "C" __global__ void with_warp_barrier(float *out) {
            __shared__ float cells[64];
            int t = threadIdx.x;
            float v = __shfl_xor_sync(0xffffffffu, (float) t, 1);
            cells[t] = v;
            __syncwarp();
            out[t] = cells[t % 32 == 0 ? t : t - 1];
        }
        extern "C" __global__ void at_two_barriers(float *out) {
            if (threadIdx.x < 32) __syncthreads();
            else
                __syncthreads();
        }
        extern "C" __global__ void at_two_shuffles(float *out) {
            out[threadIdx.x] = threadIdx.x % 2 ? __shfl_sync(0xffffffffu, 1.0f, 0)
                : __shfl_sync(0xffffffffu, 2.0f, 0);
        }
        extern "C" __global__ void unset(float *out) {
            __shared__ float cells[64];
            out[threadIdx.x] = cells[threadIdx.x];
            __syncthreads();
            cells[threadIdx.x] = 1;
        }
        // In which place of all a thread begins.
        extern "C" __global__ void places(float *out, unsigned *next) {
            out[blockIdx.x * blockDim.x + threadIdx.x] = atomicAdd(next, 1u);
        }
        // In which place of its block a thread leaves a barrier.
        extern "C" __global__ void places_after(float *out, unsigned *next) {
            if (threadIdx.x == 0) *next = 0;
            __syncthreads();
            out[blockIdx.x * blockDim.x + threadIdx.x] = (*next)++;
        }
        extern "C" __global__ void misaligned(float *out) { *(float4 *) (out + 1 + threadIdx.x * 4) = make_float4(1, 2, 3, 4); }
        """;

    private float[] run(int order, String kernel, int blocks) {
        try (TestDevice device = new TestDevice(); KernelModule module = device.compile(SOURCE)) {
            CudaEmulation.set("order", order);
            long out = device.memory(4L * blocks * THREADS), next = device.upload(0f);
            module.function(kernel).launch(device.stream, blocks, THREADS, 0, new KernelArguments().pointer(out).pointer(next));
            return device.floats(out, blocks * THREADS);
        }
    }

    private float[] run(int order, String kernel) { return run(order, kernel, 1); }

    private static float[] neighbours(int group, int flip) {
        float[] out = new float[THREADS];
        for (int t = 0; t < THREADS; t++) out[t] = t % group == 0 ? t ^ flip : t - 1 ^ flip;
        return out;
    }

    @Test void aMissingBarrier() {
        float[] right = neighbours(THREADS, 0);
        assertArrayEquals(right, run(ASCENDING, "without_barrier"), "as it happens");
        for (int order : new int[] {DESCENDING, 1, 2, 3}) assertFalse(Arrays.equals(right, run(order, "without_barrier")), "order " + order);
    }

    @Test void aMissingBarrierBeforeTheNextWrite() {
        float[] right = new float[THREADS];
        for (int t = 0; t < THREADS; t++) right[t] = 4 * Math.min(t + 1, 63) + 6;
        for (int order : new int[] {1, 2, 3}) assertFalse(Arrays.equals(right, run(order, "without_second_barrier")), "order " + order);
    }

    @Test void aMissingBarrierOfAWarp() {
        float[] right = neighbours(32, 1);
        assertArrayEquals(right, run(ASCENDING, "with_warp_barrier"));
        for (int order : new int[] {1, 2, 3}) assertFalse(Arrays.equals(right, run(order, "without_warp_barrier")), "order " + order);
    }

    @ParameterizedTest
    @ValueSource(ints = {ASCENDING, DESCENDING, 1, 2, 3})
    void nothingIsMissing(int order) {
        assertArrayEquals(neighbours(THREADS, 0), run(order, "with_barrier"));
        assertArrayEquals(neighbours(32, 1), run(order, "with_warp_barrier"));
    }

    @Test void sharedMemoryStartsWithAnything() {
        for (float v : run(ASCENDING, "unset", 3)) assertTrue(Float.isNaN(v), "not 0, and not what the block before has left");
    }

    @Test void threadsAndBlocksAreInOrder() {
        for (String kernel : new String[] {"places", "places_after"}) {
            float[] up = run(ASCENDING, kernel, 3), down = run(DESCENDING, kernel, 3), any = run(5, kernel, 3);
            int last = up.length - 1;
            boolean all = kernel.equals("places");
            for (int i = 0; i <= last; i++) {
                if (all) assertEquals(i, up[i]);
                if (all) assertEquals(last - i, down[i]);
            }
            assertArrayEquals(any, run(5, kernel, 3), "a seed says all");
            assertFalse(Arrays.equals(any, run(6, kernel, 3)), "another one something else");
            float[] sorted = any.clone();
            Arrays.sort(sorted);
            float[] each = up.clone();
            Arrays.sort(each);
            assertArrayEquals(each, sorted, "each is once there");
        }
    }

    /** Of 64 threads the last to arrive at a barrier is one, and as likely as any other to be the first to go on. */
    @Test void whoArrivesLastIsNotTheFirstToGoOn() {
        boolean[] first = new boolean[THREADS];
        for (int seed = 1; seed <= 20; seed++) {
            float[] places = run(seed, "places_after");
            for (int t = 0; t < THREADS; t++) if (places[t] == 0) first[t] = true;
        }
        int different = 0;
        for (boolean f : first) if (f) different++;
        assertTrue(different > 10, different + " of 64 threads were first after a barrier in 20 runs");
    }

    private void assertLost(String cause, String kernel) {
        TestDevice device = new TestDevice();
        long out = device.memory(4 * (4 * THREADS + 1));
        device.compile(SOURCE).function(kernel).launch(device.stream, 1, THREADS, 0, new KernelArguments().pointer(out).pointer(out));
        var e = assertThrows(DeviceLostException.class, device.stream::synchronize);
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        device.close();
        CudaEmulation.forget();
    }

    @Test void threadsThatWaitAtDifferentBarriers() { assertLost("CUDA_ERROR_LAUNCH_FAILED", "at_two_barriers"); }

    @Test void lanesThatMeetInDifferentShuffles() { assertLost("CUDA_ERROR_LAUNCH_FAILED", "at_two_shuffles"); }

    @Test void anAccessThatIsNotAligned() { assertLost("CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned"); }
}
