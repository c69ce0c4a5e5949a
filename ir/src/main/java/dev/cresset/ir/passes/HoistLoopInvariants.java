package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves what gives the same in every round of a loop before the loop; out of several loops if they are nested.
 *
 * <pre>{@code
 * %r = prim::Loop(%n, %true, %x)              %m = aten::numel(%w)
 *   block0(%i, %c):                     →     %r = prim::Loop(%n, %true, %x)
 *     %m = aten::numel(%w)                      block0(%i, %c):
 *     %d = aten::mul(%c, %m)                      %d = aten::mul(%c, %m)
 *     -> (%true, %d)                              -> (%true, %d)
 * }</pre>
 *
 * <p>Exact. A node moves only if all its inputs are from outside the loop and {@link ComputedOnce} says that one result
 * may stand for many. What it computes is then the same at both places; there remains when it is computed:
 * <ul>
 * <li>What {@link CannotFail} may be computed even if the loop never runs a round: nobody can tell.
 * <li>Anything else might raise an error, so it must be certain to be reached: the loop is known to run a round, the node
 *     stands in its body itself, not under a condition, and whatever the round does before it has no effect. So the call
 *     fails with moving if and only if it fails without, having done the same until then. Of two things that go wrong in the round it
 *     may be the other one that is reported.
 * </ul>
 */
public final class HoistLoopInvariants implements Pass {
    @Override public Graph run(Graph graph, PassContext context) {
        return graph.withBody(new Run(new ComputedOnce(graph), context).block(graph.body()));
    }

    private static final class Run {
        private final ComputedOnce once;
        private final PassContext context;
        private final Map<Value, Object> constants = new IdentityHashMap<>(); // those that are not None

        Run(ComputedOnce once, PassContext context) {
            this.once = once;
            this.context = context;
        }

        /** The block with what its loops gave up standing before them; inner loops first. The same instance if none did. */
        Block block(Block block) {
            List<Node> out = new ArrayList<>();
            boolean changed = false;
            for (Node n : block.nodes()) {
                if (n.is(Kinds.CONSTANT) && n.attribute("value") != null) constants.put(n.output(), n.attribute("value"));
                Node now = inside(n);
                if (now.is(Kinds.LOOP)) now = hoist(now, out);
                changed |= now != n;
                out.add(now);
            }
            return changed ? new Block(block.params(), out, block.returns()) : block;
        }

        private Node inside(Node n) {
            List<Block> blocks = n.blocks().stream().map(this::block).toList();
            for (int i = 0; i < blocks.size(); i++) if (blocks.get(i) != n.block(i)) return n.withBlocks(blocks);
            return n;
        }

        /** The loop without what can move, which is added to {@code before}. */
        private Node hoist(Node loop, List<Node> before) {
            Block body = loop.block(0);
            Set<Value> varying = Collections.newSetFromMap(new IdentityHashMap<>());
            varying.addAll(body.params());
            List<Node> kept = new ArrayList<>();
            boolean reached = runs(loop);
            for (Node n : body.nodes()) {
                boolean moves = n.inputs().stream().noneMatch(varying::contains) && n.blocks().isEmpty()
                    && (reached || CannotFail.test(n)) && once.suffices(n) && context.mayChange();
                (moves ? before : kept).add(n);
                if (moves) continue;
                varying.addAll(n.outputs());
                reached &= Effects.isPure(n);
            }
            if (kept.size() == body.nodes().size()) return loop;
            return loop.withBlocks(List.of(new Block(body.params(), kept, body.returns())));
        }

        /** True if the loop is known to run a round. */
        private boolean runs(Node loop) {
            return constants.get(loop.input(0)) instanceof Long rounds && rounds > 0
                && Boolean.TRUE.equals(constants.get(loop.input(1)));
        }
    }
}
