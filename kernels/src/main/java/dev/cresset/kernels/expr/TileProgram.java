package dev.cresset.kernels.expr;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.Parallel;
import dev.cresset.kernels.op.Args;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * An expression made ready to run over whole tensors: a list of loops over arrays that is run for one tile of elements
 * after the other. Expressions with complex numbers are interpreted. Immutable but for what it compiles on first use;
 * safe from any thread.
 */
final class TileProgram {
    /** Elements worth another thread. */
    private static final long GRAIN = 32 * Registers.TILE;
    private static final ScalarType[] TYPES = ScalarType.values();

    private final Expr expr;
    private final AtomicReferenceArray<TileCompiler.Compiled> byResult = new AtomicReferenceArray<>(TYPES.length);
    private final boolean complex;

    private TileProgram(Expr expr) {
        this.expr = expr;
        this.complex = TileCompiler.isComplex(expr);
    }

    static TileProgram compile(Expr expr) { return new TileProgram(expr); }

    /** The element type of the expression's value. */
    ScalarType type() { return expr.type(); }

    /**
     * Writes the expression's value at every coordinate of {@code out}, converted to its type.
     *
     * @param tensors tensor inputs by argument position (null for others); they broadcast to {@code out}
     */
    void run(Args a, List<Tensor> tensors, Tensor out) {
        Tensor[] operands = new Tensor[tensors.size() + 1];
        for (int i = 0; i < operands.length - 1; i++) operands[i] = tensors.get(i);
        run(a, operands, out);
    }

    /** As the other, with a last place in {@code operands} that is taken by the output. */
    void run(Args a, Tensor[] operands, Tensor out) {
        if (out.storage().isMeta()) return;
        operands[operands.length - 1] = out;
        if (out.storage().isOnDevice() && a.context() != null) {
            runOnDevice(expr, a, operands, out);
            return;
        }
        Walk walk = Walk.over(operands);
        if (walk.elements == 0) return;
        int threads = a.context() == null ? 1 : a.context().threads();
        if (expr instanceof Expr.Load(int input, ScalarType t) && t == out.dtype()) {
            StridedCopy.run(threads, walk, input);
        } else if (complex || out.dtype().isComplex()) {
            Parallel.forRange(threads, walk.elements, Registers.TILE, (from, to) -> interpret(a, walk, from, to));
        } else {
            runTiles(a, walk, threads);
        }
    }

    /** Single elements of the host are brought to the device. */
    static void runOnDevice(Expr expr, Args a, Tensor[] operands, Tensor out) {
        Tensor[] there = operands.clone();
        for (int i = 0; i < there.length; i++) {
            if (there[i] != null && there[i].dim() == 0) there[i] = a.context().place(there[i], out.device());
        }
        if (out.numel() > 0) a.context().deviceCall().pointwise(expr, a, there, out);
    }

    private void runTiles(Args a, Walk walk, int threads) {
        TileCompiler.Compiled program = compiledFor(walk.operands[walk.operands.length - 1].dtype());
        int n = program.uniforms().size();
        double[] numbers = new double[n];
        long[] integers = new long[n];
        evaluateUniforms(a, program.uniforms(), numbers, integers);
        if (threads == 1 || walk.elements <= GRAIN) {
            runRange(program, walk, numbers, integers, 0, walk.elements);
        } else {
            Parallel.forRange(threads, walk.elements, GRAIN, (from, to) -> runRange(program, walk, numbers, integers, from, to));
        }
    }

    private static void runRange(TileCompiler.Compiled program, Walk walk, double[] numbers, long[] integers, long from, long to) {
        Registers r = Registers.ofThread();
        r.provide(program.floats(), program.doubles(), program.longs(), program.bools());
        r.walk = walk;
        r.numbers = numbers;
        r.integers = integers;
        TileCompiler.Step[] steps = program.steps();
        for (long at = from; at < to; at += Registers.TILE) {
            r.start = at;
            int n = (int) Math.min(Registers.TILE, to - at);
            for (TileCompiler.Step step : steps) step.run(r, n);
            TileMemory.store(r, program.result(), n);
        }
        r.walk = null;
    }

    /** The program for results stored as this type; storing itself rounds or wraps to narrow types. */
    private TileCompiler.Compiled compiledFor(ScalarType out) {
        TileCompiler.Compiled known = byResult.get(out.ordinal());
        if (known != null) return known;
        Expr e = expr;
        if (e instanceof Expr.Cast(Expr x, ScalarType t) && t == out) e = x;
        TileCompiler.Compiled made = TileCompiler.compile(e.to(Expr.compute(out)));
        byResult.set(out.ordinal(), made);
        return made;
    }

    private static void evaluateUniforms(Args a, List<TileCompiler.Uniform> uniforms, double[] numbers, long[] integers) {
        if (uniforms.isEmpty()) return;
        ScalarInterpreter.Inputs inputs = new ScalarInterpreter.Inputs() {
            @Override public Object load(int i) { throw new AssertionError("uniform expressions load nothing"); }

            @Override public Object param(int i) { return a.get(i); }
        };
        for (int i = 0; i < numbers.length; i++) {
            TileCompiler.Uniform u = uniforms.get(i);
            switch (ScalarInterpreter.evaluate(u.expr(), inputs)) {
                case Double v -> numbers[i] = v;
                case Long v -> integers[i] = u.isExponent() ? IntegerMath.exponent(v) : v;
                case Object v -> throw new AssertionError("no real number: " + v);
            }
        }
    }

    /** One element after the other. */
    private void interpret(Args a, Walk walk, long from, long to) {
        int count = walk.operands.length;
        long[] at = new long[count];
        ScalarInterpreter.Inputs inputs = new ScalarInterpreter.Inputs() {
            @Override public Object load(int i) { return Elements.get(walk.operands[i].data(), walk.operands[i].dtype(), at[i]); }

            @Override public Object param(int i) { return a.get(i); }
        };
        Tensor out = walk.operands[count - 1];
        for (long k = from; k < to; k++) {
            long row = k / walk.innerSize(), column = k % walk.innerSize();
            for (int i = 0; i < count; i++) {
                if (walk.strides[i] != null) at[i] = walk.rowStart(i, row) + column * walk.innerStride(i);
            }
            Object value = ScalarInterpreter.convert(ScalarInterpreter.evaluate(expr, inputs), out.dtype());
            Elements.set(out.data(), out.dtype(), at[count - 1], value);
        }
    }
}
