package dev.cresset.kernels.fuse;

import dev.cresset.ir.text.LiteralPrinter;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.BinaryFn;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.expr.UnaryFn;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints a loop nest for people and tests; each expression that several others use is named and printed once. */
final class LoopNestText {
    private final StringBuilder out = new StringBuilder();
    private final Map<Expr, Integer> uses = new IdentityHashMap<>();
    private final Map<Expr, String> names = new IdentityHashMap<>();

    private LoopNestText() {}

    static String of(LoopNest nest) { return new LoopNestText().print(nest); }

    private String print(LoopNest nest) {
        nest.reductions().forEach(r -> count(r.value()));
        nest.results().forEach(r -> count(r.value()));
        out.append("for ").append(Arrays.toString(nest.sizes())).append('\n');
        for (int i = 0; i < nest.inputs().size(); i++) out.append("  x").append(i).append(" = ").append(nest.inputs().get(i)).append('\n');
        for (int i = 0; i < nest.reductions().size(); i++) {
            LoopNest.Reduction r = nest.reductions().get(i);
            String value = text(r.value());
            out.append("  r").append(i).append(" = ").append(lower(r.fold())).append(' ').append(value).append('\n');
        }
        for (LoopNest.Result r : nest.results()) {
            String value = text(r.value());
            out.append("  ").append(r.type()).append('@').append(r.offset()).append(Arrays.toString(r.strides())).append(" = ")
                .append(value).append('\n');
        }
        return out.toString();
    }

    private void count(Expr e) {
        if (uses.merge(e, 1, Integer::sum) > 1) return;
        switch (e) {
            case Expr.Load _, Expr.Const _, Expr.Param _, Expr.Reduced _ -> { }
            case Expr.Cast(Expr x, ScalarType _) -> count(x);
            case Expr.Unary(UnaryFn _, Expr x) -> count(x);
            case Expr.Binary(BinaryFn _, Expr a, Expr b) -> {
                count(a);
                count(b);
            }
            case Expr.Select(Expr c, Expr yes, Expr no) -> {
                count(c);
                count(yes);
                count(no);
            }
        }
    }

    private String text(Expr e) {
        String name = names.get(e);
        if (name != null) return name;
        String text = body(e);
        boolean leaf = e instanceof Expr.Load || e instanceof Expr.Const || e instanceof Expr.Reduced;
        if (leaf || uses.get(e) < 2) return text;
        name = "t" + names.size();
        names.put(e, name);
        out.append("  ").append(name).append(" = ").append(text).append('\n');
        return name;
    }

    private String body(Expr e) {
        return switch (e) {
            case Expr.Load(int i, ScalarType _) -> "x" + i;
            case Expr.Param(int i, ScalarType _) -> "p" + i;
            case Expr.Reduced(int i, ScalarType _) -> "r" + i;
            case Expr.Const(Object v, ScalarType _) -> v instanceof Double d ? LiteralPrinter.floatText(d) : v.toString();
            case Expr.Cast(Expr x, ScalarType t) -> lower(t) + "(" + text(x) + ")";
            case Expr.Unary(UnaryFn fn, Expr x) -> lower(fn) + "(" + text(x) + ")";
            case Expr.Binary(BinaryFn fn, Expr a, Expr b) -> lower(fn) + "(" + text(a) + ", " + text(b) + ")";
            case Expr.Select(Expr c, Expr yes, Expr no) -> "select(" + text(c) + ", " + text(yes) + ", " + text(no) + ")";
        };
    }

    private static String lower(Enum<?> e) { return e.name().toLowerCase(Locale.ROOT); }
}
