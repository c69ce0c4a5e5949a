package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.fuse.LoopNest.Operand;
import dev.cresset.kernels.fuse.LoopNestInterpreter;
import dev.cresset.kernels.fuse.TiledProduct;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in tiles, on the emulation, against the interpreter of loop nests. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class TileKernelTest {
    private static final ScalarType F32 = ScalarType.FLOAT32;

    /** y = tanh(round(Σ x w + bias)) · z, and the rounded sum itself, transposed. */
    private record Case(ScalarType type, long rows, long columns, long depth, long gap, List<Tensor> tensors, LoopNest nest) {
        static Case of(ScalarType t, long rows, long columns, long depth, long gap, Random random) {
            long line = depth + gap;
            List<Tensor> tensors = new ArrayList<>(List.of(Families.random(t, random, rows, line), Families.random(t, random, columns, line), Families.random(t, random, columns),
                Families.random(F32, random, rows, columns)));
            tensors.addAll(List.of(Tensor.zeros(F32, rows, columns), Tensor.zeros(t, columns, rows)));
            Expr sum = new Expr.Reduced(0, F32).add(new Expr.Load(2, t).to(F32)).to(t);
            Expr y = sum.to(F32).apply(UnaryFn.TANH).mul(new Expr.Load(3, F32));
            List<Operand> inputs = List.of(new Operand(t, 0, new long[] {line, 0, 1}), new Operand(t, 0, new long[] {0, line, 1}),
                new Operand(t, 0, new long[] {0, 1, 0}), new Operand(F32, 0, new long[] {columns, 1, 0}));
            Expr product = new Expr.Load(1, t).to(F32).mul(new Expr.Load(0, t).to(F32));
            LoopNest nest = new LoopNest(new long[] {rows, columns, depth}, inputs, List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, product)),
                List.of(new LoopNest.Result(F32, 0, new long[] {columns, 1, 0}, y), new LoopNest.Result(t, 0, new long[] {1, rows, 0}, sum)));
            return new Case(t, rows, columns, depth, gap, tensors, nest);
        }

        double[][] results() { return new double[][] {doubles(tensors.get(4)), doubles(tensors.get(5))}; }

        private static double[] doubles(Tensor t) {
            double[] out = new double[(int) t.numel()];
            for (int i = 0; i < out.length; i++) out[i] = Elements.getDouble(t.data(), t.dtype(), i);
            return out;
        }

        double[][] wanted() {
            LoopNestInterpreter.run(nest, tensors.stream().map(Tensor::data).toList());
            return results();
        }

        void clear() { tensors.subList(4, 6).forEach(t -> t.data().fill((byte) 0x55)); }

        long address(int k) { return tensors.get(k).data().address(); }

        /** @param parts of the sums */
        double[][] computed(Sums how, int parts) {
            clear();
            TiledProduct p = TiledProduct.of(nest);
            assertNotNull(p);
            assertEquals(List.of(rows, columns, depth), List.of(p.rows(), p.columns(), p.depth()));
            TileKernel.Form form = TileKernel.Form.of(type, rows, how, parts == 1 ? 90 : 86);
            long each = Math.ceilDiv(Math.ceilDiv(depth, parts), form.slice()) * form.slice();
            int count = (int) Math.ceilDiv(depth, each);
            Tensor sums = Tensor.zeros(F32, count, rows, columns);
            boolean aligned = gap == 0 && depth * type.byteSize() % 16 == 0;
            assertTrue(!aligned || address(0) % 16 == 0 && address(1) % 16 == 0);
            var arguments = new TileKernel.Arguments(address(p.a()), address(p.b()), sums.data().address(), rows, columns, depth, p.aRow(), p.bRow(), count, each, aligned);
            long[] ends = p.others().stream().mapToLong(i -> address(i)).toArray();
            if (count == 1) {
                TileKernel whole = TileKernel.whole(form, p.epilogue());
                try (EmulatedGpu gpu = new EmulatedGpu(KernelSource.module(List.of(whole)))) {
                    gpu.run(whole, 2, whole.pack(arguments, bases(ends, 0), widths(p.epilogue()), Loops.inOrder(p.epilogue())));
                }
                return results();
            }
            FamilyKernel part = TileKernel.part(form);
            LoopNest joined = p.joined(count);
            KernelText rest = CudaKernels.nest(joined, false);
            long[] starts = new long[count];
            Arrays.fill(starts, sums.data().address());
            try (EmulatedGpu gpu = new EmulatedGpu(KernelSource.module(List.of(part, rest)))) {
                gpu.run(part, 3, arguments.slots());
                gpu.run(rest, 1, rest.pack(bases(ends, starts), widths(joined), Loops.of(joined), _ -> null));
            }
            return results();
        }

        private long[] bases(long[] others, long... first) {
            List<Long> out = new ArrayList<>();
            for (long[] some : List.of(first, others, new long[] {address(4), address(5)})) for (long a : some) out.add(a);
            return out.stream().mapToLong(a -> a).toArray();
        }

        private static int[] widths(LoopNest n) {
            List<ScalarType> types = new ArrayList<>(n.inputs().stream().map(Operand::type).toList());
            types.addAll(n.results().stream().map(LoopNest.Result::type).toList());
            return types.stream().mapToInt(ScalarType::byteSize).toArray();
        }
    }

    /** The epilogue {@code gelu(C + row) · tensor}, of some sizes. */
    static LoopNest gated(ScalarType t) {
        Expr sum = new Expr.Load(0, F32).add(new Expr.Load(1, t).to(F32)), half = sum.mul(Expr.constant(0.5, F32));
        Expr gelu = half.mul(sum.mul(Expr.constant(Math.sqrt(0.5), F32)).apply(UnaryFn.ERF).add(Expr.constant(1, F32)));
        List<Operand> inputs = List.of(new Operand(F32, 0, new long[] {6, 1}), new Operand(t, 0, new long[] {0, 1}), new Operand(t, 0, new long[] {6, 1}));
        return new LoopNest(new long[] {4, 6}, inputs, List.of(), List.of(new LoopNest.Result(t, 0, new long[] {6, 1}, gelu.mul(new Expr.Load(2, t).to(F32)).to(t))));
    }

    private static void same(double[][] want, double[][] got, double tolerance) {
        for (int r = 0; r < want.length; r++) {
            for (int i = 0; i < want[r].length; i++) {
                boolean equal = Double.compare(want[r][i], got[r][i]) == 0 || Math.abs(want[r][i] - got[r][i]) <= tolerance * (1 + Math.abs(want[r][i]));
                assertTrue(equal, "result " + r + ", element " + i + ": " + got[r][i] + " instead of " + want[r][i]);
            }
        }
    }

    /** Sizes that tiles divide and others, rows side by side and apart, parts of which the last one is shorter. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 32, 64, 64, 0", "FLOAT32, 5, 70, 37, 0", "FLOAT32, 65, 9, 33, 3", "FLOAT32, 17, 66, 100, 0",
        "FLOAT16, 16, 64, 128, 0", "FLOAT16, 21, 65, 67, 0", "FLOAT16, 70, 33, 72, 0", "BFLOAT16, 33, 64, 200, 8", "BFLOAT16, 7, 3, 1, 0"})
    void againstTheDefinition(ScalarType t, long rows, long columns, long depth, long gap) {
        Case c = Case.of(t, rows, columns, depth, gap, new Random(rows * 31 + depth));
        double rounding = t == F32 ? 0 : t == ScalarType.FLOAT16 ? 2e-3 : 2e-2;
        double[][] want = c.wanted();
        for (int parts : new int[] {1, 3}) {
            for (Sums how : Sums.of(t)) same(want, c.computed(how, parts), t == F32 && how == Sums.ROUNDED ? 2e-2 : rounding + 1e-5);
        }
    }

    /** Numbers of very different sizes: how far sums are from exact ones, as a share of what the absolute values of their terms add up to. */
    @Test void splitSumsAreAsExactAsPlainOnes() {
        Case c = Case.of(F32, 20, 24, 700, 0, new Random(9));
        Random random = new Random(4);
        for (int k = 0; k < 2; k++) for (int i = 0; i < c.tensors.get(k).numel(); i++) Elements.setDouble(c.tensors.get(k).data(), F32, i, (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(20) - 10)));
        c.tensors.get(2).data().fill((byte) 0);
        double[] x = Case.doubles(c.tensors.get(0)), w = Case.doubles(c.tensors.get(1));
        assertTrue(farthest(x, w, c.computed(Sums.PLAIN, 1)[1]) < 1e-6);
        assertTrue(farthest(x, w, c.computed(Sums.SPLIT, 1)[1]) < 1e-6);
        assertTrue(farthest(x, w, c.computed(Sums.ROUNDED, 1)[1]) > 1e-5);
    }

    private static double farthest(double[] x, double[] w, double[] got) {
        double farthest = 0;
        for (int row = 0; row < 20; row++) {
            for (int column = 0; column < 24; column++) {
                double sum = 0, all = 0;
                for (int k = 0; k < 700; k++) {
                    sum += x[row * 700 + k] * w[column * 700 + k];
                    all += Math.abs(x[row * 700 + k] * w[column * 700 + k]);
                }
                farthest = Math.max(farthest, Math.abs(got[column * 20 + row] - sum) / all);
            }
        }
        return farthest;
    }

    /** What is rounded to infinity on the way. */
    @Test void theLargestNumbersStayFinite() {
        Case c = Case.of(F32, 6, 8, 40, 0, new Random(6));
        Elements.setDouble(c.tensors.get(0).data(), F32, 2 * 40 + 7, Float.MAX_VALUE);
        Elements.setDouble(c.tensors.get(1).data(), F32, 3 * 40 + 7, 0.25f);
        double sum = c.computed(Sums.SPLIT, 1)[1][3 * 6 + 2];
        assertEquals(Float.MAX_VALUE * 0.25, sum, Float.MAX_VALUE * 1e-6);
    }

    /** The same bits each time, and also where blocks are fewer than tiles. */
    @Test void equalRunsGiveEqualBits() {
        Case c = Case.of(F32, 40, 130, 300, 0, new Random(3));
        assertArrayEquals(c.computed(Sums.PLAIN, 2), c.computed(Sums.PLAIN, 2));
    }

    @Test void notANumberStays() {
        Case c = Case.of(F32, 18, 20, 41, 0, new Random(5));
        Elements.setDouble(c.tensors.get(0).data(), F32, 3 * 41 + 40, Double.NaN);
        Elements.setDouble(c.tensors.get(1).data(), F32, 7 * 41 + 40, Double.POSITIVE_INFINITY);
        Elements.setDouble(c.tensors.get(0).data(), F32, 5 * 41 + 40, 0);
        for (Sums how : Sums.values()) {
            double[] sums = c.computed(how, 1 + how.ordinal() % 2)[1];
            for (int column = 0; column < 20; column++) assertTrue(Double.isNaN(sums[column * 18 + 3]));
            assertTrue(Double.isNaN(sums[7 * 18 + 5]) && Double.isInfinite(sums[7 * 18]) && Double.isFinite(sums[6 * 18]));
        }
    }

    @Test void whatIsNoProduct() {
        Operand x = new Operand(F32, 0, new long[] {8, 0, 1}), w = new Operand(F32, 0, new long[] {0, 8, 1}), both = new Operand(F32, 0, new long[] {32, 8, 1});
        Expr product = new Expr.Load(0, F32).mul(new Expr.Load(1, F32));
        assertNotNull(TiledProduct.of(nest(List.of(x, w), product, LoopNest.Fold.SUM)));
        assertNull(TiledProduct.of(nest(List.of(x, both), product, LoopNest.Fold.SUM)));
        assertNull(TiledProduct.of(nest(List.of(x, w), product, LoopNest.Fold.MAX)));
        assertNull(TiledProduct.of(nest(List.of(x, w), new Expr.Load(0, F32).add(new Expr.Load(1, F32)), LoopNest.Fold.SUM)));
        assertNull(TiledProduct.of(nest(List.of(x, new Operand(F32, 0, new long[] {0, 16, 2})), product, LoopNest.Fold.SUM)));
    }

    private static LoopNest nest(List<Operand> inputs, Expr value, LoopNest.Fold fold) {
        return new LoopNest(new long[] {6, 4, 8}, inputs, List.of(new LoopNest.Reduction(fold, value)),
            List.of(new LoopNest.Result(F32, 0, new long[] {4, 1, 0}, new Expr.Reduced(0, F32))));
    }
}
