package dev.cresset.kernels.cuda;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.kernels.cuda.driver.DeviceAllocator;
import dev.cresset.kernels.cuda.driver.Stream;
import dev.cresset.kernels.cuda.driver.Transfers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What kernels found wrong with their input while nobody waited for them: an index out of range. Each launch that can find
 * something has three int64 of device memory – whether it did, and two numbers that say what – which the host reads when the
 * call ends, so that a call fails as it does on the CPU, but for what it did in between.
 *
 * <p>Not safe from several threads; {@link CudaStream} takes care of that.
 */
final class DeviceChecks implements AutoCloseable {
    private static final int MOST = 256, WORDS = 3;
    /** Of the words for one launch. */
    static final int BYTES = WORDS * Long.BYTES;
    static final long ALL_BYTES = (long) MOST * BYTES;

    /** The error for what a kernel noted. */
    interface Report { ScriptError of(long first, long second); }

    private final DeviceAllocator allocator;
    private final Stream stream;
    private final Transfers transfers;
    private final List<Report> reports = new ArrayList<>();
    private final MemorySegment found = Arena.ofAuto().allocate(ALL_BYTES, Long.BYTES);
    private DeviceAllocator.Block block;

    DeviceChecks(DeviceAllocator allocator, Stream stream, Transfers transfers) {
        this.allocator = allocator;
        this.stream = stream;
        this.transfers = transfers;
    }

    boolean isAllocated() { return block != null; }

    /** The address of the words for one launch. @throws ScriptError if all are taken and something was found before */
    long add(Report report) {
        allocate();
        if (reports.size() == MOST) raise();
        reports.add(report);
        return block.address() + (long) (reports.size() - 1) * BYTES;
    }

    /** Takes over what launches noted in words of their own, which are 0 again afterwards. @throws ScriptError as {@link #add} */
    void addAll(List<Report> others, long words) {
        allocate();
        for (int from = 0; from < others.size(); from += MOST) {
            List<Report> some = others.subList(from, Math.min(from + MOST, others.size()));
            if (reports.size() + some.size() > MOST) raise();
            stream.copy(block.address() + (long) reports.size() * BYTES, words + (long) from * BYTES, (long) some.size() * BYTES);
            reports.addAll(some);
        }
        stream.fill(words, (byte) 0, (long) others.size() * BYTES);
    }

    private void allocate() {
        if (block != null) return;
        block = allocator.take(ALL_BYTES, stream);
        stream.fill(block.address(), (byte) 0, ALL_BYTES);
    }

    /** Waits for all that can find something. @throws ScriptError for the first launch that did */
    void raise() {
        if (reports.isEmpty()) return;
        List<Report> asked = List.copyOf(reports);
        reports.clear();
        transfers.toHost(block.address(), found, (long) asked.size() * BYTES);
        for (int i = 0; i < asked.size(); i++) {
            if (word(i, 0) == 0) continue;
            stream.fill(block.address(), (byte) 0, (long) asked.size() * BYTES);
            throw asked.get(i).of(word(i, 1), word(i, 2));
        }
    }

    private long word(int launch, int i) { return found.getAtIndex(ValueLayout.JAVA_LONG, (long) launch * WORDS + i); }

    @Override public void close() {
        if (block != null) allocator.giveBack(block, stream);
    }
}
