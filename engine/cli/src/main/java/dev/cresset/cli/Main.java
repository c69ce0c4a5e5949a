package dev.cresset.cli;

import dev.cresset.cli.dev.DevCommand;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.diag.ScriptError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The entry point of {@code ./cresset}. Exit codes: 0 all right, 1 the work failed, 2 the command line is wrong. */
@Command(name = "cresset", mixinStandardHelpOptions = true, versionProvider = Version.class,
    description = "Runs TorchScript programs on the JVM.",
    subcommands = {RunCommand.class, InspectCommand.class, VerifyCommand.class, DoctorCommand.class, DevCommand.class},
    footer = {"", "Examples:", "  cresset run model.pt f32[1,3,224,224]",
        "  cresset run model.pt --image cat.jpg --labels imagenet.txt",
        "  cresset inspect model.pt --ops", "  cresset verify testmodels/src/main/resources", "  cresset doctor", "",
        "'cresset COMMAND --help' says more. Exit codes: 0 all right, 1 the work failed, 2 the command line is wrong."})
public final class Main {
    private static final int HELP_WIDTH = 115;

    private Main() {}

    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        int code = commandLine().execute(args);
        System.out.flush();
        System.exit(code);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        line.setUsageHelpWidth(HELP_WIDTH);
        line.setExpandAtFiles(false); // @args.json is an input
        line.setExecutionStrategy(parsed -> {
            try {
                return new CommandLine.RunLast().execute(parsed);
            } finally {
                parsed.commandSpec().commandLine().getOut().flush();
            }
        });
        line.setExecutionExceptionHandler(Main::report);
        return line;
    }

    private static int report(Exception e, CommandLine command, ParseResult parsed) {
        command.getOut().flush();
        boolean expected = e instanceof CressetException || e instanceof IllegalArgumentException
            || e instanceof IOException;
        String message = e.getMessage() == null || !expected ? unexpected(e) : sentence(e);
        command.getErr().println("cresset: " + message);
        boolean verbose = parsed.subcommand() != null && deepest(parsed).hasMatchedOption("--verbose");
        if (verbose) e.printStackTrace(command.getErr());
        else if (!expected) command.getErr().println("This is a fault of Cresset, not of the model; -v shows where.");
        return e instanceof IllegalArgumentException ? 2 : 1;
    }

    private static ParseResult deepest(ParseResult parsed) {
        return parsed.hasSubcommand() ? deepest(parsed.subcommand()) : parsed;
    }

    private static String sentence(Exception e) {
        return switch (e) {
            case ScriptError error -> reasonFirst(error);
            case NoSuchFileException _ when e.getMessage().indexOf(' ') < 0 -> e.getMessage()
                + ": there is no such file";
            default -> e.getMessage();
        };
    }

    /** PyTorch's errors end with the reason; here it comes first. */
    private static String reasonFirst(ScriptError e) {
        String reason = e.errorClass() + ": " + e.reason(), all = e.getMessage();
        boolean traced = all.endsWith(reason) && all.length() > reason.length();
        return traced ? reason + "\n" + all.substring(0, all.length() - reason.length()).stripTrailing() : all;
    }

    private static String unexpected(Exception e) {
        return "unexpected " + e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }
}
