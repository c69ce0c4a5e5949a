package dev.cresset.kernels.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Generated code without reductions gives the bits of the unfused path: random expressions, types and layouts. */
class PointwiseNestTest {
    private static final long SEED = 20260202;
    private static final List<ScalarType> TYPES = List.of(ScalarType.BOOL, ScalarType.UINT8, ScalarType.INT8, ScalarType.INT16,
        ScalarType.INT32, ScalarType.INT64, ScalarType.FLOAT16, ScalarType.BFLOAT16, ScalarType.FLOAT32, ScalarType.FLOAT64);
    private static final List<UnaryFn> REAL = List.of(UnaryFn.NEG, UnaryFn.ABS, UnaryFn.SIGN, UnaryFn.CEIL, UnaryFn.FLOOR, UnaryFn.TRUNC,
        UnaryFn.ROUND, UnaryFn.SQRT, UnaryFn.EXP, UnaryFn.TANH, UnaryFn.ERF, UnaryFn.LOG, UnaryFn.LOG1P, UnaryFn.EXPM1, UnaryFn.SIN,
        UnaryFn.COS, UnaryFn.ATAN, UnaryFn.LGAMMA);
    private static final List<BinaryFn> REAL_BINARY = List.of(BinaryFn.ADD, BinaryFn.SUB, BinaryFn.MUL, BinaryFn.DIV, BinaryFn.FLOOR_DIV,
        BinaryFn.TRUNC_DIV, BinaryFn.REMAINDER, BinaryFn.FMOD, BinaryFn.POW, BinaryFn.MIN, BinaryFn.MAX, BinaryFn.FMIN, BinaryFn.FMAX,
        BinaryFn.ATAN2, BinaryFn.HYPOT, BinaryFn.COPYSIGN, BinaryFn.NEXTAFTER);
    private static final List<BinaryFn> INTEGER_BINARY = List.of(BinaryFn.ADD, BinaryFn.SUB, BinaryFn.MUL, BinaryFn.MIN, BinaryFn.MAX,
        BinaryFn.AND, BinaryFn.OR, BinaryFn.XOR, BinaryFn.SHIFT_LEFT, BinaryFn.SHIFT_RIGHT, BinaryFn.GCD, BinaryFn.POW);
    private static final List<BinaryFn> BOOL_BINARY = List.of(BinaryFn.AND, BinaryFn.OR, BinaryFn.XOR, BinaryFn.ADD, BinaryFn.MUL,
        BinaryFn.MIN, BinaryFn.MAX);
    private static final List<UnaryFn> TESTS = List.of(UnaryFn.NOT, UnaryFn.IS_NAN, UnaryFn.IS_INF, UnaryFn.IS_FINITE, UnaryFn.SIGN_BIT);
    private static final List<BinaryFn> COMPARISONS = List.of(BinaryFn.EQ, BinaryFn.NE, BinaryFn.LT, BinaryFn.LE, BinaryFn.GT, BinaryFn.GE);

    private final LoopCompiler compiler = new LoopCompiler();

    private static void check(LoopCompiler compiler, Expr e, ScalarType type, String what, long[] shape, Tensor... in) {
        Tensor want = Tensor.zeros(type, shape), got = Tensor.zeros(type, shape);
        Elementwise.apply(null, e, want, (Object[]) in);
        FusedKernel k = compiler.compile(Nests.pointwise(e, got, in));
        Nests.run(k, 1, got, in);
        for (long i = 0; i < want.numel(); i++) {
            Object w = Elements.get(want.data(), type, i), g = Elements.get(got.data(), type, i);
            if (!w.equals(g)) fail(what + ", element " + i + ": " + g + " instead of " + w + "\n" + k.text());
        }
    }

    /** Random layouts whose tensors broadcast to the shape: transposed, sliced, expanded, single numbers. */
    private static Tensor layout(Random r, ScalarType t, long[] shape) {
        long[] sizes = shape.clone();
        for (int d = 0; d < sizes.length; d++) if (r.nextInt(4) == 0) sizes[d] = 1;
        int dims = sizes.length, step = r.nextInt(3) == 0 ? 2 : 1;
        long[] strides = new long[dims];
        List<Integer> order = new ArrayList<>();
        for (int d = 0; d < dims; d++) order.add(r.nextInt(order.size() + 1), d);
        if (r.nextBoolean()) order.sort((a, b) -> b - a);
        long n = step;
        for (int d : order) {
            strides[d] = n;
            n *= sizes[d];
        }
        int offset = r.nextInt(3);
        Tensor base = Nests.filled(r, t, n + offset + 1);
        return base.view(sizes, strides, offset);
    }

    private static long[] shape(Random r) {
        return switch (r.nextInt(6)) {
            case 0 -> new long[] {r.nextInt(100)};
            case 1 -> new long[] {1 + r.nextInt(9), r.nextInt(70)};
            case 2 -> new long[] {1 + r.nextInt(4), 1 + r.nextInt(5), 1 + r.nextInt(40)};
            case 3 -> new long[] {3000 + r.nextInt(20)};
            case 4 -> new long[] {1};
            default -> new long[] {1 + r.nextInt(3), 1, 1 + r.nextInt(4), 1 + r.nextInt(20)};
        };
    }

    private static <T> T pick(Random r, List<T> list) { return list.get(r.nextInt(list.size())); }

    private static Expr leaf(Random r, ScalarType kind, List<ScalarType> inputs) {
        if (r.nextInt(4) == 0) return Expr.constant(kind == ScalarType.BOOL ? r.nextInt(2) : r.nextInt(7) - 3, kind);
        int i = r.nextInt(inputs.size());
        return new Expr.Load(i, inputs.get(i)).to(kind);
    }

    /** @param kinds compute types that may occur */
    private static Expr random(Random r, ScalarType kind, List<ScalarType> kinds, List<ScalarType> inputs, int depth) {
        if (depth == 0) return leaf(r, kind, inputs);
        int next = depth - 1 - r.nextInt(2) % depth;
        if (r.nextInt(6) == 0) {
            return random(r, ScalarType.BOOL, kinds, inputs, next).select(random(r, kind, kinds, inputs, next), random(r, kind, kinds, inputs, next));
        }
        if (r.nextInt(8) == 0) return random(r, pick(r, kinds), kinds, inputs, next).to(kind);
        return switch (kind) {
            case BOOL -> bool(r, kinds, inputs, next);
            case INT64 -> random(r, kind, kinds, inputs, next).apply(pick(r, INTEGER_BINARY), random(r, kind, kinds, inputs, next));
            default -> r.nextBoolean() ? random(r, kind, kinds, inputs, next).apply(pick(r, REAL))
                : random(r, kind, kinds, inputs, next).apply(pick(r, REAL_BINARY), random(r, kind, kinds, inputs, next));
        };
    }

    private static Expr bool(Random r, List<ScalarType> kinds, List<ScalarType> inputs, int next) {
        ScalarType kind = pick(r, kinds);
        return switch (r.nextInt(3)) {
            case 0 -> random(r, kind, kinds, inputs, next).apply(pick(r, COMPARISONS), random(r, kind, kinds, inputs, next));
            case 1 -> random(r, kind, kinds, inputs, next).apply(pick(r, TESTS));
            default -> random(r, ScalarType.BOOL, kinds, inputs, next).apply(pick(r, BOOL_BINARY), random(r, ScalarType.BOOL, kinds, inputs, next));
        };
    }

    @Test void functionsOfFloat32() {
        Random r = new Random(SEED);
        for (int n : new int[] {1, 15, 16, 17, 100, 1024}) {
            long[] shape = {n};
            Tensor a = Nests.filled(r, Nests.F32, n), b = Nests.filled(r, Nests.F32, n);
            for (UnaryFn fn : REAL) check(compiler, Nests.x(0).apply(fn), Nests.F32, fn.name(), shape, a);
            for (UnaryFn fn : TESTS) check(compiler, Nests.x(0).apply(fn), ScalarType.BOOL, fn.name(), shape, a);
            for (BinaryFn fn : REAL_BINARY) check(compiler, Nests.x(0).apply(fn, Nests.x(1)), Nests.F32, fn.name(), shape, a, b);
            for (BinaryFn fn : COMPARISONS) check(compiler, Nests.x(0).apply(fn, Nests.x(1)), ScalarType.BOOL, fn.name(), shape, a, b);
            for (double c : new double[] {0, -0.0, 1.5, -2, Double.NaN, Double.POSITIVE_INFINITY, 2, 3, 0.5, -0.5, -1}) {
                for (BinaryFn fn : List.of(BinaryFn.MIN, BinaryFn.MAX, BinaryFn.FMIN, BinaryFn.FMAX, BinaryFn.POW)) {
                    check(compiler, Nests.x(0).apply(fn, Expr.constant(c, Nests.F32)), Nests.F32, fn + " " + c, shape, a);
                }
            }
        }
    }

    @Test void functionsOfBools() {
        Random r = new Random(SEED);
        Tensor a = Nests.filled(r, ScalarType.BOOL, 77), b = Nests.filled(r, ScalarType.BOOL, 77);
        Expr x = new Expr.Load(0, ScalarType.BOOL), y = new Expr.Load(1, ScalarType.BOOL);
        List<BinaryFn> all = new ArrayList<>(COMPARISONS);
        all.addAll(BOOL_BINARY);
        for (BinaryFn fn : all) check(compiler, x.apply(fn, y), ScalarType.BOOL, fn.name(), new long[] {77}, a, b);
        check(compiler, x.not().select(y, x), ScalarType.BOOL, "select", new long[] {77}, a, b);
    }

    @Test void conversionsBetweenAllTypes() {
        Random r = new Random(SEED);
        for (ScalarType from : TYPES) {
            Tensor a = Nests.filled(r, from, 133);
            for (ScalarType to : TYPES) check(compiler, new Expr.Load(0, from).to(to), to, from + " to " + to, new long[] {133}, a);
        }
    }

    /** Float32, bools and small integers are computed with vectors, all else one element at a time. */
    @Test void randomExpressionsOfFloats() {
        random(List.of(Nests.F32, ScalarType.BOOL), List.of(Nests.F32, Nests.F32, ScalarType.BOOL, ScalarType.UINT8, ScalarType.INT8,
            ScalarType.INT16, ScalarType.INT32), 300);
    }

    @Test void randomExpressionsOfAllTypes() {
        random(List.of(ScalarType.BOOL, ScalarType.INT64, Nests.F32, ScalarType.FLOAT64), TYPES, 300);
    }

    private void random(List<ScalarType> kinds, List<ScalarType> types, int count) {
        for (int i = 0; i < count; i++) {
            long seed = SEED + i;
            Random r = new Random(seed);
            long[] shape = shape(r);
            List<ScalarType> inputs = List.of(pick(r, types), pick(r, types), pick(r, types));
            Tensor[] in = inputs.stream().map(t -> layout(r, t, shape)).toArray(Tensor[]::new);
            ScalarType kind = pick(r, kinds);
            Expr e = random(r, kind, kinds, inputs, 1 + r.nextInt(4));
            ScalarType out = kinds.size() > 2 && r.nextBoolean() ? pick(r, types) : kind;
            check(compiler, e, out, "seed " + seed, shape, in);
        }
    }

    @Test void aResultMayBeTransposed() {
        Random r = new Random(SEED);
        Tensor a = Nests.normal(r, 40, 30), want = Tensor.zeros(Nests.F32, 30, 40), got = Tensor.zeros(Nests.F32, 30, 40);
        Tensor both = got.view(new long[] {40, 30}, new long[] {1, 40});
        Nests.run(compiler.compile(Nests.pointwise(Nests.x(0).mul(2).add(Nests.x(1)), both, a, a.view(new long[] {30}, new long[] {1}))), 2, got, a, a);
        Elementwise.apply(null, Nests.x(0).mul(2).add(Nests.x(1)), want.view(new long[] {40, 30}, new long[] {1, 40}), a,
            a.view(new long[] {30}, new long[] {1}));
        assertArrayEquals(want.toFloatArray(), got.toFloatArray());
    }

    @Test void theResultMayBeAnInput() {
        Tensor a = Nests.normal(new Random(SEED), 1000), want = Tensor.zeros(Nests.F32, 1000);
        Expr e = Nests.x(0).tanh().mul(Nests.x(0));
        Elementwise.apply(null, e, want, a);
        Nests.run(compiler.compile(Nests.pointwise(e, a, a)), 2, a, a);
        assertArrayEquals(want.toFloatArray(), a.toFloatArray());
    }

    @Test void constantsFillTheResult() {
        Tensor out = Tensor.zeros(Nests.F32, 5, 7);
        Nests.run(compiler.compile(Nests.pointwise(Expr.constant(1, Nests.F32).exp(), out)), 1, out);
        for (float v : out.toFloatArray()) assertEquals((float) Math.E, v);
    }
}
