package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Node;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cpu.ChannelPool;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.nn.PoolRule;
import dev.cresset.kernels.ops.nn.Window;
import dev.cresset.kernels.plan.passes.SmallProducts;
import dev.cresset.tensor.Shapes;
import java.lang.foreign.Arena;
import java.util.List;

/** Makes steps of pooling over channels-last tensors on the host. */
final class Pools {
    private Pools() {}

    /** False if the node is something else. */
    static boolean lower(Lowering l, Node n, Arguments arguments) {
        if (!(((Operator) n.operator()).body() instanceof Body.Kernel(Body.ShapeRule rule, _, _, _)) || !(rule instanceof PoolRule r)) return false;
        if (!SmallProducts.ARE_FAST || !(arguments.operands().getFirst() instanceof Place x) || x.type() != ScalarType.FLOAT32) return false;
        boolean channelsLast = x.rank() == r.spatial() + 2 && x.rank() >= 4 && x.size(1) > 1 && x.strides()[1] == 1 && x.elements() > 0;
        if (!channelsLast) return false;
        Args args = arguments.described(l.workshop().context());
        Window[] windows = r.windows().apply(args);
        long[] sizes = r.infer(args)[0].sizes();
        if (Shapes.numel(sizes) == 0) return false;
        Place out = l.memory().internal(new Meta(x.type(), sizes, Shapes.channelsLastStrides(sizes)));
        Window unit = Window.adaptive(1, 1);
        Window[] three = {unit, unit, unit};
        System.arraycopy(windows, 0, three, 3 - windows.length, windows.length);
        ChannelPool pool = new ChannelPool(three, (int) x.size(0), (int) x.size(1), strides(x), strides(out), r.maximum(), r.divisor().applyAsDouble(args));
        l.add(new PoolStep(n.kind(), pool, x, out, l.workshop().threads()));
        l.define(n.output(), out);
        return true;
    }

    /** Of batch, depth, height and width, in bytes. */
    private static long[] strides(Place p) {
        long[] out = new long[4];
        out[0] = 4 * p.strides()[0];
        for (int d = 2; d < p.rank(); d++) out[4 - p.rank() + d] = 4 * p.strides()[d];
        return out;
    }

    private record PoolStep(String kind, ChannelPool pool, Place from, Place to, int threads) implements Step {
        private static final int WARM_UP_RUNS = 30;

        @Override public List<Place> reads() { return List.of(from); }

        @Override public List<Place> writes() { return List.of(to); }

        @Override public Action bind(Frame frame) { return (CallContext _) -> pool.run(threads, frame.address(from), frame.address(to)); }

        @Override public void warm() {
            try (Arena arena = Arena.ofConfined()) {
                long x = arena.allocate(Math.max(1, Place.bytes(from.meta())), 64).address(), y = arena.allocate(Math.max(1, Place.bytes(to.meta())), 64).address();
                for (int i = 0; i < WARM_UP_RUNS; i++) pool.run(threads, x, y);
            }
        }

        @Override public String label() { return kind; }

        @Override public String text() { return kind + " " + from + " -> " + to; }
    }
}
