package dev.cresset.kernels.nest;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.fuse.LoopNest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What of a loop nest its generated code depends on: nests that differ only in sizes, strides and offsets share one.
 *
 * @param nodes   all operations, each after its arguments
 * @param isUnit  of each input: whether a row of it has many elements, one after the other, or a single one
 */
public record Structure(List<Dag.Node> nodes, List<Boolean> isUnit, List<Fold> folds, List<Output> outputs) {
    /** A reduction of the node {@code value} over the row. */
    public record Fold(LoopNest.Fold fold, int value) {}

    /** A result. @param perRow whether it is one element for each row */
    public record Output(ScalarType type, int value, boolean perRow) {}

    public static Structure of(LoopNest nest, Loops loops) {
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
    public boolean[] uniform() { return uniform(nodes, isUnit); }

    private static boolean[] uniform(List<Dag.Node> nodes, List<Boolean> isUnit) {
        boolean[] uniform = new boolean[nodes.size()];
        for (int i = 0; i < uniform.length; i++) {
            uniform[i] = switch (nodes.get(i).op()) {
                case Dag.Op.Load(int input, ScalarType _) -> !isUnit.get(input);
                case Dag.Op.Constant _, Dag.Op.Reduced _, Dag.Op.Param _ -> true;
                default -> nodes.get(i).arguments().stream().allMatch(a -> uniform[a]);
            };
        }
        return uniform;
    }

    /** Of each node: how many passes over the row have to be over before it can be computed. */
    public int[] levels() {
        int[] level = new int[nodes.size()];
        for (int i = 0; i < level.length; i++) {
            int highest = nodes.get(i).op() instanceof Dag.Op.Reduced(int f, ScalarType _) ? level[folds.get(f).value()] + 1 : 0;
            for (int a : nodes.get(i).arguments()) highest = Math.max(highest, level[a]);
            level[i] = highest;
        }
        return level;
    }

    /** Bytes of an element of each input that is read along the row. */
    public IntStream inputBytes() {
        return nodes.stream().filter(n -> n.op() instanceof Dag.Op.Load(int i, ScalarType _) && isUnit.get(i))
            .mapToInt(n -> ((Dag.Op.Load) n.op()).type().byteSize());
    }

    public int inputs() { return isUnit.size(); }

    public Dag.Node node(int id) { return nodes.get(id); }
}
