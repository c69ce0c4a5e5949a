package dev.cresset.bench.subject;

import dev.cresset.Engine;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Cresset as a service would embed it: one engine, one program, one instance. */
public final class CressetSubject implements Subject {
    private final Engine engine;
    private Program program;
    private ScriptModule module;

    /** On the host. */
    public CressetSubject(int threads) { engine = Engine.builder().threads(threads).build(); }

    /** @throws IOException if CUDA is to be emulated and the emulation cannot be built */
    public CressetSubject(int threads, DeviceOptions device) throws IOException { engine = device.builder().threads(threads).build(); }

    @Override public void load(Path folder) {
        program = engine.load(folder.resolve("model.pt"));
        module = program.instantiate();
    }

    @Override public Call prepare(List<FloatArray> inputs) {
        Object[] arguments = inputs.stream().map(a -> Tensor.of(a.data(), a.shape())).toArray();
        return new Call() {
            /** Of a device the output is read, as a caller would: without that nothing waits until it is there. */
            @Override public void run() {
                try (Result result = module.forward(arguments)) {
                    if (!engine.device().isCpu()) result.tensor().cpu();
                }
            }

            @Override public FloatArray output() {
                try (Result result = module.forward(arguments)) {
                    return new FloatArray(result.tensor().toFloatArray(), result.tensor().sizes());
                }
            }

            @Override public void close() {
                for (Object t : arguments) ((Tensor) t).close();
            }
        };
    }

    @Override public long plannedCalls() { return program.executor().all().stream().mapToLong(f -> f.planCalls()).sum(); }

    @Override public void close() {
        if (module != null) module.close();
        if (program != null) program.close();
        engine.close();
    }
}
