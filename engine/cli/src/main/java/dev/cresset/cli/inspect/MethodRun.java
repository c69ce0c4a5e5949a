package dev.cresset.cli.inspect;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.ScriptModule;
import dev.cresset.cli.input.CallArguments;
import dev.cresset.runtime.executor.FunctionExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * A method of a model, called until there is something to see of it.
 *
 * @param threads how many threads the plan's kernels are made for
 * @param eval    whether the module is put into evaluation mode first
 */
public record MethodRun(String method, CallArguments.Given inputs, int threads, boolean eval) {
    private static final int PROFILE_RUNS = 2;

    /** How far the method is to be brought. */
    enum Until { LOADED, PROFILED, PLANNED }

    /**
     * What is seen of the method. What it prints goes to standard error.
     *
     * @param builder an engine's, with the device where the method runs
     * @param what    says in messages what needs the inputs
     * @throws IllegalArgumentException if inputs are needed and there are none
     */
    <T> T see(Engine.Builder builder, Path model, Until until, String what, Function<FunctionExecutor, T> seen) throws IOException {
        try (Engine engine = builder.mode(ExecutionMode.OPTIMIZE).profileRuns(PROFILE_RUNS).threads(threads).seed(inputs.seed()).out(System.err).build();
             Program program = engine.load(model); ScriptModule module = program.instantiate()) {
            if (eval) module.eval();
            if (until != Until.LOADED) run(program, module, until == Until.PLANNED ? PROFILE_RUNS + 1 : PROFILE_RUNS, what);
            return seen.apply(program.executor().of(program.loaded().mainClass().method(method).orElseThrow()));
        }
    }

    private void run(Program program, ScriptModule module, int runs, String what) throws IOException {
        boolean takesInputs = program.schema(method).arguments().stream().skip(1).anyMatch(a -> !a.hasDefault());
        if (inputs.isEmpty() && takesInputs) {
            throw new IllegalArgumentException(what + " depends on what " + method + " is called with: give the inputs after the model, as "
                + "for 'cresset run', for " + declared(program));
        }
        CallArguments arguments = CallArguments.read(inputs, program.schema(method));
        for (int i = 0; i < runs; i++) module.call(method, arguments.positional(), arguments.named()).close();
    }

    private String declared(Program program) {
        List<String> names = program.schema(method).arguments().stream().skip(1).map(a -> a.type().annotation() + " " + a.name()).toList();
        return method + "(" + String.join(", ", names) + ")";
    }
}
