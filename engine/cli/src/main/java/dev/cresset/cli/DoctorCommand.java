package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.cli.doctor.Examination;
import dev.cresset.cli.doctor.Finding;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cresset doctor}: what this machine offers, and what is missing. */
@Command(name = "doctor", mixinStandardHelpOptions = true, versionProvider = Version.class,
    description =
        "Shows what this machine offers to Cresset and what is missing. Exit code 0 if models run on the device, 1 if not.",
    footer = {"", "Examples:", "  cresset doctor", "  cresset doctor --device cuda", "  cresset doctor --device cuda --compile", "  cresset doctor --json"})
final class DoctorCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Option(names = "--device", defaultValue = "cpu", paramLabel = "DEVICE",
        description = "cpu (the default) or cuda: what must be usable.")
    private String device;

    @Option(names = "--compile", description = "With --device cuda: compiles the most used kernels for each device now (minutes), so that "
        + "nothing has to be compiled while models run. Without it this happens in the background, once.")
    private boolean compile;

    @Override public Integer call() {
        boolean cuda = device.equals("cuda");
        if (!cuda && !device.equals("cpu")) throw new IllegalArgumentException("--device is cpu or cuda, not " + device);
        if (compile && !cuda) throw new IllegalArgumentException("--compile needs --device cuda");
        Consumer<String> compiling = compile ? part -> common.err().println("compiling for " + part) : null;
        List<Finding> findings = Examination.ofThisMachine(cuda, compiling);
        boolean runs = findings.stream().noneMatch(f -> f.state() == Finding.State.FAULT);
        if (json) {
            ObjectNode out = new ObjectMapper().createObjectNode().put(device, runs);
            ArrayNode list = out.putArray("findings");
            for (Finding f : findings) {
                list.addObject().put("name", f.name()).put("state", f.state().name().toLowerCase(Locale.ROOT))
                    .put("detail", f.detail());
            }
            common.out().println(out);
        } else {
            for (Finding f : findings) common.out().println(String.format("%-8s %-12s %s", f.state().shown(), f.name(),
                f.detail()));
            String where = cuda ? "a CUDA device" : "the CPU";
            common.out().println(runs ? "Models run on " + where + " of this machine."
                : "Models cannot run on " + where + " here; see what is marked FAULT.");
        }
        return runs ? 0 : 1;
    }
}
