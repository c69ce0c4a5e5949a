package dev.cresset.cli.dev;

import dev.cresset.ir.diag.Flags;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cresset dev flags}: the developer's switches. */
@Command(name = "flags", mixinStandardHelpOptions = true, description =
    "Lists the flags; set one as the Java property cresset.NAME.",
    footer = {"", "Example:", "  CRESSET_JAVA_OPTS=-Dcresset.verify=pass cresset run model.pt f32[1,3]"})
final class FlagsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override public Integer call() {
        spec.commandLine().getOut().print(Flags.table());
        return 0;
    }
}
