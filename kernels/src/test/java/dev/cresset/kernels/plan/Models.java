package dev.cresset.kernels.plan;

import dev.cresset.ir.graph.Value;
import dev.cresset.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Networks of usual shapes with random weights, as the subgraphs that plans are made of. */
final class Models {
    final Trace t;
    Value result;

    private Models(Trace t) { this.t = t; }

    static Models of(String name, long batch) {
        Models m = new Models(new Trace(3));
        switch (name) {
            case "mlp" -> m.mlp(batch);
            case "resnet18" -> m.resnet18(batch, 224);
            case "resnet-small" -> m.resnet18(batch, 64);
            case "mobilenet_v2" -> m.mobilenet(batch, 224);
            case "mobilenet-small" -> m.mobilenet(batch, 64);
            case "densenet121" -> m.densenet(batch, 224, new int[] {6, 12, 24, 16});
            case "densenet-small" -> m.densenet(batch, 64, new int[] {2, 3, 2});
            case "bert" -> m.bert(batch, 128, 256, 4, 4, 1024);
            case "bert-small" -> m.bert(batch, 8, 32, 4, 2, 64);
            case "lstm-loop" -> m.lstm(batch, 100, 256, 256);
            case "lstm-small" -> m.lstm(batch, 5, 24, 16);
            default -> throw new IllegalArgumentException("no model " + name);
        }
        return m;
    }

    private void mlp(long batch) {
        Value x = t.input(batch, 45);
        long[] widths = {45, 512, 256, 128, 12};
        for (int i = 1; i < widths.length; i++) {
            x = t.op("linear", x, t.weight(widths[i], widths[i - 1]), t.weight(widths[i]));
            if (i < widths.length - 1) x = t.op("elu", x);
        }
        result = x;
    }

    // ---- networks of convolutions

    private Value conv(Value x, long in, long out, long k, long stride, long groups) {
        return t.op("conv2d", x, t.weight(out, in / groups, k, k), null, new long[] {stride, stride}, new long[] {k / 2, k / 2}, new long[] {1, 1}, groups);
    }

    private Value norm(Value x, long c) {
        return t.op("batch_norm", x, t.positive(c), t.weight(c), t.weight(c), t.positive(c), false, 0.1, 1e-5, true);
    }

    private Value convNorm(Value x, long in, long out, long k, long stride, long groups) { return norm(conv(x, in, out, k, stride, groups), out); }

    private Value relu(Value x) { return t.op("relu", x); }

    private Value relu6(Value x) { return t.op("hardtanh", x, 0.0, 6.0); }

    private Value classes(Value x, long c) {
        Value pooled = t.op("flatten.using_ints", t.op("adaptive_avg_pool2d", x, new long[] {1, 1}), 1);
        return t.op("linear", pooled, t.weight(1000, c), t.weight(1000));
    }

    private Value stem(long batch, long size) {
        Value x = relu(convNorm(t.input(batch, 3, size, size), 3, 64, 7, 2, 1));
        return t.op("max_pool2d", x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, false);
    }

    private void resnet18(long batch, long size) {
        Value x = stem(batch, size);
        long in = 64;
        for (long out : new long[] {64, 64, 128, 128, 256, 256, 512, 512}) {
            long stride = out == in ? 1 : 2;
            Value y = relu(convNorm(x, in, out, 3, stride, 1));
            y = convNorm(y, out, out, 3, 1, 1);
            Value shortcut = stride == 1 ? x : convNorm(x, in, out, 1, 2, 1);
            x = relu(t.op("add.Tensor", y, shortcut, 1));
            in = out;
        }
        result = classes(x, 512);
    }

    private void mobilenet(long batch, long size) {
        Value x = relu6(convNorm(t.input(batch, 3, size, size), 3, 32, 3, 2, 1));
        long in = 32;
        long[][] settings = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
        for (long[] s : settings) {
            for (int i = 0; i < s[2]; i++) {
                long hidden = in * s[0], stride = i == 0 ? s[3] : 1;
                Value y = s[0] == 1 ? x : relu6(convNorm(x, in, hidden, 1, 1, 1));
                y = relu6(convNorm(y, hidden, hidden, 3, stride, hidden));
                y = convNorm(y, hidden, s[1], 1, 1, 1);
                x = stride == 1 && in == s[1] ? t.op("add.Tensor", x, y, 1) : y;
                in = s[1];
            }
        }
        result = classes(relu6(convNorm(x, 320, 1280, 1, 1, 1)), 1280);
    }

    private void densenet(long batch, long size, int[] blocks) {
        Value x = stem(batch, size);
        long c = 64;
        for (int b = 0; b < blocks.length; b++) {
            List<Value> features = new ArrayList<>(List.of(x));
            for (int i = 0; i < blocks[b]; i++, c += 32) {
                Value all = t.op("cat", List.copyOf(features), 1);
                Value y = conv(relu(norm(all, c)), c, 128, 1, 1, 1);
                features.add(conv(relu(norm(y, 128)), 128, 32, 3, 1, 1));
            }
            x = t.op("cat", features, 1);
            if (b == blocks.length - 1) break;
            x = conv(relu(norm(x, c)), c, c / 2, 1, 1, 1);
            x = t.op("avg_pool2d", x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, false, true, null);
            c /= 2;
        }
        result = classes(relu(norm(x, c)), c);
    }

    // ---- others

    private void bert(long b, long s, long width, long heads, int layers, long inner) {
        Value x = t.input(b, s, width);
        for (int l = 0; l < layers; l++) {
            Value a = attention(x, b, s, width, heads);
            x = layerNorm(t.op("add.Tensor", a, x, 1), width);
            Value h = t.op("gelu", t.op("linear", x, t.weight(inner, width), t.weight(inner)), "none");
            h = t.op("linear", h, t.weight(width, inner), t.weight(width));
            x = layerNorm(t.op("add.Tensor", h, x, 1), width);
        }
        result = x;
    }

    private Value layerNorm(Value x, long width) { return t.op("layer_norm", x, new long[] {width}, t.positive(width), t.weight(width), 1e-5, true); }

    private Value attention(Value x, long b, long s, long width, long heads) {
        Value[] qkv = new Value[3];
        for (int i = 0; i < 3; i++) {
            Value p = t.op("linear", x, t.weight(width, width), t.weight(width));
            qkv[i] = t.op("permute", t.op("view", p, new long[] {b, s, heads, width / heads}), new long[] {0, 2, 1, 3});
        }
        Value scores = t.op("div.Scalar", t.op("matmul", qkv[0], t.op("transpose.int", qkv[1], -1, -2)), Math.sqrt(width / heads));
        Value context = t.op("matmul", t.op("softmax.int", scores, -1, null), qkv[2]);
        Value flat = t.op("view", t.op("contiguous", t.op("permute", context, new long[] {0, 2, 1, 3})), new long[] {b, s, width});
        return t.op("linear", flat, t.weight(width, width), t.weight(width));
    }

    /** A loop over an LSTM cell, unrolled. */
    private void lstm(long batch, int steps, long in, long hidden) {
        Value x = t.input(steps, batch, in), h = t.input(batch, hidden), c = t.input(batch, hidden);
        Tensor wi = t.weight(4 * hidden, in), wh = t.weight(4 * hidden, hidden), bi = t.weight(4 * hidden), bh = t.weight(4 * hidden);
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            Value gates = t.op("add.Tensor", t.op("add.Tensor", t.op("mm", t.op("select.int", x, 0, i), t.op("t", wi)), bi, 1),
                t.op("add.Tensor", t.op("mm", h, t.op("t", wh)), bh, 1), 1);
            List<Value> g = t.ops("chunk", gates, 4, 1);
            Value keep = t.op("mul.Tensor", t.op("sigmoid", g.get(1)), c);
            c = t.op("add.Tensor", keep, t.op("mul.Tensor", t.op("sigmoid", g.get(0)), t.op("tanh", g.get(2))), 1);
            h = t.op("mul.Tensor", t.op("sigmoid", g.get(3)), t.op("tanh", c));
            out.add(h);
        }
        result = t.op("stack", out, 0);
    }
}
