package dev.cresset.kernels.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Parts of a recording that need not follow each other, on one stream: what it is given next comes after the nodes that the stream has
 * come to, and those are set anew before each part. Not JCuda's, which has the driver's calls of CUDA 11.2; these are of 11.3, and
 * the libraries of 12 and 13 have them under these names with the same arguments.
 */
final class RecordedBranches {
    private static final int REPLACE = 1;

    private static final class Native {
        static final Optional<MethodHandle> GET = call("cuStreamGetCaptureInfo_v2", JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS),
            SET = call("cuStreamUpdateCaptureDependencies", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT);

        private static Optional<MethodHandle> call(String name, MemoryLayout... arguments) {
            return Cuda.driver().find(name).map(f -> Linker.nativeLinker().downcallHandle(f, FunctionDescriptor.of(JAVA_INT, arguments)));
        }
    }

    private final Stream stream;

    /** @param stream which is being recorded */
    RecordedBranches(Stream stream) { this.stream = stream; }

    static boolean isAvailable() { return Native.GET.isPresent() && Native.SET.isPresent(); }

    /** @param before for each part, those before it that it comes after */
    void record(int[][] before, IntConsumer part) {
        long[] start = nodes();
        long[][] ends = new long[before.length][];      // nodes that a part ends with; what comes after them comes after all of the part
        boolean[] followed = new boolean[before.length];
        for (int i = 0; i < ends.length; i++) {
            for (int b : before[i]) followed[b] = true;
            comeAfter(before[i].length == 0 ? start : nodes(Arrays.stream(before[i]).mapToObj(b -> ends[b])));
            part.accept(i);
            ends[i] = nodes();
        }
        comeAfter(nodes(IntStream.range(0, ends.length).filter(i -> !followed[i]).mapToObj(i -> ends[i])));
    }

    private static long[] nodes(java.util.stream.Stream<long[]> ends) { return ends.flatMapToLong(LongStream::of).distinct().toArray(); }

    /** What the next node of the stream comes after. */
    private long[] nodes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(JAVA_INT), nodes = arena.allocate(ADDRESS), count = arena.allocate(JAVA_LONG), none = MemorySegment.NULL;
            stream.context().check(invoke(() -> (int) Native.GET.orElseThrow().invokeExact(stream.address(), status, none, none, nodes, count)),
                "cuStreamGetCaptureInfo");
            long n = count.get(JAVA_LONG, 0);
            return n == 0 ? new long[0] : nodes.get(ADDRESS, 0).reinterpret(n * Long.BYTES).toArray(JAVA_LONG);
        }
    }

    private void comeAfter(long[] nodes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(Math.max(1, nodes.length) * (long) Long.BYTES, Long.BYTES);
            MemorySegment.copy(nodes, 0, all, JAVA_LONG, 0, nodes.length);
            stream.context().check(invoke(() -> (int) Native.SET.orElseThrow().invokeExact(stream.address(), all, (long) nodes.length, REPLACE)),
                "cuStreamUpdateCaptureDependencies");
        }
    }

    private interface Call { int run() throws Throwable; }

    private static int invoke(Call call) {
        try {
            return call.run();
        } catch (Throwable t) {
            throw new IllegalStateException("the driver cannot be called", t);
        }
    }
}
