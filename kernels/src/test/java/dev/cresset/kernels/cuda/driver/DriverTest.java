package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EmulatedCuda
class DriverTest {
    private static final String SOURCE = """
        extern "C" __global__ void sum(const float *in, float *out, int n) {
            __shared__ float warps[32];
            float v = 0.0f;
            for (int i = threadIdx.x; i < n; i += blockDim.x) v += in[i];
            for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffffu, v, d);
            if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = v;
            __syncthreads();
            if (threadIdx.x == 0) {
                float all = 0.0f;
                for (int w = 0; w < (int)blockDim.x / 32; w++) all += warps[w];
                out[blockIdx.x] = all;
            }
        }
        extern "C" __global__ void increment(float *p, int n) {
            int i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i < n) p[i] += 1.0f;
        }
        extern "C" __global__ void reversed(float *p) {
            extern __shared__ float cells[];
            cells[threadIdx.x] = p[threadIdx.x];
            __syncthreads();
            p[threadIdx.x] = cells[blockDim.x - 1 - threadIdx.x];
        }
        // Each block adds what the block before it has left, round after round.
        extern "C" __global__ void turns(float *p, unsigned *arrived, int rounds) {
            extern __shared__ float mine[];
            for (int r = 0; r < rounds; r++) {
                mine[threadIdx.x] = p[(blockIdx.x + gridDim.x - 1) % gridDim.x * blockDim.x + threadIdx.x];
                for (int half = 0; half < 2; half++) {
                    __syncthreads();
                    if (threadIdx.x == 0) {
                        __threadfence();
                        atomicAdd(arrived, 1u);
                        while (*(volatile unsigned *)arrived < (2 * r + half + 1) * gridDim.x) __nanosleep(1);
                        __threadfence();
                    }
                    __syncthreads();
                    if (half == 0) p[blockIdx.x * blockDim.x + threadIdx.x] += mine[blockDim.x - 1 - threadIdx.x];
                }
            }
        }
        """;

    private TestDevice device;
    private DeviceContext context;
    private Stream stream;

    @BeforeEach void open() {
        device = new TestDevice();
        context = device.context;
        stream = device.stream;
    }

    @AfterEach void close() { device.close(); }

    private KernelModule module() { return device.compile(SOURCE); }

    private static float[] counting(int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) out[i] = i;
        return out;
    }

    @Test void copiesThereAndBackInPieces() {
        float[] values = counting(1000);
        long block = device.upload(values);
        assertArrayEquals(values, device.floats(block, 1000));
    }

    @Test void reducesInSharedMemory() {
        long in = device.upload(counting(1000)), out = device.memory(4);
        try (KernelModule module = module()) {
            module.function("sum").launch(stream, 1, 256, 0, new KernelArguments().pointer(in).pointer(out).integer(1000));
            assertArrayEquals(new float[] {499500}, device.floats(out, 1));
        }
    }

    @Test void dynamicSharedMemory() {
        long block = device.upload(counting(64));
        try (KernelModule module = module()) {
            module.function("reversed").launch(stream, 1, 64, 60 << 10, new KernelArguments().pointer(block));
            float[] out = device.floats(block, 64);
            assertEquals(63, out[0]);
            assertEquals(0, out[63]);
        }
    }

    @Test void blocksThatWaitForEachOther() {
        int blocks = 3, threads = 64, rounds = 4;
        float[] want = counting(blocks * threads);
        for (int r = 0; r < rounds; r++) {
            float[] before = want.clone();
            for (int i = 0; i < want.length; i++) want[i] += before[(i / threads + blocks - 1) % blocks * threads + threads - 1 - i % threads];
        }
        long block = device.upload(counting(blocks * threads)), arrived = device.upload(0f);
        try (KernelModule module = module()) {
            KernelArguments arguments = new KernelArguments().pointer(block).pointer(arrived).integer(rounds);
            module.function("turns").launchTogether(stream, blocks, threads, 4 * threads, arguments);
            assertArrayEquals(want, device.floats(block, want.length));
        }
    }

    /** As many as the multiprocessors have room for. */
    @Test void tooManyBlocksAtOnceAreRefused() {
        try (KernelModule module = module()) {
            KernelArguments arguments = new KernelArguments().pointer(device.upload(0f)).pointer(device.upload(0f)).integer(0);
            KernelFunction turns = module.function("turns");
            turns.launchTogether(stream, 2, 1024, 60 << 10, arguments);
            CudaCallException e = assertThrows(CudaCallException.class, () -> turns.launchTogether(stream, 3, 1024, 60 << 10, arguments));
            assertTrue(e.getMessage().contains("CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE"), e.getMessage());
        }
    }

    @Test void anotherStreamWaitsForAnEvent() {
        CudaEmulation.set("lazy", 1);
        long block = device.upload(counting(4));
        KernelArguments arguments = new KernelArguments().pointer(block).integer(4);
        try (KernelModule module = module(); Stream other = new Stream(context); Event event = Event.forOrder(context);
             PinnedBuffer host = new PinnedBuffer(context, 16)) {
            module.function("increment").launch(stream, 1, 32, 0, arguments);
            event.record(stream);
            assertFalse(event.isReached());
            other.await(event);
            other.copyOut(host.segment().address(), block, 16);
            other.synchronize();
            assertTrue(event.isReached());
            assertArrayEquals(new float[] {1, 2, 3, 4}, host.segment().toArray(JAVA_FLOAT));
        }
    }

    @Test void aForgottenEventShowsInTheLazyMode() {
        CudaEmulation.set("lazy", 1);
        long block = device.upload(counting(4));
        try (KernelModule module = module(); Stream other = new Stream(context); PinnedBuffer host = new PinnedBuffer(context, 16)) {
            stream.synchronize();
            module.function("increment").launch(stream, 1, 32, 0, new KernelArguments().pointer(block).integer(4));
            other.copyOut(host.segment().address(), block, 16);
            other.synchronize();
            assertArrayEquals(new float[] {0, 1, 2, 3}, host.segment().toArray(JAVA_FLOAT), "read before it was written");
        }
    }

    @Test void recordsOnceAndReplays() {
        long block = device.upload(counting(4));
        try (KernelModule module = module()) {
            KernelFunction increment = module.function("increment");
            KernelArguments arguments = new KernelArguments().pointer(block).integer(4);
            try (ExecutableGraph graph = ExecutableGraph.record(stream, () -> {
                increment.launch(stream, 1, 32, 0, arguments);
                increment.launch(stream, 1, 32, 0, arguments);
            })) {
                arguments.clear();
                assertEquals(2, graph.nodes());
                assertArrayEquals(counting(4), device.floats(block, 4), "recording runs nothing");
                graph.launch(stream);
                graph.launch(stream);
                assertArrayEquals(new float[] {4, 5, 6, 7}, device.floats(block, 4));
            }
        }
    }

    @Test void recordsAcrossStreamsThatJoin() {
        long block = device.upload(counting(4));
        try (KernelModule module = module(); Stream other = new Stream(context); Event fork = Event.forOrder(context);
             Event join = Event.forOrder(context)) {
            KernelFunction increment = module.function("increment");
            KernelArguments arguments = new KernelArguments().pointer(block).integer(4);
            Runnable forking = () -> {
                fork.record(stream);
                other.await(fork);
                increment.launch(other, 1, 32, 0, arguments);
            };
            CudaException e = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, forking));
            assertTrue(e.getMessage().contains("CAPTURE_UNJOINED"), e.getMessage());
            try (ExecutableGraph graph = ExecutableGraph.record(stream, () -> {
                forking.run();
                stream.await(join.record(other));
            })) {
                graph.launch(stream);
                assertArrayEquals(new float[] {1, 2, 3, 4}, device.floats(block, 4));
            }
        }
    }

    /** Fills of x, copies of it to a and b, and what becomes of x then. */
    private float[] branched(int[]... before) {
        long x = device.upload(5), a = device.upload(6), b = device.upload(7);
        try (ExecutableGraph graph = ExecutableGraph.record(stream, before, part -> {
            switch (part) {
                case 0 -> stream.fill(x, (byte) 0, 4);
                case 1 -> stream.copy(a, x, 4);
                case 2 -> stream.copy(b, x, 4);
                default -> stream.fill(x, (byte) 0x3f, 4);
            }
        })) {
            graph.launch(stream);
            return new float[] {device.floats(x, 1)[0], device.floats(a, 1)[0], device.floats(b, 1)[0]};
        }
    }

    private static final float FILLED = Float.intBitsToFloat(0x3f3f3f3f);

    @Test void recordsBranches() {
        assertTrue(ExecutableGraph.canBranch());
        assertArrayEquals(new float[] {FILLED, 0, 0}, branched(new int[0], new int[] {0}, new int[] {0}, new int[] {2, 1}));
        assertEquals(2, CudaEmulation.get("graph_width"));
    }

    /** What is recorded later runs first unless it must not. */
    @Test void aForgottenDependencyOfABranchShows() {
        assertArrayEquals(new float[] {FILLED, 0, 5}, branched(new int[0], new int[] {0}, new int[0], new int[] {2, 1}), "read before it was written");
        assertArrayEquals(new float[] {FILLED, FILLED, 0}, branched(new int[0], new int[] {0}, new int[] {0}, new int[] {2}), "overwritten before it was read");
    }

    /** Each second launch runs branches in turns. */
    @Test void sharedMemoryOfBranchesShows() {
        long x = device.upload(5), a = device.upload(6), b = device.upload(7);
        try (ExecutableGraph graph = ExecutableGraph.record(stream, new int[][] {{}, {}}, part -> {
            stream.fill(x, (byte) (part == 0 ? 0 : 0x3f), 4);
            stream.copy(part == 0 ? a : b, x, 4);
        })) {
            assertEquals(4, graph.nodes());
            graph.launch(stream);
            assertArrayEquals(new float[] {0, FILLED}, new float[] {device.floats(a, 1)[0], device.floats(b, 1)[0]});
            graph.launch(stream);
            assertArrayEquals(new float[] {0, 0}, new float[] {device.floats(a, 1)[0], device.floats(b, 1)[0]}, "the second fill came before both copies");
        }
    }

    @Test void waitingOrAllocatingSpoilsARecording() {
        for (Runnable work : List.<Runnable>of(stream::synchronize, context::synchronize, () -> device.memory(8))) {
            CudaException e = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, work));
            assertTrue(e.getMessage().contains("CAPTURE_UNSUPPORTED"), e.getMessage());
            stream.synchronize();
        }
    }

    /** Whoever does it: all streams of a context are waited for, the recorded one among them. */
    @Test void waitingForTheContextSpoilsEveryRecording() {
        AtomicReference<CudaException> there = new AtomicReference<>();
        CudaException here = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, () ->
            CompletableFuture.runAsync(() -> there.set(assertThrows(CudaCallException.class, context::synchronize)), work -> Thread.ofPlatform().start(work)).join()));
        assertTrue(there.get().getMessage().contains("CAPTURE_UNSUPPORTED"), there.get().getMessage());
        assertTrue(here.getMessage().contains("CAPTURE_INVALIDATED"), here.getMessage());
        context.synchronize();
    }

    /** Such calls wait for the context, too, but not as long as something is recorded. */
    @Test void handlesOfLibrariesAreMadeBetweenRecordings() {
        long workspace = device.memory(1024);
        for (Supplier<AutoCloseable> make : List.<Supplier<AutoCloseable>>of(() -> new Blas(stream, workspace, 1024), () -> new BlasLt(stream), () -> new Dnn(stream))) {
            CompletableFuture<Void> madeAndClosed = new CompletableFuture<>();
            Thread other = Thread.ofPlatform().unstarted(() -> madeAndClosed.completeAsync(() -> closed(make), Runnable::run));
            try (ExecutableGraph graph = ExecutableGraph.record(stream, () -> {
                other.start();
                while (other.getState() != Thread.State.TIMED_WAITING && other.getState() != Thread.State.TERMINATED) Thread.onSpinWait();
            })) {
                madeAndClosed.join();
                assertEquals(0, graph.nodes());
            }
        }
    }

    private static Void closed(Supplier<AutoCloseable> make) {
        try (AutoCloseable _ = make.get()) {
            return null;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test void aHandleThatIsMadeByWhoRecordsSpoilsTheRecording() {
        CudaException e = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, () -> new BlasLt(stream)));
        assertTrue(e.getMessage().contains("cublasLtCreate"), e.getMessage());
    }

    @Test void whatIsRecordedCannotWaitForWhatIsNot() {
        try (Stream other = new Stream(context); Event before = Event.forOrder(context).record(other)) {
            CudaException e = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, () -> stream.await(before)));
            assertTrue(e.getMessage().contains("CAPTURE_ISOLATION"), e.getMessage());
        }
    }

    @Test void findsWhatEachLibraryIs() {
        assertEquals(List.of("CUDA driver", "NVRTC", "cuBLASLt", "cuBLAS", "cuDNN", "JCuda"), Cuda.findings().stream().map(Cuda.Finding::library).toList());
        assertTrue(Cuda.findings().stream().allMatch(Cuda.Finding::found));
        assertTrue(Cuda.findings().get(4).detail().startsWith("9.3.0 for CUDA 12, "), Cuda.findings().get(4).detail());
        assertEquals("Emulated device, sm_80, 4.0 GiB", context.properties().toString());
    }
}
