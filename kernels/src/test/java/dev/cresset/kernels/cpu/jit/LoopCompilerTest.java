package dev.cresset.kernels.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import dev.cresset.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is shared, what is refused, the size, speed and memory of generated code. */
class LoopCompilerTest {
    private final LoopCompiler compiler = new LoopCompiler();
    private final Random random = new Random(20260404);

    private FusedKernel softmax(int rows, int n) {
        Tensor in = Tensor.zeros(Nests.F32, rows, n);
        return compiler.compile(Nests.softmax(in, in));
    }

    @Test void warmthIsSharedByNestsOfOneStructure() {
        FusedKernel a = softmax(3, 100), b = softmax(50, 7);
        while (!a.isWarm()) a.warm();   // it gives up after a while on a busy machine
        assertTrue(b.isWarm());
        Tensor x = Tensor.zeros(Nests.F32, 9);
        FusedKernel other = compiler.compile(Nests.pointwise(Nests.x(0).add(1), x, x));
        assertFalse(other.isWarm());
    }

    @Test void sizesStridesAndOffsetsAreNoPartOfTheStructure() {
        assertEquals(structure(Tensor.zeros(Nests.F32, 8, 100)), structure(Tensor.zeros(Nests.F32, 5)));
        Tensor sliced = Tensor.zeros(Nests.F32, 40, 7).view(new long[] {20, 3}, new long[] {14, 1}, 5);
        assertEquals(structure(Tensor.zeros(Nests.F32, 8, 100)), structure(sliced));
    }

    private static Structure structure(Tensor t) {
        LoopNest nest = Nests.pointwise(Nests.x(0).mul(2), t, t);
        return Structure.of(nest, Loops.of(nest));
    }

    @Test void contiguousNestsAreOneRow() {
        Tensor t = Tensor.zeros(Nests.F32, 4, 1, 5, 6);
        assertArrayEquals(new long[] {120}, Loops.of(Nests.pointwise(Nests.x(0).exp(), t, t)).sizes());
        LoopNest rows = Nests.softmax(t, t);
        assertArrayEquals(new long[] {20, 6}, Loops.of(rows).sizes());
    }

    @Test void complexNumbersAreRefused() {
        ScalarType c = ScalarType.COMPLEX64;
        Tensor t = Tensor.zeros(c, 4);
        LoopNest nest = Nests.pointwise(new Expr.Load(0, c).add(new Expr.Load(0, c)), t, t);
        assertFalse(compiler.supports(nest));
        assertThrows(UnsupportedException.class, () -> compiler.compile(nest));
        Tensor f = Tensor.zeros(Nests.F32, 4);
        assertTrue(compiler.supports(Nests.pointwise(Nests.x(0).neg(), f, f)));
    }

    private static Expr chain(int operators) {
        Expr e = Nests.x(0);
        for (int i = 0; i < operators; i++) {
            e = switch (i % 6) {
                case 0 -> e.add(1);
                case 1 -> e.tanh();
                case 2 -> e.mul(Nests.x(1));
                case 3 -> e.max(0.1);
                case 4 -> e.sub(Nests.x(0));
                default -> e.sigmoid();
            };
        }
        return e;
    }

    /** Long ones are cut in several passes; each method is short enough for the JIT compiler. */
    @Test void chainsOfManyOperators() {
        for (int operators : new int[] {60, 400}) {
            Tensor a = Nests.normal(random, 3001), b = Nests.normal(random, 3001), want = Tensor.zeros(Nests.F32, 3001), got = Tensor.zeros(Nests.F32, 3001);
            LoopNest nest = Nests.pointwise(chain(operators), got, a, b);
            GeneratedLoops code = GeneratedLoops.of(Structure.of(nest, Loops.of(nest)));
            assertTrue(code.passes() > 1);
            for (int i = 0; i < code.passes(); i++) assertTrue(code.size(i) < 4500, operators + " operators: " + code.size(i) + " bytes");
            Nests.run(compiler.compile(nest), 2, got, a, b);
            Elementwise.apply(null, chain(operators), want, a, b);
            assertArrayEquals(want.toFloatArray(), got.toFloatArray());
        }
    }

    /** Operations that vectors do not have take passes of their own, and the others stay fast. */
    @Test void vectorsAndSingleElementsInTurn() {
        Expr e = Nests.x(0).exp().sin().tanh().mul(Nests.x(0).to(ScalarType.FLOAT64).mul(2).to(Nests.F32)).apply(UnaryFn.LGAMMA);
        Tensor a = Nests.normal(random, 7000), want = Tensor.zeros(Nests.F32, 7000), got = Tensor.zeros(Nests.F32, 7000);
        FusedKernel k = compiler.compile(Nests.pointwise(e, got, a));
        Nests.run(k, 2, got, a);
        Elementwise.apply(null, e, want, a);
        assertArrayEquals(want.toFloatArray(), got.toFloatArray());
        assertEquals("vectors, single elements, vectors, single elements",
            k.text().lines().filter(l -> l.contains("pass ")).map(l -> l.replaceAll(".*, |:", "")).collect(Collectors.joining(", ")));
    }

    /** Shared subexpressions are there once, however large the expression is when written out. */
    @Test void expressionsWithManySharedParts() {
        Expr e = Nests.x(0);
        for (int i = 0; i < 60; i++) e = e.mul(0.25).add(e.mul(0.25));
        Tensor a = Nests.normal(random, 100), out = Tensor.zeros(Nests.F32, 100);
        FusedKernel k = compiler.compile(Nests.pointwise(e, out, a));
        Nests.run(k, 1, out, a);
        for (int i = 0; i < 100; i++) assertEquals(Math.scalb(a.getDouble(i), -60), out.getDouble(i));
        assertTrue(k.text().length() < 20_000);
    }

    @Test void nothingIsAllocated() {
        Tensor a = Nests.normal(random, 33, 101), b = Nests.normal(random, 33, 101), out = Tensor.zeros(Nests.F32, 33, 101);
        Expr gelu = Nests.x(0).mul(0.5).mul(Nests.x(0).mul(Math.sqrt(0.5)).erf().add(1)).mul(Nests.x(1).sigmoid());
        Expr masked = Nests.x(0).lt(Nests.x(1)).or(Nests.x(0).isNan()).select(Nests.x(0).tanh(), Nests.x(1).floor());
        Expr doubles = Nests.x(0).to(ScalarType.FLOAT64).exp().to(Nests.F32);
        allocatesNothing(compiler.compile(Nests.pointwise(gelu, out, a, b)), a, b, out);
        allocatesNothing(compiler.compile(Nests.pointwise(masked, out, a, b)), a, b, out);
        allocatesNothing(compiler.compile(Nests.pointwise(doubles, out, a)), a, out);
        allocatesNothing(compiler.compile(Nests.softmax(out, a)), a, out);
    }

    private static void allocatesNothing(FusedKernel k, Tensor... tensors) {
        long[] addresses = new long[tensors.length];
        for (int i = 0; i < addresses.length; i++) addresses[i] = tensors[i].data().address();
        while (!k.isWarm()) k.warm();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 50 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100; i++) k.run(1, addresses);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(least <= 100, least + " bytes in 100 calls of\n" + k.text());
    }

    @Test void theTextNamesOperationsAndPasses() {
        assertEquals("""
            for [3, 100]
              input 0: FLOAT32@0[100, 1]
              pass 0, vectors:
                each %0 = input 0
                reduction 0 = max %0
              pass 1, vectors:
                row  %1 = reduction 0 as float32
                each %0 = input 0
                each %2 = sub(%0, %1)
                each %3 = exp(%2) -> scratch 0
                reduction 1 = sum %3
              pass 2, vectors:
                row  %4 = reduction 1 as float32
                each %3 = scratch 0
                each %5 = div(%3, %4)
                result 0: FLOAT32@0[100, 1] = %5
            """, softmax(3, 100).text());
    }

    @Test void emptyTensorsAreLeftAlone() {
        Tensor t = Tensor.zeros(Nests.F32, 0, 5);
        Nests.run(compiler.compile(Nests.pointwise(Nests.x(0).add(1), t, t)), 2, t, t);
        Nests.run(compiler.compile(Nests.softmax(t, t)), 2, t, t);
        assertEquals(0, t.toFloatArray().length);
    }
}
