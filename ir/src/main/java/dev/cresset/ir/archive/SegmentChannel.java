package dev.cresset.ir.archive;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A memory segment to be read as a channel, with a limit on how much may be read in all until the limit is lifted. */
final class SegmentChannel implements SeekableByteChannel {
    private final MemorySegment segment;
    private long position;
    private long allowance;

    SegmentChannel(MemorySegment segment, long allowance) {
        this.segment = segment;
        this.allowance = allowance;
    }

    void lift() { allowance = Long.MAX_VALUE; }

    @Override public int read(ByteBuffer to) throws IOException {
        long left = segment.byteSize() - position;
        if (left <= 0) return to.hasRemaining() ? -1 : 0;
        int n = (int) Math.min(left, to.remaining());
        if (n > allowance) throw new IOException("its list of entries is larger than any model's");
        allowance -= n;
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, MemorySegment.ofBuffer(to), ValueLayout.JAVA_BYTE,
                0, n);
        to.position(to.position() + n);
        position += n;
        return n;
    }

    @Override public int write(ByteBuffer from) { throw new NonWritableChannelException(); }

    @Override public SeekableByteChannel truncate(long size) { throw new NonWritableChannelException(); }

    @Override public long position() { return position; }

    @Override public SeekableByteChannel position(long newPosition) throws IOException {
        if (newPosition < 0) throw new IOException("an offset before the beginning of the file");
        position = newPosition;
        return this;
    }

    @Override public long size() { return segment.byteSize(); }

    @Override public boolean isOpen() { return true; }

    @Override public void close() {}
}
