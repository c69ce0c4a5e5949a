package dev.cresset.bench.differential;

import dev.cresset.ExecutionMode;
import dev.cresset.bench.differential.Shrinker.Case;
import dev.cresset.bench.differential.program.AllSeen;
import dev.cresset.bench.differential.program.ProgramArchive;
import dev.cresset.bench.differential.program.RandomProgram;
import dev.cresset.bench.differential.program.RandomPrograms;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs random programs in all modes of the engine, and in another engine if there is one, and compares. The interpreter is the
 * reference: the other modes must agree with it within the rounding that a program allows, print the same and fail alike, and
 * an optimised program must give the same bits again and again.
 */
public final class Differential implements AutoCloseable {
    /** After so many passes over its calls, a program's plans are made. */
    private static final int OPTIMIZED_PASSES = 5, PASSES = 3;
    private static final Comparison BETWEEN_MODES = new Comparison(true), WITH_OTHERS = new Comparison(false);

    private final Map<ExecutionMode, CressetExecutor> modes = new EnumMap<>(ExecutionMode.class);
    private final Optional<Executor> oracle;
    private final Tally tally = new Tally();

    /**
     * @param others the modes to compare with {@link ExecutionMode#INTERPRET}
     * @param oracle another engine to compare with
     */
    public Differential(List<ExecutionMode> others, int threads, Optional<Executor> oracle) {
        this.oracle = oracle;
        modes.put(ExecutionMode.INTERPRET, new CressetExecutor(ExecutionMode.INTERPRET, threads));
        for (ExecutionMode m : others) modes.computeIfAbsent(m, mode -> new CressetExecutor(mode, threads));
    }

    /** Counts of what was compared. */
    public Tally tally() { return tally; }

    /** Runs the program of a seed. @return the failure, made small, if there is one */
    public Optional<Failure> check(long seed) {
        RandomProgram program = RandomPrograms.of(seed);
        Case whole = new Case(program, CallDraw.of(program));
        Optional<Failure> failure = check(whole, true);
        if (failure.isEmpty()) return failure;
        tally.mismatches++;
        String executor = failure.get().executor();
        Case small = new Shrinker(c -> check(c, false).filter(f -> f.executor().equals(executor)).isPresent()).shrink(whole);
        return check(small, false).map(f -> f.withFirst(failure.get().differences())).or(() -> failure);
    }

    private Optional<Failure> check(Case c, boolean counted) {
        byte[] archive = ProgramArchive.of(c.program());
        CressetExecutor interpreter = modes.get(ExecutionMode.INTERPRET);
        List<Outcome> expected;
        try {
            expected = interpreter.run(c.program(), archive, c.calls(), 1).getFirst();
        } catch (dev.cresset.ir.diag.ScriptException e) {
            return counted ? failure(c, "INTERPRET", List.of("does not compile: " + e.getMessage())) : Optional.empty();
        } catch (Exception e) {
            return failure(c, "INTERPRET", List.of("threw " + e));
        }
        Optional<Outcome> broken = expected.stream().filter(o -> o.failed() && o.error().contains("unexpected ")).findFirst();
        if (broken.isPresent()) return failure(c, "INTERPRET", List.of("an error that no operator foresaw: " + broken.get().error()));
        List<String> impossible = BETWEEN_MODES.differences(c.program(), c.calls(), expected, expected);
        if (!impossible.isEmpty()) return failure(c, "INTERPRET", impossible);
        if (counted) count(c, expected);
        List<Executor> others = new ArrayList<>(modes.values());
        others.remove(interpreter);
        oracle.ifPresent(others::add);
        for (Executor e : others) {
            Optional<Failure> failure = compare(c, archive, expected, e);
            if (failure.isPresent()) return failure;
        }
        return Optional.empty();
    }

    private Optional<Failure> compare(Case c, byte[] archive, List<Outcome> expected, Executor executor) {
        boolean mode = executor instanceof CressetExecutor, optimized = executor == modes.get(ExecutionMode.OPTIMIZE);
        try {
            List<List<Outcome>> passes = executor.run(c.program(), archive, c.calls(), optimized ? OPTIMIZED_PASSES : mode ? PASSES : 1);
            for (List<Outcome> actual : passes) {
                List<String> differences = (mode ? BETWEEN_MODES : WITH_OTHERS).differences(c.program(), c.calls(), expected, actual);
                if (differences.isEmpty()) continue;
                if (actual.stream().anyMatch(o -> o.failed() && executor.isOwnFault(o.error()))) tally.oracleFaults++;
                else if (mayLeaveOutDeadCode(executor) && agreesWhenAllIsSeen(c, executor)) tally.deadErrors++;
                else return failure(c, executor.name(), differences);
            }
            List<String> bits = optimized ? Comparison.bits(passes.get(OPTIMIZED_PASSES - 2), passes.getLast()) : List.of();
            return bits.isEmpty() ? Optional.empty() : failure(c, executor.name(), bits);
        } catch (Exception e) {
            return failure(c, executor.name(), List.of("threw " + e));
        }
    }

    /** Plans for exact sizes are not made for what fails; those for any sizes leave out what nobody sees, even if it fails for some. */
    private boolean mayLeaveOutDeadCode(Executor executor) {
        return executor != modes.get(ExecutionMode.OPTIMIZE) && executor != modes.get(ExecutionMode.SHADOW) && executor != modes.get(ExecutionMode.DEOPT);
    }

    /** Whether one of two engines only did not notice that something would fail which nobody looks at. */
    private boolean agreesWhenAllIsSeen(Case c, Executor executor) throws Exception {
        RandomProgram seen = AllSeen.of(c.program());
        byte[] archive = ProgramArchive.of(seen);
        List<Outcome> expected = modes.get(ExecutionMode.INTERPRET).run(seen, archive, c.calls(), 1).getFirst();
        return WITH_OTHERS.differences(seen, c.calls(), expected, executor.run(seen, archive, c.calls(), 1).getFirst()).isEmpty();
    }

    private Optional<Failure> failure(Case c, String executor, List<String> differences) {
        String graph;
        try {
            graph = modes.get(ExecutionMode.INTERPRET).preparedGraph(ProgramArchive.of(c.program()));
        } catch (RuntimeException e) {
            graph = "none: " + e.getMessage();
        }
        return Optional.of(new Failure(c.program(), c.calls(), executor, differences, List.of(), graph));
    }

    private void count(Case c, List<Outcome> expected) {
        tally.programs++;
        tally.calls += expected.size();
        tally.errors += (int) expected.stream().filter(Outcome::failed).count();
        Set<List<String>> shapes = new HashSet<>();
        for (CallSpec call : c.calls()) shapes.add(call.arguments().stream().map(String::valueOf).toList());
        tally.combinations += shapes.size();
    }

    /** How much was compared. */
    public static final class Tally {
        int programs, calls, errors, mismatches, deadErrors, oracleFaults;
        long combinations;

        /** Programs with different shapes, types or layouts of their arguments. */
        public long combinations() { return combinations; }

        /** Calls that failed in all engines. */
        public int errors() { return errors; }

        public int programs() { return programs; }

        public int calls() { return calls; }

        /** Programs of which one engine left something out that fails and that nobody looks at. */
        public int deadErrors() { return deadErrors; }

        /** Programs on which the other engine failed by a known fault of its own. */
        public int oracleFaults() { return oracleFaults; }

        /** Programs on which some engine disagreed. */
        public int mismatches() { return mismatches; }
    }

    /** The share of calls that plans answered in a mode. */
    public double plannedShare(ExecutionMode mode) {
        CressetExecutor e = modes.get(mode);
        return (double) e.planned() / Math.max(1, e.planned() + e.unplanned());
    }

    /** Blocks of tensor memory that any of the engines has not got back; 0 when all is well. */
    public long liveBlocks() { return modes.values().stream().mapToLong(m -> m.engine().memory().liveBlocks()).sum(); }

    @Override public void close() {
        modes.values().forEach(CressetExecutor::close);
        oracle.ifPresent(Executor::close);
    }
}
