package dev.cresset.kernels.cuda.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.fuse.LoopNestInterpreter;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Kernels of loop nests, on the emulation, against the interpreter of loop nests. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class NestKernelTest {
    private final NestCases nests = new NestCases(new Random(20261101));

    @Test void nestsOfAllSchedules() {
        List<NestCases.Case> cases = nests.all();
        Set<String> entries = new LinkedHashSet<>();
        check(cases, entries);
        assertTrue(entries.size() > 20 && entries.size() < cases.size(), entries.size() + " kernels for " + cases.size() + " nests");
    }

    private static void check(List<NestCases.Case> cases, Set<String> entries) {
        List<KernelText> kernels = cases.stream().map(NestCases.Case::kernel).toList();
        kernels.forEach(k -> entries.add(k.entry()));
        try (EmulatedGpu gpu = new EmulatedGpu(KernelSource.module(kernels))) {
            for (NestCases.Case c : cases) check(c, gpu);
        }
    }

    private static void check(NestCases.Case c, EmulatedGpu gpu) {
        KernelText kernel = c.kernel();
        List<MemorySegment> memory = c.tensors().stream().map(Tensor::data).toList();
        LoopNestInterpreter.run(c.nest(), memory);
        int inputs = c.nest().inputs().size();
        List<Object[]> want = new ArrayList<>();
        List<Tensor> results = c.tensors().subList(inputs, c.tensors().size());
        results.forEach(t -> want.add(elements(t)));
        results.forEach(t -> t.data().fill((byte) 0x55));
        long[] bases = memory.stream().mapToLong(MemorySegment::address).toArray();
        int[] widths = c.tensors().stream().mapToInt(t -> t.dtype().byteSize()).toArray();
        Loops loops = Loops.of(c.nest());
        int blocks = Math.min(2, kernel.launch().blocks(kernel.items(loops), 1));
        gpu.run(kernel, blocks, kernel.pack(bases, widths, loops, _ -> null));
        for (int o = 0; o < want.size(); o++) {
            Object[] got = elements(c.tensors().get(inputs + o));
            for (int i = 0; i < got.length; i++) compare(c, want.get(o)[i], got[i], i, kernel);
        }
    }

    private static Object[] elements(Tensor t) {
        Object[] out = new Object[(int) t.numel()];
        for (int i = 0; i < out.length; i++) out[i] = Elements.get(t.data(), t.dtype(), t.offset() + i);
        return out;
    }

    private static void compare(NestCases.Case c, Object want, Object got, int at, KernelText kernel) {
        if (want.equals(got)) return;
        if (want instanceof Double w && got instanceof Double g && Math.abs(w - g) <= c.tolerance() * (1 + Math.abs(w))) return;
        fail(c.what() + ", element " + at + ": " + got + " instead of " + want + "\n" + c.nest() + kernel.source());
    }

    @Test void foldsOfComplexNumbersAreRefused() {
        ScalarType t = ScalarType.COMPLEX64;
        LoopNest nest = new LoopNest(new long[] {2, 3}, List.of(new LoopNest.Operand(t, 0, new long[] {3, 1})),
            List.of(new LoopNest.Reduction(LoopNest.Fold.SUM, new Expr.Load(0, t))),
            List.of(new LoopNest.Result(t, 0, new long[] {1, 0}, new Expr.Reduced(0, t))));
        assertThrows(UnsupportedException.class, () -> CudaKernels.nest(nest, false));
    }

    @Test void oneTextServesAllSizes() {
        assertEquals(nests.softmax(3, 100).kernel(), nests.softmax(70, 200).kernel());
        assertEquals(nests.softmax(3, 5).kernel(), nests.softmax(4, 7, 9).kernel());
    }
}
