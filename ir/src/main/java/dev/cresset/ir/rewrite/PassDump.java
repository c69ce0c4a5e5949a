package dev.cresset.ir.rewrite;

import dev.cresset.ir.diag.Flags;
import dev.cresset.ir.text.GraphPrinter;
import dev.cresset.ir.text.ValueText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Shows the graph after each pass that changed it, as the flags ask: in files of a directory or through a consumer. */
public final class PassDump implements Consumer<Pipeline.Report> {
    private final Flags flags;
    private final GraphPrinter printer;
    private final Consumer<String> out;
    private final AtomicInteger files = new AtomicInteger();

    /** @param out gets the text where no directory is set */
    public PassDump(Flags flags, ValueText values, Consumer<String> out) {
        this.flags = flags;
        this.printer = new GraphPrinter(true, values);
        this.out = out;
    }

    @Override public void accept(Pipeline.Report report) {
        Set<String> only = flags.get(Flags.DUMP_ONLY);
        if (!flags.get(Flags.DUMP).contains(Flags.Dump.PASSES) || !report.changed()) return;
        if (!only.isEmpty() && !only.contains(report.pass())) return;
        String text = "// after " + report.pass() + " (" + report.pipeline() + " " + report.index() + "), "
            + report.changes() + " changes, " + report.nanos() / 1000 + " us\n" + printer.text(report.after());
        Optional<Path> dir = flags.get(Flags.DUMP_DIR);
        if (dir.isEmpty()) out.accept(text);
        else write(dir.get(), String.format("%04d-%s-%s.ir", files.getAndIncrement(), report.pipeline(),
            report.pass()), text);
    }

    private static void write(Path dir, String name, String text) {
        try {
            Files.createDirectories(dir);
            Files.writeString(dir.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the dump " + name + " to " + dir
                + "; check the flag dump.dir", e);
        }
    }
}
