package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Parameter.Form;
import dev.cresset.bench.differential.program.Statement.Append;
import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Branch;
import dev.cresset.bench.differential.program.Statement.Loop;
import dev.cresset.bench.differential.program.Statement.Return;
import dev.cresset.ir.type.ScalarType;
import java.util.ArrayList;
import java.util.List;

/** Branches, loops, lists, early exits and assertions. What they depend on is never rounded. */
final class ControlFlow {
    private final Draw draw;
    private final Statements statements;
    private final List<Parameter> parameters;
    private final int results;

    ControlFlow(Draw draw, Statements statements, List<Parameter> parameters, int results) {
        this.draw = draw;
        this.statements = statements;
        this.parameters = parameters;
        this.results = results;
    }

    boolean some() {
        if (!statements.mayNest()) return false;
        return switch (draw.below(10)) {
            case 0, 1 -> branch();
            case 2 -> newInBoth();
            case 3, 4 -> loop();
            case 5 -> collecting();
            case 6 -> whileLoop();
            case 7 -> optional();
            case 8 -> leave();
            default -> assertion();
        };
    }

    // ---- conditions

    /** A condition on numbers, sizes or exact elements. */
    private String condition() {
        Variable x = draw.variable(k -> k.rank() > 0);
        return switch (draw.below(5)) {
            case 0 -> numberCondition();
            case 1 -> x == null ? numberCondition() : "torch.gt(torch.size(" + x.name() + ", 0), " + draw.oneOf(1, 2, 3, 5) + ")";
            case 2 -> x == null ? numberCondition() : "torch.eq(torch.remainder(torch.size(" + x.name() + ", -1), 2), 0)";
            default -> tensorCondition();
        };
    }

    private String numberCondition() {
        List<String> all = new ArrayList<>();
        for (Parameter p : parameters) if (p.form() == Form.BOOL) all.add(p.name());
        for (String n : draw.numbers()) all.add("torch.gt(" + n + ", " + draw.oneOf(0, 1, 2) + ")");
        return all.isEmpty() ? tensorCondition() : draw.oneOf(all);
    }

    private String tensorCondition() {
        Variable x = draw.variable(TensorKind::exact);
        if (x == null) return "torch.eq(1, 1)";
        if (x.kind().dtype() == ScalarType.BOOL) return "bool(torch." + draw.oneOf("any", "all") + "(" + x.name() + "))";
        if (x.kind().dtype() == ScalarType.INT64) return "torch.gt(int(torch.sum(" + x.name() + ")), " + draw.oneOf(-3, 0, 4, 9) + ")";
        return "bool(torch." + draw.oneOf("any", "all") + "(torch." + draw.oneOf("gt", "lt") + "(" + x.name() + ", " + draw.oneOf("0.75", "0", "-0.5") + ")))";
    }

    // ---- branches

    private boolean branch() {
        String condition = condition();
        Variable v = target();
        List<Statement> then = draw.block(() -> body(v)), otherwise = draw.chance(0.6) ? draw.block(() -> body(v)) : List.of();
        draw.emit(new Branch(condition, then, otherwise));
        return true;
    }

    /** Some statements, and a change of an outer variable. */
    private void body(Variable v) {
        statements.nested(draw.below(3));
        if (v != null && draw.chance(0.9)) statements.reassign(draw.named(v.name()));
        else statements.nested(1);
    }

    private Variable target() { return draw.pick(v -> !v.name().startsWith("l")); }

    /** A variable that both branches define. */
    private boolean newInBoth() {
        Variable x = draw.floating();
        if (x == null) return false;
        String name = draw.fresh("v");
        List<Bound> estimates = new ArrayList<>();
        Runnable define = () -> {
            statements.nested(draw.below(2));
            Expression value = PointwiseForms.smooth(draw, x);
            estimates.add(draw.estimate(value));
            draw.emit(new Assign(List.of(name), value));
        };
        draw.emit(new Branch(condition(), draw.block(define), draw.block(define)));
        draw.declare(new Variable(name, x.kind().rounded(), estimates.getFirst().join(estimates.getLast()), false));
        return true;
    }

    private boolean optional() {
        Parameter p = parameters.stream().filter(q -> q.form() == Form.OPTIONAL).findFirst().orElse(null);
        if (p == null) return false;
        Variable v = draw.pick(u -> u.kind().floating() && !u.kind().exact());
        if (v == null) return false;
        List<Statement> given = draw.block(() -> {
            draw.declare(new Variable(p.name(), p.kind(), Bound.exact(p.range()), false));
            statements.nested(1);
            Expression part = ReductionForms.meanOf(draw.named(p.name()));
            Variable mean = draw.let(part);
            Expression value = PointwiseForms.gatedBy(v, mean);
            if (value.kind().equals(v.kind())) draw.emit(new Assign(List.of(v.name()), value));
        });
        draw.emit(draw.chance(0.7) ? new Branch(p.name() + " is not None", given, List.of()) : new Branch(p.name() + " is None", List.of(), given));
        return true;
    }

    // ---- loops

    private record Count(String header, Dim trips, String index, Variable over) {}

    private Count count() {
        String i = draw.fresh("i");
        Parameter n = parameters.stream().filter(p -> p.form() == Form.INT).findFirst().orElse(null);
        Variable x = draw.variable(k -> k.rank() > 0 && draw.most(k.shape().getFirst()) <= 8);
        if (n != null && draw.chance(0.4)) return new Count("for " + i + " in range(" + n.name() + ")", Dim.named(n.name()), i, null);
        if (x != null && draw.chance(0.7)) return new Count("for " + i + " in range(torch.size(" + x.name() + ", 0))", x.kind().shape().getFirst(), i, x);
        int trips = 1 + draw.below(4);
        return new Count("for " + i + " in range(" + trips + ")", Dim.of(trips), i, null);
    }

    private boolean loop() {
        Count count = count();
        Variable v = target();
        if (v == null) return false;
        draw.emit(new Loop(count.header(), count.trips(), false, draw.block(() -> {
            inLoop(count);
            body(v);
        })));
        return true;
    }

    private void inLoop(Count count) {
        draw.number(count.index());
        Variable x = count.over();
        if (x == null) return;
        TensorKind row = x.kind().withShape(x.kind().shape().subList(1, x.kind().rank()));
        draw.let(Expression.view(x.name() + "[" + count.index() + "]", x.name(), row));
    }

    /** A list that a loop fills, joined afterwards. */
    private boolean collecting() {
        Count count = count();
        Variable v = draw.pick(u -> u.kind().floating() && !u.kind().exact() && u.kind().rank() < 4 && !u.name().startsWith("self."));
        if (v == null) return false;
        String list = draw.fresh("l");
        draw.emit(new Assign(List.of(list), new Expression("annotate(List[Tensor], [])", List.of(), v.kind(), (_, _) -> Bound.ZERO, false)));
        draw.emit(new Loop(count.header(), count.trips(), false, draw.block(() -> {
            inLoop(count);
            body(v);
            draw.emit(new Append(list, v.name()));
        })));
        List<Dim> shape = new ArrayList<>(v.kind().shape());
        shape.add(0, count.trips());
        Variable now = draw.named(v.name());
        draw.declare(new Variable(list, v.kind(), now.estimate(), false));
        Variable joined = draw.let(Expression.copy("torch.stack(" + list + ")", List.of(list), v.kind().withShape(shape)));
        draw.forget(list);
        return joined != null;
    }

    private boolean whileLoop() {
        Variable v = target();
        if (v == null) return false;
        String k = draw.fresh("k");
        int most = 1 + draw.below(4);
        draw.say(k + " = 0");
        String header = "while torch.lt(" + k + ", " + most + ")" + (draw.chance(0.6) ? " and " + tensorCondition() : "");
        draw.emit(new Loop(header, Dim.of(most), true, draw.block(() -> {
            draw.number(k);
            body(v);
            draw.say(k + " = torch.add(" + k + ", 1)");
        })));
        return true;
    }

    // ---- exits

    private boolean leave() {
        if (draw.chance(0.5)) return false;
        draw.emit(new Branch(condition(), draw.block(this::returnSome), List.of()));
        return true;
    }

    void returnSome() {
        List<String> values = new ArrayList<>();
        while (values.size() < results) values.add(draw.oneOf(draw.scope()).name());
        draw.emit(new Return(values));
    }

    private boolean assertion() {
        if (draw.chance(0.6)) return false;
        if (draw.chance(0.5)) draw.say("assert " + condition() + ", \"" + draw.fresh("asserted ") + "\"");
        else draw.emit(new Branch(condition(), draw.block(() -> draw.say("ops.prim.RaiseException(\"" + draw.fresh("raised ") + "\")")), List.of()));
        return true;
    }
}
