package dev.cresset.bench.differential;

import dev.cresset.bench.differential.program.Parameter;
import dev.cresset.bench.differential.program.RandomProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * Two executors that disagree on a program, or one that broke down.
 *
 * @param executor    which one disagrees with the reference
 * @param differences what it is about
 * @param first       what it was about before the program was made smaller
 * @param graph       the prepared graph, as text
 */
public record Failure(RandomProgram program, List<CallSpec> calls, String executor, List<String> differences, List<String> first, String graph) {
    Failure withFirst(List<String> others) { return new Failure(program, calls, executor, differences, others, graph); }

    /** All that is needed to look into it. */
    public String report() {
        StringBuilder out = new StringBuilder("seed " + program.seed() + ", " + executor + ":\n");
        differences.forEach(d -> out.append("  ").append(d).append('\n'));
        if (!first.isEmpty()) out.append("at first:\n");
        first.forEach(d -> out.append("  ").append(d).append('\n'));
        out.append("the program, as small as it still fails:\n").append(program.source());
        for (int i = 0; i < calls.size(); i++) out.append("call ").append(i + 1).append(": ").append(arguments(calls.get(i))).append('\n');
        return out.append("the prepared graph:\n").append(graph).toString();
    }

    private String arguments(CallSpec call) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            Parameter p = program.parameters().get(i);
            all.add(p.name() + "=" + call.arguments().get(i));
        }
        return String.join(", ", all) + (call.same().isEmpty() ? "" : "; the same tensor: " + call.same());
    }
}
