package dev.cresset.ir.passes;

import dev.cresset.ir.diag.ScriptException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.FunctionType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the bodies of called functions and methods in place of the calls, calls within them included.
 *
 * <pre>{@code
 * %f : Function = prim::Constant[name="f"]()
 * %y : Tensor = prim::CallFunction(%f, %x)     →     %y : Tensor = aten::relu(%x)    (the body of f)
 * }</pre>
 *
 * <p>Stay calls: methods of interfaces, functions that are being inlined already, functions that do not compile (the call
 * fails when it is reached, if ever), and all calls once the graph has grown to the limit. Locations keep the chain of calls.
 */
public final class Inline implements Pass {
    /** Far above real programs; a program whose functions call each other twice a level would not end. */
    private static final int DEFAULT_LIMIT = 500_000;

    private final int nodeLimit;

    public Inline() { this(DEFAULT_LIMIT); }

    /** @param nodeLimit how many nodes may be put in; calls beyond it stay */
    public Inline(int nodeLimit) { this.nodeLimit = nodeLimit; }

    @Override public Graph run(Graph graph, PassContext context) { return Rewriter.rewrite(graph, new Run(context)); }

    /** One run: what is being inlined, and how much has been. */
    private final class Run implements Rewriter.NodeRewrite {
        private final PassContext context;
        private final Deque<ScriptFunction> active = new ArrayDeque<>();
        private int added;

        Run(PassContext context) { this.context = context; }

        @Override public List<Node> rewrite(Node node, Rewriter rewriter) {
            ScriptFunction callee = callee(node);
            if (callee == null || active.contains(callee)) return null;
            Graph body = graphOf(callee);
            if (body == null) return null;
            List<Value> arguments = node.is(Kinds.CALL_FUNCTION) ? node.inputs().subList(1, node.inputs().size()) : node.inputs();
            int size = size(body.nodes());
            boolean fits = body.inputs().size() == arguments.size() && body.outputs().size() == node.outputs().size();
            if (!fits || added + size > nodeLimit || !context.mayChange()) return null;
            added += size;

            Map<Value, Value> values = new IdentityHashMap<>();
            for (int i = 0; i < arguments.size(); i++) values.put(body.inputs().get(i), arguments.get(i));
            List<Node> copy = Rewriter.copy(body.nodes(), values, node.location());
            active.push(callee);
            List<Node> inlined = rewriter.nodes(copy);
            active.pop();
            rewriter.replace(node.outputs(), rewriter.get(body.outputs().stream().map(v -> values.getOrDefault(v, v)).toList()));
            return inlined;
        }
    }

    private static Graph graphOf(ScriptFunction callee) {
        try {
            return callee.graph();
        } catch (ScriptException _) {
            return null;
        }
    }

    private static ScriptFunction callee(Node node) {
        if (node.inputs().isEmpty()) return null;
        if (node.is(Kinds.CALL_FUNCTION)) return node.input(0).type() instanceof FunctionType f ? f.function() : null;
        if (!node.is(Kinds.CALL_METHOD) || !(node.input(0).type() instanceof ClassType type)) return null;
        return type.method(node.text("name")).orElse(null);
    }

    private static int size(List<Node> nodes) {
        return nodes.stream().mapToInt(n -> 1 + n.blocks().stream().mapToInt(b -> size(b.nodes())).sum()).sum();
    }
}
