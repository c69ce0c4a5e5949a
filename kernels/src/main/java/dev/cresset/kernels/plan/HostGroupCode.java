package dev.cresset.kernels.plan;

import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import java.util.function.Predicate;

/** A fusion group's bytecode. */
final class HostGroupCode extends LateCode<GroupCode.Run> implements GroupCode {
    private final LoopNest nest;
    private final int threads;

    /** @param threads how many threads it uses */
    HostGroupCode(LoopNest nest, int threads, Predicate<Runnable> background) {
        super(background);
        this.nest = nest;
        this.threads = threads;
    }

    @Override Run there() { return Fusion.COMPILER.ready(nest).map(this::run).orElse(null); }

    @Override Run make(boolean fast) {
        FusedKernel made = Fusion.COMPILER.compile(nest);
        if (fast) made.warm();
        return !fast || made.isWarm() ? run(made) : null;
    }

    private Run run(FusedKernel kernel) { return (_, addresses) -> kernel.run(threads, addresses); }

    @Override public Run ready(long[] addresses) { return get(); }

    @Override public String text() { return Fusion.COMPILER.compile(nest).text(); }
}
