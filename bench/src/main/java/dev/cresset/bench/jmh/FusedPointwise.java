package dev.cresset.bench.jmh;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.jit.LoopCompiler;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Generated loops: single functions and a chain of 13 pointwise operators over 2^20 floats, for which ONNX Runtime takes
 * 2.7 ms (1.5 ms with two threads); softmax over 2048 rows of 128, layer norm over 128 rows of 256.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FusedPointwise {
    private static final ScalarType F32 = ScalarType.FLOAT32;

    @Param({"add", "exp", "tanh", "sigmoid", "gelu", "log", "chain", "softmax", "layer_norm"})
    public String nest;

    @Param({"1", "2"})
    public int threads;

    private final List<Tensor> tensors = new ArrayList<>();
    private FusedKernel kernel;
    private long[] addresses;

    private static Expr x(int input) { return new Expr.Load(input, F32); }

    private static Expr gelu(Expr x) { return x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1)); }

    private static Expr chain() {
        Expr b = gelu(x(0)).mul(x(1).sigmoid()).add(x(2).tanh().mul(x(0)));
        return b.max(0).sub(x(1).mul(0.5)).mul(x(2).abs().neg().exp());
    }

    private static LoopNest flat(int inputs, Expr value) {
        LoopNest.Operand operand = new LoopNest.Operand(F32, 0, new long[] {1});
        return new LoopNest(new long[] {1 << 20}, Collections.nCopies(inputs, operand), List.of(),
            List.of(new LoopNest.Result(F32, 0, new long[] {1}, value)));
    }

    private static LoopNest softmax(long rows, long n) {
        Expr e = x(0).sub(new Expr.Reduced(0, F32)).exp();
        return new LoopNest(new long[] {rows, n}, List.of(new LoopNest.Operand(F32, 0, new long[] {n, 1})),
            List.of(new LoopNest.Reduction(LoopNest.Fold.MAX, x(0)), new LoopNest.Reduction(LoopNest.Fold.SUM, e)),
            List.of(new LoopNest.Result(F32, 0, new long[] {n, 1}, e.div(new Expr.Reduced(1, F32)))));
    }

    private static LoopNest layerNorm(long rows, long n) {
        Expr centred = x(0).sub(new Expr.Reduced(0, F32).mul(1.0 / n));
        Expr scale = new Expr.Reduced(1, F32).mul(1.0 / n).add(1e-5).sqrt().recip();
        LoopNest.Operand row = new LoopNest.Operand(F32, 0, new long[] {0, 1});
        return new LoopNest(new long[] {rows, n}, List.of(new LoopNest.Operand(F32, 0, new long[] {n, 1}), row, row),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, x(0)), new LoopNest.Reduction(LoopNest.Fold.SUM, centred.mul(centred))),
            List.of(new LoopNest.Result(F32, 0, new long[] {n, 1}, centred.mul(scale).mul(x(1)).add(x(2)))));
    }

    private static LoopNest nest(String name) {
        return switch (name) {
            case "add" -> flat(1, x(0).add(1));
            case "exp" -> flat(1, x(0).exp());
            case "tanh" -> flat(1, x(0).tanh());
            case "sigmoid" -> flat(1, x(0).sigmoid());
            case "gelu" -> flat(1, gelu(x(0)));
            case "log" -> flat(1, x(0).abs().log());
            case "chain" -> flat(3, chain());
            case "softmax" -> softmax(2048, 128);
            case "layer_norm" -> layerNorm(128, 256);
            default -> throw new IllegalArgumentException("no loop nest " + name);
        };
    }

    @Setup public void prepare() {
        LoopNest n = nest(nest);
        kernel = new LoopCompiler().compile(n);
        addresses = new long[n.inputs().size() + 1];
        for (int i = 0; i < addresses.length; i++) {
            tensors.add(Bench.tensor(i, 1 << 20));
            addresses[i] = tensors.get(i).data().address();
        }
        while (!kernel.isWarm()) kernel.warm();
    }

    @Benchmark public void run() { kernel.run(threads, addresses); }
}
