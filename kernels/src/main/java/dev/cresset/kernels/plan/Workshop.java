package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.io.OutputStream;
import java.io.PrintStream;

/** What is at hand while a plan is made: the catalogue, and a context in which operators run now. */
public final class Workshop implements AutoCloseable {
    private final Catalog catalog;
    private final int threads;
    private final Scope scope = new Scope(new MemoryPool(0));
    private final CallContext context;

    public Workshop(Catalog catalog, int threads) {
        this.catalog = catalog;
        this.threads = threads;
        context = new CallContext(catalog, scope, new Generator(0), new PrintStream(OutputStream.nullOutputStream()), threads, false)
            .warningsTo(_ -> { });
    }

    public Catalog catalog() { return catalog; }

    public int threads() { return threads; }

    /** For calls whose results are used while the plan is made. */
    public CallContext context() { return context; }

    /** The tensor in memory that lives as long as it is reachable. */
    public Tensor kept(Tensor t) {
        t.storage().detach();
        return t;
    }

    @Override public void close() { scope.close(); }
}
