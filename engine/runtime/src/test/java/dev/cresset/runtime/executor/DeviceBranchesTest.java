package dev.cresset.runtime.executor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.Engine;
import dev.cresset.ExecutionMode;
import dev.cresset.Program;
import dev.cresset.ScriptModule;
import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cuda.EmulatedCuda;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of plans whose steps need not all follow each other. */
@EmulatedCuda
class DeviceBranchesTest {
    private static final byte[] PROGRAM = ArchiveBuilder.module("""
        class M(Module):
          w : Tensor
          def forward(self: __torch__.M, x: Tensor) -> Tuple[Tensor, Tensor]:
            h = torch.mm(x, torch.reshape(self.w, [2, 2]))
            return (torch.cumsum(h, 0), torch.cumsum(h, 1))
        """, Map.of("w", new float[] {1, 2, 3, 4})).build();

    @Test void anExplanationSaysHowManyStepsFollowEachOther() {
        try (Engine engine = Engine.builder().device("cuda").mode(ExecutionMode.OPTIMIZE).build(); Program program = engine.load(PROGRAM, "m.pt");
             ScriptModule module = program.instantiate()) {
            for (int i = 0; i < 4; i++) module.forward(Executed.random(i, 3, 2)).close();
            String text = program.explain().text();
            assertTrue(text.contains("in 3 steps") && text.contains("; in branches, 2 of the steps one after the other"), text);
        }
    }
}
