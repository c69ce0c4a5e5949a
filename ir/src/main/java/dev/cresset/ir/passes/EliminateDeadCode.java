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
import java.util.Set;

/**
 * Removes nodes whose results nobody uses and that have no other effect, and outputs of ifs and loops that nobody uses.
 *
 * <pre>{@code
 * %a = aten::relu(%x)
 * %b = aten::exp(%x)          →     %b = aten::exp(%x)
 * return (%b)                       return (%b)
 * }</pre>
 *
 * <p>What writes in place stays even if what it writes is not used. As in PyTorch, a node that might fail goes if its
 * result is not used, and so does a loop that might not end.
 */
public final class EliminateDeadCode implements Pass {
    @Override public Graph run(Graph graph, PassContext context) {
        return graph.withBody(new Run(context).sweep(graph.body(), graph.outputs(), newSet()));
    }

    private static Set<Value> newSet() { return Collections.newSetFromMap(new IdentityHashMap<>()); }

    /** Goes through blocks from the end; {@code live} holds the values used by what stays. */
    private record Run(PassContext context) {
        /** The block with these returns only, without what is dead; the same instance if nothing goes. */
        Block sweep(Block block, List<Value> returns, Set<Value> live) {
            live.addAll(returns);
            List<Node> kept = new ArrayList<>();
            boolean changed = returns.size() != block.returns().size();
            for (Node n : block.nodes().reversed()) {
                Node now = isDead(n, live) && context.mayChange() ? null : inside(n, live);
                changed |= now != n;
                if (now == null) continue;
                live.addAll(now.inputs());
                kept.add(now);
            }
            return changed ? new Block(block.params(), kept.reversed(), returns) : block;
        }

        private static boolean isDead(Node n, Set<Value> live) {
            return n.outputs().stream().noneMatch(live::contains) && Effects.isPure(n);
        }

        private Node inside(Node n, Set<Value> live) {
            if (n.is(Kinds.IF)) return insideIf(n, live);
            if (n.is(Kinds.LOOP)) return insideLoop(n, live);
            if (n.blocks().isEmpty()) return n;
            return replaceBlocks(n, n.blocks().stream().map(b -> sweep(b, b.returns(), live)).toList());
        }

        private Node insideIf(Node n, Set<Value> live) {
            List<Integer> used = used(n.outputs(), live);
            if (used.size() < n.outputs().size() && !context.mayChange()) used = all(n.outputs());
            List<Integer> keep = used;
            List<Block> blocks = n.blocks().stream().map(b -> sweep(b, pick(b.returns(), keep, 0), live)).toList();
            if (keep.size() == n.outputs().size()) return replaceBlocks(n, blocks);
            return n.withBlocks(blocks).withOutputs(pick(n.outputs(), keep, 0));
        }

        /** A carried value goes if neither what follows nor the body uses it, other than to carry it on. */
        private Node insideLoop(Node n, Set<Value> live) {
            Block body = n.block(0);
            List<Integer> keep = used(n.outputs(), live);
            if (keep.size() < n.outputs().size() && !context.mayChange()) keep = all(n.outputs());
            while (true) {
                Set<Value> tried = newSet();
                tried.addAll(live);
                Block now = sweep(body, loopReturns(body, keep), tried);
                List<Integer> needed = used(body.params().subList(1, body.params().size()), tried);
                needed.removeAll(keep);
                if (needed.isEmpty()) {
                    live.addAll(tried);
                    return withCarried(n, now, keep);
                }
                needed.addAll(keep);
                Collections.sort(needed);
                keep = needed;
            }
        }

        private static List<Value> loopReturns(Block body, List<Integer> keep) {
            return keep.size() == body.returns().size() - 1 ? body.returns() : pick(body.returns(), keep, 1);
        }

        private static Node withCarried(Node n, Block body, List<Integer> keep) {
            if (keep.size() == n.outputs().size()) return replaceBlocks(n, List.of(body));
            Block narrowed = new Block(pick(body.params(), keep, 1), body.nodes(), body.returns());
            return n.withInputs(pick(n.inputs(), keep,
                2)).withBlocks(List.of(narrowed)).withOutputs(pick(n.outputs(), keep, 0));
        }

        private static Node replaceBlocks(Node n, List<Block> blocks) {
            for (int i = 0; i < blocks.size(); i++) if (blocks.get(i) != n.block(i)) return n.withBlocks(blocks);
            return n;
        }

        private static List<Integer> used(List<Value> values, Set<Value> live) {
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) if (live.contains(values.get(i))) found.add(i);
            return found;
        }

        private static List<Integer> all(List<Value> values) {
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) found.add(i);
            return found;
        }

        /** The first {@code fixed} values and, of those after them, the ones at these positions. */
        private static List<Value> pick(List<Value> values, List<Integer> keep, int fixed) {
            List<Value> out = new ArrayList<>(values.subList(0, fixed));
            for (int i : keep) out.add(values.get(fixed + i));
            return out;
        }
    }
}
