package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Sharing;
import dev.cresset.ir.rewrite.Uses;
import java.util.List;
import java.util.Optional;

/**
 * Applies rules to each node, the first that fits; each is one law in a file of its own.
 *
 * <pre>{@code
 * %b = aten::__not__(%a)
 * %c = aten::__not__(%b)          →     %a for %c; %b stays until dead code is removed
 * }</pre>
 */
public final class Peephole implements Pass {
    /** Laws that hold for every graph. */
    public static final List<NodeRule> RULES = List.of(
        new DropSameTypeCast(),
        new DropUncheckedCast(),
        new TakeFromTuple(),
        new UnpackList(),
        new DropDoubleNot(),
        new DecideNoneTest(),
        new MergeEqualBranches());

    private final List<NodeRule> rules;

    public Peephole() { this(RULES); }

    public Peephole(List<NodeRule> rules) { this.rules = List.copyOf(rules); }

    @Override public Graph run(Graph graph, PassContext context) {
        Facts facts = new Facts(Uses.of(graph), Sharing.of(graph));
        return Rewriter.rewrite(graph, (node, rewriter) -> {
            Node now = rewriter.withBlocks(node);
            for (NodeRule rule : rules) {
                Optional<NodeRule.Replacement> found = rule.replace(now, facts);
                if (found.isEmpty() || !context.mayChange()) continue;
                rewriter.replace(now.outputs(), found.get().outputs());
                found.get().nodes().forEach(facts::add);
                return found.get().nodes();
            }
            facts.add(now);
            return List.of(now);
        });
    }

    /** True if {@code v} may stand wherever {@code other} stood. */
    static boolean canReplace(Value v, Value other) { return v.type().isSubtypeOf(other.type()); }
}
