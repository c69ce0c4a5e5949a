package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.tensor.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/** Runs generated code on memory of its own until the JIT compiler has compiled it for good. */
final class Warmup {
    /** A row that goes through all loops of a pass and its tail. */
    private static final int SHORT = 64 * 4 + 21, LONG = 1024 + 21;
    /** Calls after which the compiler has been asked for its best code. */
    private static final int ENOUGH_CALLS = 12_000;
    private static final int CALLS_BETWEEN_PROBES = 500;
    private static final long LIMIT_NANOS = 2_000_000_000L;
    /** How long the speed of scalar code has to stay the same, as its good speed is not known. */
    private static final long STABLE_NANOS = 150_000_000L;
    /** Nanoseconds for each simple operation on a vector: compiled code takes half of one, other code more than ten. */
    private static final double FAST = 4;
    private static final long WAIT_NANOS = 500_000;

    private final GeneratedLoops code;
    private final long[] addresses;

    private Warmup(GeneratedLoops code, long[] addresses) {
        this.code = code;
        this.addresses = addresses;
    }

    static void run(GeneratedLoops code) {
        try (Arena arena = Arena.ofConfined()) {
            Structure s = code.structure;
            int operands = s.inputs() + s.outputs().size();
            long[] addresses = new long[operands + 1 + code.plan.saved().size()];
            for (int k = 0; k < addresses.length; k++) addresses[k] = arena.allocate(8 * LONG + 8L * s.folds().size(), 64).address();
            for (Dag.Node n : s.nodes()) {
                if (n.op() instanceof Dag.Op.Load(int input, ScalarType t)) fill(addresses[input], t);
            }
            Warmup w = new Warmup(code, addresses);
            for (int i = 0; i < code.passes(); i++) w.pass(i, LIMIT_NANOS / code.passes());
        }
    }

    /** With ones, or a half. */
    private static void fill(long address, ScalarType t) {
        MemorySegment s = MemorySegment.ofAddress(address).reinterpret(8 * LONG);
        for (int i = 0; i < LONG; i++) Elements.setDouble(s, t, i, t.isFloating() ? 0.5 : 1);
    }

    private void pass(int i, long limit) {
        Pass pass = code.pass(i);
        long start = System.nanoTime(), improved = start, best = Long.MAX_VALUE;
        double target = FAST * LONG * (4 + cost(i)) / (code.vectors ? VectorShapes.LANES : 1);
        for (int calls = 0; ; calls += CALLS_BETWEEN_PROBES) {
            if (calls < ENOUGH_CALLS) for (int c = 0; c < CALLS_BETWEEN_PROBES; c++) pass.run(addresses, 0, c % SHORT + 1);
            else LockSupport.parkNanos(WAIT_NANOS);
            long took = probe(pass), now = System.nanoTime();
            if (took < best - best / 8) improved = now;
            best = Math.min(best, took);
            boolean fast = code.vectors ? took < target : now - improved > STABLE_NANOS;
            if (calls >= ENOUGH_CALLS && fast || now - start > limit) return;
        }
    }

    private int cost(int i) { return code.plan.passes().get(i).varying().stream().mapToInt(n -> Cost.of(code.structure.node(n))).sum(); }

    /** The shortest of some calls. */
    private long probe(Pass pass) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            pass.run(addresses, 0, LONG);
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }
}
