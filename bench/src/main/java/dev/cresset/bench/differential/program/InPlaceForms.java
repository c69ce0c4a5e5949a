package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Statement.Write;
import dev.cresset.ir.type.ScalarType;
import java.util.List;

/** Statements that write tensors in place: operators with an underscore, and assignments to parts. */
final class InPlaceForms {
    private InPlaceForms() {}

    /** The expression's text is the statement; its value is what the target becomes. */
    static void write(Draw draw, Variable target, Expression value) {
        draw.emit(new Write(value.text(), target.name(), value));
        draw.replace(target, new Variable(target.name(), target.kind(), target.estimate().join(draw.estimate(value)), target.writable()));
    }

    /** Writes some variable. @return false if there is nothing to write */
    static boolean write(Draw draw) {
        Variable x = draw.pick(v -> v.writable() && v.kind().dtype() != ScalarType.BOOL);
        if (x == null) return false;
        Expression value = switch (draw.below(6)) {
            case 0 -> alone(draw, x);
            case 1, 2 -> withOther(draw, x);
            case 3, 4 -> part(draw, x);
            default -> masked(draw, x);
        };
        if (value == null) return false;
        write(draw, x, value);
        return true;
    }

    private static Expression alone(Draw draw, Variable x) {
        boolean smooth = x.kind().floating() && !x.kind().exact();
        String text = smooth && draw.chance(0.5) ? draw.oneOf("torch.tanh_(%s)", "torch.sigmoid_(%s)", "torch.mul_(%s, 0.3)")
            : draw.oneOf("torch.relu_(%s)", "torch.neg_(%s)", "torch.clamp_(%s, -1, 1)", "torch.zero_(%s)", "torch.fill_(%s, 2)");
        return Expression.computed(String.format(text, x.name()), List.of(x.name()), x.kind(),
            (a, _) -> a.getFirst().join(Bound.exact(2)).rounded(smooth ? x.kind().dtype() : ScalarType.INT64, 2));
    }

    /** Another variable that may be added or copied to it. */
    private static Variable source(Draw draw, Variable x, List<Dim> shape, boolean copied) {
        return draw.variable(k -> shape.equals(TensorKind.broadcast(k.shape(), shape)) && (k.exact() || !x.kind().exact())
            && (copied || !x.kind().floating() || !x.kind().exact())
            && k.dtype().category().compareTo(x.kind().dtype().category()) <= 0 && k.dtype() != ScalarType.BOOL);
    }

    /**
     * What is read while {@code x} is written. Of what lies in the same memory in another order a copy: what PyTorch computes
     * from it depends on the order in which it writes, where it does not refuse to.
     */
    private static String read(Draw draw, Variable y, Variable x) {
        return y.name().equals(x.name()) || !draw.mayShare(x, y) ? y.name() : "torch.clone(" + y.name() + ")";
    }

    private static Expression withOther(Draw draw, Variable x) {
        Variable y = source(draw, x, x.kind().shape(), false);
        if (y == null) return null;
        String text = draw.oneOf("torch.add_(%s, %s)", "torch.sub_(%s, %s)", "%s += %s", "torch.add_(%s, %s, alpha=2)", "%s -= %s");
        ScalarType dtype = x.kind().dtype();
        return Expression.computed(String.format(text, x.name(), read(draw, y, x)), List.of(x.name(), y.name()), x.kind(),
            (a, _) -> a.getFirst().plus(a.getLast().times(2)).rounded(dtype, 2));
    }

    /** {@code x[:, 0] = y} and the like. */
    private static Expression part(Draw draw, Variable x) {
        if (x.kind().rank() == 0) return null;
        Expression part = draw.chance(0.5) ? ViewForms.slice(draw, x) : ViewForms.select(draw, x);
        if (part == null) return null;
        String place = part.text();
        Variable y = draw.chance(0.25) ? null : source(draw, x, part.kind().shape(), true);
        List<String> read = y == null ? List.of(x.name()) : List.of(x.name(), y.name());
        String value = y == null ? "2" : y == x ? "torch.clone(" + y.name() + ")" : read(draw, y, x);
        String text = place.startsWith("torch.") || y != null && draw.chance(0.3) ? "torch." + (y == null ? "fill_(" : "copy_(") + place + ", " + value + ")" : place + " = " + value;
        return Expression.computed(text, read, x.kind(), (a, _) -> a.stream().reduce(Bound.exact(2), Bound::join).rounded(
            x.kind().exact() ? ScalarType.INT64 : x.kind().dtype(), 1));
    }

    private static Expression masked(Draw draw, Variable x) {
        Variable mask = draw.variable(k -> k.dtype() == ScalarType.BOOL && x.kind().shape().equals(TensorKind.broadcast(k.shape(), x.kind().shape())));
        return mask == null ? null : Expression.computed("torch.masked_fill_(" + x.name() + ", " + mask.name() + ", 1)", List.of(x.name()), x.kind(),
            (a, _) -> a.getFirst().join(Bound.exact(1)));
    }
}
