package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.ScalarInterpreter;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Kernels of the catalogue's pointwise operators, on the emulation, against the definition of expressions. A normal run takes
 * {@value #SAMPLE} of them, others with another seed; the system property {@code cuda.code.all} takes all.
 */
class PointwiseKernelTest {
    private static final int SAMPLE = 120, AT_ONCE = 60;
    private static final long SEED = Long.getLong("cuda.code.seed", 20261102);
    private static final long[] SHAPE = {4, 3, 5};

    @BeforeAll static void emulation() {
        EmulatedGpu.missing().ifPresent(reason -> Assumptions.abort("CUDA kernels do not run here: " + reason));
    }

    /** @param dense the operands of the contiguous variant are copies in one order */
    private record Try(PointwiseCatalog.Call call, CudaKernels.Pointwise pointwise, KernelText kernel, boolean dense) {}

    @Test void operatorsOfTheCatalog() {
        Random random = new Random(SEED);
        List<PointwiseCatalog.Call> calls = new ArrayList<>(PointwiseCatalog.calls(random));
        Collections.shuffle(calls, random);
        Set<String> entries = new HashSet<>();
        List<Try> tries = new ArrayList<>();
        int most = Boolean.getBoolean("cuda.code.all") ? Integer.MAX_VALUE : SAMPLE;
        for (PointwiseCatalog.Call c : calls) {
            if (entries.size() >= most) break;
            CudaKernels.Pointwise p = CudaKernels.pointwise(c.expression(), c.expression().type());
            boolean dense = random.nextBoolean();
            KernelText k = dense ? p.contiguous(random.nextBoolean()) : p.strided(random.nextBoolean());
            if (entries.add(k.entry())) tries.add(new Try(c, p, k, dense));
        }
        for (int i = 0; i < tries.size(); i += AT_ONCE) runAll(tries.subList(i, Math.min(tries.size(), i + AT_ONCE)));
        System.out.println("CUDA: " + tries.size() + " pointwise kernels ran on the emulation");
    }

    private static void runAll(List<Try> tries) {
        StringBuilder sources = new StringBuilder();
        tries.forEach(t -> sources.append(t.kernel.source()));
        EmulatedGpu.Module module = EmulatedGpu.instance().module(sources.toString());
        tries.forEach(t -> run(t, module));
    }

    private static void run(Try t, EmulatedGpu.Module module) {
        Args args = t.call.args();
        Expr e = t.call.expression();
        Map<Integer, Tensor> operands = new HashMap<>();
        for (int argument : t.pointwise.arguments()) operands.put(argument, t.dense ? dense(wide(args.tensor(argument))) : wide(args.tensor(argument)));
        Tensor out = Tensor.zeros(e.type(), SHAPE);
        List<LoopNest.Operand> inputs = new ArrayList<>();
        List<Tensor> all = new ArrayList<>();
        for (int argument : t.pointwise.arguments()) {
            Tensor x = operands.get(argument);
            inputs.add(new LoopNest.Operand(x.dtype(), x.offset(), x.strides()));
            all.add(x);
        }
        all.add(out);
        LoopNest nest = new LoopNest(SHAPE, inputs, List.of(), List.of(new LoopNest.Result(out.dtype(), 0, out.strides(), e)));
        Loops loops = Loops.of(nest);
        long[] bases = all.stream().mapToLong(x -> x.data().address()).toArray();
        int[] widths = all.stream().mapToInt(x -> x.dtype().byteSize()).toArray();
        module.run(t.kernel.entry(), 1, t.kernel.launch().threads(), t.kernel.pack(bases, widths, loops, args::get));
        for (int i = 0; i < out.numel(); i++) {
            Object want = expected(e, operands, args, i), got = Elements.get(out.data(), out.dtype(), i);
            if (want != null && !close(want, got, out.dtype())) {
                fail(t.call.name() + " of " + t.call.type() + ", element " + i + ": " + got + " instead of " + want + " (seed " + SEED + ")\n" + t.kernel.source());
            }
        }
    }

    private static Tensor wide(Tensor x) { return x.view(SHAPE, Shapes.broadcastStrides(x.sizes(), x.strides(), SHAPE)); }

    private static Tensor dense(Tensor x) {
        Tensor out = Tensor.zeros(x.dtype(), SHAPE);
        for (int i = 0; i < out.numel(); i++) Elements.set(out.data(), x.dtype(), i, Elements.get(x.data(), x.dtype(), x.elementAt(coordinate(i))));
        return out;
    }

    private static long[] coordinate(int i) { return new long[] {i / 15, i / 5 % 3, i % 5}; }

    /** Null where the definition is an error. */
    private static Object expected(Expr e, Map<Integer, Tensor> operands, Args args, int at) {
        try {
            Object value = ScalarInterpreter.evaluate(e, new ScalarInterpreter.Inputs() {
                @Override public Object load(int k) {
                    Tensor x = operands.get(k);
                    return Elements.get(x.data(), x.dtype(), x.elementAt(coordinate(at)));
                }

                @Override public Object param(int k) { return args.get(k); }
            });
            Tensor one = Tensor.zeros(e.type());
            Elements.set(one.data(), e.type(), 0, ScalarInterpreter.convert(value, e.type()));
            return Elements.get(one.data(), e.type(), 0);
        } catch (ScriptError divisionByZero) {
            return null;
        }
    }

    private static boolean close(Object want, Object got, ScalarType t) {
        if (want.equals(got)) return true;
        return switch (want) {
            case Double w -> near(w, (Double) got, t);
            case Complex w -> near(w.re(), ((Complex) got).re(), t) && near(w.im(), ((Complex) got).im(), t);
            default -> false;
        };
    }

    private static boolean near(double want, double got, ScalarType t) {
        if (Double.isNaN(want) || Double.isInfinite(want)) return Double.compare(want, got) == 0;
        double relative = switch (t.toReal()) {
            case FLOAT64 -> 1e-12;
            case FLOAT32 -> 1e-5;
            case FLOAT16 -> 2e-3;
            default -> 1.6e-2;
        };
        return Math.abs(want - got) <= relative * (1 + Math.abs(want));
    }

    @Test void equalExpressionsHaveEqualTexts() {
        Expr x = new Expr.Load(0, ScalarType.FLOAT32), y = new Expr.Load(0, ScalarType.FLOAT32);
        assertEquals(CudaKernels.pointwise(x.tanh().add(1), ScalarType.FLOAT32).strided(false), CudaKernels.pointwise(y.tanh().add(1), ScalarType.FLOAT32).strided(false));
    }
}
