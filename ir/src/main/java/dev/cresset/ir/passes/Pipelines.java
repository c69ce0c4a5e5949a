package dev.cresset.ir.passes;

import dev.cresset.ir.rewrite.NamedPass;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.Pipeline;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** The pipelines of the passes that need no kernels, and these passes by name. */
public final class Pipelines {
    private Pipelines() {}

    /** What makes a compiled function ready to run: one graph, without what is known before it runs. */
    public static Pipeline simplify(Evaluator evaluator) {
        NamedPass constants = new NamedPass("propagate-constants", new PropagateConstants(evaluator));
        NamedPass peephole = new NamedPass("peephole", new Peephole());
        return new Pipeline("simplify", List.of(
            new NamedPass("inline", new Inline()),
            peephole, // decides None tests, whose branches constants then remove
            constants,
            peephole, // sees through what the branches hid
            constants,
            new NamedPass("hoist-loop-invariants", new HoistLoopInvariants()), // makes equal what loops have in common
            new NamedPass("eliminate-common-subexpressions", new EliminateCommonSubexpressions()),
            new NamedPass("eliminate-dead-code", new EliminateDeadCode())));
    }

    /** All passes of ir by name, for the command line and tests. */
    public static SequencedMap<String, Pass> passes(Evaluator evaluator) {
        SequencedMap<String, Pass> byName = new LinkedHashMap<>();
        for (NamedPass p : simplify(evaluator).passes()) byName.put(p.name(), p.pass());
        return byName;
    }
}
