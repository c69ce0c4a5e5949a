package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.CommonKernelTexts;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What NVIDIA's compiler says to kernel texts, for each architecture: that they compile, and that none spills registers to speak
 * of (a few bytes around the calls within divisions and roots are the compiler's). A normal
 * run takes {@value #SAMPLE} kernels of each kind by a seed; the system property {@code cuda.code.all} takes all.
 */
class RealCompilerTest {
    private static final List<String> ARCHITECTURES = List.of("sm_75", "sm_80", "sm_90", "sm_100");
    private static final int SAMPLE = 10, AT_ONCE = 50, PROCESSES = 2, SPILL_BYTES = 32;
    private static final long SEED = Long.getLong("cuda.code.seed", 20261105);
    private static final Pattern SAID = Pattern.compile("for '(sm_\\d+)'|Function properties for (\\S+)\\s+\\d+ bytes stack frame, (\\d+) bytes spill stores");

    /** Operators of floating types alone. */
    private static final Set<Operator> REAL = EnumSet.of(Operator.NANSUM, Operator.MEAN, Operator.NORM0, Operator.NORM1, Operator.NORM2,
        Operator.NORM_MAX, Operator.NORM_MIN, Operator.NORM, Operator.VAR, Operator.STD, Operator.LOGSUMEXP);

    @TempDir Path folder;

    private static boolean all() { return Boolean.getBoolean("cuda.code.all"); }

    /** Of every family, all operators; of types, those that differ in what they instantiate. */
    static List<KernelSource> families() {
        List<KernelSource> out = new ArrayList<>();
        List<ScalarType> types = List.of(ScalarType.FLOAT32, ScalarType.INT64, ScalarType.FLOAT16, ScalarType.BFLOAT16, ScalarType.FLOAT64,
            ScalarType.INT32, ScalarType.UINT8);
        for (ScalarType t : types) {
            for (Operator o : Operator.values()) {
                if (t.isIntegral() && REAL.contains(o)) continue;
                for (Stage s : Stage.values()) out.add(ReduceKernels.kernel(o, t, o == Operator.COUNT ? ScalarType.INT64 : t, s));
            }
            for (ScanKernels.Operator o : ScanKernels.Operator.values()) {
                if (!t.isIntegral() || o != ScanKernels.Operator.LOGSUMEXP) out.add(ScanKernels.kernel(o, t, t));
            }
            out.add(IndexKernels.choose(t));
            for (IndexKernels.Join j : IndexKernels.Join.values()) {
                out.addAll(List.of(IndexKernels.scatter(t, j, false), IndexKernels.scatter(t, j, true)));
            }
            out.addAll(List.of(SortKernels.tiles(t), SortKernels.merge(), SortKernels.store(t)));
            out.addAll(List.of(NonzeroKernels.count(t), NonzeroKernels.offsets(), NonzeroKernels.fill(t)));
            out.addAll(List.of(LayoutKernels.mapped(t), LayoutKernels.range(t), LayoutKernels.linspace(t), LayoutKernels.triangle(t), CheckKernels.zero(t)));
            out.addAll(List.of(CheckKernels.range(t), SearchKernels.places(t), RandomKernels.integers(t)));
            out.addAll(List.of(ImageKernels.maxPool(t), ImageKernels.resample(t)));
            if (t.isIntegral()) continue;
            out.addAll(List.of(ImageKernels.averagePool(t), DistanceKernels.rows(t), DistanceKernels.overlaps(t), DistanceKernels.keep(),
                NormKernels.rows(t, ScalarType.FLOAT32), LossKernels.classes(t), LossKernels.margin(t), LossKernels.mark(), LossKernels.labels(t)));
            out.addAll(List.of(RegionKernels.align(t), RegionKernels.pool(t), RandomKernels.uniform(t), RandomKernels.normal(t)));
        }
        return out;
    }

    /** Pointwise operators: one of the variants of each, or, if all are taken, those for elements in order, for any strides, and some wide ones. */
    private static List<KernelSource> operators(Random random) {
        List<KernelSource> out = new ArrayList<>();
        for (PointwiseCatalog.Call c : sample(PointwiseCatalog.calls(random), random)) {
            CudaKernels.Pointwise p = CudaKernels.pointwise(c.expression(), c.expression().type());
            if (all()) out.addAll(List.of(p.contiguous(false), p.strided(random.nextInt(10) == 0), p.strided(false)));
            else out.add(random.nextBoolean() ? p.contiguous(false) : p.strided(random.nextBoolean()));
        }
        return out;
    }

    private static <T> List<T> sample(List<T> from, Random random) {
        List<T> out = new ArrayList<>(from);
        Collections.shuffle(out, random);
        return all() || out.size() < SAMPLE ? out : out.subList(0, SAMPLE);
    }

    /**
     * Hand-written kernels count in 64 bits and have no variants for 32: the compiler divides in 32 bits where both numbers fit, which
     * it looks at when they are known.
     */
    @Test void divisionsAreNarrowWhereTheyCanBe() throws IOException {
        Assumptions.assumeTrue(Processes.onPath("nvcc"), "there is no nvcc on the PATH");
        Path unit = Files.writeString(folder.resolve("choose.cu"), KernelSource.module(List.of(IndexKernels.choose(ScalarType.FLOAT32))));
        Path code = folder.resolve("choose.ptx");
        Processes.run(folder, List.of("nvcc", "-ptx", "-arch=sm_80", "--std=c++17", unit.toString(), "-o", code.toString()));
        String ptx = Files.readString(code);
        assertTrue(ptx.contains("div.u32") && ptx.contains("div.s64"), ptx);
    }

    @Test void everyArchitecture() throws Exception {
        Assumptions.assumeTrue(Processes.onPath("nvcc"), "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        Random random = new Random(SEED);
        Map<Object, KernelSource> kernels = new LinkedHashMap<>();
        sample(families(), random).forEach(k -> kernels.put(k.key(), k));
        sample(new NestCases(random).all(), random).forEach(c -> kernels.put(c.kernel().key(), c.kernel()));
        sample(CommonKernelTexts.all(), random).forEach(k -> kernels.put(k.key(), k));
        operators(random).forEach(k -> kernels.put(k.key(), k));
        Said said = compileAll(List.copyOf(kernels.values()));
        assertEquals(List.of(), said.refusals, "seed " + SEED);
        System.out.println("CUDA: " + kernels.size() + " kernels compiled by nvcc for each of " + ARCHITECTURES + ", " + said.small
            + " times with up to " + SPILL_BYTES + " bytes of spilled registers, " + said.large.size() + " times with more");
        assertEquals(List.of(), said.large, () -> kernels.values().stream().filter(k -> said.large.toString().contains(k.entry()))
            .map(KernelSource::source).collect(Collectors.joining("\n", "seed " + SEED + "\n", "")));
    }

    /** What the compiler said: of spilled registers, and where it refused. */
    private static final class Said {
        final List<String> large = new ArrayList<>(), refusals = new ArrayList<>();
        int small;

        void read(String said) {
            String architecture = "";
            for (Matcher m = SAID.matcher(said); m.find();) {
                if (m.group(1) != null) {
                    architecture = m.group(1);
                    continue;
                }
                int bytes = Integer.parseInt(m.group(3));
                if (bytes > SPILL_BYTES) large.add(m.group(2) + " for " + architecture + ": " + bytes + " bytes");
                else if (bytes > 0) small++;
            }
        }
    }

    /** Many kernels to a compilation, all architectures at once, a few compilations beside each other. */
    private Said compileAll(List<KernelSource> kernels) throws InterruptedException {
        Said all = new Said();
        try (ExecutorService processes = Executors.newFixedThreadPool(PROCESSES)) {
            List<Future<String>> each = new ArrayList<>();
            for (int i = 0; i < kernels.size(); i += AT_ONCE) {
                List<KernelSource> some = kernels.subList(i, Math.min(kernels.size(), i + AT_ONCE));
                Path unit = folder.resolve("kernels" + i + ".cu");
                each.add(processes.submit(() -> compile(unit, some)));
            }
            for (Future<String> f : each) {
                try {
                    all.read(f.get());
                } catch (ExecutionException e) {
                    all.refusals.add(e.getCause().getMessage());
                }
            }
        }
        return all;
    }

    private static String virtual(String architecture) { return architecture.replace("sm", "compute"); }

    private String compile(Path unit, List<KernelSource> kernels) throws IOException {
        Files.writeString(unit, KernelSource.module(kernels));
        List<String> command = new ArrayList<>(List.of("nvcc", "-fatbin", "-Xptxas", "-v", "-w"));
        // no text asks for its architecture: of all kernels the front end, more than half of the work, has to see one
        if (all()) command.addAll(List.of("-gencode", "arch=" + virtual(ARCHITECTURES.getFirst()) + ",code=[" + String.join(",", ARCHITECTURES) + "]"));
        else for (String a : ARCHITECTURES) command.addAll(List.of("-gencode", "arch=" + virtual(a) + ",code=" + a));
        command.addAll(Prelude.OPTIONS);
        command.addAll(List.of(unit.toString(), "-o", unit + ".fatbin"));
        return Processes.run(folder, command);
    }
}
