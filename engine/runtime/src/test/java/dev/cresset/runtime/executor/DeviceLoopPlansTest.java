package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Explanation;
import dev.cresset.Program;
import dev.cresset.Result;
import dev.cresset.ScriptModule;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripted loops over a cell have plans on a device: unrolled, with a state that the program makes itself. */
@EmulatedCuda
class DeviceLoopPlansTest {
    private static final int STEPS = 11, WIDTH = 12;

    private static byte[] cell() {
        float[] w = new float[WIDTH * WIDTH];
        for (int i = 0; i < w.length; i++) w[i] = (i % 7 - 3) / 10f;
        return ArchiveBuilder.module("""
            class M(Module):
              w : Tensor
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
                w = torch.reshape(self.w, [12, 12])
                h = torch.zeros([torch.size(x, 1), 12], dtype=None, layout=None, device=ops.prim.device(x), pin_memory=None)
                states = annotate(List[Tensor], [])
                h0 = h
                for t in range(torch.size(x, 0)):
                  h1 = torch.tanh(torch.add(torch.mm(torch.select(x, 0, t), w), torch.mm(h0, w)))
                  _0 = torch.append(states, h1)
                  h0 = h1
                return torch.stack(states)
            """, Map.of("w", w)).build();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void aCell(int rows) {
        byte[] archive = cell();
        try (Engine device = Engine.builder().device("cuda").mode(ExecutionMode.OPTIMIZE).build(); Program program = device.load(archive, "m.pt");
             ScriptModule module = program.instantiate(); Engine host = Engine.builder().mode(ExecutionMode.INTERPRET).build();
             Program plain = host.load(archive, "m.pt"); ScriptModule interpreted = plain.instantiate()) {
            for (int i = 0; i < 5; i++) {
                Tensor x = Executed.random(i, STEPS, rows, WIDTH);
                try (Result got = module.forward(x); Result want = interpreted.forward(x)) {
                    Executed.assertClose(want.tensor().toFloatArray(), got.tensor().toFloatArray());
                }
            }
            Explanation.Function function = program.explain().functions().getFirst();
            assertEquals(1, function.plans().size(), function.toString());
        }
    }
}
