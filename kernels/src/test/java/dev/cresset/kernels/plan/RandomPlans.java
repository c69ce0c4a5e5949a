package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random subgraphs of products, convolutions, views and pointwise operators. */
final class RandomPlans {
    final Trace t;
    private final Random r;
    private List<Value> pool;

    private RandomPlans(int seed) {
        t = new Trace(seed);
        r = new Random(seed);
    }

    static RandomPlans ofMatrices(int seed) {
        RandomPlans p = new RandomPlans(seed);
        long rows = 1 + p.r.nextInt(6);
        p.pool = new ArrayList<>(List.of(p.t.input(rows, 8), p.t.input(rows, 8)));
        for (int i = 0; i < 12; i++) p.pool.add(p.matrix(p.pick(), p.pick(), rows));
        return p;
    }

    static RandomPlans ofImages(int seed) {
        RandomPlans p = new RandomPlans(seed);
        long n = 1 + p.r.nextInt(2), size = 5 + p.r.nextInt(4);
        p.pool = new ArrayList<>(List.of(p.t.input(n, 4, size, size), p.t.input(n, 4, size, size)));
        for (int i = 0; i < 10; i++) p.pool.add(p.image(p.pick(), p.pick()));
        return p;
    }

    /** What it computes: the last value and some before it. */
    Value[] results() { return new Value[] {pool.getLast(), pool.get(pool.size() - 3), pool.get(2 + r.nextInt(3))}; }

    private Value pick() { return pool.get(Math.max(0, pool.size() - 1 - r.nextInt(4))); }

    private Value matrix(Value x, Value y, long rows) {
        return switch (r.nextInt(13)) {
            case 0, 1 -> t.op("linear", x, t.weight(8, 8), r.nextBoolean() ? t.weight(8) : null);
            case 2 -> t.op("mm", x, t.weight(8, 8));
            case 3 -> t.op("mm", t.op("mm", x, t.op("t", y)), x);
            case 4 -> t.op("add.Tensor", x, y, 1 + r.nextInt(2));
            case 5 -> t.op("mul.Tensor", x, r.nextBoolean() ? y : t.weight(8));
            case 6 -> t.op(List.of("relu", "tanh", "sigmoid", "silu", "elu").get(r.nextInt(5)), x);
            case 7 -> t.op("cat", List.of(t.op("narrow", x, 1, 0, 3), t.op("narrow", y, 1, 2, 5)), 1);
            case 8 -> t.op("softmax.int", x, 1, null);
            case 9 -> t.op("t", t.op("contiguous", t.op("t", x)));
            case 10 -> t.op("add.Tensor", t.ops("chunk", t.op("linear", x, t.weight(16, 8), t.weight(16)), 2, 1).get(1), y, 1);
            case 11 -> t.op("layer_norm", x, new long[] {8}, t.weight(8), t.weight(8), 1e-5, true);
            default -> t.op("reshape", t.op("transpose.int", t.op("view", x, new long[] {rows, 2, 4}), 1, 2), new long[] {rows, 8});
        };
    }

    private Value image(Value x, Value y) {
        long[] one = {1, 1};
        return switch (r.nextInt(11)) {
            case 0, 1 -> t.op("conv2d", x, t.weight(4, 4, 3, 3), r.nextBoolean() ? t.weight(4) : null, one, one);
            case 2 -> t.op("conv2d", x, t.weight(4, 1, 3, 3), t.weight(4), one, one, one, 4);
            case 3 -> t.op("conv2d", x, t.weight(4, 4, 1, 1), t.weight(4));
            case 4 -> t.op("batch_norm", x, t.positive(4), t.weight(4), t.weight(4), t.positive(4), false, 0.1, 1e-5, true);
            case 5 -> t.op("add.Tensor", x, y, 1);
            case 6 -> t.op(List.of("relu", "hardswish", "sigmoid", "leaky_relu").get(r.nextInt(4)), x);
            case 7 -> t.op("conv2d", t.op("cat", List.of(x, y), 1), t.weight(4, 8, 1, 1), t.weight(4));
            case 8 -> t.op("mul.Tensor", x, r.nextBoolean() ? t.weight(4, 1, 1) : t.op("adaptive_avg_pool2d", y, one));
            case 9 -> t.op("max_pool2d", x, new long[] {3, 3}, one, one);
            default -> t.op("conv_transpose2d.input", x, t.weight(4, 4, 3, 3), t.weight(4), one, one);
        };
    }
}
