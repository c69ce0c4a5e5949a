package dev.cresset.kernels.cuda;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.AttentionKernels;
import dev.cresset.kernels.cuda.code.CheckKernels;
import dev.cresset.kernels.cuda.code.CudaKernels;
import dev.cresset.kernels.cuda.code.DistanceKernels;
import dev.cresset.kernels.cuda.code.GridKernels;
import dev.cresset.kernels.cuda.code.ImageKernels;
import dev.cresset.kernels.cuda.code.IndexKernels;
import dev.cresset.kernels.cuda.code.IndexKernels.Join;
import dev.cresset.kernels.cuda.code.KernelSource;
import dev.cresset.kernels.cuda.code.LayoutKernels;
import dev.cresset.kernels.cuda.code.LossKernels;
import dev.cresset.kernels.cuda.code.NonzeroKernels;
import dev.cresset.kernels.cuda.code.NormKernels;
import dev.cresset.kernels.cuda.code.PointwiseForms;
import dev.cresset.kernels.cuda.code.ReduceKernels;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import dev.cresset.kernels.cuda.code.RowNests;
import dev.cresset.kernels.cuda.code.ScanKernels;
import dev.cresset.kernels.cuda.code.SortKernels;
import dev.cresset.kernels.cuda.code.Sums;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The family of single-operator kernels that programs need most, for the element types that they use most, as texts: made without
 * tensors and without a device. Whatever else an operator needs is compiled when it is needed.
 */
final class CommonKernels {
    private static final ScalarType F32 = ScalarType.FLOAT32, F16 = ScalarType.FLOAT16, BF16 = ScalarType.BFLOAT16, I64 = ScalarType.INT64,
        I32 = ScalarType.INT32, U8 = ScalarType.UINT8, BOOL = ScalarType.BOOL;
    /** For pointwise operators. */
    private static final List<ScalarType> FLOATS = List.of(F32, F16, BF16), NUMBERS = List.of(F32, F16, BF16, I64),
        CONVERTED = List.of(F32, F16, BF16, ScalarType.FLOAT64, I64, I32, U8, BOOL), WIDTHS = List.of(U8, F16, F32, I64);
    /** Kernels compiled at once: a few seconds of NVRTC's. */
    private static final int MOST_AT_ONCE = 64;

    private CommonKernels() {}

    /** Kernels that are compiled at once. */
    record Part(String name, List<KernelSource> kernels) {}

    /** A subject: what it is called, and its kernels, which take a while to print. */
    private record Subject(String name, Supplier<List<KernelSource>> kernels) {}

    /** All of them, the most wanted ones first, printed as they are asked for. No kernel is in two parts. */
    static Stream<Part> parts() {
        Catalog catalog = Operators.catalog();
        List<Subject> subjects = new ArrayList<>(List.of(new Subject("copies", CommonKernels::copies), pointwise(catalog, F32),
            new Subject("rows", CommonKernels::rows), new Subject("indexing", CommonKernels::indexing), new Subject("images", CommonKernels::images)));
        for (ScalarType t : List.of(F32, F16, BF16, I64, BOOL)) subjects.add(new Subject("reductions_" + t.shortName(), () -> reductions(t)));
        subjects.add(new Subject("lines", CommonKernels::lines));
        for (long width : List.of(64L, 128L, 32L)) {
            for (ScalarType t : FLOATS) subjects.add(new Subject("attention_" + t.shortName() + "_" + width, () -> attention(t, width)));
        }
        for (ScalarType t : List.of(I64, BOOL, F16, BF16)) subjects.add(pointwise(catalog, t));
        Set<Object> seen = new HashSet<>();
        return subjects.stream().flatMap(s -> divided(s, seen).stream());
    }

    /** For heads of some columns. */
    private static List<KernelSource> attention(ScalarType t, long width) {
        List<KernelSource> out = new ArrayList<>(List.of(AttentionKernels.join(t)));
        for (Sums s : Sums.of(t)) if (s != (t == F32 ? Sums.ROUNDED : Sums.PLAIN)) out.add(AttentionKernels.of(s, t, width));
        return out;
    }

    private static Subject pointwise(Catalog catalog, ScalarType t) {
        return new Subject("pointwise_" + t.shortName(), () -> pointwiseKernels(catalog, t));
    }

    private static List<Part> divided(Subject s, Set<Object> seen) {
        List<KernelSource> fresh = s.kernels.get().stream().filter(k -> seen.add(k.key())).toList();
        List<Part> out = new ArrayList<>();
        for (int i = 0; i < fresh.size(); i += MOST_AT_ONCE) {
            String number = fresh.size() > MOST_AT_ONCE ? "_" + (i / MOST_AT_ONCE + 1) : "";
            out.add(new Part(s.name + number, List.copyOf(fresh.subList(i, Math.min(fresh.size(), i + MOST_AT_ONCE)))));
        }
        return out;
    }

    // ---- generated kernels

    /** Copies with and without conversion, and fills. */
    private static List<KernelSource> copies() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType to : CONVERTED) {
            addBoth(out, CudaKernels.pointwise(new Expr.Param(0, Expr.compute(to)), to));
            for (ScalarType from : CONVERTED) addBoth(out, CudaKernels.pointwise(new Expr.Load(0, from), to));
        }
        return out;
    }

    private static List<KernelSource> pointwiseKernels(Catalog catalog, ScalarType type) {
        List<KernelSource> out = new ArrayList<>();
        for (PointwiseForms.Form form : PointwiseForms.of(catalog, type, (t, _) -> described(t))) {
            try {
                CudaKernels.Pointwise kernel = form.kernel();
                // real functions of integers are rare
                if (!type.isIntegral() || kernel.structure().outputs().getFirst().type().isIntegral()) addBoth(out, kernel);
            } catch (ScriptError undefined) {
                // a function that does not exist for the type
            }
        }
        return out;
    }

    /** Of pointwise kernels only types count. */
    private static Tensor described(ScalarType t) {
        long[] sizes = {2, 2};
        return new Tensor(Storage.meta(), t, 0, sizes, Shapes.contiguousStrides(sizes));
    }

    private static void addBoth(List<KernelSource> out, CudaKernels.Pointwise p) {
        out.add(p.contiguous(false));
        out.add(p.strided(false));
    }

    /** softmax along the last dimension, with one row and with several, and normalisation. */
    private static List<KernelSource> rows() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : FLOATS) {
            for (long length : new long[] {512, 4096, 16384}) {
                for (long rows : new long[] {2, 1}) {
                    for (boolean aligned : new boolean[] {true, false}) {
                        out.add(softmax(t, rows, length, aligned, false));
                        if (t == F32) out.add(softmax(t, rows, length, aligned, true));
                    }
                }
            }
            out.add(NormKernels.rows(t, t));
            out.add(NormKernels.rows(t, F32));
        }
        return out;
    }

    private static KernelSource softmax(ScalarType t, long rows, long length, boolean aligned, boolean log) {
        long[] sizes = {rows, length}, strides = {length, 1};
        LoopNest nest = RowNests.softmax(sizes, new LoopNest.Operand(t, 0, strides), t, 0, strides, log);
        return CudaKernels.kernelOf(nest, Loops.of(nest), aligned).print();
    }

    // ---- hand-written kernels

    private static List<KernelSource> reductions(ScalarType t) {
        List<KernelSource> out = new ArrayList<>();
        if (t == BOOL) {
            add(out, Operator.ANY, t, t);
            add(out, Operator.ALL, t, t);
            add(out, Operator.SUM, t, I64);
            return out;
        }
        for (Operator o : List.of(Operator.SUM, Operator.MAX, Operator.MIN, Operator.PROD)) add(out, o, t, t);
        for (Operator o : List.of(Operator.ARGMAX, Operator.ARGMIN)) {
            add(out, o, t, t);
            add(out, o, t, I64);
        }
        if (t == I64) return out;
        for (Operator o : List.of(Operator.MEAN, Operator.VAR, Operator.STD, Operator.NORM1, Operator.NORM2)) add(out, o, t, t);
        if (t == F32) add(out, Operator.LOGSUMEXP, t, t);
        return out;
    }

    private static void add(List<KernelSource> out, Operator o, ScalarType in, ScalarType result) {
        for (Stage s : Stage.values()) out.add(ReduceKernels.kernel(o, in, result, s));
    }

    private static List<KernelSource> indexing() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : WIDTHS) {
            out.addAll(List.of(IndexKernels.choose(t), IndexKernels.scatter(t, Join.ASSIGN, false), IndexKernels.scatter(t, Join.ASSIGN, true),
                LayoutKernels.mapped(t)));
        }
        for (ScalarType t : NUMBERS) out.addAll(List.of(IndexKernels.scatter(t, Join.ADD, false), IndexKernels.scatter(t, Join.ADD, true)));
        for (ScalarType t : List.of(F32, F16, BF16, BOOL)) out.add(LayoutKernels.triangle(t));
        for (ScalarType t : List.of(I64, I32, F32)) out.add(LayoutKernels.range(t));
        for (ScalarType t : List.of(BOOL, I64, F32)) out.addAll(List.of(NonzeroKernels.count(t), NonzeroKernels.fill(t)));
        out.addAll(List.of(NonzeroKernels.offsets(), LayoutKernels.linspace(F32), LossKernels.classes(F32), CheckKernels.zero(I64)));
        return out;
    }

    private static List<KernelSource> images() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : FLOATS) {
            out.addAll(List.of(ImageKernels.maxPool(t), ImageKernels.averagePool(t), ImageKernels.resample(t), GridKernels.sample(t)));
        }
        out.addAll(List.of(DistanceKernels.overlaps(F32), DistanceKernels.keep(), DistanceKernels.rows(F32)));
        return out;
    }

    /** Running sums, and sorting. */
    private static List<KernelSource> lines() {
        List<KernelSource> out = new ArrayList<>();
        for (ScalarType t : NUMBERS) out.addAll(List.of(ScanKernels.kernel(ScanKernels.Operator.SUM, t, t), SortKernels.tiles(t), SortKernels.store(t)));
        out.addAll(List.of(ScanKernels.kernel(ScanKernels.Operator.SUM, I32, I64), ScanKernels.kernel(ScanKernels.Operator.MAX, F32, F32),
            SortKernels.merge()));
        return out;
    }
}
