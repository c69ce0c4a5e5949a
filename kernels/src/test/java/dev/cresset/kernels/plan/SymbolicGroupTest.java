package dev.cresset.kernels.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Node;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.fuse.FuseGroups;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.kernels.statics.StaticRuns;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SymbolicGroupTest {
    private static final Catalog CATALOG = Operators.catalog();
    private static final String SOFTMAX = """
        graph(%x : Float(4, 8, strides=[8, 1], device=cpu),
              %y : Float(8, strides=[1], device=cpu)):
          %one : int = prim::Constant[value=1]()
          %none : NoneType = prim::Constant()
          %a : Float(4, 8, strides=[8, 1], device=cpu) = aten::mul(%x, %y)
          %b : Float(4, 8, strides=[8, 1], device=cpu) = aten::softmax(%a, %one, %none)
          %c : Float(4, 8, strides=[8, 1], device=cpu) = aten::add(%b, %x, %one)
          return (%c)
        """;

    private static Node group(String text) {
        Graph fused = new FuseGroups().form(new StaticRuns().graph(text)).graph();
        return fused.nodes().stream().filter(n -> n.is(Kinds.FUSION_GROUP)).findFirst().orElseThrow();
    }

    private static float[] numbers(int n) {
        float[] out = new float[n];
        for (int i = 0; i < n; i++) out[i] = (i * 37 % 19 - 9) / 7f;
        return out;
    }

    /** softmax(x * y, 1) + x by operators. */
    private static float[] expected(CallContext context, Tensor x, Tensor y) {
        Tensor a = context.tensor("aten::mul.Tensor", x, y);
        return context.tensor("aten::add.Tensor", context.tensor("aten::softmax.int", a, 1), x).toFloatArray();
    }

    private interface Work { void with(CallContext context); }

    private static void inContext(Work work) {
        MemoryPool pool = new MemoryPool(1 << 20);
        try (Scope scope = new Scope(pool)) {
            work.with(new CallContext(CATALOG, scope, new Generator(1), System.out, 1, false));
        }
        assertEquals(0, pool.liveBlocks());
    }

    @Test void oneGroupServesManySizes() {
        SymbolicPart group = new SymbolicCode(CATALOG, Target.host(1), null).part(group(SOFTMAX));
        inContext(context -> {
            for (int rows = 1; rows < 6; rows++) {
                for (int columns : new int[] {1, 7, 8, 33}) {
                    Tensor x = Tensor.of(numbers(rows * columns), rows, columns), y = Tensor.of(numbers(columns), columns);
                    List<String> steps = new ArrayList<>();
                    Tensor[] got = group.run(context, new Tensor[] {x, y}, (label, _, _) -> steps.add(label));
                    assertArrayEquals(expected(context, x, y), got[0].toFloatArray(), 1e-5f);
                    assertEquals(List.of("fused mul softmax add"), steps);
                }
            }
        });
    }

    @Test void readsInputsAsTheyLie() {
        SymbolicPart group = new SymbolicCode(CATALOG, Target.host(1), null).part(group(SOFTMAX));
        inContext(context -> {
            Tensor whole = Tensor.of(numbers(70), 10, 7), y = Tensor.of(numbers(4), 4).view(new long[] {10}, new long[] {0});
            Tensor x = whole.view(new long[] {5, 10}, new long[] {1, 7}, 2);
            assertArrayEquals(expected(context, x, y), group.run(context, new Tensor[] {x, y}, null)[0].toFloatArray(), 1e-5f);
        });
    }

    @Test void keepsMemoryChannelsLast() {
        SymbolicPart group = new SymbolicCode(CATALOG, Target.host(1), null).part(group("""
            graph(%x : Float(1, 3, 2, 2, strides=[12, 4, 2, 1], device=cpu),
                  %y : Float(3, 1, 1, strides=[1, 1, 1], device=cpu)):
              %a : Float(1, 3, 2, 2, strides=[12, 4, 2, 1], device=cpu) = aten::mul(%x, %y)
              %b : Float(1, 3, 2, 2, strides=[12, 4, 2, 1], device=cpu) = aten::sigmoid(%a)
              return (%b)
            """));
        inContext(context -> {
            Tensor given = Tensor.of(numbers(2 * 5 * 4 * 3), 2, 5, 4, 3), y = Tensor.of(numbers(5), 5, 1, 1);
            Tensor x = context.empty(given.dtype(), given.sizes());
            Elementwise.copy(context, given, ChannelsLast.arrange(x));
            Tensor got = group.run(context, new Tensor[] {x, y}, null)[0];
            assertNotNull(ChannelsLast.view(got), "lies as the input does");
            assertArrayEquals(context.tensor("aten::sigmoid", context.tensor("aten::mul.Tensor", given, y)).toFloatArray(), got.toFloatArray(), 1e-6f);
            assertNotNull(ChannelsLast.view(x), "nobody has put the input in order");
        });
    }

    @Test void runsOneByOneWhatNoKernelTakes() {
        SymbolicPart group = new SymbolicCode(CATALOG, Target.host(1), null).part(group(SOFTMAX));
        inContext(context -> {
            Tensor x = Tensor.of(new float[0], 0, 3), y = Tensor.of(numbers(3), 3);
            List<String> steps = new ArrayList<>();
            Tensor[] got = group.run(context, new Tensor[] {x, y}, (label, _, _) -> steps.add(label));
            assertArrayEquals(new long[] {0, 3}, got[0].sizes());
            assertEquals(List.of("fused mul softmax add (one by one)"), steps);
        });
    }

    @Test void doesNotWaitForCodeThatIsNotThere() {
        List<Runnable> later = new ArrayList<>();
        SymbolicPart group = new SymbolicCode(CATALOG, Target.host(1), later::add).part(group(SOFTMAX.replace("aten::mul", "aten::fmod")));
        inContext(context -> {
            Tensor x = Tensor.of(numbers(40), 5, 8), y = Tensor.of(numbers(8), 8);
            List<String> steps = new ArrayList<>();
            float[] before = group.run(context, new Tensor[] {x, y}, (label, _, _) -> steps.add(label))[0].toFloatArray();
            group.run(context, new Tensor[] {x, y}, null);
            assertEquals(1, later.size(), "asked for once");
            assertEquals(List.of("fused fmod softmax add (one by one)"), steps);
            for (int i = 0; i < 10 && !group.isWarm(); i++) group.warm();
            later.getFirst().run();
            assertTrue(group.isWarm());
            assertArrayEquals(before, group.run(context, new Tensor[] {x, y}, (label, _, _) -> steps.add(label))[0].toFloatArray(), 1e-6f);
        });
    }
}
