package dev.cresset.kernels.cpu.onednn;

import dev.cresset.ir.type.ScalarType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A primitive that is kept and run often on memory whose place the caller knows: a run only gives it to the library. Its
 * arguments have places 0, 1, …: of a product A, B, C, bias; of a convolution source, weights, result, bias; of other
 * calls source, result; then come the operands of binary post-ops. Owns the primitive.
 */
public final class PreparedCall implements AutoCloseable {
    private final DnnPrimitive primitive;

    PreparedCall(DnnPrimitive primitive) { this.primitive = primitive; }

    /** How this argument must lie. */
    public DnnLayout layout(int place) { return primitive.layoutAt(place); }

    public int argumentCount() { return primitive.argumentCount(); }

    /** Bytes of memory that a run works in; 0 for none. */
    public long scratchBytes() { return primitive.scratchBytes(); }

    /** Which of the library's kernels it is. */
    public String kernelName() { return primitive.name(); }

    public int threads() { return primitive.threads(); }

    /** No {@link Bound} of it may be in use. */
    @Override public void close() { primitive.retire(); }

    /** The call with room for the addresses of its arguments; they must be valid while it runs. */
    public Bound bind(DnnStream stream) { return new Bound(stream); }

    /** For one thread at a time. */
    public final class Bound implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final long stream;
        private final long handle = primitive.handle();
        private final int threads = primitive.threads();
        private final long[] memories;
        private final long[] addresses;
        private final MemorySegment list;   // dnnl_exec_arg_t of {int arg; dnnl_memory_t memory}, 16 bytes each
        private final long listAddress;

        private Bound(DnnStream on) {
            int fixed = argumentCount();
            int count = fixed + (scratchBytes() > 0 ? 1 : 0);
            stream = on.handle();
            memories = new long[count];
            addresses = new long[count];
            list = arena.allocate(16L * count, 8);
            listAddress = list.address();
            for (int i = 0; i < count; i++) {
                memories[i] = primitive.memory(i < fixed ? layout(i) : DnnLayout.contiguous(ScalarType.UINT8, scratchBytes()));
                list.set(ValueLayout.JAVA_INT, 16L * i, i < fixed ? primitive.argument(i) : Dnn.ARG_SCRATCHPAD);
                list.set(ValueLayout.JAVA_LONG, 16L * i + 8, memories[i]);
            }
        }

        /** Gives the argument at this place its memory; the scratchpad's place comes after all others. */
        public void set(int place, long address) {
            if (addresses[place] == address) return;
            addresses[place] = address;
            OneDnnLibrary.setData(memories[place], address);
        }

        public void run() {
            OneDnnLibrary.setThreads(threads);  // belongs to the carrier thread, and a primitive must run as it was made
            if (threads > 1) LibraryTeam.used();
            int status = OneDnnLibrary.execute(handle, stream, memories.length, listAddress);
            if (status != Dnn.SUCCESS) throw OneDnnLibrary.failure(status, primitive.doing());
        }

        @Override public void close() {
            Arrays.stream(memories).forEach(m -> OneDnnLibrary.destroy(OneDnnLibrary.Kind.MEMORY, m));
            arena.close();
        }
    }
}
