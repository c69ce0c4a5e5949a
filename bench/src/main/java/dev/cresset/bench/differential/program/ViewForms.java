package dev.cresset.bench.differential.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Expressions that show a tensor's elements in another arrangement, as views and as copies. */
final class ViewForms {
    private ViewForms() {}

    /** A view of a variable's memory; null if none comes to mind. */
    static Expression view(Draw draw) {
        Variable x = draw.oneOf(draw.scope());
        int rank = x.kind().rank();
        if (rank == 0) return unsqueeze(draw, x);
        return switch (draw.below(9)) {
            case 8 -> Expression.view("torch.contiguous(" + x.name() + ")", x.name(), x.kind());   // itself, or a copy
            case 0 -> rank >= 2 ? transpose(draw, x) : null;
            case 1 -> rank >= 2 ? permute(draw, x) : null;
            case 2, 3 -> slice(draw, x);
            case 4 -> select(draw, x);
            case 5 -> unsqueeze(draw, x);
            case 6 -> squeeze(x);
            default -> rank >= 2 ? flatten(draw, x) : null;
        };
    }

    private static Expression transpose(Draw draw, Variable x) {
        int a = draw.below(x.kind().rank()), b = draw.below(x.kind().rank());
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        Collections.swap(shape, a, b);
        return Expression.view("torch.transpose(" + x.name() + ", " + a + ", " + (b - x.kind().rank()) + ")", x.name(), x.kind().withShape(shape));
    }

    private static Expression permute(Draw draw, Variable x) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, x.kind().rank()).boxed().toList());
        for (int i = order.size() - 1; i > 0; i--) Collections.swap(order, i, draw.below(i + 1));
        return Expression.view("torch.permute(" + x.name() + ", " + order + ")", x.name(),
            x.kind().withShape(order.stream().map(d -> x.kind().shape().get(d)).toList()));
    }

    static Expression slice(Draw draw, Variable x) {
        int d = draw.below(x.kind().rank());
        Dim size = x.kind().shape().get(d);
        if (size.isConstant() && size.constant() < 2) return null;
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        String range;
        if (size.isConstant()) {
            int from = draw.below((int) size.constant()), to = from + 1 + draw.below((int) size.constant() - from);
            int step = draw.chance(0.25) ? 2 : 1;
            shape.set(d, Dim.of((to - from + step - 1) / step));
            range = from + ":" + to + (step > 1 ? ":" + step : "");
        } else if (draw.chance(0.5)) {
            shape.set(d, Dim.of(1));
            range = draw.oneOf("0:1", "-1:");
        } else {
            shape.set(d, size.plus(-1));
            range = draw.oneOf("1:", ":-1");
        }
        return Expression.view(x.name() + "[" + ":, ".repeat(d) + range + "]", x.name(), x.kind().withShape(shape));
    }

    static Expression select(Draw draw, Variable x) {
        int d = draw.below(x.kind().rank());
        Dim size = x.kind().shape().get(d);
        long at = size.isConstant() && size.constant() > 0 ? draw.below((int) size.constant()) : draw.chance(0.5) ? 0 : -1;
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.remove(d);
        String text = draw.chance(0.5) ? "torch.select(" + x.name() + ", " + d + ", " + at + ")" : x.name() + "[" + ":, ".repeat(d) + at + "]";
        return Expression.view(text, x.name(), x.kind().withShape(shape));
    }

    private static Expression unsqueeze(Draw draw, Variable x) {
        if (x.kind().rank() >= 4) return null;
        int d = draw.below(x.kind().rank() + 1);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.add(d, Dim.of(1));
        return Expression.view("torch.unsqueeze(" + x.name() + ", " + d + ")", x.name(), x.kind().withShape(shape));
    }

    private static Expression squeeze(Variable x) {
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        int d = shape.indexOf(Dim.of(1));
        if (d < 0) return null;
        shape.remove(d);
        return Expression.view("torch.squeeze(" + x.name() + ", " + d + ")", x.name(), x.kind().withShape(shape));
    }

    /** Two neighbouring sizes to one. Whether it is a view depends on the strides. */
    private static Expression flatten(Draw draw, Variable x) {
        int d = draw.below(x.kind().rank() - 1);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        Dim merged = shape.remove(d).times(shape.get(d));
        shape.set(d, merged);
        String text = draw.chance(0.4) ? "torch.flatten(" + x.name() + ", " + d + ", " + (d + 1) + ")"
            : "torch.reshape(" + x.name() + ", [" + sizes(x, shape, d) + "])";
        return Expression.view(text, x.name(), x.kind().withShape(shape));
    }

    /** The sizes as a program would write them, {@code -1} for the one at {@code free}. */
    private static String sizes(Variable x, List<Dim> shape, int free) {
        return IntStream.range(0, shape.size()).mapToObj(i -> i == free ? "-1" : shape.get(i).isConstant() ? "" + shape.get(i).constant()
            : "torch.size(" + x.name() + ", " + x.kind().shape().indexOf(shape.get(i)) + ")").collect(Collectors.joining(", "));
    }

    /** A view whose elements lie on each other: not to be written. */
    static Expression expand(Draw draw, Variable x) {
        int one = x.kind().shape().indexOf(Dim.of(1));
        if (one < 0) return null;
        Variable sized = draw.variable(k -> k.rank() > 0);
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.set(one, sized.kind().shape().getFirst());
        String size = sized.kind().shape().getFirst().isConstant() ? "" + shape.get(one).constant() : "torch.size(" + sized.name() + ", 0)";
        String sizes = IntStream.range(0, shape.size()).mapToObj(i -> i == one ? size : "-1").collect(Collectors.joining(", "));
        return Expression.view("torch.expand(" + x.name() + ", [" + sizes + "])", x.name(), x.kind().withShape(shape));
    }

    /** A view by its parts: {@code chunk}, {@code split} or {@code unbind}, as a tensor list with the parts' kind; null if it cannot be cut. */
    static Parts parts(Draw draw) {
        Variable x = draw.variable(k -> k.shape().stream().anyMatch(ViewForms::divisible));
        if (x == null) return null;
        int d = draw.oneOf(IntStream.range(0, x.kind().rank()).filter(i -> divisible(x.kind().shape().get(i))).boxed().toList());
        int size = (int) x.kind().shape().get(d).constant();
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        if (size <= 4 && draw.chance(0.4)) {
            shape.remove(d);
            return new Parts(size, Expression.view("torch.unbind(" + x.name() + ", " + d + ")", x.name(), x.kind().withShape(shape)));
        }
        int count = draw.oneOf(Stream.of(2, 3, 4).filter(n -> size % n == 0).toList());
        shape.set(d, Dim.of(size / count));
        String text = draw.chance(0.6) ? "torch.chunk(" + x.name() + ", " + count + ", " + d + ")"
            : "torch.split(" + x.name() + ", " + size / count + ", " + d + ")";
        return new Parts(count, Expression.view(text, x.name(), x.kind().withShape(shape)));
    }

    record Parts(int count, Expression list) {}

    private static boolean divisible(Dim d) {
        return d.isConstant() && d.constant() > 1 && d.constant() <= 64 && (d.constant() % 2 == 0 || d.constant() % 3 == 0);
    }

    /** {@code cat} or {@code stack} of variables. */
    static Expression join(Draw draw) {
        Variable x = draw.variable(k -> k.rank() > 0 && k.rank() < 4);
        if (x == null) return null;
        List<Variable> all = new ArrayList<>(List.of(x));
        int d = draw.below(x.kind().rank());
        boolean stack = draw.chance(0.4);
        for (int more = draw.below(3); more >= 0; more--) {
            Variable y = draw.variable(k -> k.dtype() == x.kind().dtype() && k.rank() == x.kind().rank() && fits(k, x.kind(), stack ? -1 : d));
            if (y != null) all.add(y);
        }
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        if (stack) shape.add(d, Dim.of(all.size()));
        else shape.set(d, all.stream().map(v -> v.kind().shape().get(d)).reduce(Dim.of(0), Dim::plus));
        List<String> names = all.stream().map(Variable::name).toList();
        boolean exact = all.stream().allMatch(v -> v.kind().exact());
        return Expression.copy("torch." + (stack ? "stack" : "cat") + "([" + String.join(", ", names) + "], " + d + ")", names,
            new TensorKind(x.kind().dtype(), shape, exact));
    }

    private static boolean fits(TensorKind a, TensorKind b, int but) {
        return IntStream.range(0, a.rank()).allMatch(i -> i == but || a.shape().get(i).equals(b.shape().get(i)));
    }

    /** Copies in another arrangement. */
    static Expression rearranged(Draw draw) {
        Variable x = draw.variable(k -> k.rank() > 0);
        if (x == null) return null;
        int d = draw.below(x.kind().rank());
        if (draw.chance(0.5)) return Expression.copy("torch.flip(" + x.name() + ", [" + d + "])", List.of(x.name()), x.kind());
        if (draw.chance(0.5)) return Expression.copy("torch.roll(" + x.name() + ", [1], [" + d + "])", List.of(x.name()), x.kind());
        List<Dim> shape = new ArrayList<>(x.kind().shape());
        shape.set(d, shape.get(d).times(Dim.of(2)));
        String repeats = IntStream.range(0, shape.size()).mapToObj(i -> i == d ? "2" : "1").collect(Collectors.joining(", "));
        return Expression.copy("torch.repeat(" + x.name() + ", [" + repeats + "])", List.of(x.name()), x.kind().withShape(shape));
    }
}
