package dev.cresset.runtime.call;

import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What all calls of an engine have in common.
 *
 * @param accelerator the device that programs run on; null for the host
 * @param timeline    records what runs, or null
 * @param silent      whether warnings of programs are dropped
 */
public record Settings(Catalog catalog, MemoryPool pool, Generator generator, PrintStream out, int threads,
                       Accelerator accelerator, Timeline timeline, boolean silent) {
    /** The context of a new call. */
    public CallContext context(Scope scope) {
        CallContext context = new CallContext(catalog, scope, generator, out, threads, true);
        return silent ? context.warningsTo(_ -> { }) : context;
    }

    /** For calls of which nobody notices anything: no output, random numbers of their own, nothing recorded. */
    public Settings unnoticed() {
        return new Settings(catalog, pool, generator.copy(), new PrintStream(OutputStream.nullOutputStream()), threads, accelerator, null, true);
    }
}
