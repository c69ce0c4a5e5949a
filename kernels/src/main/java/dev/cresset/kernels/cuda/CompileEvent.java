package dev.cresset.kernels.cuda;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What Java Flight Recorder is told of NVRTC's work; its duration is the event's. */
@Name("cresset.CompileKernels") @Label("Compile Kernels") @Category("Cresset") @StackTrace(false)
final class CompileEvent extends Event {
    @Label("Name") String name;
    @Label("Kernels") int kernels;
    @Label("Architecture") String architecture;
    @Label("Ahead") @Description("Whether it was done in the background, so that no call waited") boolean ahead;
    @Label("Failure") @Description("What the compiler said, if it refused") String failure;

    void told(String what, int count, String where, boolean inBackground) {
        end();
        if (!shouldCommit()) return;
        name = what;
        kernels = count;
        architecture = where;
        ahead = inBackground;
        commit();
    }
}
