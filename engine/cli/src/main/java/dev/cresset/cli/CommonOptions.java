package dev.cresset.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has: where its output goes, and {@code --verbose}. */
final class CommonOptions {
    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    @Option(names = {"-v", "--verbose"}, description = "Show stack traces of errors and more words on the way.")
    private boolean verbose;

    boolean verbose() { return verbose; }

    /** Data. */
    PrintWriter out() { return command.commandLine().getOut(); }

    /** Words. */
    PrintWriter err() { return command.commandLine().getErr(); }
}
