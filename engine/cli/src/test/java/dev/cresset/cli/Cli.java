package dev.cresset.cli;

import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import picocli.CommandLine;

/** Runs a command line in this process and keeps what it printed. */
record Cli(int code, String out, String err) {
    static Cli run(Object... args) {
        StringWriter out = new StringWriter(), err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        String[] texts = new String[args.length];
        for (int i = 0; i < texts.length; i++) texts[i] = args[i].toString();
        int code = line.execute(texts);
        line.getOut().flush();
        line.getErr().flush();
        return new Cli(code, out.toString(), err.toString());
    }

    /** Open as long as the tests run: paths into it are handed out. */
    private static final TestModels MODELS = openModels();

    private static TestModels openModels() {
        try {
            TestModels models = TestModels.open();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    models.close();
                } catch (IOException e) {
                    System.err.println("the temporary copy of the test models stays: " + e);
                }
            }));
            return models;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A committed case folder. */
    static Path folder(String name) {
        return MODELS.folder(name);
    }

    static Path model(String name) { return folder(name).resolve("model.pt"); }
}
