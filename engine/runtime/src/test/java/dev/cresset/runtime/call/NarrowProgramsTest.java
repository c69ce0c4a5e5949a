package dev.cresset.runtime.call;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.op.Precision;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs in 16 bits on the emulated device: which tensors are rounded, and what happens where both types meet. */
@EmulatedCuda
class NarrowProgramsTest {
    private static final String CODE = """
        class M(Module):
          __parameters__ = ["w", ]
          __buffers__ = ["b", ]
          w : Tensor
          b : Tensor
          plain : Tensor
          def types(self: __torch__.M, x: Tensor) -> List[int]:
            z = torch.zeros([4])
            return [ops.prim.dtype(self.w), ops.prim.dtype(self.b), ops.prim.dtype(self.plain), ops.prim.dtype(x), ops.prim.dtype(z), ops.prim.dtype(torch.add(x, z))]
          def weight(self: __torch__.M) -> Tuple[Tensor, Dict[str, Tensor]]:
            return (self.w, {"plain": self.plain})
          def mixed(self: __torch__.M, x: Tensor) -> Tensor:
            m = torch.slice(self.w, 0, 0, 16)
            m0 = torch.view(m, [4, 4])
            s = torch.add(torch.zeros([6, 4]), 0.33333)
            p = torch.add(torch.matmul(s, m0), torch.linear(x, m0, self.plain))
            c = torch.conv1d(torch.unsqueeze(s, 0), torch.view(torch.slice(self.w, 0, 0, 18), [1, 6, 3]), None, [1], [1])
            n = torch.layer_norm(s, [4], self.b, self.b)
            return torch.add(torch.add(p, c), n)
          def squares(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.mean(torch.pow(torch.to(x, 6), 2))
          def sums(self: __torch__.M, x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
            return (torch.mean(torch.abs(x), [1]), torch.layer_norm(x, [1024]), torch.matmul(x, y), torch.logsumexp(torch.mul(x, 0.), [1]))
          def grow(self: __torch__.M, x: Tensor) -> Tensor:
            return torch.add_(x, 1)
        """;
    private static final int WEIGHTS = 4096;

    private static byte[] archive() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        float[] w = new float[WEIGHTS];
        for (int i = 0; i < w.length; i++) w[i] = (float) Math.sin(i) / 3;
        attributes.put("w", w);
        attributes.put("b", new float[] {0.1f, 0.2f, 0.3f, 0.4f});
        attributes.put("plain", new float[] {0.1f, 0.2f, 0.3f, 0.7f});
        return ArchiveBuilder.module(CODE, attributes).build();
    }

    private interface Work { void with(Engine engine, ScriptModule module); }

    private static void on(Precision p, ExecutionMode mode, Work work) {
        try (Engine engine = Engine.builder().device("cuda").precision(p).mode(mode).threads(1).build()) {
            try (Program program = engine.load(archive(), "m.pt"); ScriptModule module = program.instantiate()) {
                work.with(engine, module);
            }
            assertEquals(0, engine.deviceMemory().liveBlocks(), "blocks of the device that are left");
        }
    }

    private static Tensor input(int rows) {
        float[] v = new float[rows * 4];
        for (int i = 0; i < v.length; i++) v[i] = (float) Math.cos(i);
        return Tensor.of(v, rows, 4);
    }

    @ParameterizedTest
    @EnumSource(value = Precision.class, names = {"FP32", "FP16", "BF16"})
    void weightsAndArgumentsAreNarrowAndWhatIsMadeIsNot(Precision p) {
        long n = p.narrow() == null ? 6 : p.narrow().code();
        on(p, ExecutionMode.INTERPRET, (_, module) -> {
            try (Result r = module.call("types", input(2))) {
                assertEquals(List.of(n, n, 6L, n, 6L, 6L), List.copyOf((List<?>) r.value()));
            }
        });
    }

    @Test void resultsAreFloat32AndRounded() {
        on(Precision.FP16, ExecutionMode.INTERPRET, (_, module) -> {
            try (Result r = module.call("weight")) {
                List<?> both = (List<?>) r.value();
                Tensor w = (Tensor) both.getFirst(), plain = (Tensor) ((Map<?, ?>) both.getLast()).get("plain");
                assertEquals(ScalarType.FLOAT32, w.dtype());
                float[] want = new float[WEIGHTS];
                for (int i = 0; i < want.length; i++) want[i] = Float.float16ToFloat(Float.floatToFloat16((float) Math.sin(i) / 3));
                assertArrayEquals(want, w.toFloatArray());
                assertEquals(0.7f, plain.toFloatArray()[3]);
            }
        });
    }

    /** What only float32 weights took is given back. */
    @Test void weightsTakeHalfTheMemory() {
        long[] bytes = new long[2];
        for (Precision p : List.of(Precision.FP32, Precision.BF16)) {
            on(p, ExecutionMode.INTERPRET, (engine, _) -> bytes[p == Precision.FP32 ? 0 : 1] = engine.deviceMemory().liveBytes());
        }
        assertTrue(bytes[1] > 2 * WEIGHTS && bytes[0] - bytes[1] >= 2 * WEIGHTS, bytes[0] + " bytes, then " + bytes[1]);
    }

    @ParameterizedTest
    @EnumSource(value = ExecutionMode.class, names = {"INTERPRET", "OPTIMIZE", "SYMBOLIC"})
    void bothTypesMayMeet(ExecutionMode mode) {
        float[][] got = new float[2][];
        for (Precision p : List.of(Precision.FP32, Precision.FP16)) {
            on(p, mode, (_, module) -> {
                for (int run = 0; run < 5; run++) {
                    try (Result r = module.call("mixed", input(6))) {
                        assertEquals(ScalarType.FLOAT32, r.tensor().dtype());
                        got[p == Precision.FP32 ? 0 : 1] = r.tensor().toFloatArray();
                    }
                }
            });
        }
        double largest = IntStream.range(0, got[0].length).mapToDouble(i -> Math.abs(got[0][i] - got[1][i])).max().orElseThrow();
        assertTrue(largest > 0 && largest < 5e-3, "largest error " + largest);
    }

    /** A program that goes back to float32 where squares would be too large for float16 is obeyed. */
    @Test void float32OfTheProgramsOwnStays() {
        for (ExecutionMode mode : List.of(ExecutionMode.INTERPRET, ExecutionMode.OPTIMIZE)) {
            on(Precision.FP16, mode, (_, module) -> {
                for (int run = 0; run < 4; run++) {
                    try (Result r = module.call("squares", Tensor.of(new float[] {300, -300}, 2))) {
                        assertEquals(90000f, r.tensor().toFloatArray()[0]);
                    }
                }
            });
        }
    }

    /** Each of these sums is beyond float16 on the way; its result is not. */
    @ParameterizedTest
    @EnumSource(value = ExecutionMode.class, names = {"INTERPRET", "OPTIMIZE"})
    void sumsAreFloat32(ExecutionMode mode) {
        on(Precision.FP16, mode, (_, module) -> {
            for (int rows : new int[] {2, 6}) {
                float[] x = new float[rows * 1024], ones = new float[1024 * 8];
                for (int i = 0; i < x.length; i++) x[i] = i % 1024 < 512 ? 300 : -300;
                Arrays.fill(ones, 1);
                for (int run = 0; run < 5; run++) {
                    try (Result r = module.call("sums", Tensor.of(x, rows, 1024), Tensor.of(ones, 1024, 8))) {
                        assertEquals(300f, r.tensor(0).toFloatArray()[1]);
                        assertEquals(-1f, r.tensor(1).toFloatArray()[1023], 2e-3);
                        assertArrayEquals(new float[rows * 8], r.tensor(2).toFloatArray());
                        assertEquals(Math.log(1024), r.tensor(3).toFloatArray()[1], 5e-3);
                    }
                }
            }
        });
    }

    @Test void writesToArgumentsComeBackAsFloat32() {
        on(Precision.BF16, ExecutionMode.INTERPRET, (engine, module) -> {
            Tensor x = Tensor.of(new float[] {1, 2.5f}, 2);
            module.call("grow", x).close();
            assertEquals(ScalarType.FLOAT32, x.dtype());
            assertArrayEquals(new float[] {2, 3.5f}, x.toFloatArray());
            try (Tensor there = engine.toDevice(Tensor.of(new float[] {1, 2.5f}, 2))) {
                module.call("grow", there).close();
                assertEquals(ScalarType.FLOAT32, there.dtype());
                assertArrayEquals(new float[] {2, 3.5f}, there.toFloatArray());
            }
        });
    }

    @Test void warmingUpEndsWhenItIsDecided() {
        on(Precision.FP16, ExecutionMode.OPTIMIZE, (_, module) -> {
            module.warmup("mixed", input(6));
            try (Result r = module.call("mixed", input(6))) {
                assertEquals(24, r.tensor().numel());
            }
        });
    }

    @Test void theHostSaysThatItDoesNot() {
        for (Precision p : List.of(Precision.FP16, Precision.BF16)) {
            String said = assertThrows(UnsupportedException.class, () -> Engine.builder().precision(p).build()).getMessage();
            assertTrue(said.contains("precision " + p + " is for --device cuda"), said);
        }
    }
}
