package dev.cresset.ir.passes;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Sharing;
import dev.cresset.ir.rewrite.Uses;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/** What a rule may ask about the graph around a node. */
public final class Facts {
    private final Uses uses;
    private final Sharing sharing;
    private final Map<Value, Node> rewritten = new IdentityHashMap<>();

    Facts(Uses uses, Sharing sharing) {
        this.uses = uses;
        this.sharing = sharing;
    }

    /** Records a node that now stands in the graph. */
    void add(Node node) {
        for (Value v : node.outputs()) rewritten.put(v, node);
    }

    /** The node that defines the value, if it is of this kind. */
    public Optional<Node> definedBy(String kind, Value v) {
        Node node = rewritten.get(v);
        return node != null && node.is(kind) ? Optional.of(node) : Optional.empty();
    }

    /** The value of a constant that is not None. */
    public Optional<Object> constant(Value v) { return definedBy(Kinds.CONSTANT, v).map(n -> n.attribute("value")); }

    /** How often the value was used before the pass began. */
    public int useCount(Value v) { return uses.count(v); }

    public Sharing sharing() { return sharing; }
}
