package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Meta;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Views;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Concatenations along the channels that grow: the list of one begins with the list of another, as in densely connected
 * networks. They share one buffer, into which each tensor is copied once; a concatenation is the part filled so far.
 */
final class GrowingCats {
    private final Map<Node, Chain> chains = new IdentityHashMap<>();

    /** The lists of its nodes are beginnings of {@code all}. */
    private static final class Chain {
        List<Value> all = List.of();
        int nodes;
        int filled;         // tensors copied so far
        long channels;      // channels of those
        Place shared;
    }

    GrowingCats(Graph graph) {
        Map<Value, Node> definitions = new IdentityHashMap<>();
        List<Chain> found = new ArrayList<>();
        for (Node n : graph.nodes()) {
            n.outputs().forEach(v -> definitions.put(v, n));
            List<Value> items = items(n, definitions);
            if (items == null) continue;
            Chain chain = found.stream().filter(c -> isPrefix(c.all, items)).findFirst().orElse(null);
            if (chain == null) found.add(chain = new Chain());
            chain.all = items;
            chain.nodes++;
            chains.put(n, chain);
        }
        chains.values().removeIf(c -> c.nodes < 2);
    }

    /** The tensors that a node concatenates along dimension 1 of four or more; null if it does something else. */
    private static List<Value> items(Node n, Map<Value, Node> definitions) {
        if (!n.kind().equals("aten::cat") || n.inputs().size() != 2) return null;
        Node list = definitions.get(n.input(0)), dim = definitions.get(n.input(1));
        if (list == null || !list.is(Kinds.LIST_CONSTRUCT) || dim == null || !Long.valueOf(1).equals(dim.attribute("value"))) return null;
        Meta m = Lowering.meta(n.output().type());
        return m.sizes().length >= 4 && m.dtype() == ScalarType.FLOAT32 && Shapes.numel(m.sizes()) > 0 ? list.inputs() : null;
    }

    private static boolean isPrefix(List<Value> a, List<Value> b) { return a.size() <= b.size() && a.equals(b.subList(0, a.size())); }

    /** Lowers a node that belongs to a chain; false if it does not. */
    boolean lower(Node n, Lowering lowering) {
        Chain c = chains.get(n);
        if (c == null) return false;
        Operand list = lowering.operand(n.input(0));
        if (!(list instanceof Operand.Items(List<Operand> items)) || !items.stream().allMatch(i -> i instanceof Place)) return false;
        if (c.shared == null) c.shared = lowering.memory().internal(shared(c, (Place) items.getFirst()));
        for (; c.filled < items.size(); c.filled++) {
            Place from = (Place) items.get(c.filled);
            lowering.copy(from, part(c, c.channels, from.size(1)));
            c.channels += from.size(1);
        }
        lowering.define(n.output(), part(c, 0, c.channels));
        return true;
    }

    /** Channels-last if the first tensor is. */
    private static Meta shared(Chain c, Place first) {
        long[] sizes = first.sizes().clone();
        sizes[1] = c.all.stream().mapToLong(v -> Lowering.meta(v.type()).sizes()[1]).sum();
        boolean last = first.hasStrides(Shapes.channelsLastStrides(first.sizes()));
        return new Meta(first.type(), sizes, last ? Shapes.channelsLastStrides(sizes) : Shapes.contiguousStrides(sizes));
    }

    private static Place part(Chain c, long from, long channels) {
        return c.shared.seen(Views.narrow(c.shared.description(), 1, from, channels));
    }
}
