package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * The addresses that a pass is called with, in variables: inputs, outputs, the cells of reductions, rows of values that are
 * kept from one pass to the next.
 */
final class Addresses {
    private final Structure s;
    private final Plan plan;
    private final Plan.Pass pass;
    private final Assembler a;
    private final Map<Integer, Local> variables = new HashMap<>();

    /** Loads those that the pass uses. */
    Addresses(Structure s, Plan plan, Plan.Pass pass, Assembler a) {
        this.s = s;
        this.plan = plan;
        this.pass = pass;
        this.a = a;
        used().forEach(this::load);
    }

    Local input(int i) { return variables.get(i); }

    Local output(int o) { return variables.get(s.inputs() + o); }

    /** Of the cells of all reductions. */
    Local ofCells() { return variables.get(cells()); }

    /** Of the row in which a node's values are kept. */
    Local kept(int id) { return variables.get(row(id)); }

    /** The place of the reductions' cells. */
    private int cells() { return s.inputs() + s.outputs().size(); }

    private int row(int id) { return cells() + 1 + plan.row(id); }

    private SequencedSet<Integer> used() {
        SequencedSet<Integer> used = new LinkedHashSet<>();
        for (List<Integer> ids : List.of(pass.uniform(), pass.varying())) {
            for (int id : ids) {
                if (plan.saved().contains(id)) used.add(row(id));
                if (s.node(id).op() instanceof Dag.Op.Load(int input, ScalarType _) && !pass.read().contains(id)) used.add(input);
                if (s.node(id).op() instanceof Dag.Op.Reduced) used.add(cells());
            }
        }
        for (int o : pass.outputs()) used.add(s.inputs() + o);
        if (!pass.folds().isEmpty()) used.add(cells());
        return used;
    }

    private void load(int k) {
        a.code.aload(a.code.parameterSlot(0)).loadConstant(k).laload();
        variables.put(k, a.store(Local.Type.LONG));
    }
}
