package dev.cresset.bench.jmh;

import dev.cresset.Engine;
import dev.cresset.ScriptModule;
import dev.cresset.bench.SourceArchive;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the interpreter itself costs: programs whose operators do next to nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class InterpreterDispatch {
    private static final int TURNS = 1000;
    private static final String SCALARS = """
        n: int) -> int:
            s = 0
            for i in range(n):
              if torch.lt(s, 5000):
                s0 = torch.add(s, torch.mul(i, 3))
              else:
                s0 = torch.sub(s, 4999)
              s = s0
            return s
        """;
    private static final String TENSORS = """
        x: Tensor, n: int) -> Tensor:
            y = x
            for i in range(n):
              y = torch.relu(y)
            return y
        """;

    private final Engine engine = Engine.builder().threads(1).build();
    private ScriptModule scalars, tensors, nothing;

    @Setup public void load() {
        scalars = module(SCALARS);
        tensors = module(TENSORS);
        nothing = module("x: Tensor) -> int:\n    return 1\n");
    }

    private ScriptModule module(String forward) { return engine.load(SourceArchive.of(forward), "bench").instantiate(); }

    /** One turn of a loop: five instructions on integers and a branch. */
    @Benchmark @OperationsPerInvocation(TURNS) public Object scalarLoop() {
        var result = scalars.forward((long) TURNS);
        result.close();
        return result;
    }

    /** One turn of a loop with an operator on a tensor of one element. */
    @Benchmark @OperationsPerInvocation(TURNS) public Object tinyTensorLoop() {
        var result = tensors.forward(ONE, (long) TURNS);
        result.close();
        return result;
    }

    /** A call of a module that returns a constant. */
    @Benchmark public Object emptyCall() {
        var result = nothing.forward(ONE);
        result.close();
        return result;
    }

    private static final dev.cresset.tensor.Tensor ONE = Bench.tensor(1);

    @TearDown public void close() { engine.close(); }
}
