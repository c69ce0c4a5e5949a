package dev.cresset.cli.dev;

import picocli.CommandLine.Command;

/** {@code cresset dev}: commands for people who work on Cresset itself. */
@Command(name = "dev", mixinStandardHelpOptions = true, description = "For people who work on Cresset itself.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {OptCommand.class, GoldenCommand.class, FlagsCommand.class, OpsCommand.class},
    footer = {"", "Examples:", "  cresset dev opt --passes=inline,peephole graph.ir", "  cresset dev golden --update",
        "  cresset dev ops --missing"})
public final class DevCommand {}
