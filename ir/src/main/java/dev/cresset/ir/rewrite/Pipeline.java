package dev.cresset.ir.rewrite;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.diag.VerifyException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.schema.OperatorTable;
import dev.cresset.ir.verify.Verifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Passes in the order in which they run. All that is the same for every pass happens here: leaving out, limiting,
 * timing, checking, reporting; and running it on the bodies of forks as well.
 *
 * @param name names the pipeline in dumps
 */
public record Pipeline(String name, List<NamedPass> passes) {
    public Pipeline { passes = List.copyOf(passes); }

    /**
     * One pass that has run.
     *
     * @param index   its place in the pipeline, from 0
     * @param changes how many changes it made, as far as it counts them
     */
    public record Report(String pipeline, int index, String pass, Graph before, Graph after, long nanos, long changes) {
        public boolean changed() { return before != after; }
    }

    /** Runs without checks and reports, for flags at their defaults. */
    public Graph run(Graph graph, OperatorTable operators) { return run(graph, operators, Flags.defaults(), _ -> { }); }

    /**
     * Runs all passes.
     *
     * @param flags   which passes to leave out or to limit, when to verify
     * @param reports gets one report after each pass
     * @throws VerifyException naming the pass after which the graph is not well formed
     */
    public Graph run(Graph graph, OperatorTable operators, Flags flags, Consumer<Report> reports) {
        Graph now = graph;
        for (int i = 0; i < passes.size(); i++) {
            NamedPass pass = passes.get(i);
            if (flags.get(Flags.DISABLE).contains(pass.name())) continue;
            long limit = flags.get(Flags.OPT_LIMIT).filter(l ->
                l.pass().equals(pass.name())).map(Flags.Limit::changes).orElse(-1L);
            PassContext context = new PassContext(operators, limit);
            long start = System.nanoTime();
            Graph after = runOne(pass, now, context);
            reports.accept(new Report(name, i, pass.name(), now, after, System.nanoTime() - start, context.changes()));
            if (flags.get(Flags.VERIFY) == Flags.Verify.PASS && after != now) verify(after, pass.name());
            now = after;
        }
        if (flags.get(Flags.VERIFY) == Flags.Verify.STAGE && now != graph) verify(now, name);
        return now;
    }

    private static Graph runOne(NamedPass pass, Graph graph, PassContext context) {
        try {
            return inForks(pass.pass(), pass.pass().run(graph, context), context);
        } catch (CressetException | Error e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CressetException("pass '" + pass.name() + "' failed on a graph: " + e, e);
        }
    }

    private static Graph inForks(Pass pass, Graph graph, PassContext context) {
        return Rewriter.rewrite(graph, (node, _) -> node.is(Kinds.FORK) ? inFork(pass, node, context) : null);
    }

    private static List<Node> inFork(Pass pass, Node fork, PassContext context) {
        Graph before = fork.subgraph().orElseThrow();
        Graph after = inForks(pass, pass.run(before, context), context);
        if (after == before) return null;
        Map<String, Object> attributes = new LinkedHashMap<>(fork.attributes());
        attributes.put("Subgraph", after);
        return List.of(new Node(fork.kind(), fork.operator(), attributes, fork.inputs(), fork.outputs(),
            fork.blocks(), fork.location()));
    }

    private static void verify(Graph graph, String pass) {
        try {
            Verifier.verify(graph);
        } catch (VerifyException e) {
            throw e.after(pass);
        }
    }
}
