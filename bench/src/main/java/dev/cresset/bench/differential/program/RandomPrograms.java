package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Parameter.Form;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws TorchScript modules from seeds: type-correct, with shapes that fit as a rule, and written so that two correct engines
 * agree within a bound that {@link ErrorFlow} finds. The same seed gives the same program.
 */
public final class RandomPrograms {
    private final Draw draw;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<String> states = new ArrayList<>();
    private final long width;
    private boolean counter;

    private RandomPrograms(long seed) {
        draw = new Draw(seed);
        width = draw.oneOf(1, 2, 4, 4, 6, 8, 8, 16, 17, 33, 64);
    }

    public static RandomProgram of(long seed) { return new RandomPrograms(seed).program(seed); }

    private RandomProgram program(long seed) {
        for (String name : List.of("N", "S", "H", "W")) draw.size(name, 8);
        tensors();
        numbers();
        attributes();
        int results = 1 + draw.below(3);
        Statements statements = new Statements(draw, parameters, results);
        List<Statement> body = draw.block(() -> {
            if (counter) draw.say("self.count = torch.add(self.count, 1)");
            statements.some(3 + draw.below(14));
            new ControlFlow(draw, statements, parameters, results).returnSome();
        });
        return new RandomProgram(seed, List.copyOf(parameters), java.util.Collections.unmodifiableMap(draw.weights()), List.copyOf(states), counter, draw.special, body,
            results);
    }

    private void tensors() {
        int count = 1 + draw.below(3);
        for (int i = 0; i < count; i++) {
            ScalarType dtype = i == 0 ? ScalarType.FLOAT32
                : draw.oneOf(ScalarType.FLOAT32, ScalarType.FLOAT32, ScalarType.FLOAT32, ScalarType.INT64, ScalarType.FLOAT64, ScalarType.BOOL);
            tensor(Form.TENSOR, dtype, draw.chance(0.25));
        }
        if (draw.chance(0.2)) tensor(Form.OPTIONAL, ScalarType.FLOAT32, false);
    }

    private void tensor(Form form, ScalarType dtype, boolean written) {
        String name = "x" + parameters.size();
        boolean exact = !dtype.isFloating() || draw.chance(0.4);
        Parameter p = new Parameter(name, form, new TensorKind(dtype, shape(), exact), draw.oneOf(1, 2, 4), written);
        parameters.add(p);
        if (form == Form.TENSOR) draw.declare(new Variable(name, p.kind(), Bound.exact(p.range()), written));
    }

    private List<Dim> shape() {
        Dim n = Dim.named("N"), s = Dim.named("S"), h = Dim.named("H"), w = Dim.named("W"), d = Dim.of(width);
        return switch (draw.below(9)) {
            case 0, 1, 2 -> List.of(n, d);
            case 3, 4 -> List.of(n, s, d);
            case 5 -> List.of(s, n);
            case 6 -> List.of(n, Dim.of(draw.oneOf(1, 2, 3, 4, 8)), h, w);
            case 7 -> List.of(d);
            default -> draw.chance(0.3) ? List.of() : List.of(n, Dim.of(1));
        };
    }

    private void numbers() {
        if (draw.chance(0.4)) {
            parameters.add(new Parameter("n", Form.INT));
            draw.size("n", 5);
            draw.number("n");
        }
        if (draw.chance(0.25)) parameters.add(new Parameter("s", Form.FLOAT));
        if (draw.chance(0.25)) parameters.add(new Parameter("b", Form.BOOL));
    }

    private void attributes() {
        if (draw.chance(0.3)) {
            Variable h = draw.weight(ScalarType.FLOAT32, -1, 1, draw.chance(0.5) ? new long[] {width} : new long[] {1, width});
            states.add(h.name().substring("self.".length()));
            draw.declare(new Variable(h.name(), h.kind(), h.estimate(), true));
        }
        counter = draw.chance(0.15);
        if (counter) draw.number("self.count");
    }
}
