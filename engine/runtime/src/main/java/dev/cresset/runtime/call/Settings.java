package dev.cresset.runtime.call;

import dev.cresset.ir.type.Device;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.profiler.timeline.Timeline;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import java.io.PrintStream;

/**
 * What all calls of an engine have in common.
 *
 * @param timeline records what runs, or null
 */
public record Settings(Catalog catalog, MemoryPool pool, Generator generator, PrintStream out, int threads, Device device,
                       Timeline timeline) {
    /** The context of a new call. */
    public CallContext context(Scope scope) { return new CallContext(catalog, scope, generator, out, threads, true); }
}
