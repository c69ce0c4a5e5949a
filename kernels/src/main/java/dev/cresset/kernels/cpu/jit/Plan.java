package dev.cresset.kernels.cpu.jit;

import dev.cresset.kernels.nest.Dag;
import dev.cresset.kernels.nest.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * In which passes over a row a structure is computed. A pass takes all reductions that need no other one of the same or
 * a later pass; the last one takes the results. What is expensive and needed by several passes is computed by the first
 * of them and kept in a scratch row. Passes that would be long are cut in several, which hand values on in scratch rows:
 * the JVM does not compile long methods, and takes more than proportionally longer for longer ones. So are passes with
 * operations that vectors do not have, which would slow down all others.
 *
 * @param saved nodes with a scratch row, in the order of their rows
 */
record Plan(List<Pass> passes, List<Integer> saved) {
    /**
     * One loop over the row.
     *
     * @param folds   reductions, by number
     * @param outputs results, by number
     * @param uniform nodes that are the same for the whole row, computed before the loop
     * @param varying nodes computed for each element, in order
     * @param read    nodes of {@code varying} that are read from their scratch row
     * @param loops   whether it does anything for each element
     * @param vectors whether elements are computed as vectors, or one at a time
     */
    record Pass(List<Integer> folds, List<Integer> outputs, List<Integer> uniform, List<Integer> varying, SequencedSet<Integer> read,
        boolean loops, boolean vectors) {}

    /** Cost of a pass that is not cut. */
    private static final int LONGEST = 128;

    static Plan of(Structure s) {
        int[] level = s.levels();
        int last = 0;
        List<List<Integer>> folds = new ArrayList<>();
        for (int f = 0; f < s.folds().size(); f++) last = Math.max(last, level[s.folds().get(f).value()] + 1);
        for (int l = 0; l < last; l++) folds.add(new ArrayList<>());
        for (int f = 0; f < s.folds().size(); f++) folds.get(level[s.folds().get(f).value()]).add(f);
        return new Maker(s).make(folds);
    }

    private static final class Maker {
        private final Structure s;
        private final boolean[] uniform;
        private final boolean[] expensive;
        private final boolean[] vector;
        /** Whether an earlier pass computes it. */
        private final boolean[] computed;
        private final List<Pass> passes = new ArrayList<>();
        private final SequencedSet<Integer> saved = new TreeSet<>();

        Maker(Structure s) {
            this.s = s;
            this.uniform = s.uniform();
            this.vector = VectorSupport.canEmit(s);
            this.expensive = new boolean[s.nodes().size()];
            this.computed = new boolean[s.nodes().size()];
            for (int i = 0; i < expensive.length; i++) {
                expensive[i] = !uniform[i]
                    && (Cost.isExpensive(s.node(i)) || s.node(i).arguments().stream().anyMatch(a -> expensive[a]));
            }
        }

        Plan make(List<List<Integer>> folds) {
            for (List<Integer> f : folds) pass(f, List.of());
            List<Integer> outputs = new ArrayList<>();
            for (int o = 0; o < s.outputs().size(); o++) outputs.add(o);
            pass(List.of(), outputs);
            return new Plan(passes, List.copyOf(saved));
        }

        private void pass(List<Integer> folds, List<Integer> outputs) {
            List<Integer> roots = new ArrayList<>();
            for (int f : folds) roots.add(s.folds().get(f).value());
            for (int o : outputs) roots.add(s.outputs().get(o).value());
            List<Part> parts = parts(roots);
            // results are stored one at a time where their values are computed so; reductions, which gain more, are not
            boolean vectors = VectorSupport.canEnd(s, folds, outputs)
                && (!folds.isEmpty() || parts.isEmpty() || parts.getLast().vectors);
            if (!parts.isEmpty() && parts.getLast().vectors == vectors) parts.removeLast();
            for (Part part : parts) {
                for (int i : part.values) expensive[i] = true;
                add(part.values, part.vectors, List.of(), List.of());
            }
            add(roots, vectors, folds, outputs);
        }

        private void add(List<Integer> roots, boolean vectors, List<Integer> folds, List<Integer> outputs) {
            TreeSet<Integer> needed = new TreeSet<>(), read = new TreeSet<>();
            for (int r : roots) need(r, needed, read);
            List<Integer> before = needed.stream().filter(i -> uniform[i]).toList();
            List<Integer> varying = needed.stream().filter(i -> !uniform[i]).toList();
            varying.forEach(i -> computed[i] = true);
            saved.addAll(read);
            boolean loops = outputs.isEmpty() || outputs.stream().anyMatch(o -> !s.outputs().get(o).perRow());
            passes.add(new Pass(folds, outputs, before, varying, read, loops, vectors));
        }

        /** Values to compute in one pass. */
        private record Part(boolean vectors, List<Integer> values) {}

        /** What has to be computed for the roots, cut in parts; the last one need not have a pass of its own. */
        private List<Part> parts(List<Integer> roots) {
            TreeSet<Integer> needed = new TreeSet<>(), read = new TreeSet<>();
            for (int r : roots) need(r, needed, read);
            needed.removeIf(i -> uniform[i] || read.contains(i) || isEasyLoad(i));
            List<Part> parts = new ArrayList<>();
            TreeSet<Integer> rest = new TreeSet<>(needed);
            for (boolean vectors = true; !rest.isEmpty(); vectors = !vectors) {
                while (true) {
                    Part part = next(rest, vectors);
                    if (part.values.isEmpty()) break;
                    parts.add(part);
                }
            }
            return parts;
        }

        /** Loads are done again where they are needed, but for those of a type of which there are no vectors, such as half. */
        private boolean isEasyLoad(int i) {
            return s.node(i).op() instanceof Dag.Op.Load && (vector[i] || !VectorSupport.isVector(s.node(i).kind()));
        }

        /** Takes operations of one kind, whose arguments are there, from the rest: as many as a pass may have. */
        private Part next(TreeSet<Integer> rest, boolean vectors) {
            Part part = new Part(vectors, new ArrayList<>());
            int cost = 0;
            for (int i : List.copyOf(rest)) {
                if (vector[i] != vectors || s.node(i).arguments().stream().anyMatch(rest::contains)) continue;
                cost += Cost.of(s.node(i));
                if (cost > LONGEST && !part.values.isEmpty()) break;
                part.values.add(i);
                rest.remove(i);
            }
            return part;
        }

        private void need(int id, TreeSet<Integer> needed, TreeSet<Integer> read) {
            if (!needed.add(id)) return;
            if (expensive[id] && computed[id]) {
                read.add(id);
            } else {
                for (int a : s.node(id).arguments()) need(a, needed, read);
            }
        }
    }

    /** The number of a node's scratch row. */
    int row(int id) { return saved.indexOf(id); }
}
