package dev.cresset.cli.device;

import dev.cresset.ExecutionMode;
import dev.cresset.cli.cases.CaseFile;
import dev.cresset.cli.cases.CaseRunner;
import dev.cresset.kernels.op.CpuFallback;
import dev.cresset.testmodels.TestModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/**
 * Runs the committed cases of operators on the emulated device and prints a line for each, and in the end what ran on the CPU. Started by
 * {@link OperatorCasesTest} in a process of its own; by hand it also serves to see how a family is getting on.
 */
final class OperatorCases {
    private final DeviceOptions device = new DeviceOptions();
    private final CaseRunner all;
    private final boolean thorough;

    private OperatorCases(boolean thorough) {
        new CommandLine(new Holder(device)).parseArgs("--device", "cuda", "--emulate-cuda", "--cpu-fallback");
        this.thorough = thorough;
        all = runner();
    }

    @CommandLine.Command private record Holder(@CommandLine.Mixin DeviceOptions device) {}

    private CaseRunner runner() { return new CaseRunner(device, 1, 1, ExecutionMode.DEFAULT); }

    /** @param arguments "all" for all calls of each method, "first" (or nothing) for the first one; "each" for methods one by one; then names of cases, none for all */
    public static void main(String[] arguments) throws IOException {
        List<String> names = new ArrayList<>(List.of(arguments));
        names.remove("first");
        boolean thorough = names.remove("all"), each = names.remove("each");
        OperatorCases cases = new OperatorCases(thorough);
        try (TestModels models = TestModels.open()) {
            for (String name : TestModels.names()) {
                String own = name.replaceFirst("opcases/", "");
                if (own.equals(name) || !names.isEmpty() && !names.contains(own)) continue;
                cases.run(own, CaseFile.read(models.folder(name).resolve("case.json")), each);
            }
        }
        for (CpuFallback.Use u : cases.all.cpuFallbacks()) System.out.println("on the CPU: " + u.operator());
    }

    private void run(String name, CaseFile file, boolean each) {
        CaseFile chosen = thorough ? file : firstOfEachMethod(file);
        CaseRunner.Outcome o = each ? null : all.run(chosen);
        if (o != null && o.status() == CaseRunner.Status.OK) System.out.println("ok " + name);
        else System.out.println("FAILED " + name + methods(chosen, each));
    }

    /** A case stops at its first difference; so its methods are run one by one to find all. */
    private String methods(CaseFile file, boolean report) {
        Set<String> methods = new LinkedHashSet<>();
        file.sessions().forEach(s -> s.calls().forEach(c -> methods.add(c.method())));
        StringBuilder out = new StringBuilder();
        int good = 0, onDevice = 0;
        for (String method : methods) {
            CaseRunner runner = runner();
            CaseRunner.Outcome o = runner.run(only(file, method));
            if (o.status() != CaseRunner.Status.OK) out.append(" | ").append(o.detail().replace('\n', ' '));
            else good++;
            if (o.status() == CaseRunner.Status.OK && runner.cpuFallbacks().isEmpty()) onDevice++;
            else if (report) runner.cpuFallbacks().forEach(u -> System.out.println("  " + method + " on the CPU: " + u.operator()));
        }
        return " " + good + " of " + methods.size() + " methods pass, " + onDevice + " on the device alone" + out;
    }

    private static CaseFile firstOfEachMethod(CaseFile file) {
        Set<String> seen = new HashSet<>();
        return with(file, file.sessions().stream().map(s -> with(s, s.calls().stream().filter(c -> seen.add(c.method())).toList())).toList());
    }

    private static CaseFile only(CaseFile file, String method) {
        return with(file, file.sessions().stream().map(s -> with(s, s.calls().stream().filter(c -> c.method().equals(method)).toList())).toList());
    }

    private static CaseFile with(CaseFile f, List<CaseFile.Session> sessions) {
        return new CaseFile(f.folder(), f.model(), f.eval(), f.rtol(), f.atol(), sessions.stream().filter(s -> !s.calls().isEmpty()).toList());
    }

    private static CaseFile.Session with(CaseFile.Session s, List<CaseFile.Call> calls) {
        return new CaseFile.Session(s.name(), s.random(), s.grad(), calls);
    }
}
