package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.fuse.FusedKernel;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * The loop nests of a fusion group for the shapes that came last; equal groups of a plan share them. Safe from any number of
 * threads.
 */
final class GroupShapes {
    private static final int REMEMBERED = 256;

    private final Graph graph;
    private final MetaExecution meta;
    private final Predicate<Runnable> background;
    private final RecentMap<Key, Shape> shapes = new RecentMap<>(REMEMBERED);

    /** @param background see {@link SymbolicCode} */
    GroupShapes(Graph graph, MetaExecution meta, Predicate<Runnable> background) {
        this.graph = graph;
        this.meta = meta;
        this.background = background;
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
            return new Shape(GroupLowering.lower(node, v -> placement(v, placements)), results, arranged);
        } catch (IllegalArgumentException | UnsupportedException e) {
            return new Shape(null, null, null);
        }
    }

    /** At some shapes an operator of the group cannot be part of a kernel, whose result would then have to be loaded. */
    private static Layouts.Placement placement(Value v, Map<Value, Layouts.Placement> known) {
        Layouts.Placement p = known.get(v);
        if (p == null) throw new IllegalArgumentException(v + " is neither an input nor a result");
        return p;
    }

    /** The group for one shape. */
    final class Shape {
        final LoweredGroup lowered;
        final Meta[] results;
        /** Which results lie channels-last. */
        final boolean[] arranged;
        private final AtomicBoolean asked = new AtomicBoolean();
        private volatile FusedKernel kernel;
        private volatile boolean refused;

        private Shape(LoweredGroup lowered, Meta[] results, boolean[] arranged) {
            this.lowered = lowered;
            this.results = results;
            this.arranged = arranged;
            this.refused = lowered == null;
        }

        boolean isRefused() { return refused; }

        /** True if there is fast code, or there can be none. */
        boolean isWarm() { return refused || kernel != null; }

        /** Null if the operators are to run one by one. */
        FusedKernel kernel() {
            if (kernel != null || refused) return kernel;
            if (background == null) generate(false);
            else kernel = Fusion.COMPILER.ready(lowered.nest()).orElse(null);
            if (kernel == null && !refused && asked.compareAndSet(false, true) && !background.test(() -> generate(true))) asked.set(false);
            return kernel;
        }

        /** Has code generated and made fast. */
        void warm() { if (!isWarm()) generate(true); }

        private void generate(boolean fast) {
            try {
                FusedKernel made = Fusion.COMPILER.compile(lowered.nest());
                if (fast) made.warm();
                if (!fast || made.isWarm()) kernel = made;
            } catch (UnsupportedException e) {
                refused = true;
            } finally {
                asked.set(false);
            }
        }

        /** For people. */
        String text() {
            FusedKernel made = refused || kernel != null ? kernel : Fusion.COMPILER.compile(lowered.nest());
            return made == null ? "no kernel: one by one" : made.text();
        }
    }
}
