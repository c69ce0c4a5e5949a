package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code a if c else a -> a}: an output for which both branches return the same value is that value. Exact: such a
 * value
 * is defined before the if. The if itself stays, with its other outputs, until dead code is removed.
 */
public final class MergeEqualBranches implements NodeRule {
    @Override public Optional<Replacement> replace(Node node, Facts facts) {
        if (!node.is(Kinds.IF)) return Optional.empty();
        List<Value> yes = node.block(0).returns();
        List<Value> no = node.block(1).returns();
        List<Integer> kept = new ArrayList<>();
        List<Value> outputs = new ArrayList<>(node.outputs());
        for (int i = 0; i < outputs.size(); i++) {
            if (yes.get(i) == no.get(i) && Peephole.canReplace(yes.get(i), outputs.get(i))) outputs.set(i, yes.get(i));
            else kept.add(i);
        }
        if (kept.size() == outputs.size()) return Optional.empty();
        List<Block> blocks = node.blocks().stream().map(b -> new Block(b.params(), b.nodes(), pick(b.returns(),
            kept))).toList();
        Node narrowed = node.withBlocks(blocks).withOutputs(pick(node.outputs(), kept));
        return Optional.of(new Replacement(List.of(narrowed), outputs));
    }

    private static List<Value> pick(List<Value> values, List<Integer> at) {
        return at.stream().map(values::get).toList();
    }
}
