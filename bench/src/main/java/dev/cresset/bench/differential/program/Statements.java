package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Rename;
import dev.cresset.bench.differential.program.Statement.Through;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Draws statements one after the other. */
final class Statements {
    private record Choice(int weight, BooleanSupplier attempt) {}

    private final Draw draw;
    private final List<Choice> choices = new ArrayList<>();
    private final List<Parameter> parameters;
    private final ControlFlow flow;
    private int depth;

    /** @param results how many tensors the program returns */
    Statements(Draw draw, List<Parameter> parameters, int results) {
        this.draw = draw;
        this.parameters = parameters;
        this.flow = new ControlFlow(draw, this, parameters, results);
        expression(14, PointwiseForms::smooth);
        expression(6, PointwiseForms::exact);
        expression(14, PointwiseForms::binary);
        expression(3, PointwiseForms::integer);
        expression(4, PointwiseForms::comparison);
        expression(4, PointwiseForms::selection);
        expression(3, PointwiseForms::conversion);
        expression(4, this::withNumber);
        expression(12, ViewForms::view);
        expression(4, ViewForms::join);
        expression(2, ViewForms::rearranged);
        choice(2, this::expand);
        choice(3, this::parts);
        expression(6, ReductionForms::reduction);
        expression(2, ReductionForms::total);
        expression(6, ReductionForms::normalisation);
        if (!draw.special) networks();   // what libraries make of infinity is theirs
        choice(9, () -> InPlaceForms.write(draw));
        choice(3, this::tuple);
        choice(2, this::print);
        choice(4, this::state);
        choice(14, flow::some);
    }

    private void networks() {
        expression(6, NetworkForms::linear);
        expression(5, NetworkForms::product);
        expression(2, NetworkForms::pooling);
        expression(3, NetworkForms::embedding);
        choice(8, () -> NetworkForms.convolutionBlock(draw));
        choice(2, () -> NetworkForms.cell(draw));
    }

    private void choice(int weight, BooleanSupplier attempt) { choices.add(new Choice(weight, attempt)); }

    private void expression(int weight, Function<Draw, Expression> form) {
        choice(weight, () -> {
            Expression value = form.apply(draw);
            if (value != null) draw.let(value);
            return value != null;
        });
    }

    /** @param count how many statements; some come to more than one line */
    void some(int count) {
        int total = choices.stream().mapToInt(Choice::weight).sum();
        for (int i = 0; i < count; ) {
            int at = draw.below(total);
            for (Choice c : choices) {
                at -= c.weight();
                if (at >= 0) continue;
                if (c.attempt().getAsBoolean()) i++;
                break;
            }
        }
    }

    /** Statements of a nested block; deeper blocks are only made down to a depth of 2. */
    void nested(int count) {
        depth++;
        some(count);
        depth--;
    }

    boolean mayNest() { return depth < 2; }

    /** Arithmetic with a number that is known at run time only. */
    private Expression withNumber(Draw draw) {
        Variable x = draw.variable(k -> k.dtype() != ScalarType.BOOL);
        Parameter s = parameters.stream().filter(p -> p.form() == Parameter.Form.FLOAT).findFirst().orElse(null);
        if (x != null && s != null && x.kind().floating() && draw.chance(0.7)) {
            return Expression.computed("torch.mul(" + x.name() + ", " + s.name() + ")", List.of(x.name()), x.kind().rounded(),
                (a, _) -> a.getFirst().times(s.range()).rounded(x.kind().dtype(), 1));
        }
        if (x == null || draw.numbers().isEmpty()) return null;
        String number = draw.oneOf(draw.numbers());
        if (x.kind().floating()) {
            return Expression.computed("torch.div(torch.add(" + x.name() + ", " + number + "), 16)", List.of(x.name()), x.kind().rounded(),
                (a, _) -> a.getFirst().plus(Bound.exact(64)).rounded(x.kind().dtype(), 2));
        }
        return Expression.computed("torch.add(" + x.name() + ", " + number + ")", List.of(x.name()), x.kind(), (a, _) -> a.getFirst().plus(Bound.exact(64)));
    }

    private boolean expand() {
        Variable x = draw.variable(k -> k.shape().contains(Dim.of(1)));
        Expression value = x == null ? null : ViewForms.expand(draw, x);
        if (value != null) draw.letReadOnly(value);
        return value != null;
    }

    private boolean parts() {
        ViewForms.Parts parts = ViewForms.parts(draw);
        if (parts == null) return false;
        Bound estimate = draw.estimate(parts.list());
        List<String> names = new ArrayList<>();
        for (int i = 0; i < parts.count(); i++) names.add(draw.fresh("v"));
        draw.emit(new Assign(names, parts.list()));
        boolean writable = draw.named(parts.list().arguments().getFirst()).writable();
        for (String name : names) draw.declare(new Variable(name, parts.list().kind(), estimate, writable));
        return true;
    }

    /** Through a tuple and out again, under other names. */
    private boolean tuple() {
        Variable a = draw.oneOf(draw.scope()), b = draw.oneOf(draw.scope());
        List<String> names = List.of(draw.fresh("v"), draw.fresh("v"));
        draw.emit(new Through(draw.fresh("p"), names, List.of(a.name(), b.name())));
        draw.declare(new Variable(names.getFirst(), a.kind(), a.estimate(), a.writable()));
        draw.declare(new Variable(names.getLast(), b.kind(), b.estimate(), b.writable()));
        return true;
    }

    private boolean print() {
        Variable x = draw.variable(k -> k.rank() > 0);
        Variable n = draw.variable(k -> k.dtype() == ScalarType.INT64);
        String what = n != null && draw.chance(0.4) ? "torch.sum(" + n.name() + ")" : x != null ? "torch.size(" + x.name() + ", 0)" : "1";
        draw.say("print(\"" + draw.fresh("at ") + "\", " + what + ")");
        return true;
    }

    /** Reads or changes an attribute. */
    private boolean state() {
        Variable h = draw.pick(v -> v.name().startsWith("self."));
        if (h == null) return false;
        if (draw.chance(0.3)) {
            String name = draw.fresh("v");
            draw.emit(new Rename(name, h.name()));
            draw.declare(new Variable(name, h.kind(), h.estimate(), true));
            return true;
        }
        return reassign(h);
    }

    /** {@code v = ...} with a value of the same kind, of the order of 1. */
    boolean reassign(Variable v) {
        Expression value = draw.chance(0.7) ? mixed(v) : tame(v);
        draw.emit(new Assign(List.of(v.name()), value));
        draw.replace(v, new Variable(v.name(), v.kind(), v.estimate().join(draw.estimate(value)), v.writable()));
        return true;
    }

    private Expression mixed(Variable v) {
        TensorKind kind = v.kind();
        Variable y = draw.variable(k -> kind.shape().equals(TensorKind.broadcast(k.shape(), kind.shape())) && k.dtype() != ScalarType.BOOL
            && (k.dtype() == kind.dtype() || k.rank() == kind.rank() && TensorKind.promote(kind, k) == kind.dtype()) && (k.exact() || !kind.exact()));
        if (y == null || kind.floating() && kind.exact()) return tame(v);
        List<String> names = List.of(v.name(), y.name());
        String sum = "torch.add(" + v.name() + ", " + y.name() + ")";
        if (!kind.floating()) return Expression.computed("torch.remainder(" + sum + ", 7)", names, kind, (_, _) -> Bound.exact(7));
        return Expression.computed("torch.tanh(" + sum + ")", names, kind, (a, _) ->
            a.getFirst().plus(a.getLast()).rounded(kind.dtype(), 1).through(1, 1).rounded(kind.dtype(), 1));
    }

    private Expression tame(Variable v) {
        TensorKind kind = v.kind();
        List<String> name = List.of(v.name());
        if (kind.dtype() == ScalarType.BOOL) return Expression.computed("torch.logical_not(" + v.name() + ")", name, kind, (_, _) -> Bound.exact(1));
        if (kind.exact()) return Expression.computed("torch.clamp(torch.neg(" + v.name() + "), -2, 3)", name, kind, (a, _) -> a.getFirst().join(Bound.exact(3)));
        return Expression.computed("torch.mul(torch.sigmoid(" + v.name() + "), 0.75)", name, kind, (a, _) -> a.getFirst().through(1, 1).rounded(kind.dtype(), 2));
    }
}
