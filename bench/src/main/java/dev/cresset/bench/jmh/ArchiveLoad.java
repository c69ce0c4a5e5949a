package dev.cresset.bench.jmh;

import dev.cresset.Engine;
import dev.cresset.Program;
import java.io.IOException;
import java.io.InputStream;
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

/** From the bytes of an archive to a module instance, methods not yet compiled. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ArchiveLoad {
    @Param({"digits", "resnet", "bert"})
    public String model;

    private final Engine engine = Engine.create();
    private byte[] archive;

    @Setup public void read() throws IOException {
        String resource = "/dev/cresset/testmodels/" + model + "/model.pt";
        try (InputStream in = ArchiveLoad.class.getResourceAsStream(resource)) {
            if (in == null) throw new IOException("there is no test model " + resource);
            archive = in.readAllBytes();
        }
    }

    @Benchmark public void load() {
        try (Program program = engine.load(archive, model)) {
            program.instantiate().close();
        }
    }

    @TearDown public void close() { engine.close(); }
}
