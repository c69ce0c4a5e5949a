package dev.cresset.kernels.cpu.jit;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.fuse.LoopNest;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a loop nest its generated code depends on: nests that differ only in sizes, strides and offsets share one.
 *
 * @param nodes   all operations, each after its arguments
 * @param isUnit  of each input: whether a row of it has many elements, one after the other, or a single one
 */
record Structure(List<Dag.Node> nodes, List<Boolean> isUnit, List<Fold> folds, List<Output> outputs) {
    /** A reduction of the node {@code value} over the row. */
    record Fold(LoopNest.Fold fold, int value) {}

    /** A result. @param perRow whether it is one element for each row */
    record Output(ScalarType type, int value, boolean perRow) {}

    static Structure of(LoopNest nest, Loops loops) {
        Dag dag = new Dag();
        List<Boolean> isUnit = new ArrayList<>();
        for (int i = 0; i < nest.inputs().size(); i++) isUnit.add(loops.innerStride(i) != 0);
        List<Fold> folds = nest.reductions().stream().map(r -> new Fold(r.fold(), dag.add(r.value()))).toList();
        List<Integer> values = nest.results().stream().map(r -> dag.add(r.value())).toList();
        boolean[] uniform = uniform(dag.nodes(), isUnit);
        List<Output> outputs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            boolean perRow = loops.innerStride(isUnit.size() + i) == 0 && uniform[values.get(i)];
            outputs.add(new Output(nest.results().get(i).type(), values.get(i), perRow));
        }
        return new Structure(List.copyOf(dag.nodes()), isUnit, folds, outputs);
    }

    /** Of each node: whether it has the same value for all elements of a row. */
    boolean[] uniform() { return uniform(nodes, isUnit); }

    private static boolean[] uniform(List<Dag.Node> nodes, List<Boolean> isUnit) {
        boolean[] uniform = new boolean[nodes.size()];
        for (int i = 0; i < uniform.length; i++) {
            uniform[i] = switch (nodes.get(i).op()) {
                case Dag.Op.Load(int input, ScalarType _) -> !isUnit.get(input);
                case Dag.Op.Constant _, Dag.Op.Reduced _ -> true;
                default -> nodes.get(i).arguments().stream().allMatch(a -> uniform[a]);
            };
        }
        return uniform;
    }

    int inputs() { return isUnit.size(); }

    Dag.Node node(int id) { return nodes.get(id); }
}
