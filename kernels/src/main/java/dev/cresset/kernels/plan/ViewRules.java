package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.value.ScriptList;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Storage;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Operators that return views of their arguments cost nothing: they are run once, on descriptions, which shows what they
 * return. Where a view needs the strides that the program sees, or memory in row-major order, a copy is put before it.
 */
final class ViewRules {
    /** Their results say how the argument's memory is laid out, so the layout must be the program's. */
    private static final Set<String> LAYOUT_DEPENDENT = Set.of("aten::as_strided", "aten::_reshape_alias", "aten::view_as_real",
        "aten::view_as_complex", "aten::view");

    /** Makes a copy with other strides. */
    interface Copier { Place copy(Place from, long[] strides); }

    private final Workshop workshop;
    private final Copier copier;

    ViewRules(Workshop workshop, Copier copier) {
        this.workshop = workshop;
        this.copier = copier;
    }

    /** True for compositions that may do nothing but pass on their argument: dropout that is switched off. */
    static boolean mayPassOn(Operator operator) { return operator.schema().name().contains("dropout"); }

    /** Defines the node's outputs if they are views or need no tensor's elements. */
    boolean apply(Node n, Operator operator, Arguments arguments, Map<Value, Operand> operands) {
        if (operator.isNondeterministic() && !mayPassOn(operator) || operator.hasSideEffects()) return false;
        List<Operand> seen = seen(operator, arguments);
        if (seen == null || operator.schema().name().equals("aten::as_strided")) seen = withStrides(n, operator, arguments, operands);
        if (seen == null || seen.size() != n.outputs().size()) return false;
        for (int i = 0; i < seen.size(); i++) operands.put(n.outputs().get(i), seen.get(i));
        return true;
    }

    /** With the first argument, the only one that view operators look at, copied to the stated strides or to row-major ones. */
    private List<Operand> withStrides(Node n, Operator operator, Arguments arguments, Map<Value, Operand> operands) {
        if (!(arguments.operands().getFirst() instanceof Place p)) return null;
        Meta stated = Lowering.meta(n.input(0).type());
        for (long[] strides : List.of(stated.strides(), Shapes.contiguousStrides(p.sizes()))) {
            if (strides != stated.strides() && LAYOUT_DEPENDENT.contains(operator.schema().name())) return null;
            List<Operand> changed = new ArrayList<>(arguments.operands());
            Place trial = Place.of(new Buffer(-1, Buffer.Kind.INTERNAL, 0), new Meta(p.type(), p.sizes(), strides));
            changed.set(0, trial);
            if (seen(operator, new Arguments(changed)) == null) continue;
            changed.set(0, p.hasStrides(strides) ? p : copier.copy(p, strides));
            List<Operand> seen = seen(operator, new Arguments(changed));
            if (seen != null) return seen;
        }
        return null;
    }

    /** The outputs as operands; null if some is neither a view nor a value that is known now, or the operator needs elements. */
    private List<Operand> seen(Operator operator, Arguments arguments) {
        int mark = workshop.context().scope().mark();
        try {
            Args args = arguments.described(workshop.context());
            Object result = operator.run(args);
            List<Operand> out = new ArrayList<>();
            for (Object r : result instanceof Object[] several ? several : new Object[] {result}) {
                Operand o = operand(r, arguments.places());
                if (o == null) return null;
                out.add(o);
            }
            return out;
        } catch (RuntimeException e) {
            return null;    // it reads elements, or there is no such view
        } finally {
            workshop.context().scope().releaseUnheldSince(mark);
        }
    }

    private static Operand operand(Object result, List<Place> arguments) {
        return switch (result) {
            case Tensor t -> view(t, arguments);
            case ScriptList l -> list(l, arguments);
            case null, default -> new Operand.Constant(result);
        };
    }

    private static Operand list(ScriptList l, List<Place> arguments) {
        List<Operand> items = new ArrayList<>();
        for (Object o : l) {
            Operand item = operand(o, arguments);
            if (item == null) return null;
            items.add(item);
        }
        boolean known = items.stream().allMatch(i -> i instanceof Operand.Constant);
        return known ? new Operand.Constant(l) : new Operand.Items(items);
    }

    private static Operand view(Tensor t, List<Place> arguments) {
        Storage of = t.storage();
        for (Place p : arguments) if (p.buffer().description == of) return p.seen(t);
        return of.isConstant() ? new Operand.Constant(t) : null;
    }
}
