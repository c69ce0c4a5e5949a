package dev.cresset.kernels.plan.passes;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.rewrite.Uses;
import dev.cresset.ir.type.SimpleType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.plan.Workshop;
import dev.cresset.tensor.Content;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes matrix products that share an operand as one.
 *
 * <pre>{@code
 * %a = aten::select(%x, 0, 0)                 %p = aten::matmul(%x, %W)
 * %b = aten::select(%x, 0, 1)           →     %c = aten::select(%p, 0, 0)
 * %c = aten::mm(%a, %W)                       %d = aten::select(%p, 0, 1)
 * %d = aten::mm(%b, %W)
 *
 * %c = aten::linear(%x, %W, %u)         →     %p = aten::linear(%x, %[W; V], %[u; v])
 * %d = aten::linear(%x, %V, %v)               %c = aten::narrow(%p, -1, 0, …)    %d = aten::narrow(%p, -1, …)
 * }</pre>
 *
 * <p>Each element is the same sum of the same products; the library may take them in another order for another shape, so
 * the result may differ in the last bits. The first form is used when most of the slices are multiplied, the second for
 * constant weights when no result could have been finished by the library together with what follows it.
 */
public final class JoinProducts implements Pass {
    private final Workshop workshop;
    private final boolean anySizes;

    public JoinProducts(Workshop workshop) { this(workshop, false); }

    private JoinProducts(Workshop workshop, boolean anySizes) {
        this.workshop = workshop;
        this.anySizes = anySizes;
    }

    /**
     * For graphs whose types are those of a sample: the second form only, where nobody notices that results become views with
     * gaps between their rows. A {@code view} of one becomes a {@code reshape}.
     */
    public static JoinProducts forAnySizes(Workshop workshop) { return new JoinProducts(workshop, true); }

    @Override public Graph run(Graph graph, PassContext context) {
        if (anySizes) return new Joining(graph, context).weights();
        Graph byWeight = new Joining(graph, context).slices();
        return new Joining(byWeight, context).weights();
    }

    /** A slice of a tensor: position {@code index} of a dimension. */
    private record Slice(Value of, long dim, long index) {}

    private final class Joining {
        private final Graph graph;
        private final PassContext context;
        private final Uses uses;
        /** What comes instead of a node. */
        private final Map<Node, List<Node>> replacements = new IdentityHashMap<>();

        Joining(Graph graph, PassContext context) {
            this.graph = graph;
            this.context = context;
            this.uses = Uses.of(graph);
        }

        private List<Node> products() {
            return graph.nodes().stream().filter(n -> n.operator() != null && n.outputs().size() == 1 && isProduct(n)).toList();
        }

        private boolean isProduct(Node n) {
            boolean linear = n.kind().equals("aten::linear");
            if (!linear && !n.kind().equals("aten::mm") && !n.kind().equals("aten::matmul")) return false;
            Tensor w = Constants.tensor(n.input(1), uses);
            boolean bias = !linear || Constants.is(n.input(2), uses);
            return w != null && w.dim() == 2 && bias && complete(n.input(0)) != null && complete(n.output()) != null && complete(n.input(0)).sizes().size() >= 2;
        }

        private static TensorType complete(Value v) { return v.type() instanceof TensorType t && t.isComplete() ? t : null; }

        private Tensor bias(Node n) { return n.kind().equals("aten::linear") ? Constants.tensor(n.input(2), uses) : null; }

        private Graph rewritten() {
            if (replacements.isEmpty()) return graph;
            List<Node> out = new ArrayList<>();
            for (Node n : graph.nodes()) {
                if (replacements.containsKey(n)) out.addAll(replacements.get(n));
                else out.add(n);
            }
            return graph.withBody(new Block(graph.inputs(), out, graph.outputs()));
        }

        // ---- slices of one tensor, one weight

        Graph slices() {
            record Key(boolean linear, Content weight, Content bias, Value of, long dim) {}
            Map<Key, List<Node>> groups = new LinkedHashMap<>();
            for (Node n : products()) {
                Slice s = slice(n.input(0));
                if (s == null) continue;
                Key key = new Key(n.kind().equals("aten::linear"), Content.of(Constants.tensor(n.input(1), uses)), Content.of(bias(n)), s.of, s.dim);
                groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(n);
            }
            groups.forEach((key, nodes) -> {
                long steps = complete(key.of).sizes().get((int) key.dim);
                if (nodes.size() > 1 && 2L * nodes.size() >= steps && context.mayChange()) joinSlices(nodes, key.of, key.dim);
            });
            return rewritten();
        }

        /** Not of the last dimension, along which products sum. */
        private Slice slice(Value v) {
            Node n = uses.definition(v);
            if (n == null) return null;
            Value of = n.is(Kinds.LIST_UNPACK) ? null : n.kind().equals("aten::select") ? n.input(0) : null;
            Node list = n.is(Kinds.LIST_UNPACK) ? uses.definition(n.input(0)) : null;
            if (list != null && list.kind().equals("aten::unbind")) of = list.input(0);
            if (of == null || complete(of) == null) return null;
            int rank = complete(of).sizes().size();
            double dim = Constants.number((list != null ? list : n).input(1), uses, Double.NaN);
            double index = list != null ? n.outputs().indexOf(v) : Constants.number(n.input(2), uses, Double.NaN);
            if (Double.isNaN(dim) || Double.isNaN(index)) return null;
            int d = Shapes.wrapDim((long) dim, rank);
            long at = (long) index < 0 ? (long) index + complete(of).sizes().get(d) : (long) index;
            return d == rank - 1 ? null : new Slice(of, d, at);
        }

        private void joinSlices(List<Node> nodes, Value of, long dim) {
            Node first = nodes.getFirst();
            List<Long> sizes = new ArrayList<>(complete(of).sizes());
            sizes.set(sizes.size() - 1, complete(first.output()).sizes().getLast());
            boolean linear = first.kind().equals("aten::linear");
            Value product = new Value(type(complete(of), sizes));
            Node joined = Node.call(context.operator(linear ? "aten::linear" : "aten::matmul"),
                linear ? List.of(of, first.input(1), first.input(2)) : List.of(of, first.input(1)), List.of(product), first.location());
            for (Node n : nodes) {
                Node d = number(dim, n.location()), i = number(slice(n.input(0)).index, n.location());
                Node select = Node.call(context.operator("aten::select.int"), List.of(product, d.output(), i.output()), n.outputs(), n.location());
                replacements.put(n, n == first ? List.of(joined, d, i, select) : List.of(d, i, select));
            }
        }

        // ---- one input, several weights

        Graph weights() {
            record Key(String kind, Value x) {}
            Map<Key, List<Node>> groups = new LinkedHashMap<>();
            for (Node n : products()) {
                boolean apart = workshop.isOnDevice() ? !SmallProducts.hasFewRows(n) : !mayFinish(n);
                if (apart && mayBeSlice(n)) groups.computeIfAbsent(new Key(n.kind(), n.input(0)), _ -> new ArrayList<>()).add(n);
            }
            groups.forEach((key, nodes) -> {
                if (nodes.size() > 1 && context.mayChange()) joinWeights(nodes, key.kind.equals("aten::linear"));
            });
            return rewritten();
        }

        /** In a static subgraph, whoever needs row-major memory gets a copy. */
        private boolean mayBeSlice(Node n) { return !anySizes || new StridedReaders(uses).areAll(n.output()); }

        /** True if the library could do what follows together with the product. */
        private boolean mayFinish(Node n) {
            if (SmallProducts.is(n, uses) || uses.count(n.output()) != 1) return false;
            Node next = uses.of(n.output()).getFirst().node();
            return next != null && FormLibraryGroups.mayFollow(next);
        }

        private void joinWeights(List<Node> nodes, boolean linear) {
            Node first = nodes.getFirst();
            int k = (int) (long) complete(first.input(0)).sizes().getLast();
            int columns = nodes.stream().mapToInt(n -> (int) columns(n)).sum();
            double[] w = new double[k * columns], b = new double[columns];
            boolean anyBias = false;
            List<Node> out = new ArrayList<>();
            int at = 0;
            for (Node n : nodes) {
                double[] part = Constants.tensor(n.input(1), uses).toDoubleArray();
                int width = (int) columns(n);
                if (linear) System.arraycopy(part, 0, w, at * k, part.length);
                else for (int i = 0; i < k; i++) System.arraycopy(part, i * width, w, i * columns + at, width);
                if (bias(n) != null) System.arraycopy(bias(n).toDoubleArray(), 0, b, at, width);
                anyBias |= bias(n) != null;
                at += width;
            }
            TensorType x = complete(first.input(0));
            Node weight = Constants.node(workshop.constant(x.dtype(), w, linear ? new long[] {columns, k} : new long[] {k, columns}), first.location());
            out.add(weight);
            List<Value> inputs = new ArrayList<>(List.of(first.input(0), weight.output()));
            if (linear) {
                Node shift = anyBias ? Constants.node(workshop.constant(x.dtype(), b, columns), first.location())
                    : Node.constant(null, new Value(first.input(2).type()), first.location());
                out.add(shift);
                inputs.add(shift.output());
            }
            List<Long> sizes = new ArrayList<>(x.sizes());
            sizes.set(sizes.size() - 1, (long) columns);
            Value product = new Value(type(x, sizes));
            out.add(Node.call(first.operator(), inputs, List.of(product), first.location()));
            narrow(nodes, product, out);
        }

        private long columns(Node n) { return complete(n.output()).sizes().getLast(); }

        private void narrow(List<Node> nodes, Value product, List<Node> before) {
            long at = 0;
            for (Node n : nodes) {
                Node dim = number(-1, n.location()), start = number(at, n.location()), length = number(columns(n), n.location());
                Node part = Node.call(context.operator("aten::narrow"), List.of(product, dim.output(), start.output(), length.output()), n.outputs(), n.location());
                List<Node> own = n == nodes.getFirst() ? before : new ArrayList<>();
                own.addAll(List.of(dim, start, length, part));
                replacements.put(n, own);
                if (anySizes) viewsBecomeReshapes(n.output());
                at += columns(n);
            }
        }

        private void viewsBecomeReshapes(Value v) {
            StridedReaders readers = new StridedReaders(uses);
            readers.areAll(v);
            for (Node n : readers.views()) replacements.put(n, List.of(Node.call(context.operator("aten::reshape"), n.inputs(), n.outputs(), n.location())));
        }

        private static Node number(long v, Location at) { return Node.constant(v, new Value(SimpleType.INT), at); }

        private static TensorType type(TensorType like, List<Long> sizes) {
            long[] s = sizes.stream().mapToLong(v -> v).toArray();
            return TensorType.of(like.dtype(), like.device(), s, Shapes.contiguousStrides(s), false);
        }
    }
}
