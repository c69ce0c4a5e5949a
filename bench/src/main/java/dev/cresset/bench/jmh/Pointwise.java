package dev.cresset.bench.jmh;

import dev.cresset.kernels.op.Operator;
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

/** Pointwise operators over 2^20 floats; PyTorch's own library and ONNX Runtime take 0.05 to 2 ms for these. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Pointwise {
    @Param({"aten::relu", "aten::exp", "aten::tanh", "aten::sigmoid", "aten::erf", "aten::neg"})
    public String operator;

    @Param({"1", "2"})
    public int threads;

    private Bench bench;
    private Operator op;
    private Tensor x;

    @Setup public void prepare() {
        bench = new Bench(threads);
        op = bench.operator(operator);
        x = Bench.tensor(1, 1 << 20);
    }

    @Benchmark public void run(Blackhole hole) { bench.call(hole, op, x); }

    @TearDown public void close() { bench.close(); }
}
