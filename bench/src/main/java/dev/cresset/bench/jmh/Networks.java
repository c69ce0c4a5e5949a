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

/** Matrix products and convolutions as operators: the kernel's time plus what the operator adds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Networks {
    @Param({"1", "2"})
    public int threads;

    private Bench bench;
    private Operator mm, linear, conv;
    private final Tensor square = Bench.tensor(512, 512);
    private final Tensor row = Bench.tensor(1, 512), weight = Bench.tensor(256, 512), bias = Bench.tensor(256);
    private final Tensor image = Bench.tensor(1, 64, 56, 56), filter = Bench.tensor(64, 64, 3, 3), filterBias = Bench.tensor(64);

    @Setup public void prepare() {
        bench = new Bench(threads);
        mm = bench.operator("aten::mm");
        linear = bench.operator("aten::linear");
        conv = bench.operator("aten::_convolution");
    }

    /** 0.268 GFLOP. */
    @Benchmark public void mm512(Blackhole hole) { bench.call(hole, mm, square, square); }

    /** A product with a vector, as in a policy network. */
    @Benchmark public void linear512to256(Blackhole hole) { bench.call(hole, linear, row, weight, bias); }

    /** 0.231 GFLOP: 64 channels of 56 × 56, 3 × 3. */
    @Benchmark public void conv64(Blackhole hole) {
        bench.call(hole, conv, image, filter, filterBias, ints(1), ints(1), ints(1), false, ints(0), 1L, false, false, true, true);
    }

    private static Object ints(long both) {
        return ScriptList.ofLongs(both, both);
    }

    @TearDown public void close() { bench.close(); }
}
