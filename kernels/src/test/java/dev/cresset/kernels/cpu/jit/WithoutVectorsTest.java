package dev.cresset.kernels.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cresset.kernels.cpu.PlainJvm;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** In a JVM without the Vector API everything runs as code for single elements, to the same bits where nothing is folded. */
class WithoutVectorsTest {
    @Test void aJvmWithoutTheModuleGivesTheSame() throws Exception {
        assertEquals("single elements\n" + Child.results(), PlainJvm.output(Child.class));
    }

    /** What both JVMs compute. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            Tensor t = Tensor.zeros(Nests.F32, 3);
            String text = new LoopCompiler().compile(Nests.pointwise(Nests.x(0).exp(), t, t)).text();
            System.out.print(text.contains("vectors") ? "vectors\n" : "single elements\n");
            System.out.print(results());
        }

        static String results() {
            Random random = new Random(5);
            Tensor a = Nests.filled(random, Nests.F32, 7, 41), b = Nests.normal(random, 7, 41), out = Tensor.zeros(Nests.F32, 7, 41);
            LoopCompiler compiler = new LoopCompiler();
            StringBuilder text = new StringBuilder();
            Expr mixed = Nests.x(0).lt(0.5).select(Nests.x(0).exp().log1p().tanh(), Nests.x(1).erf().floor()).add(Nests.x(1).sigmoid());
            FusedKernel k = compiler.compile(Nests.pointwise(mixed, out, a, b));
            Nests.run(k, 2, out, a, b);
            text.append(Arrays.hashCode(out.toFloatArray())).append('\n');
            Nests.run(compiler.compile(Nests.softmax(out, b)), 2, out, b);
            for (float v : out.toFloatArray()) text.append(Math.round(v * 1e5)).append(' ');
            return text.append('\n').toString();
        }
    }
}
