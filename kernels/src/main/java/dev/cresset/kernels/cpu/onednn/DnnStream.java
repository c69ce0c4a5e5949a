package dev.cresset.kernels.cpu.onednn;

/** What prepared calls run on, one after the other; for one thread at a time. */
public final class DnnStream implements AutoCloseable {
    private final long handle;

    DnnStream(long engine) { handle = OneDnnLibrary.createStream(engine); }

    long handle() { return handle; }

    @Override public void close() { OneDnnLibrary.destroy(OneDnnLibrary.Kind.STREAM, handle); }
}
