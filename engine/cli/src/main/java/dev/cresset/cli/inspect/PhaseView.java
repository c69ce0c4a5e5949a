package dev.cresset.cli.inspect;

import dev.cresset.Engine;
import dev.cresset.cli.inspect.MethodRun.Until;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.runtime.executor.Phase;
import dev.cresset.runtime.executor.PhaseText;
import java.io.IOException;
import java.nio.file.Path;

/** Shows a method after a phase of the profiling executor, for given inputs. */
public record PhaseView(Phase phase, MethodRun run) {
    /** @throws IllegalArgumentException if there is no such phase; the message lists them */
    public static Phase phase(String name) {
        return Phase.named(name).orElseThrow(() -> new IllegalArgumentException("there is no phase '" + name + "'; the phases are " + Phase.names()));
    }

    /**
     * The text of the phase. Runs the method as often as it takes.
     *
     * @param builder an engine's, with the device where the method runs
     * @throws IllegalArgumentException if inputs are needed and there are none
     */
    public String of(Engine.Builder builder, Path model, GraphPrinter printer) throws IOException {
        Until until = phase.needsPlan() ? Until.PLANNED : phase.needsRuns() ? Until.PROFILED : Until.LOADED;
        return run.see(builder, model, until, "phase '" + phase + "'", function -> new PhaseText(function, printer).of(phase));
    }
}
