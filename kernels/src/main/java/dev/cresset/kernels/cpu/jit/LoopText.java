package dev.cresset.kernels.cpu.jit;

import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Loop nests and what is generated for them, as text. Operations are numbered; an equal one has one number. */
final class LoopText {
    private LoopText() {}

    static String of(LoopNest nest, GeneratedLoops code) {
        Structure s = code.structure;
        List<String> lines = new ArrayList<>();
        lines.add("for " + Arrays.toString(nest.sizes()));
        for (int i = 0; i < nest.inputs().size(); i++) lines.add("  input " + i + ": " + nest.inputs().get(i));
        for (int p = 0; p < code.passes(); p++) pass(lines, s, code.plan, p, nest);
        return String.join("\n", lines) + "\n";
    }

    private static void pass(List<String> lines, Structure s, Plan plan, int p, LoopNest nest) {
        Plan.Pass pass = plan.passes().get(p);
        lines.add("  pass " + p + (pass.vectors() ? ", vectors:" : ", single elements:"));
        for (int id : pass.uniform()) lines.add("    row  %" + id + " = " + operation(s.node(id)));
        for (int id : pass.varying()) {
            boolean read = pass.read().contains(id), kept = !read && plan.saved().contains(id);
            String value = read ? "scratch " + plan.row(id) : operation(s.node(id));
            lines.add("    each %" + id + " = " + value + (kept ? " -> scratch " + plan.row(id) : ""));
        }
        for (int f : pass.folds()) {
            lines.add("    reduction " + f + " = " + lower(s.folds().get(f).fold()) + " %" + s.folds().get(f).value());
        }
        for (int o : pass.outputs()) {
            LoopNest.Result r = nest.results().get(o);
            LoopNest.Operand place = new LoopNest.Operand(r.type(), r.offset(), r.strides());
            lines.add("    result " + o + ": " + place + " = %" + s.outputs().get(o).value());
        }
    }

    private static String operation(Dag.Node n) {
        String arguments = n.arguments().stream().map(a -> "%" + a).collect(Collectors.joining(", "));
        return switch (n.op()) {
            case Dag.Op.Load(int input, var _) -> "input " + input;
            case Dag.Op.Reduced(int index, var type) -> "reduction " + index + " as " + lower(type);
            case Dag.Op.Param(int input, var type) -> "argument " + input + " as " + lower(type);
            case Dag.Op.Constant(Object value) -> lower(n.kind()) + " " + value;
            case Dag.Op.Cast(var type) -> lower(type) + "(" + arguments + ")";
            case Dag.Op.Unary(var fn) -> lower(fn) + "(" + arguments + ")";
            case Dag.Op.Binary(var fn) -> lower(fn) + "(" + arguments + ")";
            case Dag.Op.Select _ -> "select(" + arguments + ")";
        };
    }

    private static String lower(Enum<?> e) { return e.name().toLowerCase(Locale.ROOT); }
}
