package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.type.TensorType;
import dev.cresset.kernels.cpu.ChannelsLast;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.MetaExecution;
import dev.cresset.tensor.Tensor;
import java.lang.ref.Reference;

/**
 * A fusion group for tensors of any sizes. Which operators are in it was decided for the shapes its types say; each shape
 * that comes gets a loop nest of its own, which takes microseconds, since generated code takes sizes as arguments and is
 * shared by all nests of one structure. Where there is no nest or no fast code for it, the operators run one by one.
 */
final class SymbolicGroup implements SymbolicPart {
    private final Graph graph;
    private final GroupShapes shapes;
    private final boolean onDevice;
    private final String label;

    /**
     * @param graph    the subgraph of a {@code prim::FusionGroup}, complete types in it
     * @param shapes   of this graph or an equal one
     * @param onDevice whether it runs on a device
     */
    SymbolicGroup(Graph graph, GroupShapes shapes, boolean onDevice) {
        this.graph = graph;
        this.shapes = shapes;
        this.onDevice = onDevice;
        this.label = GroupWalk.label("fused", graph);
    }

    @Override public Tensor[] run(CallContext context, Tensor[] given, StepObserver observer) {
        long start = observer == null ? 0 : System.nanoTime();
        Tensor[] lying = lying(given);
        GroupShapes.Shape shape = shapes.of(given, lying);
        long[] from = addresses(lying);
        GroupCode.Run code = from == null ? null : shape.ready(from);
        Tensor[] results = code == null ? GroupWalk.run(graph, context, given) : fused(context, from, shape, code);
        if (observer != null) observer.ran(code == null ? GroupWalk.oneByOne(label) : label, start, System.nanoTime());
        Reference.reachabilityFence(lying);
        return results;
    }

    /** Null if one is elsewhere: on the host, for a plan of a device. */
    private long[] addresses(Tensor[] lying) {
        long[] from = new long[lying.length];
        for (int i = 0; i < from.length; i++) {
            if (lying[i].storage().isOnDevice() != onDevice) return null;
            from[i] = GroupWalk.address(lying[i]);
        }
        return from;
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

    private Tensor[] fused(CallContext context, long[] from, GroupShapes.Shape shape, GroupCode.Run code) {
        Tensor[] results = new Tensor[shape.results.length];
        long[] to = new long[results.length];
        for (int i = 0; i < results.length; i++) {
            results[i] = context.empty(shape.results[i]);
            to[i] = GroupWalk.address(shape.arranged[i] ? ChannelsLast.arrange(results[i]) : results[i]);
        }
        code.run(context, shape.lowered.addresses(from, to));
        return results;
    }

    // ---- for whoever makes it

    @Override public void warm() { first().warm(); }

    @Override public boolean isWarm() { return first().isWarm(); }

    @Override public boolean isRefused() { return first().isRefused(); }

    private GroupShapes.Shape first() {
        Tensor[] given = graph.inputs().stream().map(v -> MetaExecution.tensor((TensorType) v.type())).toArray(Tensor[]::new);
        return shapes.of(given, given);
    }

    @Override public Graph graph() { return graph; }

    @Override public String kernelText() { return label + "\n" + first().text() + "\n"; }
}
