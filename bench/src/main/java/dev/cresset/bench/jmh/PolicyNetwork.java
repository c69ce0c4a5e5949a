package dev.cresset.bench.jmh;

import dev.cresset.bench.subject.CressetSubject;
import dev.cresset.bench.subject.FloatArray;
import dev.cresset.bench.subject.Subject;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The 45-512-256-128-12 policy network, batch 1, end to end; {@code ./cresset bench --models mlp_policy} makes it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PolicyNetwork {
    private final CressetSubject subject = new CressetSubject(1);
    private Subject.Call call;

    @Setup public void load() throws Exception {
        Path folder = Path.of(System.getProperty("cresset.home", "."), "bench/target/models/mlp_policy");
        subject.load(folder);
        call = subject.prepare(FloatArray.inputs(folder, "b1"));
    }

    @Benchmark public void forward() throws Exception { call.run(); }

    @TearDown public void close() { subject.close(); }
}
