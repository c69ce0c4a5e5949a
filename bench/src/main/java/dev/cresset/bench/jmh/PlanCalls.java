package dev.cresset.bench.jmh;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.bench.SourceArchive;
import dev.cresset.tensor.Tensor;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/** What a call costs around its kernels, by a plan and by the interpreter: guards, the plan's entry, single steps. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PlanCalls {
    private static final int MANY = 16, BEFORE = 10;

    @Param({"INTERPRET", "OPTIMIZE"})
    public ExecutionMode mode;

    private Engine engine;
    private ScriptModule one, many, step, branch;
    private final Tensor tiny = Bench.tensor(4, 4);
    private final Object[] tensors = Collections.nCopies(MANY, tiny).toArray();

    @Setup public void load() {
        engine = Engine.builder().threads(1).mode(mode).build();
        one = module("x: Tensor) -> int:\n    return 1\n", tiny);
        String parameters = IntStream.range(0, MANY).mapToObj(i -> "x" + i + ": Tensor").collect(Collectors.joining(", "));
        many = module(parameters + ") -> int:\n    return torch.size(x0, 0)\n", tensors);
        step = module("x: Tensor) -> Tensor:\n    return torch.tanh(torch.add(x, x))\n", tiny);
        branch = module("x: Tensor) -> Tensor:\n    y = torch.tanh(x)\n    if bool(torch.gt(torch.sum(x), 1000)):\n      y = torch.add(y, x)\n"
            + "    return torch.mul(y, y)\n", tiny);
    }

    /** Called a few times, so that it has its plan. */
    private ScriptModule module(String forward, Object... arguments) {
        ScriptModule module = engine.load(SourceArchive.of(forward), "bench").instantiate();
        for (int i = 0; i < BEFORE; i++) module.forward(arguments).close();
        return module;
    }

    /** A constant: what every call costs. */
    @Benchmark public Object oneTensor() { return closed(one.forward(tiny)); }

    /** The size of the first of 16 tensors: fifteen guards more. */
    @Benchmark public Object sixteenTensors() { return closed(many.forward(tensors)); }

    /** One fused kernel on 16 elements. */
    @Benchmark public Object oneStep() { return closed(step.forward(tiny)); }

    /** Two subgraphs with a decision on data between them. */
    @Benchmark public Object stepsAroundABranch() { return closed(branch.forward(tiny)); }

    private static Object closed(Result result) {
        result.close();
        return result;
    }

    @TearDown public void close() { engine.close(); }
}
