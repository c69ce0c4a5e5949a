package dev.cresset.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cresset.ExecutionMode;
import dev.cresset.cli.cases.CaseFile;
import dev.cresset.cli.cases.CaseRunner;
import dev.cresset.cli.device.DeviceOptions;
import dev.cresset.cli.device.KernelResources;
import dev.cresset.cli.output.Progress;
import dev.cresset.kernels.cuda.CudaDevice;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.Nvcc;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cresset verify}: runs cases and compares with PyTorch's results. */
@Command(name = "verify", mixinStandardHelpOptions = true, versionProvider = Version.class,
    description = {"Runs every case.json below the paths and compares with the outputs that PyTorch computed on the CPU, in float32.",
        "A device computes with all of float32, too, unless --precision says otherwise; then results may be off by as much more as",
        "fits, in shares of a tensor's largest element: pytorch and tf32 0.5 %%, fp16 1 %%, bf16 5 %%."},
    footer = {"", "Examples:", "  cresset verify testmodels/src/main/resources",
        "  cresset verify cases --runs 3 --filter 'nn_*'", "  cresset verify cases/models/silero-vad-v5 --json",
        "  cresset verify cases --device cuda --json-lines results.jsonl"})
final class VerifyCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "Folders with cases, or single case.json files.")
    private List<Path> paths;

    @Mixin private DeviceOptions device;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "1",
        description = "Runs each session N times on fresh instances of one loaded program (default: 1).")
    private int runs;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
        description = "Threads per call (default: all processors).")
    private int threads;

    @Option(names = "--mode", paramLabel = "MODE", defaultValue = "default",
        description = "How programs run: default (what a user gets), interpret, profile, optimize, symbolic (plans for any sizes), "
            + "shadow (plans beside the unoptimised graph), deopt (guards fail at random). All but default are synchronous.")
    private String mode;

    @Option(names = "--filter", paramLabel = "GLOB", description = "Only cases whose folder name matches.")
    private String filter;

    @Option(names = "--json", description = "One JSON object on standard output instead of lines.")
    private boolean json;

    @Option(names = "--json-lines", paramLabel = "FILE",
        description = "Also appends one JSON object for each case to this file, when the case ends: what a process that dies leaves.")
    private Path lines;

    @Option(names = "--nvcc", description = "With --device cuda: afterwards compiles all kernels that the cases needed with nvcc for "
        + "sm_75, sm_80, sm_90 and sm_100, and says which it refuses, and which spill registers, with their texts.")
    private boolean nvcc;

    @Override public Integer call() throws IOException {
        if (!nvcc) return verify();
        Nvcc compiler = Nvcc.find().orElseThrow(() -> new IllegalArgumentException("--nvcc: there is no nvcc on the PATH, in CUDA_HOME or in /usr/local/cuda"));
        if (device.device().isCpu()) throw new IllegalArgumentException("--nvcc is about kernels of --device cuda");
        Map<Object, KernelSource> needed = new ConcurrentHashMap<>();
        try (CudaDevice watched = device.open()) {
            watched.watchKernels(k -> needed.put(k.key(), k));
            int status = verify();
            return Math.max(status, compiled(compiler, needed.values()));
        }
    }

    private int compiled(Nvcc compiler, Collection<KernelSource> kernels) throws IOException {
        Nvcc.Report report = KernelResources.compile(compiler, kernels);
        common.out().print(KernelResources.summary(kernels, report));
        common.out().flush();
        return report.refusals().isEmpty() ? 0 : 1;
    }

    private int verify() throws IOException {
        Optional<ExecutionMode> how = ExecutionMode.named(mode);
        if (how.isEmpty()) {
            common.err().println("cresset verify: there is no mode '" + mode + "'; the modes are " + ExecutionMode.names());
            return 2;
        }
        CaseRunner runner = new CaseRunner(device, threads > 0 ? threads
            : Runtime.getRuntime().availableProcessors(), runs, how.get());
        PathMatcher matcher = filter == null ? null : FileSystems.getDefault().getPathMatcher("glob:" + filter);
        ArrayNode cases = new ObjectMapper().createArrayNode();
        int passed = 0, failed = 0;
        for (Path root : paths) {
            for (Path file : CaseFile.find(root)) {
                String name = file.toAbsolutePath().getParent().getFileName().toString();
                if (matcher != null && !matcher.matches(Path.of(name))) continue;
                CaseRunner.Outcome o = run(runner, file, name);
                if (o.status() == CaseRunner.Status.OK) passed++;
                else failed++;
                report(name, o);
                record(name, file, o, cases);
            }
        }
        if (passed + failed == 0) common.err().println("cresset verify: found no case.json"
            + (filter == null ? "" : " whose folder matches " + filter));
        if (json) {
            ObjectNode all = new ObjectMapper().createObjectNode().put("passed", passed).put("failed", failed);
            all.set("cases", cases);
            common.out().println(all);
        } else {
            common.out().println(passed + " passed, " + failed + " failed");
            common.out().flush();
        }
        DeviceOptions.report(runner.cpuFallbacks(), common.err());
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private CaseRunner.Outcome run(CaseRunner runner, Path file, String name) {
        try (Progress _ = Progress.start(common.err(), "verifying " + name)) {
            return runner.run(CaseFile.read(file));
        } catch (IOException e) {
            return new CaseRunner.Outcome(CaseRunner.Status.FAILED, "its case.json cannot be read: " + e.getMessage(),
                0);
        }
    }

    private void report(String name, CaseRunner.Outcome o) {
        if (json) return;
        switch (o.status()) {
            case OK -> common.out().println("ok " + name);
            case FAILED -> common.out().println("FAILED " + name + ": " + o.detail());
            case UNSUPPORTED -> common.out().println("UNSUPPORTED " + name + ": " + o.detail());
        }
        common.out().flush();
    }

    private void record(String name, Path file, CaseRunner.Outcome o, ArrayNode cases) throws IOException {
        ObjectNode entry = cases.addObject().put("case", name).put("folder", file.toAbsolutePath().normalize().getParent().toString())
            .put("status", o.status().toString()).put("detail", o.detail()).put("seconds", o.seconds());
        if (lines != null) Files.writeString(lines, entry + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
