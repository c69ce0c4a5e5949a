package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import dev.cresset.tensor.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/** Runs generated code on memory of its own until the JIT compiler has compiled it for good. */
final class Warmup {
    /** Lengths of rows on which the speed is measured: of whole vectors, and of a tail alone. */
    private static final int ROW = 1024, TAIL = 3;
    /** Calls after which the compiler will soon be asked for its best code; by which it has been asked in any case. */
    private static final int SOME_CALLS = 4_000, ENOUGH_CALLS = 30_000;
    private static final int CALLS_BETWEEN_PROBES = 500;
    /** For all passes; the compiler may have other things to do. */
    private static final long LIMIT_NANOS = 10_000_000_000L;
    /** How long the speed of scalar code has to stay the same, as its good speed is not known. */
    private static final long STABLE_NANOS = 100_000_000L;
    /** Nanoseconds for each simple operation on a vector: compiled code takes half of one, other code more than ten. */
    private static final double FAST = 4;
    /** What a tail may take: so many nanoseconds for what is around its operations, and a little more for them than in a loop. */
    private static final long AROUND_NANOS = 200, TAIL_STEPS = 4;
    private static final long WAIT_NANOS = 500_000;
    /** How long tails are waited for once the loops are fast. */
    private static final long TAIL_NANOS = 1_000_000_000L;
    /** How long the compiler may take for a pass before it is asked again. */
    private static final long PATIENCE_NANOS = 300_000_000L;

    private final GeneratedLoops code;
    private final long[] addresses;

    private Warmup(GeneratedLoops code, long[] addresses) {
        this.code = code;
        this.addresses = addresses;
    }

    /** @return whether it has become as fast as it will get */
    static boolean run(GeneratedLoops code) {
        try (Arena arena = Arena.ofConfined()) {
            Structure s = code.structure;
            int operands = s.inputs() + s.outputs().size();
            long[] addresses = new long[operands + 1 + code.plan.saved().size()];
            for (int k = 0; k < addresses.length; k++) addresses[k] = arena.allocate(8 * ROW + 8L * s.folds().size(), 64).address();
            for (Dag.Node n : s.nodes()) {
                if (n.op() instanceof Dag.Op.Load(int input, ScalarType t)) fill(addresses[input], t);
            }
            Warmup w = new Warmup(code, addresses);
            long end = System.nanoTime() + LIMIT_NANOS;
            // what one pass made the JVM load may have cost another one its compiled code
            do {
                for (int i = 0; i < code.passes(); i++) w.pass(i, end);
            } while (!w.isFast() && System.nanoTime() < end);
            return w.isFast();
        }
    }

    /** With ones, or a half. */
    private static void fill(long address, ScalarType t) {
        MemorySegment s = MemorySegment.ofAddress(address).reinterpret(8 * ROW);
        for (int i = 0; i < ROW; i++) Elements.setDouble(s, t, i, t.isFloating() ? 0.5 : 1);
    }

    private void pass(int i, long end) {
        int lanes = lanes(i);
        long best = Long.MAX_VALUE, improved = System.nanoTime(), asked = improved, fastSince = Long.MAX_VALUE;
        for (int calls = 0; ; ) {
            if (calls < ENOUGH_CALLS) {
                calls += someCalls(i, lanes);
                asked = System.nanoTime();
            } else if (System.nanoTime() - asked < PATIENCE_NANOS) {
                LockSupport.parkNanos(WAIT_NANOS);
            } else {
                calls = SOME_CALLS;     // compiled code may have been thrown away since: then it takes new calls to ask for more
            }
            if (calls < SOME_CALLS && System.nanoTime() < end) continue;
            long took = probe(i, ROW), now = System.nanoTime();
            if (took < best - best / 8) improved = now;
            best = Math.min(best, took);
            boolean fast = code.vectors(i) ? loopIsFast(i) : calls == ENOUGH_CALLS && now - improved > STABLE_NANOS;
            if (fast) fastSince = Math.min(fastSince, now);
            boolean tailCounts = code.vectors(i) && fast && now - fastSince < TAIL_NANOS;
            if (fast && !(tailCounts && !tailIsFast(i)) || now > end) return;
        }
    }

    private int lanes(int pass) { return code.vectors(pass) ? VectorShapes.LANES : 1; }

    private boolean loopIsFast(int pass) { return probe(pass, ROW) < FAST * code.cost(pass) * ROW / lanes(pass); }

    /** The tail is other code, and the compiler may refuse it; a few microseconds a row then, which the trial of a plan shows. */
    private boolean tailIsFast(int pass) { return probe(pass, TAIL) < AROUND_NANOS + FAST * code.cost(pass) * TAIL_STEPS; }

    private boolean isFast() {
        for (int i = 0; i < code.passes(); i++) if (code.vectors(i) && !loopIsFast(i)) return false;
        return true;
    }

    /**
     * On short rows, as code is slow before it is compiled, and on some longer ones, so that loops are known to be loops. With
     * and without tails, from the beginning and later, since the compiler leaves out what it has never seen.
     */
    private int someCalls(int pass, int lanes) {
        for (int c = 0; c < CALLS_BETWEEN_PROBES; c++) {
            int steps = c % 16 == 0 ? 8 : c % 4 < 3 ? 1 : 0, tail = steps == 0 || c % 32 < 8 ? 1 : 0;
            int from = c % 8 == 5 ? lanes : 0;
            code.run(pass, addresses, from, from + steps * lanes + tail);
        }
        return CALLS_BETWEEN_PROBES;
    }

    /** The shortest of some calls. */
    private long probe(int pass, int elements) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            long start = System.nanoTime();
            code.run(pass, addresses, 0, elements);
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
