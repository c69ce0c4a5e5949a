package dev.cresset.runtime.interpreter;

import dev.cresset.ir.graph.Graph;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.tensor.MemoryPool;
import java.util.function.UnaryOperator;

/** What is done to a function's graph before it is interpreted. */
public final class GraphPreparation implements UnaryOperator<Graph> {
    private final Catalog catalog;
    private final MemoryPool pool;

    public GraphPreparation(Catalog catalog, MemoryPool pool) {
        this.catalog = catalog;
        this.pool = pool;
    }

    @Override public Graph apply(Graph graph) { return graph; }
}
