package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The loop nests of a fusion group, and their code, for the shapes that came last; equal groups of a plan share them. Safe from any number of
 * threads.
 */
final class GroupShapes {
    private static final int REMEMBERED = 256;

    private final Graph graph;
    private final MetaExecution meta;
    private final Function<LoweredGroup, GroupCode> coder;
    private final RecentMap<Key, Shape> shapes = new RecentMap<>(REMEMBERED);

    /** @param coder makes the code for a shape, or throws {@link UnsupportedException} */
    GroupShapes(Graph graph, MetaExecution meta, Function<LoweredGroup, GroupCode> coder) {
        this.graph = graph;
        this.meta = meta;
        this.coder = coder;
    }

    /** Equal for graphs that compute the same, whatever their types are; empty for one with tensors among its constants. */
    static Optional<Object> structure(Graph graph) {
        Map<Value, Integer> numbers = new IdentityHashMap<>();
        for (Value v : graph.inputs()) numbers.put(v, numbers.size());
        List<Object> all = new ArrayList<>();
        for (Node n : graph.nodes()) {
            if (n.attribute("value") instanceof Tensor) return Optional.empty();
            all.add(n.operator() == null ? n.kind() : n.operator().schema().toString());
            all.add(n.attributes());
            all.add(numbered(n.inputs(), numbers));
            for (Value v : n.outputs()) numbers.put(v, numbers.size());
            all.add(n.outputs().stream().map(v -> v.type() instanceof TensorType ? TensorType.ANY : v.type()).toList());
        }
        all.add(numbered(graph.outputs(), numbers));
        return Optional.of(all);
    }

    private static List<Integer> numbered(List<Value> values, Map<Value, Integer> numbers) { return values.stream().map(numbers::get).toList(); }

    /** Types and layouts of the inputs, by their numbers. */
    private record Key(long[] numbers) {
        static Key of(Tensor[] given, Tensor[] lying) {
            int n = 0;
            for (Tensor t : given) n += 2 + 2 * t.dim();
            long[] numbers = new long[n];
            n = 0;
            for (int i = 0; i < given.length; i++) {
                Tensor t = lying[i];
                numbers[n++] = 2 * t.dtype().ordinal() + (t == given[i] ? 0 : 1);
                numbers[n++] = t.dim();
                for (long s : t.sizes()) numbers[n++] = s;
                for (long s : t.strides()) numbers[n++] = s;
            }
            return new Key(numbers);
        }

        @Override public boolean equals(Object o) { return o instanceof Key k && Arrays.equals(numbers, k.numbers); }

        @Override public int hashCode() { return Arrays.hashCode(numbers); }
    }

    /** What runs the group for inputs of these shapes. @param lying the inputs as their memory lies */
    Shape of(Tensor[] given, Tensor[] lying) { return shapes.get(Key.of(given, lying), () -> lowered(given, lying)); }

    private Shape lowered(Tensor[] given, Tensor[] lying) {
        try {
            Graph typed = GroupWalk.typed(graph, given, meta);
            Node node = new Node(Kinds.FUSION_GROUP, null, Map.of("Subgraph", typed), typed.inputs(), typed.outputs(), List.of(), Location.NONE);
            Meta[] results = typed.outputs().stream().map(v -> Lowering.meta(v.type())).toArray(Meta[]::new);
            boolean[] arranged = new boolean[results.length];
            Map<Value, Layouts.Placement> placements = new IdentityHashMap<>();
            for (int i = 0; i < given.length; i++) placements.put(typed.inputs().get(i), new Layouts.Placement(0, lying[i].strides()));
            for (int i = 0; i < results.length; i++) {
                arranged[i] = !Arrays.equals(given, lying) && ChannelsLast.suits(results[i]);
                long[] strides = arranged[i] ? Shapes.channelsLastStrides(results[i].sizes()) : results[i].strides();
                placements.put(typed.outputs().get(i), new Layouts.Placement(0, strides));
            }
            LoweredGroup group = GroupLowering.lower(node, v -> placement(v, placements));
            return new Shape(group, results, arranged, coder.apply(group), null);
        } catch (IllegalArgumentException | UnsupportedException e) {
            return Shape.refused(e.getMessage() == null ? "no loop nest for these shapes" : e.getMessage());
        }
    }

    /** At some shapes an operator of the group cannot be part of a kernel, whose result would then have to be loaded. */
    private static Layouts.Placement placement(Value v, Map<Value, Layouts.Placement> known) {
        Layouts.Placement p = known.get(v);
        if (p == null) throw new IllegalArgumentException(v + " is neither an input nor a result");
        return p;
    }

    /** The group for one shape. */
    static final class Shape {
        final LoweredGroup lowered;     // null if it is no loop nest
        final Meta[] results;
        /** Which results lie channels-last. */
        final boolean[] arranged;
        private final GroupCode code;   // null if there can be none
        private final String refusal;

        private Shape(LoweredGroup lowered, Meta[] results, boolean[] arranged, GroupCode code, String refusal) {
            this.lowered = lowered;
            this.results = results;
            this.arranged = arranged;
            this.code = code;
            this.refusal = refusal;
        }

        private static Shape refused(String why) { return new Shape(null, null, null, null, why); }

        boolean isRefused() { return refusal() != null; }

        private String refusal() { return code == null ? refusal : code.refusal(); }

        /** True if there is fast code, or there can be none. */
        boolean isWarm() { return code == null || code.isWarm(); }

        /** Null if the operators are to run one by one. @param from where the group's inputs lie */
        GroupCode.Run ready(long[] from) { return code == null ? null : code.ready(lowered.addresses(from, new long[results.length])); }

        /** Has code generated and made fast. */
        void warm() { if (code != null) code.warm(); }

        /** For people. */
        String text() { return isRefused() ? "no kernel, one by one: " + refusal() : code.text(); }
    }
}
