package dev.cresset.kernels.plan;

import dev.cresset.ir.diag.UnsupportedException;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.Value;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.fuse.FusedKernel;
import dev.cresset.kernels.fuse.GroupLowering;
import dev.cresset.kernels.fuse.Layouts;
import dev.cresset.kernels.fuse.LoweredGroup;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A fusion group for tensors of any sizes. Which operators are in it was decided for the shapes its types say; each shape
 * that comes gets a loop nest of its own, which takes microseconds, since generated code takes sizes as arguments and is
 * shared by all nests of one structure. Where there is no nest or no fast code for it, the operators run one by one.
 */
public final class SymbolicGroup implements PreparedSubgraph {
    private static final int REMEMBERED = 256;

    private final Node group;
    private final Graph graph;
    private final MetaExecution meta;
    private final int threads;
    private final Predicate<Runnable> background;
    private final String label;
    private final Map<Key, Shape> shapes = new ConcurrentHashMap<>();

    /**
     * @param group      a {@code prim::FusionGroup}, complete types in its subgraph
     * @param threads    how many threads its kernels use
     * @param background has code generated and made fast, false if that is not possible now; null to do it in the run that
     *                   needs it, and to run code that is not fast yet
     */
    public SymbolicGroup(Node group, Catalog catalog, int threads, Predicate<Runnable> background) {
        this.group = group;
        this.graph = group.subgraph().orElseThrow();
        this.meta = new MetaExecution(catalog);
        this.threads = threads;
        this.background = background;
        this.label = graph.nodes().stream().filter(n -> n.operator() != null)
            .map(n -> n.kind().substring(n.kind().indexOf(':') + 2)).collect(Collectors.joining(" ", "fused ", ""));
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        long start = observer == null ? 0 : System.nanoTime();
        Tensor[] lying = lying(given);
        Shape shape = shape(given, lying);
        FusedKernel kernel = shape.kernel();
        Tensor[] results = kernel == null ? oneByOne(context, given) : fused(context, lying, shape, kernel);
        if (observer != null) observer.ran(kernel == null ? label + " (one by one)" : label, start, System.nanoTime());
        return results;
    }

    /** The inputs as their memory lies: see Note [Lazy layout] in {@link dev.cresset.tensor.Storage}. */
    private static Tensor[] lying(Tensor[] given) {
        Tensor[] out = given;
        for (int i = 0; i < given.length; i++) {
            Tensor view = given[i].storage().arrangement() == null ? null : ChannelsLast.view(given[i]);
            if (view == null) continue;
            if (out == given) out = given.clone();
            out[i] = view;
        }
        return out;
    }

    private Tensor[] fused(CallContext context, Tensor[] lying, Shape shape, FusedKernel kernel) {
        Tensor[] results = new Tensor[shape.results.length];
        long[] to = new long[results.length], from = new long[lying.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = context.empty(shape.results[i]);
            to[i] = address(shape.arranged[i] ? ChannelsLast.arrange(results[i]) : results[i]);
        }
        for (int i = 0; i < lying.length; i++) from[i] = address(lying[i]);
        kernel.run(threads, shape.lowered.addresses(from, to));
        return results;
    }

    private static long address(Tensor t) { return t.data().address() + t.byteOffset(); }

    private Tensor[] oneByOne(CallContext context, Tensor[] given) {
        Map<Value, Object> values = GroupWalk.values(graph, given, (operator, arguments) -> operator.run(new Args(context, arguments)));
        return graph.outputs().stream().map(v -> (Tensor) values.get(v)).toArray(Tensor[]::new);
    }

    // ---- shapes

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

    private Shape shape(Tensor[] given, Tensor[] lying) {
        Key key = Key.of(given, lying);
        Shape known = shapes.get(key);
        if (known != null) return known;
        if (shapes.size() >= REMEMBERED) shapes.clear();
        Shape made = new Shape(lowered(given, lying));
        shapes.put(key, made);
        return made;
    }

    private Optional<Lowered> lowered(Tensor[] given, Tensor[] lying) {
        try {
            Graph typed = GroupWalk.typed(graph, given, meta);
            Node node = new Node(group.kind(), null, Map.of("Subgraph", typed), group.inputs(), group.outputs(), List.of(), group.location());
            Meta[] results = typed.outputs().stream().map(v -> Lowering.meta(v.type())).toArray(Meta[]::new);
            boolean[] arranged = new boolean[results.length];
            Map<Value, Layouts.Placement> placements = new IdentityHashMap<>();
            for (int i = 0; i < given.length; i++) placements.put(typed.inputs().get(i), new Layouts.Placement(0, lying[i].strides()));
            for (int i = 0; i < results.length; i++) {
                arranged[i] = !Arrays.equals(given, lying) && ChannelsLast.suits(results[i]);
                long[] strides = arranged[i] ? Shapes.channelsLastStrides(results[i].sizes()) : results[i].strides();
                placements.put(typed.outputs().get(i), new Layouts.Placement(0, strides));
            }
            return Optional.of(new Lowered(GroupLowering.lower(node, v -> placement(v, placements)), results, arranged));
        } catch (IllegalArgumentException | UnsupportedException e) {
            return Optional.empty();
        }
    }

    /** At some shapes an operator of the group cannot be part of a kernel, whose result would then have to be loaded. */
    private static Layouts.Placement placement(Value v, Map<Value, Layouts.Placement> known) {
        Layouts.Placement p = known.get(v);
        if (p == null) throw new IllegalArgumentException(v + " is neither an input nor a result");
        return p;
    }

    /** @param arranged which results lie channels-last */
    private record Lowered(LoweredGroup group, Meta[] results, boolean[] arranged) {}

    /** What runs the group for one shape. */
    private final class Shape {
        final LoweredGroup lowered;
        final Meta[] results;
        final boolean[] arranged;
        private final AtomicBoolean asked = new AtomicBoolean();
        private volatile FusedKernel kernel;
        private volatile boolean refused;

        Shape(Optional<Lowered> lowered) {
            this.lowered = lowered.map(Lowered::group).orElse(null);
            this.results = lowered.map(Lowered::results).orElse(null);
            this.arranged = lowered.map(Lowered::arranged).orElse(null);
            this.refused = lowered.isEmpty();
        }

        /** Null if the operators are to run one by one. */
        FusedKernel kernel() {
            if (kernel != null || refused) return kernel;
            if (background == null) generate(false);
            else kernel = Fusion.COMPILER.ready(lowered.nest()).orElse(null);
            if (kernel == null && !refused && asked.compareAndSet(false, true) && !background.test(() -> generate(true))) asked.set(false);
            return kernel;
        }

        void generate(boolean fast) {
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
    }

    // ---- for whoever makes it

    /** Has code generated for the shapes that its types say, and runs it until it is fast. */
    public void warm() {
        Shape first = first();
        if (first.kernel == null && !first.refused) first.generate(true);
    }

    /** True if there is fast code for the shapes that its types say, or there can be none. */
    public boolean isWarm() { return first().refused || first().kernel != null; }

    /** True if no kernel can be made for the shapes that its types say. */
    public boolean isRefused() { return first().refused; }

    private Shape first() {
        Tensor[] given = graph.inputs().stream().map(v -> MetaExecution.tensor((TensorType) v.type())).toArray(Tensor[]::new);
        return shape(given, given);
    }

    /** The group with the types it was made for. */
    public Graph graph() { return graph; }

    /** The kernel for the shapes that its types say, for people. */
    public String kernelText() {
        Shape first = first();
        FusedKernel kernel = first.kernel != null ? first.kernel : first.refused ? null : Fusion.COMPILER.compile(first.lowered.nest());
        return label + "\n" + (kernel == null ? "no kernel: one by one" : kernel.text()) + "\n";
    }
}
