package dev.cresset.bench.jmh;

import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One call of an operator: what it costs beside the work (1 element), and with work (2^20 elements). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperatorCall {
    @Param({"1", "1048576"})
    public int elements;

    @Param({"1", "2"})
    public int threads;

    private Bench bench;
    private Operator add, view, sum;
    private Tensor x, y;

    @Setup public void prepare() {
        bench = new Bench(threads);
        add = bench.operator("aten::add.Tensor");
        view = bench.operator("aten::transpose.int");
        sum = bench.operator("aten::sum.dim_IntList");
        x = Bench.tensor(1, elements);
        y = Bench.tensor(1, elements);
    }

    @Benchmark public void add(Blackhole hole) { bench.call(hole, add, x, y, 1L); }

    @Benchmark public void transpose(Blackhole hole) { bench.call(hole, view, x, 0L, 1L); }

    @Benchmark public void sum(Blackhole hole) { bench.call(hole, sum, x, ScriptList.ofLongs(1), false, null); }

    @TearDown public void close() { bench.close(); }
}
