package dev.cresset.bench.jmh;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.SplittableRandom;
import org.openjdk.jmh.infra.Blackhole;

/** Calls operators as the interpreter does, without a program around them. */
final class Bench implements AutoCloseable {
    private final MemoryPool pool = new MemoryPool(1L << 30, 1L << 32);
    private final Catalog catalog = Operators.catalog();
    private final Generator generator = new Generator(0);
    private final int threads;

    Bench(int threads) { this.threads = threads; }

    Operator operator(String qualifiedName) { return catalog.get(qualifiedName); }

    /** Calls it and gives the memory of the result back. */
    void call(Blackhole hole, Operator operator, Object... arguments) {
        try (Scope scope = new Scope(pool)) {
            hole.consume(operator.call(new CallContext(catalog, scope, generator, System.out, threads, false), arguments));
        }
    }

    /** Values between -2 and 2, the same each time. */
    static Tensor tensor(long... shape) {
        int n = 1;
        for (long s : shape) n *= (int) s;
        SplittableRandom random = new SplittableRandom(n);
        float[] data = new float[n];
        for (int i = 0; i < n; i++) data[i] = (float) random.nextDouble(-2, 2);
        return Tensor.of(data, shape);
    }

    @Override public void close() { pool.trim(); }
}
