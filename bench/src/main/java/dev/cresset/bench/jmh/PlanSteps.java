package dev.cresset.bench.jmh;

import dev.cresset.ir.text.GraphParser;
import dev.cresset.ir.type.Type;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.plan.StaticPlan;
import dev.cresset.kernels.plan.Target;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What steps of a plan cost, the plan being run without a program around it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PlanSteps {
    private static final int STEPS = 16;

    /** Rows and columns. */
    @Param({"4", "256"})
    public int size;

    private final MemoryPool pool = new MemoryPool(1L << 30, 1L << 32);
    private final Catalog catalog = Operators.catalog();
    private final Generator generator = new Generator(0);
    private StaticPlan pointwise, products;
    private Tensor[] x;

    @Setup public void compile() {
        x = new Tensor[] {Bench.tensor(size, size)};
        pointwise = plan("aten::tanh(%1)");
        products = plan("aten::mm(%1, %1)");
    }

    /** @param step of a tensor %1 to the next one */
    private StaticPlan plan(String step) {
        String type = "Float(" + size + ", " + size + ", strides=[" + size + ", 1], requires_grad=0, device=cpu)";
        StringBuilder text = new StringBuilder("graph(%v0 : " + type + "):\n");
        for (int i = 1; i <= STEPS; i++) {
            text.append("  %v").append(i).append(" : ").append(type).append(" = ").append(step.replace("%1", "%v" + (i - 1))).append('\n');
        }
        return StaticPlan.compile(GraphParser.parse(text.append("  return (%v" + STEPS + ")\n").toString(), catalog, PlanSteps::noClass), catalog, Target.host(1));
    }

    private static Type noClass(String name) { throw new IllegalArgumentException("no class " + name); }

    /** One of sixteen functions of an element, in one loop. */
    @Benchmark @OperationsPerInvocation(STEPS) public Object fused() { return run(pointwise); }

    /** One of sixteen products. */
    @Benchmark @OperationsPerInvocation(STEPS) public Object product() { return run(products); }

    private Object run(StaticPlan plan) {
        try (dev.cresset.tensor.Scope scope = new dev.cresset.tensor.Scope(pool)) {
            return plan.run(new CallContext(catalog, scope, generator, System.out, 1, false), x);
        }
    }

    @TearDown public void close() {
        pointwise.close();
        products.close();
        pool.trim();
    }
}
