package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/** Runs generated code on memory of its own until the JIT compiler has compiled it for good. */
final class Warmup {
    /** A row on which the speed is measured; all loops of a pass and its tail run. */
    private static final int ROW = 1024 + 21;
    /** Calls after which the compiler will soon be asked for its best code; by which it has been asked in any case. */
    private static final int SOME_CALLS = 5_000, ENOUGH_CALLS = 30_000;
    private static final int CALLS_BETWEEN_PROBES = 500;
    /** For all passes; the compiler may have other things to do. */
    private static final long LIMIT_NANOS = 10_000_000_000L;
    /** How long the speed of scalar code has to stay the same, as its good speed is not known. */
    private static final long STABLE_NANOS = 100_000_000L;
    /** Nanoseconds for each simple operation on a vector: compiled code takes half of one, other code more than ten. */
    private static final double FAST = 4;
    private static final long WAIT_NANOS = 500_000;

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
            boolean fast = true;
            for (int i = 0; i < code.passes(); i++) fast &= w.pass(i, end);
            return fast;
        }
    }

    /** With ones, or a half. */
    private static void fill(long address, ScalarType t) {
        MemorySegment s = MemorySegment.ofAddress(address).reinterpret(8 * ROW);
        for (int i = 0; i < ROW; i++) Elements.setDouble(s, t, i, t.isFloating() ? 0.5 : 1);
    }

    private boolean pass(int i, long end) {
        Pass pass = code.pass(i);
        int lanes = code.vectors(i) ? VectorShapes.LANES : 1;
        double target = FAST * ROW * (2 + code.cost(i)) / lanes;
        long best = Long.MAX_VALUE, improved = System.nanoTime();
        for (int calls = 0; ; ) {
            if (calls < ENOUGH_CALLS) calls += someCalls(pass, lanes);
            else LockSupport.parkNanos(WAIT_NANOS);
            if (calls < SOME_CALLS && System.nanoTime() < end) continue;
            long took = probe(pass), now = System.nanoTime();
            if (took < best - best / 8) improved = now;
            best = Math.min(best, took);
            if (code.vectors(i) ? took < target : calls == ENOUGH_CALLS && now - improved > STABLE_NANOS) return true;
            if (now > end) return false;
        }
    }

    /** On short rows, as code is slow before it is compiled, and on some longer ones, so that loops are known to be loops. */
    private int someCalls(Pass pass, int lanes) {
        for (int c = 0; c < CALLS_BETWEEN_PROBES; c++) pass.run(addresses, 0, c % 8 == 0 ? 8 * lanes + 1 : c % (2 * lanes) + 1);
        return CALLS_BETWEEN_PROBES;
    }

    /** The shortest of some calls. */
    private long probe(Pass pass) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            pass.run(addresses, 0, ROW);
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
