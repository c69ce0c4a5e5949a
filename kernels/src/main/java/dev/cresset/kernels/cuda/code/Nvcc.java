package dev.cresset.kernels.cuda.code;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiler of a CUDA toolkit: says of kernels what they become on architectures, whether there is such a device here or not.
 *
 * @param program its file
 */
public record Nvcc(Path program) {
    /** What Cresset's kernels are compiled for: Turing, Ampere, Hopper, Blackwell. */
    public static final List<String> ARCHITECTURES = List.of("sm_75", "sm_80", "sm_90", "sm_100");

    private static final int AT_ONCE = 50, PROCESSES = 2;
    private static final Pattern KERNEL = Pattern.compile("Compiling entry function '(\\S+)' for '(sm_\\d+)'|Function properties for (\\S+)");
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers"), SHARED = Pattern.compile("(\\d+) bytes smem");

    /** The one on the PATH, or that of {@code CUDA_HOME}, or of {@code /usr/local/cuda}; empty if there is none. */
    public static Optional<Nvcc> find() { return find(System.getenv()); }

    static Optional<Nvcc> find(Map<String, String> environment) {
        Stream<Path> path = Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator)).filter(p -> !p.isEmpty()).map(Path::of);
        Stream<Path> homes = Stream.of(environment.get("CUDA_HOME"), "/usr/local/cuda").filter(h -> h != null && !h.isEmpty()).map(h -> Path.of(h, "bin"));
        return Stream.concat(path, homes).map(p -> p.resolve("nvcc")).filter(Files::isExecutable).findFirst().map(Nvcc::new);
    }

    /**
     * What a kernel takes on an architecture.
     *
     * @param entry        its name
     * @param registers    of a thread
     * @param sharedBytes  static shared memory of a block
     * @param stackBytes   of a thread, what is spilled included
     * @param spillStores  bytes of registers that a thread writes to memory for want of registers
     * @param spillLoads   bytes of them that it reads again
     */
    public record Resources(String entry, String architecture, int registers, int sharedBytes, int stackBytes, int spillStores, int spillLoads) {}

    /** @param refusals what the compiler said where it refused, each with its command */
    public record Report(List<Resources> kernels, List<String> refusals) {
        public Report {
            kernels = List.copyOf(kernels);
            refusals = List.copyOf(refusals);
        }
    }

    /**
     * Compiles kernels.
     *
     * @param folder   for texts and code; they stay there
     * @param together whether one run of the front end, which is most of the work, serves all architectures, as texts that do
     *                 not ask for their architecture allow
     */
    public Report compile(Collection<? extends KernelSource> kernels, List<String> architectures, boolean together, Path folder) throws IOException {
        List<? extends KernelSource> all = List.copyOf(kernels);
        List<Resources> resources = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        try (ExecutorService processes = Executors.newFixedThreadPool(PROCESSES)) {
            List<Future<String>> each = new ArrayList<>();
            for (int i = 0; i < all.size(); i += AT_ONCE) {
                Path unit = Files.writeString(folder.resolve("kernels" + i + ".cu"), KernelSource.module(all.subList(i, Math.min(all.size(), i + AT_ONCE))));
                each.add(processes.submit(() -> run(command(unit, architectures, together))));
            }
            for (Future<String> f : each) {
                try {
                    resources.addAll(read(f.get()));
                } catch (ExecutionException e) {
                    refusals.add(e.getCause().getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while nvcc was compiling");
        }
        return new Report(resources, refusals);
    }

    private List<String> command(Path unit, List<String> architectures, boolean together) {
        List<String> out = new ArrayList<>(List.of(program.toString(), "-fatbin", "-Xptxas", "-v", "-w"));
        if (together) out.addAll(List.of("-gencode", "arch=" + virtual(architectures.getFirst()) + ",code=[" + String.join(",", architectures) + "]"));
        else for (String a : architectures) out.addAll(List.of("-gencode", "arch=" + virtual(a) + ",code=" + a));
        out.addAll(Prelude.OPTIONS);
        out.addAll(List.of(unit.toString(), "-o", unit + ".fatbin"));
        return out;
    }

    private static String virtual(String architecture) { return architecture.replace("sm", "compute"); }

    /** What a command said. @throws IOException with that, if it failed */
    private static String run(List<String> command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (p.waitFor() != 0) throw new IOException(String.join(" ", command) + "\n" + said);
        return said;
    }

    /** Of ptxas's report: a kernel's name and architecture come first, then its properties; other functions are left out. */
    static List<Resources> read(String said) {
        List<Resources> out = new ArrayList<>();
        String entry = null, architecture = null;
        boolean ofEntry = false;
        int[] spills = new int[3];
        for (String line : said.lines().toList()) {
            Matcher kernel = KERNEL.matcher(line), spilled = SPILLS.matcher(line), registers = REGISTERS.matcher(line);
            if (kernel.find()) {
                if (kernel.group(1) != null) {
                    entry = kernel.group(1);
                    architecture = kernel.group(2);
                } else {
                    ofEntry = kernel.group(3).equals(entry);
                }
            } else if (spilled.find() && ofEntry) {
                for (int i = 0; i < spills.length; i++) spills[i] = Integer.parseInt(spilled.group(i + 1));
            } else if (registers.find() && entry != null) {
                Matcher shared = SHARED.matcher(line);
                out.add(new Resources(entry, architecture, Integer.parseInt(registers.group(1)), shared.find() ? Integer.parseInt(shared.group(1)) : 0,
                    spills[0], spills[1], spills[2]));
                entry = null;
                spills = new int[3];
            }
        }
        return out;
    }
}
