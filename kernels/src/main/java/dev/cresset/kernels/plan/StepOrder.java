package dev.cresset.kernels.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which of the steps before it each step must come after. Steps of which neither comes after the other, directly or by way of others, may run
 * at once: they are branches. Positions are those in the list of steps, which is one of the possible orders.
 *
 * <p>A step comes after another one if both use the same memory and one of them writes it. Buffers are taken as a whole, as kernels may see
 * more of them than what their places say.
 */
final class StepOrder {
    /** Of more steps each is said to come after all others: what is kept while it is found out grows with the square of their number. */
    static final int MOST = 4096;

    private final int[][] before;
    private final BitSet[] all;     // before each, by way of others, too; null if the steps are a chain

    /** The memory of a step. @param alone nothing may run beside it @param shares it works in what other steps work in, too */
    private record Use(List<Buffer> reads, List<Buffer> writes, boolean alone, boolean shares) {
        static Use of(Step s, boolean shares) {
            Set<Buffer> writes = new LinkedHashSet<>(s.works()), reads = new LinkedHashSet<>(s.buffers());
            s.writes().forEach(p -> writes.add(p.buffer()));
            reads.removeIf(b -> writes.contains(b) || b.kind() == Buffer.Kind.CONSTANT);
            return new Use(List.copyOf(reads), List.copyOf(writes), s.runsAlone(), shares);
        }

        boolean mustFollow(Use earlier, BiPredicate<Buffer, Buffer> meet) {
            return alone || earlier.alone || shares && earlier.shares || meet(reads, earlier.writes, meet) || meet(writes, earlier.reads, meet)
                || meet(writes, earlier.writes, meet);
        }

        private static boolean meet(List<Buffer> some, List<Buffer> others, BiPredicate<Buffer, Buffer> meet) {
            for (Buffer a : some) for (Buffer b : others) if (meet.test(a, b)) return true;
            return false;
        }
    }

    private StepOrder(int[][] before, BitSet[] all) {
        this.before = before;
        this.all = all;
    }

    /** What tensors ask for: whoever reads one comes after who wrote it. No buffer need have its place in the block. */
    static StepOrder ofTensors(List<Step> steps) { return of(steps, _ -> false, (a, b) -> a == b); }

    /**
     * What memory asks for: buffers of the block may have been given the same bytes.
     *
     * @param shares steps that work in memory which is none of the plan's buffers, by position: it is the same for all of them
     */
    static StepOrder ofMemory(List<Step> steps, Set<Integer> shares) { return of(steps, shares::contains, StepOrder::overlap); }

    private static boolean overlap(Buffer a, Buffer b) {
        boolean inBlock = a.kind() == Buffer.Kind.INTERNAL && b.kind() == Buffer.Kind.INTERNAL;
        return a == b || inBlock && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
    }

    private static StepOrder of(List<Step> steps, IntPredicate shares, BiPredicate<Buffer, Buffer> meet) {
        int n = steps.size();
        if (n > MOST) return chain(n);
        List<Use> uses = new ArrayList<>();
        for (int i = 0; i < n; i++) uses.add(Use.of(steps.get(i), shares.test(i)));
        int[][] before = new int[n][];
        BitSet[] all = new BitSet[n];
        for (int i = 0; i < n; i++) {
            all[i] = new BitSet(i);
            IntStream.Builder direct = IntStream.builder();
            for (int j = i - 1; j >= 0; j = all[i].previousClearBit(j - 1)) {     // from the last on, so that who comes before another one is left out
                if (!uses.get(i).mustFollow(uses.get(j), meet)) continue;
                direct.add(j);
                all[i].or(all[j]);
                all[i].set(j);
            }
            before[i] = direct.build().toArray();
        }
        return new StepOrder(before, all);
    }

    /** Steps that all follow each other. */
    static StepOrder chain(int steps) { return new StepOrder(IntStream.range(0, steps).mapToObj(i -> i == 0 ? new int[0] : new int[] {i - 1}).toArray(int[][]::new), null); }

    int steps() { return before.length; }

    /** For each step those that it must come after, the last first, without those that come before another one of them. */
    int[][] before() { return before; }

    /** Whether a step must come before a later one, directly or by way of others. */
    boolean comesBefore(int step, int later) { return all == null ? step < later : all[later].get(step); }

    /** How many steps the longest chain has. */
    int depth() {
        int[] depth = new int[steps()];
        for (int i = 0; i < depth.length; i++) depth[i] = 1 + Arrays.stream(before[i]).map(j -> depth[j]).max().orElse(0);
        return Arrays.stream(depth).max().orElse(0);
    }

    /** True if no step may run beside another one. */
    boolean isChain() { return depth() == steps(); }
}
