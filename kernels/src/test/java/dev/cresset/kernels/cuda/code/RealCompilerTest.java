package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
    private static final int SAMPLE = 10, AT_ONCE = 100, SPILL_BYTES = 32;
    private static final long SEED = Long.getLong("cuda.code.seed", 20261105);
    private static final Pattern SPILL = Pattern.compile("Function properties for (\\S+)\\s+\\d+ bytes stack frame, (\\d+) bytes spill stores");

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

    private static List<KernelSource> operators(Random random) {
        List<KernelSource> out = new ArrayList<>();
        for (PointwiseCatalog.Call c : sample(PointwiseCatalog.calls(random), random)) {
            CudaKernels.Pointwise p = CudaKernels.pointwise(c.expression(), c.expression().type());
            out.add(random.nextBoolean() ? p.contiguous(false) : p.strided(random.nextBoolean()));
        }
        return out;
    }

    private static <T> List<T> sample(List<T> from, Random random) {
        List<T> out = new ArrayList<>(from);
        Collections.shuffle(out, random);
        return all() || out.size() < SAMPLE ? out : out.subList(0, SAMPLE);
    }

    @Test void everyArchitecture() throws IOException {
        Assumptions.assumeTrue(Processes.onPath("nvcc"), "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        Random random = new Random(SEED);
        List<KernelSource> kernels = operators(random);
        kernels.addAll(sample(families(), random));
        sample(new NestCases(random).all(), random).forEach(c -> kernels.add(c.kernel()));
        List<String> spills = new ArrayList<>();     // large ones
        int[] small = {0};
        for (int i = 0; i < kernels.size(); i += AT_ONCE) {
            Path unit = Files.writeString(folder.resolve("kernels" + i + ".cu"), KernelSource.module(kernels.subList(i, Math.min(kernels.size(), i + AT_ONCE))));
            for (String architecture : ARCHITECTURES) spills.addAll(compile(unit, architecture, small));
        }
        long different = kernels.stream().map(KernelSource::entry).distinct().count();
        System.out.println("CUDA: " + different + " kernels compiled by nvcc for each of " + ARCHITECTURES + ", " + small[0]
            + " of them with up to " + SPILL_BYTES + " bytes of spilled registers, " + spills.size() + " with more");
        assertEquals(List.of(), spills, () -> kernels.stream().filter(k -> spills.toString().contains(k.entry())).map(KernelSource::source)
            .collect(Collectors.joining("\n", "seed " + SEED + "\n", "")));
    }

    private List<String> compile(Path unit, String architecture, int[] small) {
        List<String> command = new ArrayList<>(List.of("nvcc", "-cubin", "-arch=" + architecture, "-Xptxas", "-v", "-w"));
        command.addAll(Prelude.OPTIONS);
        command.addAll(List.of(unit.toString(), "-o", folder.resolve(architecture + ".cubin").toString()));
        List<String> spills = new ArrayList<>();
        Matcher m = SPILL.matcher(Processes.run(folder, command));
        while (m.find()) {
            int bytes = Integer.parseInt(m.group(2));
            if (bytes > SPILL_BYTES) spills.add(m.group(1) + " for " + architecture + ": " + bytes + " bytes");
            else if (bytes > 0) small[0]++;
        }
        return spills;
    }
}
