package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.schema.OperatorInfo;
import dev.cresset.ir.type.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes once what is computed twice from the same values; equal constants become one.
 *
 * <pre>{@code
 * %a = aten::exp(%x)
 * %b = aten::exp(%x)          →     %a = aten::exp(%x)
 * %c = aten::add(%a, %b, %1)        %c = aten::add(%a, %a, %1)
 * }</pre>
 *
 * <p>Within a block and from outer blocks to inner ones: what is computed before an if or a loop is not computed in it
 * again. Exact, as {@link ComputedOnce} says why.
 */
public final class EliminateCommonSubexpressions implements Pass {
    @Override public Graph run(Graph graph, PassContext context) {
        Run run = new Run(new ComputedOnce(graph), context);
        run.scopes.push(new HashMap<>());
        return Rewriter.rewrite(graph, run);
    }

    /** What two nodes must have in common; values count by identity. */
    private record Key(String kind, OperatorInfo operator, Map<String, Object> attributes, List<Value> inputs,
        List<Type> types) {
        static Key of(Node n) {
            return new Key(n.kind(), n.operator(), n.attributes(), n.inputs(),
                n.outputs().stream().map(Value::type).toList());
        }
    }

    private static final class Run implements Rewriter.NodeRewrite {
        private final ComputedOnce once;
        private final PassContext context;
        private final Deque<Map<Key, Node>> scopes = new ArrayDeque<>();

        Run(ComputedOnce once, PassContext context) {
            this.once = once;
            this.context = context;
        }

        @Override public List<Node> rewrite(Node node, Rewriter rewriter) {
            if (!node.blocks().isEmpty()) return List.of(withBlocks(node, rewriter));
            if (!ComputedOnce.isComparable(node) || !once.suffices(node)) return null;
            Key key = Key.of(node);
            Node earlier = find(key);
            if (earlier == null || !context.mayChange()) {
                scopes.peek().putIfAbsent(key, node);
                return null;
            }
            rewriter.replace(node.outputs(), earlier.outputs());
            return List.of();
        }

        /** What a block computes is known in it and below only. */
        private Node withBlocks(Node node, Rewriter rewriter) {
            List<Block> blocks = node.blocks().stream().map(b -> {
                scopes.push(new HashMap<>());
                Block now = rewriter.block(b);
                scopes.pop();
                return now;
            }).toList();
            for (int i = 0; i < blocks.size(); i++) if (blocks.get(i) != node.block(i)) return node.withBlocks(blocks);
            return node;
        }

        private Node find(Key key) {
            for (Map<Key, Node> scope : scopes) if (scope.containsKey(key)) return scope.get(key);
            return null;
        }
    }
}
