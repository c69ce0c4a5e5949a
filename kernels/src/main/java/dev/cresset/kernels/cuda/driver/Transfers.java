package dev.cresset.kernels.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Copies between ordinary host memory and a device, through pinned pieces that are used in turn: while the device copies
 * one, the host fills or empties the next. For one thread at a time, on one stream.
 */
public final class Transfers implements AutoCloseable {
    private static final long PIECE_BYTES = 4 << 20;
    private static final int PIECES = 2;

    private static final class Piece {
        final PinnedBuffer buffer;
        final Event done;

        Piece(DeviceContext context, long bytes) {
            buffer = new PinnedBuffer(context, bytes);
            done = Event.forOrder(context);
        }
    }

    private final Stream stream;
    private final long pieceBytes;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();

    public Transfers(Stream stream) { this(stream, PIECE_BYTES); }

    Transfers(Stream stream, long pieceBytes) {
        this.stream = stream;
        this.pieceBytes = pieceBytes;
    }

    /** Copies bytes to the device. When it returns the host memory has been read; the device's is written in the stream's order. */
    public void toDevice(MemorySegment host, long device, long total) {
        for (long at = 0; at < total; at += pieceBytes) {
            long bytes = Math.min(pieceBytes, total - at);
            Piece piece = next();
            MemorySegment.copy(host, at, piece.buffer.segment(), 0, bytes);
            stream.copyIn(device + at, piece.buffer.segment().address(), bytes);
            piece.done.record(stream);
        }
    }

    /** Copies bytes from the device, what it holds when the stream gets there, and waits for it. */
    public void toHost(long device, MemorySegment host, long total) {
        Piece before = null;
        long copiedAt = 0;
        for (long at = 0; at < total; at += pieceBytes) {
            Piece piece = next();
            stream.copyOut(piece.buffer.segment().address(), device + at, Math.min(pieceBytes, total - at));
            piece.done.record(stream);
            if (before != null) finish(before, host, copiedAt, total);
            before = piece;
            copiedAt = at;
        }
        if (before != null) finish(before, host, copiedAt, total);
    }

    /** A piece that the device has done with. */
    private Piece next() {
        Piece piece = pieces.size() < PIECES ? new Piece(stream.context(), pieceBytes) : pieces.removeFirst();
        pieces.addLast(piece);
        piece.done.synchronize();
        return piece;
    }

    private void finish(Piece piece, MemorySegment host, long at, long total) {
        piece.done.synchronize();
        MemorySegment.copy(piece.buffer.segment(), 0, host, at, Math.min(pieceBytes, total - at));
    }

    @Override public void close() {
        for (Piece piece : pieces) {
            if (!stream.context().isLost()) piece.done.synchronize();
            piece.done.close();
            piece.buffer.close();
        }
        pieces.clear();
    }
}
