package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.cli.doctor.Examination;
import dev.cresset.cli.doctor.Finding;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cresset doctor}: what this machine offers, and what is missing. */
@Command(name = "doctor", mixinStandardHelpOptions = true, versionProvider = Version.class,
    description =
        "Shows what this machine offers to Cresset and what is missing. Exit code 0 if models run on the CPU.",
    footer = {"", "Examples:", "  cresset doctor", "  cresset doctor --json"})
final class DoctorCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override public Integer call() {
        List<Finding> findings = Examination.ofThisMachine();
        boolean runs = findings.stream().noneMatch(f -> f.state() == Finding.State.FAULT);
        if (json) {
            ObjectNode out = new ObjectMapper().createObjectNode().put("cpu", runs);
            ArrayNode list = out.putArray("findings");
            for (Finding f : findings) {
                list.addObject().put("name", f.name()).put("state", f.state().name().toLowerCase(Locale.ROOT))
                    .put("detail", f.detail());
            }
            common.out().println(out);
        } else {
            for (Finding f : findings) common.out().println(String.format("%-8s %-12s %s", f.state().shown(), f.name(),
                f.detail()));
            common.out().println(runs ? "Models run on the CPU of this machine."
                : "Models cannot run here; see what is marked FAULT.");
        }
        return runs ? 0 : 1;
    }
}
