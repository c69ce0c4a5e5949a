package dev.cresset.kernels.cuda.code;

import static dev.cresset.kernels.cuda.code.Families.cpu;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.code.ReduceKernels.Stage;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reductions and scans, on the emulation, against the operators of the CPU. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class ReduceKernelTest {
    private static final ScalarType F32 = ScalarType.FLOAT32, F16 = ScalarType.FLOAT16, F64 = ScalarType.FLOAT64, I64 = ScalarType.INT64;
    private final Random random = new Random(20261103);
    private final Families families = new Families();

    private interface Cpu { Tensor of(Tensor t, long[] dims); }

    /** Over dimensions 0 and 2 of a turned tensor, by a thread, a block, and three parts for each row. */
    private void reduce(Operator o, ScalarType in, ScalarType out, double number, Cpu cpu, Cpu second) {
        Tensor t = Families.random(in, random, 5, 4, 70).view(new long[] {70, 4, 5}, new long[] {1, 70, 280});
        if (in.isFloating()) Elements.setDouble(t.data(), in, 7, o == Operator.MAX || o == Operator.ARGMIN || o == Operator.NANSUM ? Double.NaN : 3.5);
        long[] dims = {0, 2};
        for (int way = 0; way < 3; way++) {
            Tensor result = Tensor.zeros(out, 4), other = second == null ? null : Tensor.zeros(o == Operator.ARGMAX || o == Operator.ARGMIN ? I64 : out, 4);
            long parts = way == 2 ? 3 : 1, states = parts == 1 ? 0 : families.address(families.workspace(4 * parts * o.stateBytes(in)));
            var arguments = new ReduceKernels.Arguments(families.address(t), families.address(result), other == null ? 0 : families.address(other), states, parts,
                number, new long[] {4}, new long[] {70}, new long[] {70, 5}, new long[] {1, 280});
            families.launch(ReduceKernels.kernel(o, in, out, way == 0 ? Stage.THREAD : Stage.BLOCK), 4 * parts, arguments.slots());
            if (parts > 1) families.launch(ReduceKernels.kernel(o, in, out, Stage.JOIN), 4, arguments.slots());
            families.expect(o + " of " + in + ", way " + way, cpu.of(t, dims), result, 4 * Families.tolerance(out == I64 ? in : out));
            if (second != null) families.expect(o + " of " + in + ", second result", second.of(t, dims), other, 4 * Families.tolerance(out));
        }
    }

    private void reduce(Operator o, ScalarType in, ScalarType out, double number, Cpu cpu) { reduce(o, in, out, number, cpu, null); }

    /** One dimension, for operators that take one. */
    private static Tensor flat(Tensor t) { return cpu("reshape", cpu("permute", t, List.of(1L, 0L, 2L)), List.of(4L, 350L)); }

    private static Tensor norm(Tensor t, long[] dims, double p) { return cpu("norm.ScalarOpt_dim", t, p, dims, false); }

    @Test void sumsAndExtremes() {
        for (ScalarType t : List.of(F16, F64, I64, ScalarType.BOOL, ScalarType.COMPLEX64)) {
            reduce(Operator.SUM, t, t == ScalarType.BOOL ? I64 : t, 0, (x, d) -> cpu("sum.dim_IntList", x, d));
        }
        for (ScalarType t : List.of(F32, ScalarType.INT32)) {
            reduce(Operator.PROD, t, t == F32 ? F32 : I64, 0, (x, d) -> cpu("prod.dim_int", flat(x), 1L));
            reduce(Operator.MAX, t, t, 0, (x, d) -> cpu("amax", x, d));
            reduce(Operator.MIN, t, t, 0, (x, d) -> cpu("amin", x, d));
            reduce(Operator.COUNT, t, I64, 0, (x, d) -> cpu("count_nonzero.dim_IntList", x, d));
            reduce(Operator.ARGMAX, t, t, 0, (x, d) -> cpu(0, "max.dim", flat(x), 1L), (x, d) -> cpu(1, "max.dim", flat(x), 1L));
            reduce(Operator.ARGMIN, t, I64, 0, (x, d) -> cpu("argmin", flat(x), 1L));
        }
        reduce(Operator.MAX, ScalarType.BOOL, ScalarType.BOOL, 0, (x, d) -> cpu("amax", x, d));
        reduce(Operator.ANY, ScalarType.BOOL, ScalarType.BOOL, 0, (x, d) -> cpu("any.dim", flat(x), 1L));
        reduce(Operator.ALL, F32, ScalarType.BOOL, 0, (x, d) -> cpu("all.dim", flat(x), 1L));
        report("reductions");
    }

    @Test void moments() {
        for (ScalarType t : List.of(F32, F64)) {
            reduce(Operator.MEAN, t, t, 0, (x, d) -> cpu("mean.dim", x, d));
            reduce(Operator.VAR, t, t, 1, (x, d) -> cpu("var.dim", x, d, true), (x, d) -> cpu("mean.dim", x, d));
            reduce(Operator.STD, t, t, 0, (x, d) -> cpu("std.dim", x, d, false));
            reduce(Operator.LOGSUMEXP, t, t, 0, (x, d) -> cpu("logsumexp", x, d));
            reduce(Operator.NANSUM, t, t, 0, (x, d) -> cpu("nansum", x, d));
        }
        Operator[] norms = {Operator.NORM0, Operator.NORM1, Operator.NORM2, Operator.NORM_MAX, Operator.NORM_MIN, Operator.NORM};
        double[] orders = {0, 1, 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 2.5};
        for (int i = 0; i < norms.length; i++) {
            double p = orders[i];
            reduce(norms[i], F32, F32, p, (x, d) -> norm(x, d, p));
        }
        reduce(Operator.NORM2, ScalarType.COMPLEX64, F32, 2, (x, d) -> norm(x, d, 2));
        report("reductions");
    }

    private void scan(ScanKernels.Operator o, ScalarType in, ScalarType out, Tensor t, Cpu cpu, Cpu second) {
        Tensor result = Tensor.zeros(out, t.sizes()), indices = second == null ? null : Tensor.zeros(I64, t.sizes());
        long[] sizes = {t.sizes()[0], t.sizes()[2]}, strides = {t.strides()[0], t.strides()[2]}, dense = {result.strides()[0], result.strides()[2]};
        var arguments = new ScanKernels.Arguments(families.address(t), families.address(result), indices == null ? 0 : families.address(indices), t.sizes()[1], sizes,
            strides, dense, dense, t.strides()[1], result.strides()[1], result.strides()[1]);
        families.launch(ScanKernels.kernel(o, in, out), sizes[0] * sizes[1], arguments.slots());
        families.expect(o + " of " + in, cpu.of(t, null), result, 10 * Families.tolerance(out));
        if (second != null) families.expect(o + " of " + in + ", indices", second.of(t, null), indices, 0);
    }

    @Test void scans() {
        for (long n : new long[] {1, 5, 256, 700}) {
            for (ScalarType t : List.of(F32, ScalarType.INT32, F16)) {
                Tensor x = Families.random(t, random, 2, n, 3);
                ScalarType out = t.isIntegral() ? I64 : t;
                scan(ScanKernels.Operator.SUM, t, out, x, (v, d) -> cpu("cumsum", v, 1L), null);
                scan(ScanKernels.Operator.PROD, t, out, x, (v, d) -> cpu("cumprod", v, 1L), null);
                scan(ScanKernels.Operator.MAX, t, t, x, (v, d) -> cpu(0, "cummax", v, 1L), (v, d) -> cpu(1, "cummax", v, 1L));
                scan(ScanKernels.Operator.MIN, t, t, x, (v, d) -> cpu(0, "cummin", v, 1L), (v, d) -> cpu(1, "cummin", v, 1L));
            }
            scan(ScanKernels.Operator.LOGSUMEXP, F32, F32, Families.random(F32, random, 2, n, 3), (v, d) -> cpu("logcumsumexp", v, 1L), null);
        }
        report("scans");
    }

    private void report(String what) { System.out.println("CUDA: " + families.run() + " kernels of " + what + " ran on the emulation"); }
}
