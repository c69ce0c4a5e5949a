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
    private static final int SAMPLE = 10, SPILL_BYTES = 32;
    private static final long SEED = Long.getLong("cuda.code.seed", 20261105);

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

    /** Of templates that ask for their architecture: the widest and the usual rows. */
    static List<KernelSource> attention() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : List.of(ScalarType.FLOAT32, ScalarType.FLOAT16, ScalarType.BFLOAT16)) {
            out.add(AttentionKernels.join(t));
            for (long width : new long[] {32, 64, 96, 128, 256}) {
                for (Sums sums : Sums.of(t)) if ((t != ScalarType.BFLOAT16 || sums != Sums.PLAIN) && AttentionKernels.sums(sums, width) == sums) out.add(AttentionKernels.of(sums, t, width));
            }
        }
        return out;
    }

    /** Products in tiles, by tensor cores and without, whose sums get to memory or to an epilogue with a function and other operands. */
    static List<KernelSource> tiles() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : List.of(ScalarType.FLOAT32, ScalarType.FLOAT16, ScalarType.BFLOAT16)) {
            for (long rows : new long[] {16, 32, 64}) {
                for (Sums sums : Sums.of(t)) {
                    TileKernel.Form form = TileKernel.Form.of(t, rows, sums, rows == 32 ? 86 : 90);
                    out.add(TileKernel.part(form));
                    out.add(TileKernel.whole(form, TileKernelTest.gated(t)));
                }
            }
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

    @Test void attentionDoesNotSpill() throws Exception { doNotSpill(attention()); }

    @Test void tilesDoNotSpill() throws Exception { doNotSpill(tiles()); }

    /** The front end has to see each architecture. */
    private void doNotSpill(List<KernelSource> kernels) throws Exception {
        Nvcc nvcc = Nvcc.find().orElse(null);
        Assumptions.assumeTrue(nvcc != null, "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        Nvcc.Report report = nvcc.compile(sample(kernels, new Random(SEED)), Nvcc.ARCHITECTURES, false, folder);
        assertEquals(List.of(), report.refusals());
        assertEquals(List.of(), report.kernels().stream().filter(r -> r.spillStores() > SPILL_BYTES).toList());
    }

    @Test void everyArchitecture() throws Exception {
        Nvcc nvcc = Nvcc.find().orElse(null);
        Assumptions.assumeTrue(nvcc != null, "CUDA kernels are not compiled here: there is no nvcc on the PATH");
        Random random = new Random(SEED);
        Map<Object, KernelSource> kernels = new LinkedHashMap<>();
        sample(families(), random).forEach(k -> kernels.put(k.key(), k));
        sample(new NestCases(random).all(), random).forEach(c -> kernels.put(c.kernel().key(), c.kernel()));
        sample(CommonKernelTexts.all(), random).forEach(k -> kernels.put(k.key(), k));
        operators(random).forEach(k -> kernels.put(k.key(), k));
        // no text asks for its architecture: of all kernels the front end has to see one
        Nvcc.Report report = nvcc.compile(kernels.values(), Nvcc.ARCHITECTURES, all(), folder);
        assertEquals(List.of(), report.refusals(), "seed " + SEED);
        assertEquals(kernels.size() * Nvcc.ARCHITECTURES.size(), report.kernels().size());
        List<Nvcc.Resources> large = report.kernels().stream().filter(r -> r.spillStores() > SPILL_BYTES).toList();
        long small = report.kernels().stream().filter(r -> r.spillStores() > 0).count() - large.size();
        System.out.println("CUDA: " + kernels.size() + " kernels compiled by nvcc for each of " + Nvcc.ARCHITECTURES + ", " + small
            + " times with up to " + SPILL_BYTES + " bytes of spilled registers, " + large.size() + " times with more");
        assertEquals(List.of(), large, () -> kernels.values().stream().filter(k -> large.stream().anyMatch(r -> r.entry().equals(k.entry())))
            .map(KernelSource::source).collect(Collectors.joining("\n", "seed " + SEED + "\n", "")));
    }
}
