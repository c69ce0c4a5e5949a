package dev.cresset.kernels.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.ops.Operators;
import dev.cresset.tensor.MemoryPool;
import dev.cresset.tensor.Scope;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Layers through cuDNN's interface against the CPU operators of the catalogue. */
@EmulatedCuda
class DnnTest {
    private static final float ERROR = 1e-4f;

    private final CallContext cpu = new CallContext(Operators.catalog(), new Scope(new MemoryPool(1 << 20)), new Generator(0), System.out, 1, false);
    private TestDevice device;
    private Dnn dnn;

    @BeforeEach void open() {
        device = new TestDevice();
        dnn = new Dnn(device.stream);
    }

    @AfterEach void close() {
        dnn.close();
        device.close();
    }

    private static Tensor random(int seed, long... shape) {
        Random r = new Random(seed);
        float[] v = new float[(int) Shapes.numel(shape)];
        for (int i = 0; i < v.length; i++) v[i] = r.nextFloat() - 0.5f;
        return Tensor.of(v, shape);
    }

    private static int[] ints(long... values) { return LongStream.of(values).mapToInt(Math::toIntExact).toArray(); }

    /** Sizes for cuDNN: what has one dimension of space gets a height of 1. */
    private static int[] planar(Tensor t) {
        int[] s = ints(t.sizes());
        return s.length > 3 ? s : new int[] {s[0], s[1], 1, s[2]};
    }

    private static int[] planar(int[] values, int inserted) { return values.length > 1 ? values : new int[] {inserted, values[0]}; }

    private TensorDescriptor shape(Tensor t) { return TensorDescriptor.contiguous(device.context, ElementType.FLOAT, planar(t)); }

    private void convolution(boolean transposed, int groups, int[] padding, int[] stride, int[] dilation, int[] outputPadding, Tensor x, Tensor w) {
        List<Long>[] lists = lists(stride, padding, dilation, outputPadding);
        Tensor want = cpu.tensor("aten::convolution", x, w, null, lists[0], lists[1], lists[2], transposed, lists[3], (long) groups);
        try (ConvolutionDescriptor c = new ConvolutionDescriptor(device.context, ElementType.FLOAT, planar(padding, 0), planar(stride, 1),
                planar(dilation, 1), groups, false);
             TensorDescriptor xs = shape(x); TensorDescriptor ys = shape(want);
             FilterDescriptor ws = new FilterDescriptor(device.context, ElementType.FLOAT, false, planar(w))) {
            DnnConvolution convolution = new DnnConvolution(dnn, ElementType.FLOAT, transposed, c, xs, ws, ys);
            DnnConvolution.Algorithm algorithm = convolution.algorithms().getFirst();
            int count = (int) want.numel();
            long y = device.memory(count * 4L);
            convolution.run(algorithm, device.upload(x), device.upload(w), device.memory(algorithm.workspaceBytes()), y);
            assertArrayEquals(want.toFloatArray(), device.floats(y, count), ERROR);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static List<Long>[] lists(int[]... values) {
        return Arrays.stream(values).map(v -> Arrays.stream(v).mapToLong(i -> i).boxed().toList()).toArray(List[]::new);
    }

    @Test void convolutionsOfOneToThreeDimensions() {
        convolution(false, 1, new int[] {1}, new int[] {2}, new int[] {1}, new int[] {0}, random(1, 2, 3, 9), random(2, 4, 3, 3));
        convolution(false, 1, new int[] {1, 2}, new int[] {1, 2}, new int[] {2, 1}, new int[] {0, 0}, random(1, 2, 3, 8, 7), random(2, 5, 3, 3, 2));
        convolution(false, 2, new int[] {0, 0}, new int[] {1, 1}, new int[] {1, 1}, new int[] {0, 0}, random(1, 2, 4, 5, 5), random(2, 6, 2, 3, 3));
        convolution(false, 1, new int[] {1, 0, 1}, new int[] {1, 2, 1}, new int[] {1, 1, 1}, new int[] {0, 0, 0}, random(1, 1, 2, 4, 5, 4), random(2, 3, 2, 2, 2, 3));
    }

    @Test void transposedConvolutions() {
        convolution(true, 1, new int[] {1}, new int[] {2}, new int[] {1}, new int[] {1}, random(1, 2, 3, 5), random(2, 3, 4, 3));
        convolution(true, 2, new int[] {1, 0}, new int[] {2, 1}, new int[] {1, 2}, new int[] {1, 0}, random(1, 2, 4, 4, 3), random(2, 4, 3, 3, 2));
        convolution(true, 1, new int[] {0, 1, 0}, new int[] {2, 1, 1}, new int[] {1, 1, 1}, new int[] {0, 0, 0}, random(1, 1, 2, 3, 3, 2), random(2, 2, 3, 2, 2, 2));
    }

    @Test void channelsLast() {
        Tensor x = random(1, 1, 3, 4, 5), w = random(2, 2, 3, 3, 3);
        int[] sizes = ints(x.sizes());
        try (ConvolutionDescriptor c = new ConvolutionDescriptor(device.context, ElementType.FLOAT, new int[] {1, 1}, new int[] {1, 1}, new int[] {1, 1}, 1, false);
             TensorDescriptor xs = new TensorDescriptor(device.context, ElementType.FLOAT, sizes, new int[] {60, 1, 15, 3});
             TensorDescriptor ys = new TensorDescriptor(device.context, ElementType.FLOAT, new int[] {1, 2, 4, 5}, new int[] {40, 1, 10, 2});
             FilterDescriptor ws = new FilterDescriptor(device.context, ElementType.FLOAT, true, 2, 3, 3, 3)) {
            DnnConvolution convolution = new DnnConvolution(dnn, ElementType.FLOAT, false, c, xs, ws, ys);
            DnnConvolution.Algorithm algorithm = convolution.algorithms().getFirst();
            long y = device.memory(160);
            convolution.run(algorithm, device.upload(last(x)), device.upload(last(w)), device.memory(algorithm.workspaceBytes()), y);
            List<Long> one = List.of(1L, 1L);
            Tensor want = cpu.tensor("aten::convolution", x, w, null, one, one, one, false, List.of(0L, 0L), 1L);
            assertArrayEquals(last(want), device.floats(y, 40), ERROR);
        }
    }

    private float[] last(Tensor t) {
        return cpu.tensor("aten::contiguous", cpu.tensor("aten::permute", t, List.of(0L, 2L, 3L, 1L)), 0L).toFloatArray();
    }

    @Test void biasOverChannels() {
        Tensor y = random(1, 2, 3, 2, 2), bias = random(2, 3);
        long address = device.upload(y);
        try (TensorDescriptor ys = shape(y); TensorDescriptor bs = TensorDescriptor.contiguous(device.context, ElementType.FLOAT, 1, 3, 1, 1)) {
            new DnnConvolution(dnn, ElementType.FLOAT, false, null, null, null, ys).addBias(bs, device.upload(bias), address);
            Tensor want = cpu.tensor("aten::add.Tensor", y, cpu.tensor("aten::reshape", bias, List.of(3L, 1L, 1L)), 1L);
            assertArrayEquals(want.toFloatArray(), device.floats(address, 24), ERROR);
        }
    }

    private void pooling(PoolingDescriptor.Mode mode, Tensor x, Tensor want, int[] window, int[] stride, int[] padding) {
        try (PoolingDescriptor p = new PoolingDescriptor(device.context, mode, window, padding, stride); TensorDescriptor xs = shape(x); TensorDescriptor ys = shape(want)) {
            long y = device.memory(want.numel() * 4);
            dnn.pool(ElementType.FLOAT, p, xs, device.upload(x), ys, y);
            assertArrayEquals(want.toFloatArray(), device.floats(y, (int) want.numel()), ERROR);
        }
    }

    @Test void poolings() {
        Tensor x = random(1, 2, 3, 7, 6);
        List<Long> window = List.of(3L, 2L), stride = List.of(2L, 1L), padding = List.of(1L, 0L), one = List.of(1L, 1L);
        int[] w = {3, 2}, s = {2, 1}, p = {1, 0};
        pooling(PoolingDescriptor.Mode.MAX, x, cpu.tensor("aten::max_pool2d", x, window, stride, padding, one, false), w, s, p);
        pooling(PoolingDescriptor.Mode.AVERAGE_WITH_PADDING, x, cpu.tensor("aten::avg_pool2d", x, window, stride, padding, false, true, null), w, s, p);
        pooling(PoolingDescriptor.Mode.AVERAGE_WITHOUT_PADDING, x, cpu.tensor("aten::avg_pool2d", x, window, stride, padding, false, false, null), w, s, p);
    }

    @Test void softmax() {
        Tensor x = random(1, 2, 5, 3, 2);
        try (TensorDescriptor s = shape(x)) {
            for (boolean logarithm : new boolean[] {false, true}) {
                long y = device.memory(240);
                dnn.softmax(ElementType.FLOAT, logarithm, s, device.upload(x), s, y);
                Tensor want = cpu.tensor(logarithm ? "aten::log_softmax.int" : "aten::softmax.int", x, 1L, null);
                assertArrayEquals(want.toFloatArray(), device.floats(y, 60), ERROR);
            }
        }
    }

    @Test void batchNorm() {
        Tensor x = random(1, 2, 3, 4, 2), scale = random(2, 3), bias = random(3, 3), mean = random(4, 3), variance = Tensor.of(new float[] {0.5f, 1, 2}, 3);
        Tensor want = cpu.tensor("aten::batch_norm", x, scale, bias, mean, variance, false, 0.1, 1e-5, false);
        long y = device.memory(192);
        try (TensorDescriptor s = shape(x); TensorDescriptor p = TensorDescriptor.contiguous(device.context, ElementType.FLOAT, 1, 3, 1, 1)) {
            dnn.batchNorm(ElementType.FLOAT, s, device.upload(x), s, y, p, device.upload(scale), device.upload(bias), device.upload(mean),
                device.upload(variance), 1e-5);
            assertArrayEquals(want.toFloatArray(), device.floats(y, 48), ERROR);
        }
    }

    /** Two layers in both directions, with biases and a state before. */
    private void recurrent(RnnDescriptor.Cell cell) {
        int input = 3, hidden = 4, layers = 2, batch = 2, length = 5, gates = cell.gates();
        Tensor x = random(1, length, batch, input), h = random(2, 2 * layers, batch, hidden), c = random(3, 2 * layers, batch, hidden);
        Tensor[] weights = new Tensor[layers * 2 * 4];
        for (int l = 0; l < layers * 2; l++) {
            weights[l * 4] = random(10 + l, (long) gates * hidden, l < 2 ? input : 2 * hidden);
            weights[l * 4 + 1] = random(20 + l, (long) gates * hidden, hidden);
            weights[l * 4 + 2] = random(30 + l, (long) gates * hidden);
            weights[l * 4 + 3] = random(40 + l, (long) gates * hidden);
        }
        boolean lstm = cell == RnnDescriptor.Cell.LSTM;
        Object[] want = (Object[]) cpu.call(lstm ? "aten::lstm.input" : "aten::gru.input",
            new Object[] {x, lstm ? List.of(h, c) : h, List.of(weights), true, (long) layers, 0.0, false, true, false});
        int[] lengths = {length, length};
        try (RnnDescriptor r = new RnnDescriptor(dnn, ElementType.FLOAT, cell, true, true, input, hidden, hidden, layers, false,
                 RnnDescriptor.Algorithm.STANDARD, false);
             RnnDataDescriptor xs = new RnnDataDescriptor(device.context, ElementType.FLOAT, RnnDataDescriptor.Layout.TIME_FIRST, length, input, lengths);
             RnnDataDescriptor ys = new RnnDataDescriptor(device.context, ElementType.FLOAT, RnnDataDescriptor.Layout.TIME_FIRST, length, 2 * hidden, lengths);
             TensorDescriptor hs = TensorDescriptor.contiguous(device.context, ElementType.FLOAT, 2 * layers, batch, hidden)) {
            DnnRnn rnn = new DnnRnn(dnn, r);
            long bytes = rnn.weightBytes(), space = device.memory(bytes);
            device.stream.fill(space, (byte) 0, bytes);
            for (int l = 0; l < layers * 2; l++) {
                for (int gate = 0; gate < 2 * gates; gate++) {
                    DnnRnn.Weight place = rnn.weight(l, gate, bytes, space);
                    boolean state = gate >= gates;
                    copyRows(weights[l * 4 + (state ? 1 : 0)], gate % gates, hidden, space + place.matrixOffset());
                    copyRows(weights[l * 4 + (state ? 3 : 2)], gate % gates, hidden, space + place.biasOffset());
                }
            }
            long workBytes = rnn.workspaceBytes(xs), y = device.memory(length * batch * 2 * hidden * 4L), hy = device.memory(h.numel() * 4), cy = device.memory(c.numel() * 4);
            rnn.run(xs, device.upload(x), ys, y,
                hs, device.upload(h), hy, hs, device.upload(c), cy, bytes, space, workBytes, device.memory(workBytes));
            assertArrayEquals(((Tensor) want[0]).toFloatArray(), device.floats(y, length * batch * 2 * hidden), ERROR);
            assertArrayEquals(((Tensor) want[1]).toFloatArray(), device.floats(hy, (int) h.numel()), ERROR);
            if (lstm) assertArrayEquals(((Tensor) want[2]).toFloatArray(), device.floats(cy, (int) c.numel()), ERROR);
        }
    }

    private void copyRows(Tensor from, int gate, int rows, long to) {
        float[] all = from.toFloatArray();
        int row = all.length / (int) from.sizes()[0];
        float[] part = Arrays.copyOfRange(all, gate * rows * row, (gate + 1) * rows * row);
        device.stream.copy(to, device.upload(part), part.length * 4L);
    }

    @Test void lstm() { recurrent(RnnDescriptor.Cell.LSTM); }

    @Test void gru() { recurrent(RnnDescriptor.Cell.GRU); }

    @Test void wrongShapesAreTyped() {
        Tensor x = random(1, 1, 3, 4, 4);
        try (PoolingDescriptor p = new PoolingDescriptor(device.context, PoolingDescriptor.Mode.MAX, new int[] {2, 2}, new int[] {0, 0}, new int[] {2, 2});
             TensorDescriptor s = shape(x)) {
            long address = device.upload(x);
            var e = assertThrows(CudaCallException.class, () -> dnn.pool(ElementType.FLOAT, p, s, address, s, address));
            assertEquals("cudnnPoolingForward on cuda:0 answers CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH (2008)", e.getMessage());
            assertThrows(CudaCallException.class, () -> TensorDescriptor.contiguous(device.context, ElementType.FLOAT, 2, 0, 3, 1));
        }
    }
}
