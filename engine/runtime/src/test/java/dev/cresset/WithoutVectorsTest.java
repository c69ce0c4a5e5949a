package dev.cresset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cresset.ir.archive.ArchiveBuilder;
import dev.cresset.kernels.cpu.PlainJvm;
import dev.cresset.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A service that does not load the module with the Vector API has plans, too, and closes them. */
class WithoutVectorsTest {
    private static final byte[] PROGRAM = ArchiveBuilder.module("""
        class M(Module):
          w : Tensor
          def forward(self: __torch__.M, x: Tensor) -> Tensor:
            h = torch.relu(torch.matmul(x, torch.reshape(self.w, [2, 3])))
            return torch.softmax(torch.add(torch.mul(h, 2), 1), -1)
        """, Map.of("w", new float[] {1, 2, 3, -4, 5, 6})).build();

    @Test void plansAreMadeAndClosed() throws Exception {
        String said = PlainJvm.output(Child.class);
        assertTrue(said.startsWith("1 plan: "), said);
        assertEquals(Child.result(), said);
    }

    /** What the other JVM does. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) { System.out.print(result()); }

        static String result() {
            StringBuilder text = new StringBuilder();
            try (Engine engine = Engine.builder().mode(ExecutionMode.OPTIMIZE).build(); Program program = engine.load(PROGRAM, "m.pt");
                 ScriptModule module = program.instantiate(); Tensor x = Tensor.of(new float[] {1, -2, 3, -4}, 2, 2)) {
                for (int i = 0; i < 4; i++) module.forward(x).close();
                int plans = program.explain().functions().stream().mapToInt(f -> f.plans().size()).sum();
                text.append(plans).append(plans == 1 ? " plan:" : " plans:");
                try (Result r = module.forward(x)) {
                    for (float v : r.tensor().toFloatArray()) text.append(' ').append(Math.round(v * 1e4));
                }
            }
            return text.toString();
        }
    }
}
