package dev.cresset.bench.soak;

import dev.cresset.bench.differential.program.ProgramArchive;
import dev.cresset.bench.differential.program.Weight;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/** The programs of the soak tests, made in memory: no PyTorch is needed. */
final class SoakModels {
    private static final String CLASS = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";

    private final List<Weight> weights = new ArrayList<>();

    private SoakModels() {}

    /** A transformer encoder over (batch, length, width): attention with 4 heads, two layer norms, a GELU layer. */
    static byte[] encoder(int layers, int width) { return new SoakModels().encoderArchive(layers, width); }

    /** A recurrent cell that keeps its state (1, width) as an attribute and returns it for each frame (1, width). */
    static byte[] recurrent(int width) { return new SoakModels().recurrentArchive(width); }

    private byte[] encoderArchive(int layers, int width) {
        StringBuilder body = new StringBuilder("""
              def split(self: __torch__.M, x: Tensor) -> Tensor:
                b = torch.view(x, [torch.size(x, 0), torch.size(x, 1), 4, %d])
                return torch.permute(b, [0, 2, 1, 3])
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
            """.formatted(width / 4));
        for (int l = 0; l < layers; l++) {
            body.append("""
                    q = (self).split(%1$s)
                    k = (self).split(%2$s)
                    v = (self).split(%3$s)
                    a = torch.softmax(torch.div(torch.matmul(q, torch.transpose(k, -1, -2)), %4$s), -1)
                    c = torch.contiguous(torch.permute(torch.matmul(a, v), [0, 2, 1, 3]))
                    c0 = torch.view(c, [torch.size(x, 0), torch.size(x, 1), %5$d])
                    x = torch.layer_norm(torch.add(x, %6$s), [%5$d], %8$s, %9$s, 1e-05)
                    x = torch.layer_norm(torch.add(x, %7$s), [%5$d], %8$s, %9$s, 1e-05)
                """.formatted(linear("x", width, width), linear("x", width, width), linear("x", width, width), Math.sqrt(width / 4.0), width,
                linear("c0", width, width), linear("torch.gelu(" + linear("x", width, 4 * width) + ")", 4 * width, width),
                weight(1, 1, width), weight(0, 0, width)));
        }
        return archive(body.append("    return x\n").toString());
    }

    private byte[] recurrentArchive(int width) {
        String state = weight(0, 0, 1, width).substring("self.".length());
        return archive("""
              def forward(self: __torch__.M, x: Tensor) -> Tensor:
                gates = torch.add(%2$s, %3$s)
                update, reset, new, = torch.chunk(gates, 3, 1)
                u = torch.sigmoid(update)
                n = torch.tanh(torch.mul(torch.sigmoid(reset), new))
                h = torch.add(torch.mul(u, self.%1$s), torch.mul(torch.rsub(u, 1), n))
                self.%1$s = h
                return h
            """.formatted(state, linear("x", width, 3 * width), linear("self." + state, width, 3 * width)));
    }

    private String linear(String x, int inputs, int outputs) {
        double scale = 1 / Math.sqrt(inputs);
        return "torch.linear(" + x + ", " + weight(-scale, scale, outputs, inputs) + ", " + weight(-scale, scale, outputs) + ")";
    }

    private String weight(double low, double high, long... shape) {
        String name = "w" + weights.size();
        weights.add(new Weight(name, ScalarType.FLOAT32, shape, low, high, weights.size()));
        return "self." + name;
    }

    private byte[] archive(String methods) {
        StringBuilder source = new StringBuilder(CLASS);
        weights.forEach(w -> source.append("  ").append(w.name()).append(" : Tensor\n"));
        return ProgramArchive.pack(source + methods, weights, false);
    }
}
