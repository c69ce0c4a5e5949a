package dev.cresset.runtime.specialize;

import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Effects;
import dev.cresset.ir.type.Device;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What a static subgraph may consist of, and whose memory its values are. */
final class StaticNodes {
    private final Map<Value, Tensor> tensors;
    private final Device device;
    private final Map<Value, Node> constants = new IdentityHashMap<>();
    private final Map<Value, Node> lists = new IdentityHashMap<>();

    /**
     * @param tensors the mirrors of the graph's tensor values
     * @param device  on which all tensors are to be; null if there is no other than the host
     */
    StaticNodes(Map<Value, Tensor> tensors, Device device) {
        this.tensors = tensors;
        this.device = device;
    }

    boolean isTensor(Value v) { return tensors.containsKey(v); }

    /** The node that makes a constant, or null. */
    Node constant(Value v) { return constants.get(v); }

    /** The node that makes a list, or null. */
    Node list(Value v) { return lists.get(v); }

    /** Notes a node of the graph, before the nodes that use it. */
    void note(Node n) {
        if (n.is(Kinds.CONSTANT)) constants.put(n.output(), n);
        if (n.is(Kinds.LIST_CONSTRUCT)) lists.put(n.output(), n);
    }

    /** True if the node after a call takes the list apart that it returns. */
    static boolean unpacks(Node call, Node next) {
        return next.is(Kinds.LIST_UNPACK) && call.operator() != null && call.outputs().size() == 1 && next.input(0) == call.output();
    }

    /** True if a node may stand in a static subgraph. @param unpack the node that takes its result apart, or null */
    boolean isStatic(Node n, Node unpack) {
        if (n.operator() == null || !n.operator().isImplemented() || n.operator().isNondeterministic()) return false;
        if (Effects.hasSideEffects(n) || writes(n) || n.outputs().isEmpty()) return false;
        if (unpack != null && !(n.operator() instanceof Operator o && o.body() instanceof Body.Host)) return false;   // lists of views
        List<Value> results = unpack == null ? n.outputs() : unpack.outputs();
        return results.stream().allMatch(v -> tensors.containsKey(v) && isThere(tensors.get(v))) && n.inputs().stream().allMatch(this::isStaticInput);
    }

    /** A norm does not write its statistics when told not to train. */
    private boolean writes(Node n) {
        boolean norm = n.is("aten::batch_norm") || n.is("aten::instance_norm");
        if (norm && constants.containsKey(n.input(5))) {
            Object training = constants.get(n.input(5)).attribute("value");
            if (Boolean.FALSE.equals(training)) return false;
            if (n.is("aten::instance_norm") && constants.containsKey(n.input(3))
                && constants.get(n.input(3)).attribute("value") == null) return false;
        }
        return Effects.writes(n);
    }

    private boolean isThere(Tensor t) { return device == null || t.device().equals(device); }

    /** True if a value may be used in a static subgraph. */
    boolean isStaticInput(Value v) {
        if (constants.containsKey(v)) return !(constants.get(v).attribute("value") instanceof Tensor t) || isThere(t);
        Node list = lists.get(v);
        if (list != null) return list.inputs().stream().allMatch(this::isStaticInput);
        return v.type() instanceof TensorType t && t.isComplete() && (device == null || tensors.containsKey(v) && isThere(tensors.get(v)));
    }

    /** Something without effects that does not read what a write could change between here and there: there is no write. */
    static boolean isTransparent(Node n) {
        return n.blocks().isEmpty() && Effects.isPure(n) && !Effects.isOpaque(n) && !n.is(Kinds.TYPE_CHECK)
            && (n.operator() == null || !n.operator().isNondeterministic());
    }

    /** True if the node allocates the memory of its result. */
    boolean isFresh(Value v, Node n) {
        Tensor t = tensors.get(v);
        return t != null && n.inputs().stream().noneMatch(in -> sharesWith(in, t.storage()));
    }

    private boolean sharesWith(Value in, Storage s) {
        Node list = lists.get(in);
        if (list != null) return list.inputs().stream().anyMatch(e -> sharesWith(e, s));
        Node constant = constants.get(in);
        if (constant != null) return constant.attribute("value") instanceof Tensor t && t.storage() == s;
        return tensors.containsKey(in) && tensors.get(in).storage() == s;
    }
}
