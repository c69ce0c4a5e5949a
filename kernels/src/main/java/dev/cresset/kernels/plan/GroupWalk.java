package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Goes through the nodes of a fusion group one by one: to run them, or to learn the types of its values. */
final class GroupWalk {
    private GroupWalk() {}

    /** What a group is called: its operators' names after a word. */
    static String label(String what, Graph graph) {
        return graph.nodes().stream().filter(n -> n.operator() != null).map(n -> n.kind().substring(n.kind().indexOf(':') + 2))
            .collect(Collectors.joining(" ", what + " ", ""));
    }

    /** The label of a group whose operators were run one by one. */
    static String oneByOne(String label) { return label + " (one by one)"; }

    /** Runs the operators one by one. */
    static Tensor[] run(Graph graph, CallContext context, Tensor[] given) {
        Map<Value, Object> values = values(graph, given, (operator, arguments) -> operator.run(new Args(context, arguments)));
        return graph.outputs().stream().map(v -> (Tensor) values.get(v)).toArray(Tensor[]::new);
    }

    /** Where a tensor's first element is, its memory put in order. */
    static long address(Tensor t) { return t.storage().isOnDevice() ? t.address() : t.data().address() + t.byteOffset(); }

    /** What all values of the graph are, if these are its inputs. @param call gives an operator's result from its arguments */
    static Map<Value, Object> values(Graph graph, Tensor[] given, BiFunction<Operator, Object[], Object> call) {
        Map<Value, Object> values = new IdentityHashMap<>();
        for (int i = 0; i < given.length; i++) values.put(graph.inputs().get(i), given[i]);
        for (Node n : graph.nodes()) {
            Object[] in = n.inputs().stream().map(values::get).toArray();
            switch (n.kind()) {
                case Kinds.CONSTANT -> values.put(n.output(), n.attribute("value"));
                case Kinds.LIST_CONSTRUCT -> values.put(n.output(), new ScriptList(((ListType) n.output().type()).element(), Arrays.asList(in)));
                case Kinds.LIST_UNPACK -> bind(n, ((List<?>) in[0]).toArray(), values);
                default -> {
                    Object result = call.apply((Operator) n.operator(), in);
                    bind(n, n.outputs().size() == 1 ? new Object[] {result} : (Object[]) result, values);
                }
            }
        }
        return values;
    }

    private static void bind(Node n, Object[] results, Map<Value, Object> values) {
        for (int i = 0; i < results.length; i++) values.put(n.outputs().get(i), results[i]);
    }

    /** The graph with the types that follow from those of its inputs. @throws IllegalArgumentException if they do not */
    static Graph typed(Graph graph, Tensor[] given, MetaExecution meta) {
        Tensor[] mirrors = Arrays.stream(given).map(t -> MetaExecution.tensor(t.type())).toArray(Tensor[]::new);
        Map<Value, Object> samples = values(graph, mirrors, (operator, arguments) -> meta.run(operator, arguments)
            .orElseThrow(() -> new IllegalArgumentException("no shape for " + operator)).value());
        Map<Value, Value> now = new IdentityHashMap<>();
        samples.forEach((v, sample) -> now.put(v, new Value(sample instanceof Tensor t ? typeOf(t) : v.type(), v.hint())));
        List<Node> nodes = new ArrayList<>();
        for (Node n : graph.nodes()) nodes.add(n.withInputs(mapped(n.inputs(), now)).withOutputs(mapped(n.outputs(), now)));
        return new Graph(new Block(mapped(graph.inputs(), now), nodes, mapped(graph.outputs(), now)));
    }

    private static TensorType typeOf(Tensor t) { return TensorType.of(t.dtype(), t.device(), t.sizes(), t.strides(), false); }

    private static List<Value> mapped(List<Value> values, Map<Value, Value> now) { return values.stream().map(now::get).toList(); }
}
