package dev.cresset.kernels.statics;

import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.rewrite.Pass;
import dev.cresset.ir.rewrite.PassContext;
import dev.cresset.ir.text.OpaqueText;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes a static subgraph of text in which only inputs and constants have complete types. Tensor constants, which text does
 * not hold, become tensors of random elements ({@code value=<Tensor>}) or of ones ({@code value=<Ones>}).
 */
public final class InferTypes implements Pass {
    private final MetaExecution meta;
    private final Random random = new Random(7);

    public InferTypes(Catalog catalog) { meta = new MetaExecution(catalog); }

    @Override public Graph run(Graph graph, PassContext context) {
        Map<Value, Object> known = new HashMap<>();
        Map<Value, Value> typed = new HashMap<>();
        for (Value v : graph.inputs()) known.put(v, MetaExecution.tensor((TensorType) v.type()));
        List<Node> nodes = new ArrayList<>();
        for (Node n : graph.nodes()) {
            Object[] results = evaluate(n, known);
            List<Value> outputs = new ArrayList<>();
            for (int i = 0; i < results.length; i++) {
                Value old = n.outputs().get(i);
                known.put(old, results[i]);
                Value now = results[i] instanceof Tensor t ? new Value(t.type(), old.hint()) : old;
                typed.put(old, now);
                outputs.add(now);
            }
            Node now = n.withInputs(n.inputs().stream().map(v -> typed.getOrDefault(v, v)).toList()).withOutputs(outputs);
            boolean isTensor = n.is(Kinds.CONSTANT) && results[0] instanceof Tensor;
            nodes.add(isTensor ? Node.constant(results[0], outputs.getFirst(), n.location()) : now);
        }
        return new Graph(new Block(graph.inputs(), nodes, graph.outputs().stream().map(v -> typed.getOrDefault(v, v)).toList()));
    }

    private Object[] evaluate(Node n, Map<Value, Object> known) {
        Object[] in = n.inputs().stream().map(known::get).toArray();
        switch (n.kind()) {
            case Kinds.CONSTANT -> {
                Object value = n.attribute("value");
                return new Object[] {value instanceof OpaqueText t ? tensor((TensorType) n.output().type(), t.text()) : value};
            }
            case Kinds.LIST_CONSTRUCT -> {
                return new Object[] {new ScriptList(((dev.cresset.ir.type.ListType) n.output().type()).element(), java.util.Arrays.asList(in))};
            }
            case Kinds.LIST_UNPACK -> {
                return ((List<?>) in[0]).toArray();
            }
            default -> {
                if (!(n.operator() instanceof Operator o)) throw new AssertionError("no operator " + n.kind() + " for " + n.inputs());
                Object result = meta.run(o, in).orElseThrow(() -> new AssertionError(o + " of " + n.inputs() + " has no known result")).value();
                return result instanceof Object[] several ? several : new Object[] {result};
            }
        }
    }

    private Tensor tensor(TensorType type, String text) {
        Tensor t = Tensor.zeros(type.dtype(), type.sizes().stream().mapToLong(Long::longValue).toArray());
        for (long i = 0; i < t.numel(); i++) {
            double v = text.equals("<Ones>") ? 1 : 0.5 + random.nextDouble();
            if (type.dtype().isIntegral()) Elements.setLong(t.data(), type.dtype(), i, type.dtype() == ScalarType.BOOL ? (v > 1 ? 1 : 0) : (long) (4 * v));
            else Elements.setDouble(t.data(), type.dtype(), i, v);
        }
        return t;
    }
}
