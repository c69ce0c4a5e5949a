package dev.cresset.kernels.simplify;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Applies exact laws to the operators of a static subgraph, the first that fits; each is in a file of its own.
 *
 * <pre>{@code
 * %b = aten::mul(%a, %one)
 * %c = aten::relu(%b)          →     %c = aten::relu(%a); %b stays until dead code is removed
 * }</pre>
 */
public final class SimplifyTensors implements Pass {
    private static final List<TensorRule> LAWS = List.of(
        new DropIdentity(),
        new DropCopy(),
        new ConvertMixedOperand(),
        new DropDoubleNegation(),
        new ComposePermutations(),
        new ComposeReshapes(),
        new NameSizes(),
        new MergeClamps(),
        new MultiplyInsteadOfDivide(),
        new FlattenCats());

    private final Catalog catalog;
    private final List<TensorRule> rules;

    private SimplifyTensors(Catalog catalog, List<TensorRule> rules) {
        this.catalog = catalog;
        this.rules = rules;
    }

    /** Laws for any time. */
    public static SimplifyTensors laws(Catalog catalog) { return new SimplifyTensors(catalog, LAWS); }

    /** What makes operators fit for fusion that were not absorbed by others: group_norm as statistics and what reads them. */
    public static SimplifyTensors forFusion(Catalog catalog) { return new SimplifyTensors(catalog, List.of(new SplitGroupNorm())); }

    @Override public Graph run(Graph graph, PassContext context) {
        TensorFacts facts = new TensorFacts(graph, catalog);
        return Rewriter.rewrite(graph, (node, rewriter) -> {
            List<Node> now = rewrite(node, facts, rewriter, context);
            if (now == null) facts.define(node);
            return now;
        });
    }

    private List<Node> rewrite(Node node, TensorFacts facts, Rewriter rewriter, PassContext context) {
        if (node.operator() == null || node.outputs().size() != 1 || !(node.output().type() instanceof TensorType)) return null;
        for (TensorRule rule : rules) {
            Optional<Value> now = rule.replace(node, facts);
            List<Node> made = new ArrayList<>(facts.takeMade());
            if (now.isEmpty() || !facts.mayReplace(node.output(), now.get()) || !context.mayChange()) continue;
            rewriter.replace(node.output(), now.get());
            return made;
        }
        return null;
    }
}
