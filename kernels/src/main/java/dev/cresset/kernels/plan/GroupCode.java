package dev.cresset.kernels.plan;

import dev.cresset.kernels.op.CallContext;

/** The code of a fusion group for one shape, on the host or on a device. Safe from any number of threads. */
interface GroupCode {
    /** Code that is there. */
    interface Run {
        /** @param addresses of the nest's operands, as {@link dev.cresset.kernels.fuse.LoweredGroup#addresses} gives them */
        void run(CallContext context, long[] addresses);
    }

    /**
     * What runs it; null if the operators are to run one by one, because code is not there yet or there can be none.
     *
     * @param addresses as {@link Run#run} will be given them, 0 for results: they will be in fresh memory
     */
    Run ready(long[] addresses);

    /** Makes it fast for fresh tensors. For a thread in the background. */
    void warm();

    /** True if there is fast code for fresh tensors, or there can be none. */
    boolean isWarm();

    /** Why there can be no code; null if there is no reason. */
    String refusal();

    /** The code, for people. */
    String text();
}
