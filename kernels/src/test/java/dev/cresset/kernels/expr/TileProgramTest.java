package dev.cresset.kernels.expr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tile programs against the interpreter: all functions, types and kinds of layout. Random, with a fixed seed. */
class TileProgramTest {
    private static final long SEED = 20260101;
    private static final List<ScalarType> TYPES = List.of(ScalarType.BOOL, ScalarType.UINT8, ScalarType.INT8, ScalarType.INT16,
        ScalarType.INT32, ScalarType.INT64, ScalarType.FLOAT16, ScalarType.BFLOAT16, ScalarType.FLOAT32, ScalarType.FLOAT64);
    private static final Set<UnaryFn> EXACT = EnumSet.of(UnaryFn.NEG, UnaryFn.ABS, UnaryFn.SIGN, UnaryFn.CEIL, UnaryFn.FLOOR,
        UnaryFn.TRUNC, UnaryFn.ROUND, UnaryFn.SQRT);
    private static final Set<BinaryFn> INEXACT = EnumSet.of(BinaryFn.POW, BinaryFn.ATAN2, BinaryFn.HYPOT);
    private static final double[] SPECIAL = {0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, 88.9, -103.5, 1e-45, -1e-42, 1e-38, 3.4e38, -3.4e38,
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e-300, 127, -128, 255, 65504};

    private final Random random = new Random(SEED);

    private Tensor filled(ScalarType t, long... sizes) {
        Tensor out = Tensor.zeros(t, sizes);
        for (int i = 0; i < out.numel(); i++) {
            double v = random.nextInt(4) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * Math.pow(10, random.nextInt(4) - 1);
            // what an out-of-range float becomes as an integer is not defined
            if (t.isIntegral()) Elements.setLong(out.data(), t, i, t == ScalarType.BOOL ? random.nextInt(2) : random.nextInt(-100, 100));
            else Elements.setDouble(out.data(), t, i, v);
        }
        return out;
    }

    /** Five layouts of pairs of inputs, each more than a vector and some more than a tile. */
    private List<Tensor[]> layouts(ScalarType t, ScalarType u) {
        List<Tensor[]> out = new ArrayList<>();
        out.add(new Tensor[] {filled(t, 1500), filled(u, 1500)});
        out.add(new Tensor[] {filled(t, 7), filled(u)});
        Tensor wide = filled(t, 41, 37);
        out.add(new Tensor[] {wide.view(new long[] {37, 41}, new long[] {1, 37}), filled(u, 37, 1)});
        Tensor long_ = filled(u, 600);
        out.add(new Tensor[] {filled(t, 300), long_.view(new long[] {300}, new long[] {2}, 0)});
        out.add(new Tensor[] {filled(t, 3, 1, 90), filled(u, 5, 1)});
        return out;
    }

    private void check(Expr e, Tensor[] in, ScalarType result, double ulps) {
        long[] shape = dev.cresset.tensor.Shapes.broadcast(in[0].sizes(), in[1].sizes());
        Tensor want = Tensor.zeros(result, shape), got = Tensor.zeros(result, shape);
        Args args = new Args(null, new Object[] {in[0], in[1], 3L, 0.7});
        ScriptError expected = null;
        try {
            interpret(e, in, want, args);
        } catch (ScriptError x) {
            expected = x;
        }
        try {
            TileProgram.compile(e).run(args, Arrays.asList(in[0], in[1], null, null), got);
            if (expected != null) fail(e + " should fail: " + expected.reason());
        } catch (ScriptError x) {
            if (expected == null) throw x;
            assertEquals(expected.reason(), x.reason());
            return;
        }
        for (int i = 0; i < want.numel(); i++) {
            double a = Elements.getDouble(want.data(), result, i), b = Elements.getDouble(got.data(), result, i);
            double ulp = result == ScalarType.FLOAT64 ? Math.ulp(a) : Math.ulp((float) a) * (result.byteSize() == 2 ? 1 << 16 : 1);
            boolean same = Double.compare(a, b) == 0 || a == b || Math.abs(a - b) <= ulps * ulp;
            if (!same) fail(e + " as " + result + " of " + in[0] + " and " + in[1] + " at " + i + ": want " + a + ", got " + b + " (seed " + SEED + ")");
        }
    }

    private static void interpret(Expr e, Tensor[] in, Tensor out, Args args) {
        Tensor[] wide = new Tensor[2];
        for (int k = 0; k < 2; k++) {
            wide[k] = in[k].view(out.sizes(), dev.cresset.tensor.Shapes.broadcastStrides(in[k].sizes(), in[k].strides(), out.sizes()));
        }
        for (int i = 0; i < out.numel(); i++) {
            long[] index = new long[out.dim()];
            for (int d = out.dim() - 1, rest = i; d >= 0; rest /= (int) out.sizes()[d--]) index[d] = rest % out.sizes()[d];
            Object value = ScalarInterpreter.evaluate(e, new ScalarInterpreter.Inputs() {
                @Override public Object load(int k) { return Elements.get(wide[k].data(), wide[k].dtype(), wide[k].elementAt(index)); }

                @Override public Object param(int k) { return args.get(k); }
            });
            Elements.set(out.data(), out.dtype(), i, ScalarInterpreter.convert(value, out.dtype()));
        }
    }

    @Test void unaryFunctions() {
        for (ScalarType t : TYPES) {
            List<Tensor[]> layouts = layouts(t, t);
            for (UnaryFn fn : UnaryFn.values()) {
                Expr e = new Expr.Load(0, t).apply(fn);
                ScalarType result = e.type() == ScalarType.BOOL || t.isIntegral() ? e.type() : t;
                for (Tensor[] in : layouts) check(e, in, result, EXACT.contains(fn) ? 0 : 4);
            }
        }
    }

    @Test void binaryFunctions() {
        for (ScalarType t : TYPES) {
            List<Tensor[]> layouts = layouts(t, t);
            for (BinaryFn fn : BinaryFn.values()) {
                Expr e = new Expr.Load(0, t).apply(fn, new Expr.Load(1, t));
                ScalarType result = fn.isComparison() ? ScalarType.BOOL : t;
                for (Tensor[] in : layouts) check(e, in, result, INEXACT.contains(fn) ? 2 : 0);
            }
        }
    }

    @Test void castsBetweenAllTypes() {
        for (ScalarType from : TYPES) {
            for (ScalarType to : TYPES) {
                if (from.isFloating() && to.isIntegral() && to != ScalarType.BOOL) continue;
                for (Tensor[] in : layouts(from, to)) {
                    check(new Expr.Load(0, from).to(to), in, to, 0);
                    check(new Expr.Load(0, from).to(to).to(ScalarType.FLOAT64), in, ScalarType.FLOAT64, 0);
                }
            }
        }
    }

    @Test void selectionAndNumbers() {
        for (ScalarType t : TYPES) {
            ScalarType c = Expr.compute(t);
            Expr x = new Expr.Load(0, t), y = new Expr.Load(1, t), number = new Expr.Param(2, c);
            for (Tensor[] in : layouts(t, t)) {
                check(x.lt(y).select(x.to(c), number), in, t, 0);
                check(x.apply(BinaryFn.ADD, number).apply(BinaryFn.MUL, number.to(t)), in, t, 0);
                check(x.eq(y).or(x.isNan().not()).and(y.ge(number)), in, ScalarType.BOOL, 0);
            }
        }
    }

    /** Long random expressions reuse registers and share subexpressions; only exact functions, so that errors do not add up. */
    @Test void randomExpressions() {
        for (int round = 0; round < 60; round++) {
            List<Expr> made = new ArrayList<>(List.of(new Expr.Load(0, ScalarType.FLOAT32), new Expr.Load(1, ScalarType.FLOAT32),
                new Expr.Param(3, ScalarType.FLOAT32), Expr.constant(2, ScalarType.FLOAT32)));
            for (int i = 0; i < 25; i++) {
                Expr a = made.get(random.nextInt(made.size())), b = made.get(random.nextInt(made.size()));
                made.add(switch (random.nextInt(7)) {
                    case 0 -> a.add(b);
                    case 1 -> a.sub(b);
                    case 2 -> a.max(b);
                    case 3 -> a.lt(b).select(b, a);
                    case 4 -> a.abs().sqrt();
                    case 5 -> a.min(1e6).max(-1e6).to(ScalarType.INT16).to(ScalarType.FLOAT32).add(b);
                    default -> a.to(ScalarType.FLOAT64).mul(b.to(ScalarType.FLOAT64)).to(ScalarType.FLOAT32);
                });
            }
            Tensor[] in = {Tensor.of(noise(1200), 3, 400), Tensor.of(noise(400), 400)};
            check(made.getLast(), in, ScalarType.FLOAT32, 0);
        }
    }

    private float[] noise(int n) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) v[i] = (float) random.nextGaussian();
        return v;
    }

    @Test void transposedCopiesOfEverySize() {
        for (ScalarType t : List.of(ScalarType.UINT8, ScalarType.FLOAT16, ScalarType.FLOAT32, ScalarType.INT64, ScalarType.COMPLEX128)) {
            Tensor x = Tensor.zeros(t, 4, 50, 70);
            for (int i = 0; i < x.numel(); i++) Elements.setDouble(x.data(), t, i, i % 251);
            Tensor turned = x.view(new long[] {4, 70, 50}, new long[] {3500, 1, 70});
            Tensor out = Tensor.zeros(t, 4, 70, 50);
            Elementwise.copy(turned, out);
            assertArrayEquals(turned.toDoubleArray(), out.toDoubleArray());
        }
    }

    @Test void piecesCoverTheRangeOnceWhateverTheThreads() {
        for (int threads : new int[] {1, 2, 3, 7}) {
            int[] visits = new int[1000];
            Parallel.forRange(threads, visits.length, 64, (from, to) -> {
                for (long i = from; i < to; i++) visits[(int) i]++;
            });
            assertEquals(visits.length, Arrays.stream(visits).filter(v -> v == 1).count());
        }
    }

    @Test void exceptionsOfPiecesReachTheCaller() {
        assertEquals("late", org.junit.jupiter.api.Assertions.assertThrows(ScriptError.class, () -> Parallel.forRange(3, 300, 1, (from, to) -> {
            if (from > 0) throw new ScriptError("late");
        })).reason());
    }
}
