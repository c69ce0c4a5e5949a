package dev.cresset.cli.inspect;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.ScriptModule;
import dev.cresset.cli.input.CallArguments;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.runtime.executor.FunctionExecutor;
import dev.cresset.runtime.executor.Phase;
import dev.cresset.runtime.executor.PhaseText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Shows a method after a phase of the profiling executor, for given inputs.
 *
 * @param threads how many threads the plan's kernels are made for
 * @param eval    whether the module is put into evaluation mode first
 */
public record PhaseView(Phase phase, String method, CallArguments.Given inputs, int threads, boolean eval) {
    private static final int PROFILE_RUNS = 2;

    /** @throws IllegalArgumentException if there is no such phase; the message lists them */
    public static Phase phase(String name) {
        return Phase.named(name).orElseThrow(() -> new IllegalArgumentException("there is no phase '" + name + "'; the phases are " + Phase.names()));
    }

    /**
     * The text of the phase. Runs the method as often as it takes; what it prints goes to standard error.
     *
     * @param builder an engine's, with the device where the method runs
     * @throws IllegalArgumentException if inputs are needed and there are none
     */
    public String of(Engine.Builder builder, Path model, GraphPrinter printer) throws IOException {
        try (Engine engine = builder.mode(ExecutionMode.OPTIMIZE).profileRuns(PROFILE_RUNS).threads(threads).seed(inputs.seed()).out(System.err).build();
             Program program = engine.load(model); ScriptModule module = program.instantiate()) {
            if (eval) module.eval();
            if (phase.needsRuns()) run(program, module);
            FunctionExecutor function = program.executor().of(program.loaded().mainClass().method(method).orElseThrow());
            return new PhaseText(function, printer).of(phase);
        }
    }

    private void run(Program program, ScriptModule module) throws IOException {
        boolean takesInputs = program.schema(method).arguments().stream().skip(1).anyMatch(a -> !a.hasDefault());
        if (inputs.isEmpty() && takesInputs) {
            throw new IllegalArgumentException("phase '" + phase + "' depends on what " + method + " is called with: give the inputs after the model, as "
                + "for 'cresset run', for " + declared(program));
        }
        CallArguments arguments = CallArguments.read(inputs, program.schema(method));
        int runs = phase.needsPlan() ? PROFILE_RUNS + 1 : PROFILE_RUNS;
        for (int i = 0; i < runs; i++) module.call(method, arguments.positional(), arguments.named()).close();
    }

    private String declared(Program program) {
        List<String> names = program.schema(method).arguments().stream().skip(1).map(a -> a.type().annotation() + " " + a.name()).toList();
        return method + "(" + String.join(", ", names) + ")";
    }
}
