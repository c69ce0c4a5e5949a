package dev.cresset.runtime.interpreter;

import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.passes.Pipelines;
import dev.cresset.ir.rewrite.Pipeline;
import dev.cresset.ir.type.Device;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Operator;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What is done to a function's graph before it is interpreted: inlining and clean-up that is right for any input. */
public final class GraphPreparation implements UnaryOperator<Graph> {
    private final Catalog catalog;
    private final MemoryPool pool;
    private final Pipeline pipeline;
    private final List<UnaryOperator<Graph>> last;

    public GraphPreparation(Catalog catalog, MemoryPool pool) { this(catalog, pool, null, false); }

    /**
     * For a device.
     *
     * @param device  where programs run: what their code names in its constants is brought there; null leaves constants as they are
     * @param narrows whether float32 is rounded to 16 bits, so that types may be mixed that no operator takes together
     */
    public GraphPreparation(Catalog catalog, MemoryPool pool, Device device, boolean narrows) {
        this.last = new ArrayList<>();
        if (device != null) last.add(new MapDevices(device));
        if (narrows) last.add(new NarrowOperands(catalog));
        this.catalog = catalog;
        this.pool = pool;
        this.pipeline = Pipelines.simplify(this::evaluate);
    }

    @Override public Graph apply(Graph graph) {
        Graph out = pipeline.run(graph, catalog);
        for (UnaryOperator<Graph> pass : last) out = pass.apply(out);
        return out;
    }

    public Pipeline pipeline() { return pipeline; }

    /** Computes an operator on constants; an operator that fails is left to fail when it is reached. */
    private Optional<List<Object>> evaluate(Node node, List<Object> inputs) {
        if (!(node.operator() instanceof Operator op) || !op.isImplemented()) return Optional.empty();
        try (Scope scope = new Scope(pool)) {
            CallContext context = new CallContext(catalog, scope, new Generator(0), System.out, 1, false);
            Object result = op.run(new Args(context, inputs.toArray()));
            return Optional.of(result instanceof Object[] several ? Arrays.asList(several) : Collections.singletonList(result));
        } catch (CressetException | ClassCastException | ArithmeticException | IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }
}
