package dev.cresset.cli.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cresset dev golden}: runs the golden tests through Maven. */
@Command(name = "golden", mixinStandardHelpOptions = true,
    description =
        "Runs the golden tests of the passes. With --update their expected parts are written anew; git diff is the "
        + "review.",
    footer = {"", "Examples:", "  cresset dev golden",
        "  cresset dev golden --update && git diff ir/src/test/resources/golden"})
final class GoldenCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--update", description = "Write what the passes give now.")
    private boolean update;

    @Override public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("cresset.home", ".")).toAbsolutePath().normalize();
        if (!Files.isRegularFile(home.resolve("ir/pom.xml"))) {
            throw new IllegalArgumentException(home
                + " is no source tree of Cresset; start this command through ./cresset of one");
        }
        List<String> maven = new ArrayList<>(List.of("mvn", "-B", "-ntp", "-q", "-pl", "ir", "test",
            "-Dtest=*GoldenTest"));
        if (update) maven.add("-Dgolden.update=true");
        spec.commandLine().getErr().println(String.join(" ", maven));
        int code = new ProcessBuilder(maven).directory(home.toFile()).inheritIO().start().waitFor();
        if (code == 0) spec.commandLine().getErr().println(update ? "golden files written; look at git diff"
            : "golden tests pass");
        return code == 0 ? 0 : 1;
    }
}
