package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.kernels.cuda.CudaEmulation;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EmulatedCuda
class DriverTest {
    private static final String SUM = """
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
            extern __shared__ float all[];
            all[threadIdx.x] = p[threadIdx.x];
            __syncthreads();
            p[threadIdx.x] = all[blockDim.x - 1 - threadIdx.x];
        }
        """;

    private DeviceContext context;
    private Stream stream;
    private DeviceAllocator allocator;
    private Transfers transfers;

    @BeforeEach void open() {
        context = DeviceContext.open(0);
        stream = new Stream(context);
        allocator = new DeviceAllocator(context);
        transfers = new Transfers(stream, 256);
    }

    @AfterEach void close() {
        transfers.close();
        assertEquals(0, allocator.statistics().liveBlocks(), "blocks that were not given back");
        allocator.close();
        stream.close();
        context.close();
    }

    private KernelModule module() {
        return new KernelModule(context, Nvrtc.compile("sum.cu", SUM, context.properties().architecture(), List.of()));
    }

    private DeviceAllocator.Block upload(float... values) {
        DeviceAllocator.Block block = allocator.take(values.length * 4L, stream);
        transfers.toDevice(MemorySegment.ofArray(values), block.address());
        return block;
    }

    private float[] download(DeviceAllocator.Block block, int count) {
        float[] out = new float[count];
        transfers.toHost(block.address(), MemorySegment.ofArray(out));
        return out;
    }

    private static float[] counting(int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) out[i] = i;
        return out;
    }

    @Test void copiesThereAndBackInPieces() {
        float[] values = counting(1000);
        DeviceAllocator.Block block = upload(values);
        assertArrayEquals(values, download(block, 1000));
        allocator.giveBack(block, stream);
    }

    @Test void reducesInSharedMemory() {
        DeviceAllocator.Block in = upload(counting(1000)), out = allocator.take(4, stream);
        try (KernelModule module = module()) {
            module.function("sum").launch(stream, 1, 256, 0, new KernelArguments().pointer(in.address()).pointer(out.address()).integer(1000));
            assertArrayEquals(new float[] {499500}, download(out, 1));
        }
        allocator.giveBack(in, stream);
        allocator.giveBack(out, stream);
    }

    @Test void dynamicSharedMemory() {
        DeviceAllocator.Block block = upload(counting(64));
        try (KernelModule module = module()) {
            module.function("reversed").launch(stream, 1, 64, 60 << 10, new KernelArguments().pointer(block.address()));
            float[] out = download(block, 64);
            assertEquals(63, out[0]);
            assertEquals(0, out[63]);
        }
        allocator.giveBack(block, stream);
    }

    @Test void anotherStreamWaitsForAnEvent() {
        CudaEmulation.set("lazy", 1);
        DeviceAllocator.Block block = upload(counting(4));
        KernelArguments arguments = new KernelArguments().pointer(block.address()).integer(4);
        try (KernelModule module = module(); Stream other = new Stream(context); Event event = Event.forOrder(context);
             PinnedBuffer host = new PinnedBuffer(context, 16)) {
            module.function("increment").launch(stream, 1, 32, 0, arguments);
            event.record(stream);
            assertFalse(event.isReached());
            other.await(event);
            other.copyOut(host.segment().address(), block.address(), 16);
            other.synchronize();
            assertTrue(event.isReached());
            assertArrayEquals(new float[] {1, 2, 3, 4}, host.segment().toArray(JAVA_FLOAT));
        }
        allocator.giveBack(block, stream);
    }

    @Test void aForgottenEventShowsInTheLazyMode() {
        CudaEmulation.set("lazy", 1);
        DeviceAllocator.Block block = upload(counting(4));
        try (KernelModule module = module(); Stream other = new Stream(context); PinnedBuffer host = new PinnedBuffer(context, 16)) {
            stream.synchronize();
            module.function("increment").launch(stream, 1, 32, 0, new KernelArguments().pointer(block.address()).integer(4));
            other.copyOut(host.segment().address(), block.address(), 16);
            other.synchronize();
            assertArrayEquals(new float[] {0, 1, 2, 3}, host.segment().toArray(JAVA_FLOAT), "read before it was written");
        }
        allocator.giveBack(block, stream);
    }

    @Test void recordsOnceAndReplays() {
        DeviceAllocator.Block block = upload(counting(4));
        try (KernelModule module = module()) {
            KernelFunction increment = module.function("increment");
            KernelArguments arguments = new KernelArguments().pointer(block.address()).integer(4);
            try (ExecutableGraph graph = ExecutableGraph.record(stream, () -> {
                increment.launch(stream, 1, 32, 0, arguments);
                increment.launch(stream, 1, 32, 0, arguments);
            })) {
                arguments.clear();
                assertEquals(2, graph.nodes());
                assertArrayEquals(counting(4), download(block, 4), "recording runs nothing");
                graph.launch(stream);
                graph.launch(stream);
                assertArrayEquals(new float[] {4, 5, 6, 7}, download(block, 4));
            }
        }
        allocator.giveBack(block, stream);
    }

    @Test void recordsAcrossStreamsThatJoin() {
        DeviceAllocator.Block block = upload(counting(4));
        try (KernelModule module = module(); Stream other = new Stream(context); Event fork = Event.forOrder(context);
             Event join = Event.forOrder(context)) {
            KernelFunction increment = module.function("increment");
            KernelArguments arguments = new KernelArguments().pointer(block.address()).integer(4);
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
                assertArrayEquals(new float[] {1, 2, 3, 4}, download(block, 4));
            }
        }
        allocator.giveBack(block, stream);
    }

    @Test void waitingSpoilsARecording() {
        CudaException e = assertThrows(CudaCallException.class, () -> ExecutableGraph.record(stream, stream::synchronize));
        assertTrue(e.getMessage().contains("CAPTURE_UNSUPPORTED"), e.getMessage());
        stream.synchronize();
    }

    @Test void findsWhatEachLibraryIs() {
        assertEquals(List.of("CUDA driver", "NVRTC", "cuBLAS", "cuDNN", "JCuda"), Cuda.findings().stream().map(Cuda.Finding::library).toList());
        assertTrue(Cuda.findings().stream().allMatch(Cuda.Finding::found));
        assertTrue(Cuda.findings().get(3).detail().startsWith("9.3.0 for CUDA 12, "), Cuda.findings().get(3).detail());
        assertEquals("Emulated device, sm_80, 4.0 GiB", context.properties().toString());
    }
}
