package dev.cresset.bench.differential.program;

import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/** Products of matrices and convolutions, alone and in the patterns that networks are made of. Each statement is in float32. */
final class NetworkForms {
    private NetworkForms() {}

    private static boolean hasWidth(TensorKind k) {
        return k.dtype() == ScalarType.FLOAT32 && k.rank() >= 2 && k.last(0).isConstant() && k.last(0).constant() >= 1;
    }

    static Expression linear(Draw draw) {
        Variable x = draw.variable(NetworkForms::hasWidth);
        return x == null ? null : linear(draw, x, draw.oneOf(1, 3, 4, 8, 16, 17, 32));
    }

    /** A linear layer in one of the ways in which programs write it. The weights of a row sum up to 2 at most. */
    static Expression linear(Draw draw, Variable x, long outputs) {
        long inputs = x.kind().last(0).constant();
        double scale = 2.0 / inputs;
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.set(shape.size() - 1, Dim.of(outputs));
        Variable bias = draw.weight(ScalarType.FLOAT32, -0.5, 0.5, outputs);
        Expression.Rule rule = (a, _) -> a.getFirst().times(2).rounded(ScalarType.FLOAT32, inputs).plus(Bound.exact(0.5)).rounded(ScalarType.FLOAT32, 1);
        Variable transposed = draw.weight(ScalarType.FLOAT32, -scale, scale, inputs, outputs);
        String text = switch (draw.below(x.kind().rank() == 2 ? 4 : 3)) {
            case 0 -> "torch.linear(" + x.name() + ", torch.t(" + transposed.name() + "), " + bias.name() + ")";
            case 1 -> "torch.linear(" + x.name() + ", " + draw.weight(ScalarType.FLOAT32, -scale, scale, outputs, inputs).name() + ", None)";
            case 2 -> "torch.add(torch.matmul(" + x.name() + ", " + transposed.name() + "), " + bias.name() + ")";
            default -> "torch.addmm(" + bias.name() + ", " + x.name() + ", " + transposed.name() + ")";
        };
        return Expression.computed(text, List.of(x.name()), x.kind().withShape(shape).rounded(), rule);
    }

    /** A product of two variables, scaled by the length of its sums. */
    static Expression product(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() == ScalarType.FLOAT32 && k.rank() >= 2);
        if (x == null) return null;
        Dim inner = x.kind().last(0);
        Variable y = draw.variable(k -> k.dtype() == ScalarType.FLOAT32 && k.rank() == x.kind().rank() && k.last(1).equals(inner) && sameBatch(k, x.kind()));
        if (y != null) return product(x, y, y.kind().last(0), x.kind().rank() == 2 && draw.chance(0.5) ? "torch.mm(%s, %s)" : "torch.matmul(%s, %s)");
        Variable z = draw.variable(k -> k.dtype() == ScalarType.FLOAT32 && k.rank() == x.kind().rank() && k.last(0).equals(inner) && sameBatch(k, x.kind()));
        return product(x, z, z.kind().last(1), x.kind().rank() == 3 && draw.chance(0.5) ? "torch.bmm(%s, torch.transpose(%s, 1, 2))"
            : "torch.matmul(%s, torch.transpose(%s, -1, -2))");
    }

    private static boolean sameBatch(TensorKind a, TensorKind b) { return a.shape().subList(0, a.rank() - 2).equals(b.shape().subList(0, b.rank() - 2)); }

    private static Expression product(Variable x, Variable y, Dim columns, String text) {
        Dim inner = x.kind().last(0);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.set(shape.size() - 1, columns);
        String scaled = "torch.div(" + String.format(text, x.name(), y.name()) + ", " + (inner.isConstant() ? Math.max(1, inner.constant()) : 4) + ")";
        return Expression.computed(scaled, List.of(x.name(), y.name()), x.kind().withShape(shape).rounded(), (a, sizes) -> {
            long n = inner.at(sizes);
            double scale = inner.isConstant() ? Math.max(1, n) : 4;
            return a.getFirst().times(a.getLast()).times(n).rounded(ScalarType.FLOAT32, n).times(1 / scale).rounded(ScalarType.FLOAT32, 1);
        });
    }

    private static boolean image(TensorKind k) { return k.dtype() == ScalarType.FLOAT32 && k.rank() == 4 && k.shape().get(1).isConstant() && k.shape().get(1).constant() > 0; }

    /** Convolution, batch norm, activation and now and then a residual, as statements. */
    static boolean convolutionBlock(Draw draw) {
        Variable x = draw.variable(NetworkForms::image);
        if (x == null) return false;
        long channels = x.kind().shape().get(1).constant();
        boolean residual = draw.chance(0.4), depthwise = channels > 1 && draw.chance(0.25);
        Variable y = draw.let(convolution(draw, x, residual || depthwise ? channels : draw.oneOf(2, 4, 8, 16), depthwise ? channels : 1));
        if (y.kind().shape().get(1).constant() > 0 && draw.chance(0.7)) y = draw.let(batchNorm(draw, y));
        if (residual && draw.chance(0.5)) y = draw.let(PointwiseForms.sum(y, x, y.kind(), "torch.add(%s, %s)"));
        else if (residual) InPlaceForms.write(draw, y, PointwiseForms.sum(y, x, y.kind(), "torch.add_(%s, %s)"));
        if (draw.chance(0.3)) InPlaceForms.write(draw, y, Expression.copy("torch.relu_(" + y.name() + ")", List.of(y.name()), y.kind()));
        else if (draw.chance(0.7)) draw.let(Expression.copy(draw.oneOf("torch.relu(", "torch.hardtanh(") + y.name() + ")", List.of(y.name()), y.kind()));
        return true;
    }

    private static Expression convolution(Draw draw, Variable x, long outputs, long groups) {
        long channels = x.kind().shape().get(1).constant(), window = draw.oneOf(1, 3);
        double scale = 2.0 / (channels / groups * window * window);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.set(1, Dim.of(outputs));
        Variable weight = draw.weight(ScalarType.FLOAT32, -scale, scale, outputs, channels / groups, window, window);
        String bias = draw.chance(0.5) ? draw.weight(ScalarType.FLOAT32, -0.5, 0.5, outputs).name() : "None";
        String text = "torch.conv2d(" + x.name() + ", " + weight.name() + ", " + bias + ", [1, 1], [" + window / 2 + ", " + window / 2 + "], [1, 1], " + groups + ")";
        return Expression.computed(text, List.of(x.name()), x.kind().withShape(shape).rounded(), (a, _) ->
            a.getFirst().times(2).rounded(ScalarType.FLOAT32, channels * window * window).plus(Bound.exact(0.5)).rounded(ScalarType.FLOAT32, 1));
    }

    private static Expression batchNorm(Draw draw, Variable x) {
        long channels = x.kind().shape().get(1).constant();
        String text = "torch.batch_norm(" + x.name() + ", " + draw.weight(ScalarType.FLOAT32, 0.5, 1.5, channels).name() + ", "
            + draw.weight(ScalarType.FLOAT32, -0.5, 0.5, channels).name() + ", " + draw.weight(ScalarType.FLOAT32, -0.5, 0.5, channels).name() + ", "
            + draw.weight(ScalarType.FLOAT32, 0.5, 2, channels).name() + ", False, 0.1, 1e-05, True)";
        return Expression.computed(text, List.of(x.name()), x.kind().rounded(), (a, _) ->
            a.getFirst().plus(Bound.exact(0.5)).times(2.2).plus(Bound.exact(0.5)).rounded(ScalarType.FLOAT32, 4));
    }

    static Expression pooling(Draw draw) {
        Variable x = draw.variable(NetworkForms::image);
        if (x == null) return null;
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        if (draw.chance(0.5)) {
            return Expression.copy("torch.max_pool2d(" + x.name() + ", [3, 3], [1, 1], [1, 1], [1, 1], False)", List.of(x.name()), x.kind());
        }
        Dim area = shape.get(2).times(shape.get(3));
        shape.set(2, Dim.of(1));
        shape.set(3, Dim.of(1));
        return Expression.computed("torch.adaptive_avg_pool2d(" + x.name() + ", [1, 1])", List.of(x.name()), x.kind().withShape(shape).rounded(),
            (a, sizes) -> a.getFirst().rounded(ScalarType.FLOAT32, area.at(sizes)));
    }

    /** Rows of a table, by integers in scope. */
    static Expression embedding(Draw draw) {
        Variable index = draw.variable(k -> k.dtype() == ScalarType.INT64 && k.rank() > 0 && k.rank() < 3);
        if (index == null) return null;
        long rows = 9, width = draw.oneOf(4, 8, 16);
        Variable table = draw.weight(ScalarType.FLOAT32, -1, 1, rows, width);
        List<Dim> shape = new ArrayList<>(index.kind().shape());
        shape.add(Dim.of(width));
        return Expression.computed("torch.embedding(" + table.name() + ", torch.remainder(" + index.name() + ", " + rows + "))", List.of(index.name()),
            new TensorKind(ScalarType.FLOAT32, shape, true), (_, _) -> Bound.exact(1));
    }

    /** A recurrent cell over two states that are as wide as the input. */
    static boolean cell(Draw draw) {
        Variable x = draw.variable(k -> hasWidth(k) && k.rank() == 2 && k.last(0).constant() <= 32);
        if (x == null) return false;
        long n = x.kind().last(0).constant();
        Variable gates = draw.let(linear(draw, x, 4 * n));
        List<String> names = List.of(draw.fresh("v"), draw.fresh("v"), draw.fresh("v"), draw.fresh("v"));
        Expression chunk = Expression.view("torch.chunk(" + gates.name() + ", 4, 1)", gates.name(), x.kind().rounded());
        draw.emit(new Statement.Assign(names, chunk));
        for (String name : names) draw.declare(new Variable(name, chunk.kind(), gates.estimate(), true));
        String text = String.format("torch.add(torch.mul(torch.sigmoid(%s), %s), torch.mul(torch.sigmoid(%s), torch.tanh(%s)))", names.get(0), x.name(), names.get(1), names.get(2));
        Variable c = draw.let(Expression.computed(text, List.of(gates.name(), x.name()), x.kind().rounded(), (a, _) ->
            a.getLast().plus(Bound.exact(1)).plus(new Bound(0, a.getFirst().error() * (a.getLast().magnitude() + 2))).rounded(ScalarType.FLOAT32, 4)));
        draw.let(Expression.computed("torch.mul(torch.sigmoid(" + names.get(3) + "), torch.tanh(" + c.name() + "))", List.of(gates.name(), c.name()), c.kind(),
            (a, _) -> new Bound(1, a.getFirst().error() + a.getLast().error()).rounded(ScalarType.FLOAT32, 4)));
        return true;
    }
}
