package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import dev.cresset.kernels.expr.Expr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What NVIDIA's compiler says to kernel texts, for each architecture: that they compile, and that none spills registers. A normal
 * run takes a sample of the operators' kernels; the system property {@code cuda.code.all} takes all kernels.
 */
class RealCompilerTest {
    private static final List<String> ARCHITECTURES = List.of("sm_75", "sm_80", "sm_90", "sm_100");
    private static final int SAMPLE = 24, AT_ONCE = 200;
    private static final Pattern SPILL = Pattern.compile("Function properties for (\\S+)\\s+\\d+ bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");

    @TempDir Path folder;

    private static boolean all() { return Boolean.getBoolean("cuda.code.all"); }

    /** Of every family, the operators and types that differ in what they instantiate. */
    static List<KernelSource> families() {
        List<KernelSource> out = new ArrayList<>();
        ScalarType f32 = ScalarType.FLOAT32;
        List<ScalarType> types = all() ? List.of(f32, ScalarType.FLOAT16, ScalarType.BFLOAT16, ScalarType.FLOAT64, ScalarType.INT64, ScalarType.INT32,
            ScalarType.UINT8) : List.of(f32, ScalarType.INT64);
        for (ScalarType t : types) {
            for (Operator o : Operator.values()) {
                if (t.isIntegral() && o.compareTo(Operator.NORM0) >= 0 && o.compareTo(Operator.LOGSUMEXP) <= 0 || t.isIntegral() && (o == Operator.MEAN || o == Operator.NANSUM)) continue;
                for (Stage s : all() ? Stage.values() : new Stage[] {Stage.BLOCK}) out.add(ReduceKernels.kernel(o, t, o == Operator.COUNT ? ScalarType.INT64 : t, s));
            }
            for (ScanKernels.Operator o : ScanKernels.Operator.values()) if (!t.isIntegral() || o != ScanKernels.Operator.LOGSUMEXP) out.add(ScanKernels.kernel(o, t, t));
            out.add(IndexKernels.choose(t));
            for (boolean blocks : new boolean[] {false, true}) for (IndexKernels.Join j : IndexKernels.Join.values()) out.add(IndexKernels.scatter(t, j, blocks));
            out.addAll(List.of(SortKernels.tiles(t), SortKernels.merge(), SortKernels.store(t), NonzeroKernels.count(t), NonzeroKernels.offsets(), NonzeroKernels.fill(t)));
            out.addAll(List.of(LayoutKernels.mapped(t), LayoutKernels.range(t), LayoutKernels.linspace(t), LayoutKernels.triangle(t)));
            out.addAll(List.of(ImageKernels.maxPool(t), ImageKernels.resample(t)));
            if (!t.isIntegral()) out.add(ImageKernels.averagePool(t));
        }
        return out;
    }

    static List<KernelSource> operators(Random random) {
        List<PointwiseCatalog.Call> calls = new ArrayList<>(PointwiseCatalog.calls(random));
        Collections.shuffle(calls, random);
        List<KernelSource> out = new ArrayList<>();
        for (PointwiseCatalog.Call c : all() ? calls : calls.subList(0, SAMPLE)) {
            Expr e = c.expression();
            CudaKernels.Pointwise p = CudaKernels.pointwise(e, e.type());
            out.add(random.nextBoolean() ? p.contiguous(false) : p.strided(random.nextBoolean()));
        }
        return out;
    }

    @Test void everyArchitecture() throws IOException {
        Assumptions.assumeTrue(Processes.onPath("nvcc"), "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        List<KernelSource> kernels = operators(new Random(20261105));
        kernels.addAll(families());
        new NestCases(new Random(20261106)).all().forEach(c -> kernels.add(c.kernel()));
        List<String> spills = new ArrayList<>();
        for (int i = 0; i < kernels.size(); i += AT_ONCE) {
            Path unit = Files.writeString(folder.resolve("kernels" + i + ".cu"), KernelSource.module(kernels.subList(i, Math.min(kernels.size(), i + AT_ONCE))));
            for (String architecture : ARCHITECTURES) spills.addAll(compile(unit, architecture));
        }
        long different = kernels.stream().map(KernelSource::entry).distinct().count();
        System.out.println("CUDA: " + different + " kernels compiled by nvcc for each of " + ARCHITECTURES);
        assertEquals(List.of(), spills);
    }

    private List<String> compile(Path unit, String architecture) {
        List<String> command = new ArrayList<>(List.of("nvcc", "-cubin", "-arch=" + architecture, "-Xptxas", "-v", "-w"));
        command.addAll(Prelude.OPTIONS);
        command.addAll(List.of(unit.toString(), "-o", folder.resolve(architecture + ".cubin").toString()));
        List<String> spills = new ArrayList<>();
        Matcher m = SPILL.matcher(Processes.run(folder, command));
        while (m.find()) if (!m.group(2).equals("0") || !m.group(3).equals("0")) spills.add(architecture + " " + m.group(1));
        return spills;
    }
}
