package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The emulated device with all that a test needs; gives back at the end what {@link #upload} and {@link #memory} took. */
final class TestDevice implements AutoCloseable {
    final DeviceContext context = DeviceContext.open(0);
    final Stream stream = new Stream(context);
    final DeviceAllocator allocator = new DeviceAllocator(context, Long.MAX_VALUE, true, () -> false);
    final Transfers transfers = new Transfers(stream, 256);
    private final List<DeviceAllocator.Block> blocks = new ArrayList<>();

    /** The address of so many bytes. */
    long memory(long bytes) {
        blocks.add(allocator.take(bytes, stream));
        return blocks.getLast().address();
    }

    long upload(float... values) { return upload(MemorySegment.ofArray(values)); }

    long upload(double... values) { return upload(MemorySegment.ofArray(values)); }

    long upload(short... values) { return upload(MemorySegment.ofArray(values)); }

    long upload(Tensor t) { return upload(t.toFloatArray()); }

    private long upload(MemorySegment values) {
        long address = memory(values.byteSize());
        transfers.toDevice(values, address, values.byteSize());
        return address;
    }

    float[] floats(long address, int count) {
        float[] out = new float[count];
        download(address, MemorySegment.ofArray(out));
        return out;
    }

    double[] doubles(long address, int count) {
        double[] out = new double[count];
        download(address, MemorySegment.ofArray(out));
        return out;
    }

    short[] shorts(long address, int count) {
        short[] out = new short[count];
        download(address, MemorySegment.ofArray(out));
        return out;
    }

    private void download(long address, MemorySegment to) { transfers.toHost(address, to, to.byteSize()); }

    KernelModule compile(String source) {
        return new KernelModule(context, Nvrtc.compile("test.cu", source, context.properties().architecture(), List.of()));
    }

    @Override public void close() {
        for (DeviceAllocator.Block b : blocks) allocator.giveBack(b, stream);
        transfers.close();
        assertEquals(0, allocator.statistics().liveBlocks(), "blocks that were not given back");
        allocator.close();
        stream.close();
        context.close();
    }
}
