package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Steps come after those whose memory they need, and after no others. */
class StepOrderTest {
    private record Fake(List<Place> reads, List<Place> writes, List<Buffer> works, boolean runsAlone) implements Step {
        @Override public Action bind(Frame frame) { throw new IllegalStateException("not to be run"); }

        @Override public String label() { return "fake"; }

        @Override public String text() { return "fake " + reads + " -> " + writes; }
    }

    private final List<Buffer> buffers = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    private Buffer buffer(Buffer.Kind kind, long bytes) {
        Buffer b = new Buffer(buffers.size(), kind, bytes);
        buffers.add(b);
        return b;
    }

    private Buffer internal() { return buffer(Buffer.Kind.INTERNAL, 64); }

    private static Place place(Buffer b) { return new Place(b, ScalarType.UINT8, 0, new long[] {b.bytes}, new long[] {1}); }

    private void step(List<Buffer> reads, Buffer write, Buffer... works) { step(false, reads, write, works); }

    private void step(boolean alone, List<Buffer> reads, Buffer write, Buffer... works) {
        steps.add(new Fake(reads.stream().map(StepOrderTest::place).toList(), List.of(place(write)), List.of(works), alone));
        for (Buffer b : steps.getLast().buffers()) b.usedAt(steps.size() - 1);
    }

    private static void order(StepOrder order, int[]... before) {
        assertTrue(Arrays.deepEquals(before, order.before()), () -> Arrays.deepToString(order.before()));
    }

    private static int[] after(int... steps) { return steps; }

    /** One input, two branches of two steps and one, joined; what comes before another one is not named. */
    @Test void branchesThatJoin() {
        Buffer in = buffer(Buffer.Kind.INPUT, 64), weight = buffer(Buffer.Kind.CONSTANT, 64), x = internal(), a = internal(), b = internal(), c = internal();
        step(List.of(in, weight), x);
        step(List.of(x, weight), a);
        step(List.of(a), b);
        step(List.of(x, weight), c);
        step(List.of(b, c, x), buffer(Buffer.Kind.RESULT, 64));
        StepOrder order = StepOrder.ofTensors(steps);
        order(order, after(), after(0), after(1), after(0), after(3, 2));
        assertEquals(4, order.depth());
        assertFalse(order.isChain());
        assertTrue(order.comesBefore(0, 4) && order.comesBefore(1, 4));
        assertFalse(order.comesBefore(1, 3) || order.comesBefore(2, 3));
    }

    @Test void whoOverwritesComesAfterWhoReads() {
        Buffer in = buffer(Buffer.Kind.INPUT, 64), x = internal(), y = internal();
        step(List.of(in), x);
        step(List.of(x), y);
        step(List.of(in), x);
        order(StepOrder.ofTensors(steps), after(), after(0), after(1));
    }

    @Test void sameBytesOfTheBlockAreSameMemory() {
        Buffer in = buffer(Buffer.Kind.INPUT, 64), x = internal(), y = internal(), scratch = internal(), other = internal();
        step(List.of(in), x, scratch);
        step(List.of(in), y, other);
        order(StepOrder.ofTensors(steps), after(), after());
        y.offset = 64;
        scratch.offset = 128;
        other.offset = 192;
        order(StepOrder.ofMemory(steps, Set.of()), after(), after());
        other.offset = 128 + 63;
        order(StepOrder.ofMemory(steps, Set.of()), after(), after(0));
    }

    @Test void whatSharesOtherMemoryAndWhatNeedsTheDevice() {
        Buffer in = buffer(Buffer.Kind.INPUT, 64);
        for (int i = 0; i < 6; i++) step(i == 3, List.of(in), buffer(Buffer.Kind.RESULT, 64));
        order(StepOrder.ofMemory(steps, Set.of(0, 2, 5)), after(), after(), after(0), after(2, 1), after(3), after(3));
        order(StepOrder.chain(3), after(), after(0), after(1));
        assertTrue(StepOrder.chain(3).isChain() && StepOrder.chain(0).isChain());
    }

    @Test void tooManyStepsAreAChain() {
        Buffer in = buffer(Buffer.Kind.INPUT, 64);
        for (int i = 0; i <= StepOrder.MOST; i++) step(List.of(in), buffer(Buffer.Kind.RESULT, 64));
        assertTrue(StepOrder.ofTensors(steps).isChain());
    }

    /** Random steps on one block of memory, run in a random order of those that are possible, read what they read in the given order. */
    @RepeatedTest(100) void anyPossibleOrderIsRight(RepetitionInfo info) {
        Random r = new Random(info.getCurrentRepetition());
        List<Buffer> made = new ArrayList<>(List.of(buffer(Buffer.Kind.INPUT, 64)));
        for (int i = 0; i < 30; i++) {
            Set<Buffer> reads = new LinkedHashSet<>();
            for (int k = 0; k < 1 + r.nextInt(2); k++) reads.add(made.get(Math.max(0, made.size() - 1 - r.nextInt(8))));
            Buffer[] works = r.nextInt(3) == 0 ? new Buffer[] {buffer(Buffer.Kind.INTERNAL, 1 + r.nextInt(300))} : new Buffer[0];
            Buffer write = buffer(Buffer.Kind.INTERNAL, 1 + r.nextInt(200));
            step(List.copyOf(reads), write, works);
            made.add(write);
        }
        boolean wide = r.nextBoolean();
        long block = wide ? MemoryPlan.place(buffers, steps, StepOrder.ofTensors(steps)) : MemoryPlan.place(buffers);
        StepOrder order = StepOrder.ofMemory(steps, Set.of());
        if (wide) order(order, StepOrder.ofTensors(steps).before());     // there is room for all of it
        long[] want = run(StepOrder.chain(steps.size()), block, r);
        for (int k = 0; k < 5; k++) assertArrayEquals(want, run(order, block, r));
    }

    /** What each step has read, as a number. */
    private long[] run(StepOrder order, long blockBytes, Random r) {
        long[] seen = new long[steps.size()];
        byte[] block = new byte[(int) blockBytes];
        BitSet done = new BitSet();
        while (done.cardinality() < seen.length) {
            int[] ready = IntStream.range(0, seen.length)
                .filter(i -> !done.get(i) && Arrays.stream(order.before()[i]).allMatch(done::get)).toArray();
            int i = ready[r.nextInt(ready.length)];
            Step s = steps.get(i);
            seen[i] = i;
            for (Place p : s.reads()) if (p.buffer().kind() == Buffer.Kind.INTERNAL) seen[i] = 31 * seen[i] + Arrays.hashCode(bytes(block, p.buffer()));
            Set<Buffer> written = new HashSet<>(s.works());
            s.writes().forEach(p -> written.add(p.buffer()));
            Random content = new Random(seen[i]);
            for (Buffer b : written) for (long k = b.offset; k < b.offset + b.bytes; k++) block[(int) k] = (byte) content.nextInt();
            done.set(i);
        }
        return seen;
    }

    private static byte[] bytes(byte[] block, Buffer b) { return Arrays.copyOfRange(block, (int) b.offset, (int) (b.offset + b.bytes)); }
}
