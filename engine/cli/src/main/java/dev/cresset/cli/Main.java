package dev.cresset.cli;

import dev.cresset.ir.diag.CressetException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of {@code ./cresset}. Exit codes: 0 all right, 1 the work failed, 2 the command line is wrong. */
@Command(name = "cresset", mixinStandardHelpOptions = true, description = "Runs TorchScript programs on the JVM.",
    subcommands = {VerifyCommand.class})
public final class Main {
    private Main() {}

    public static void main(String[] args) { System.exit(commandLine().execute(args)); }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((e, command, _) -> {
            boolean expected = e instanceof CressetException || e instanceof IllegalArgumentException || e instanceof java.io.IOException;
            if (expected) command.getErr().println("cresset: " + e.getMessage());
            else e.printStackTrace(command.getErr());
            return 1;
        });
        return line;
    }
}
