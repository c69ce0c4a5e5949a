package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Rewriter;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.OptionalType;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.kernels.op.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Lets programs in 16 bits mix that type with float32 in operators that take one type only; see Note [Programs in 16 bits] in
 * {@link dev.cresset.kernels.op.Precision}. Where types turn out to be equal, as nearly everywhere, nothing is left of it in plans.
 *
 * <pre>{@code
 * %y = aten::linear(%x, %w, None)   →   %x2 = cresset::narrow_like(%x, %w)
 *                                       %w2 = cresset::narrow_like(%w, %x2)
 *                                       %y = aten::linear(%x2, %w2, None)
 * }</pre>
 */
final class NarrowOperands implements UnaryOperator<Graph> {
    private static final List<String> CONVOLUTION = List.of("input", "weight", "bias"), ATTENTION = List.of("query", "key", "value", "attn_mask");
    /** Names of operands that get one type, by the name of the operator. */
    private static final Map<String, List<String>> PRODUCTS = Map.ofEntries(Map.entry("aten::linear", CONVOLUTION), Map.entry("aten::conv1d", CONVOLUTION),
        Map.entry("aten::conv2d", CONVOLUTION), Map.entry("aten::conv3d", CONVOLUTION), Map.entry("aten::conv_transpose1d", CONVOLUTION),
        Map.entry("aten::conv_transpose2d", CONVOLUTION), Map.entry("aten::conv_transpose3d", CONVOLUTION), Map.entry("aten::_convolution", CONVOLUTION),
        Map.entry("aten::convolution", CONVOLUTION), Map.entry("aten::matmul", List.of("self", "other")), Map.entry("aten::mm", List.of("self", "mat2")),
        Map.entry("aten::bmm", List.of("self", "mat2")), Map.entry("aten::mv", List.of("self", "vec")), Map.entry("aten::dot", List.of("self", "tensor")),
        Map.entry("aten::addmm", List.of("mat1", "mat2", "self")), Map.entry("aten::addbmm", List.of("batch1", "batch2", "self")),
        Map.entry("aten::baddbmm", List.of("batch1", "batch2", "self")), Map.entry("aten::addmv", List.of("mat", "vec", "self")),
        Map.entry("aten::scaled_dot_product_attention", ATTENTION), Map.entry("aten::prelu", List.of("self", "weight")));
    /** Operands that get the type of the first one. */
    private static final Map<String, List<String>> FOLLOWERS = Map.of("aten::layer_norm", CONVOLUTION, "aten::group_norm", CONVOLUTION,
        "aten::index_put", List.of("self", "values"), "aten::index_put_", List.of("self", "values"), "aten::masked_scatter", List.of("self", "source"),
        "aten::masked_scatter_", List.of("self", "source"), "aten::scatter", List.of("self", "src"), "aten::scatter_", List.of("self", "src"),
        "aten::scatter_add", List.of("self", "src"), "aten::scatter_add_", List.of("self", "src"));
    private static final Set<String> RECURRENT = Set.of("aten::lstm", "aten::gru", "aten::rnn_tanh", "aten::rnn_relu"),
        CELLS = Set.of("aten::lstm_cell", "aten::gru_cell", "aten::rnn_tanh_cell", "aten::rnn_relu_cell");

    private final Catalog catalog;

    NarrowOperands(Catalog catalog) { this.catalog = catalog; }

    @Override public Graph apply(Graph graph) {
        Uses uses = Uses.of(graph);
        return Rewriter.rewrite(graph, (n, _) -> rewritten(n, uses));
    }

    private List<Node> rewritten(Node n, Uses uses) {
        if (n.operator() == null || !n.blocks().isEmpty()) return null;
        Call call = new Call(n, uses);
        if (PRODUCTS.containsKey(n.kind())) call.agree(PRODUCTS.get(n.kind()));
        else if (FOLLOWERS.containsKey(n.kind())) call.follow(FOLLOWERS.get(n.kind()));
        else if (RECURRENT.contains(n.kind())) call.recurrent();
        else if (CELLS.contains(n.kind())) call.cell();
        else if (n.is("aten::einsum")) call.put(call.at("tensors"), "cresset::narrow_among");
        return call.nodes.isEmpty() ? null : call.finished();
    }

    /** A call with the conversions that come before it. */
    private final class Call {
        final List<Node> nodes = new ArrayList<>();
        private final Node node;
        private final Uses uses;
        private final List<Value> inputs;

        Call(Node node, Uses uses) {
            this.node = node;
            this.uses = uses;
            this.inputs = new ArrayList<>(node.inputs());
        }

        /** The position of an argument, -1 if the call has none of this name. */
        int at(String name) {
            int i = node.operator().schema().indexOf(name);
            return i < inputs.size() ? i : -1;
        }

        /** The first two decide, the others follow them. */
        void agree(List<String> names) {
            int first = at(names.get(0)), second = at(names.get(1));
            if (first < 0 || second < 0) return;
            narrow(first, second);
            narrow(second, first);
            for (String name : names.subList(2, names.size())) narrow(at(name), second);
        }

        void follow(List<String> names) {
            for (String name : names.subList(1, names.size())) convert("cresset::as_type_of", at(name), at(names.getFirst()));
        }

        void recurrent() {
            int input = at("input") >= 0 ? at("input") : at("data"), states = at("hx"), parameters = at("params");
            if (input < 0 || states < 0 || parameters < 0) return;
            put(input, "cresset::narrow_like.list", inputs.get(parameters));
            narrowList(parameters, inputs.get(input));
            states(states, input);
        }

        void cell() {
            agree(List.of("input", "w_ih", "w_hh", "b_ih", "b_hh"));
            states(at("hx"), at("input"));
        }

        private void states(int states, int input) {
            if (inputs.get(states).type().isTensor()) narrow(states, input);
            else narrowList(states, inputs.get(input));
        }

        /** A list that is made for this call, so that nobody writes to it, is made of narrow tensors: plans see through that. */
        private void narrowList(int list, Value like) {
            Node made = uses.definition(inputs.get(list));
            if (made == null || !made.is(Kinds.LIST_CONSTRUCT) || uses.count(inputs.get(list)) != 1) {
                put(list, "cresset::narrow_list", like);
                return;
            }
            List<Value> narrow = made.inputs().stream().map(v -> added("cresset::narrow_like", v, like)).toList();
            Value out = new Value(inputs.get(list).type());
            nodes.add(Node.prim(Kinds.LIST_CONSTRUCT, narrow, List.of(out), node.location()));
            inputs.set(list, out);
        }

        private void narrow(int operand, int like) { convert("cresset::narrow_like", operand, like); }

        private void convert(String operator, int operand, int like) {
            if (operand < 0 || like < 0 || !inputs.get(like).type().isTensor()) return;
            boolean optional = inputs.get(operand).type() instanceof OptionalType;
            if (!optional && !inputs.get(operand).type().isTensor()) return;
            put(operand, optional ? operator + ".optional" : operator, inputs.get(like));
        }

        /** Puts the operator's result in the place of an argument. */
        void put(int operand, String name, Value... others) {
            if (operand < 0 || inputs.get(operand).type() == SimpleType.NONE) return;
            inputs.set(operand, added(name, inputs.get(operand), others));
        }

        private Value added(String name, Value first, Value... others) {
            List<Value> in = new ArrayList<>(List.of(first));
            in.addAll(List.of(others));
            Value out = new Value(first.type());
            nodes.add(Node.call(catalog.get(name), in, List.of(out), node.location()));
            return out;
        }

        List<Node> finished() {
            nodes.add(node.withInputs(inputs));
            return nodes;
        }
    }
}
