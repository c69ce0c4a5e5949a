package dev.cresset.kernels.cuda.code;

import static dev.cresset.kernels.cuda.code.Families.cpu;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.EmulatedCuda;
import dev.cresset.kernels.cuda.code.IndexKernels.Index;
import dev.cresset.kernels.cuda.code.IndexKernels.Join;
import dev.cresset.kernels.cuda.code.LayoutKernels.Map;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kernels that move elements – indexing, sorting, mapped copies – and pools, on the emulation, against the operators of the CPU. */
@EmulatedCuda(order = EmulatedCuda.ANY)
class ArrangeKernelTest {
    private static final ScalarType F32 = ScalarType.FLOAT32, I64 = ScalarType.INT64;
    private final Random random = new Random(20261104);
    private final Families families = new Families();

    private Tensor below(int n, long... sizes) {
        Tensor out = Tensor.zeros(I64, sizes);
        for (int i = 0; i < out.numel(); i++) Elements.setLong(out.data(), I64, i, random.nextInt(n));
        return out;
    }

    private Index index(Tensor t, long size, long stride, long[] line, long[] entry) { return new Index(families.address(t), false, size, true, stride, line, entry); }

    @Test void indexing() {
        Tensor x = Families.random(F32, random, 6, 5, 4), at = below(5, 6, 9, 4), out = Tensor.zeros(F32, 6, 9, 4);
        families.launch(IndexKernels.choose(F32), out.numel(), new IndexKernels.Chosen(families.address(x), families.address(out), 0, out.sizes(),
            new long[] {20, 0, 1}, out.strides(), List.of(index(at, 5, 4, new long[0], at.strides()))).slots());
        families.expect("gather", cpu("gather", x, 1L, at), out, 0);

        Tensor rows = below(6, 7), columns = below(4, 3, 1), chosen = Tensor.zeros(F32, 3, 7, 5);
        Elements.setLong(columns.data(), I64, 1, -1);
        families.launch(IndexKernels.choose(F32), chosen.numel(), new IndexKernels.Chosen(families.address(x), families.address(chosen), 0, chosen.sizes(),
            new long[] {0, 0, 4}, chosen.strides(), List.of(index(rows, 6, 20, new long[0], new long[] {0, 1, 0}),
            index(columns, 4, 1, new long[0], new long[] {1, 0, 0}))).slots());
        families.expect("index", cpu("index.Tensor", x, Arrays.asList(rows, null, columns)), chosen, 0);

        Tensor error = Tensor.zeros(I64, 3), bad = below(4, 3);
        Elements.setLong(bad.data(), I64, 2, 6);
        families.launch(IndexKernels.choose(F32), 3, new IndexKernels.Chosen(families.address(x), families.address(Tensor.zeros(F32, 3)), families.address(error),
            new long[] {3}, new long[] {0}, new long[] {1}, List.of(index(bad, 6, 20, new long[0], new long[] {1}))).slots());
        families.expect("out of range", Tensor.of(new long[] {1, 6, 6}, 3), error, 0);

        for (boolean blocks : new boolean[] {false, true}) {
            for (Join join : Join.values()) {
                Tensor target = Families.random(F32, random, 6, 5, 4), source = Families.random(F32, random, 6, 600, 4), into = below(5, 6, 600, 4);
                Tensor want = join == Join.ADD || join == Join.ASSIGN ? cpu(join == Join.ADD ? "scatter_add" : "scatter.src", target, 1L, into, source)
                    : cpu("scatter_reduce.two", target, 1L, into, source, join == Join.MULTIPLY ? "prod" : join == Join.MAX ? "amax" : "amin", true);
                families.launch(IndexKernels.scatter(F32, join, blocks), 24, new IndexKernels.Scattered(families.address(target), families.address(source), 0,
                    new long[] {6, 4}, new long[] {600}, new long[] {20, 1}, new long[] {0}, new long[] {2400, 1}, new long[] {4},
                    List.of(index(into, 5, 4, new long[] {2400, 1}, new long[] {4}))).slots());
                families.expect("scatter " + join, want, target, join == Join.MULTIPLY ? 1e-4 : 0);
            }
        }
        report("indexing");
    }

    private void sort(ScalarType t, long n, int k, boolean descending) {
        Tensor x = Families.random(t, random, 2, n, 3);
        if (t == F32 && n > 3) Elements.setDouble(x.data(), t, 4, Double.NaN);
        Tensor values = Tensor.zeros(t, 2, k, 3), indices = Tensor.zeros(I64, 2, k, 3);
        long half = SortKernels.halfBytes(6, n);
        long[] halves = {families.address(families.workspace(half)), families.address(families.workspace(half))};
        int side = 0;
        families.launch(SortKernels.tiles(t), 6 * SortKernels.tilesOf(n), arguments(x, values, indices, halves, 0, k, descending, 0));
        for (long run : SortKernels.runs(n)) {
            families.launch(SortKernels.merge(), 6 * n, arguments(x, values, indices, halves, ++side, k, descending, run));
        }
        families.launch(SortKernels.store(t), 6L * k, arguments(x, values, indices, halves, side + 1, k, descending, 0));
        Object[] sorted = (Object[]) Families.CPU.call("aten::sort.stable", x, true, 1L, descending);
        String what = "sort of " + n + " " + t + (descending ? " descending" : "");
        families.expect(what, cpu("contiguous", cpu("narrow", (Tensor) sorted[0], 1L, 0L, (long) k)), values, 0);
        families.expect(what + ", places", cpu("contiguous", cpu("narrow", (Tensor) sorted[1], 1L, 0L, (long) k)), indices, 0);
    }

    /** @param to the number of the half that is written */
    private long[] arguments(Tensor x, Tensor values, Tensor indices, long[] halves, int to, int k, boolean descending, long run) {
        return new SortKernels.Arguments(families.address(x), families.address(values), families.address(indices), halves[(to + 1) % 2], halves[to % 2],
            x.sizes()[1], k, descending, run, new long[] {2, 3}, new long[] {x.strides()[0], 1}, new long[] {3L * k, 1}, new long[] {3L * k, 1}, 3, 3, 3).slots();
    }

    @Test void sorting() {
        for (ScalarType t : List.of(F32, I64, ScalarType.UINT8)) {
            sort(t, 1, 1, false);
            sort(t, 100, 100, true);
            sort(t, 2500, 2500, false);
            sort(t, 5000, 7, true);
        }
        report("sorting");
    }

    @Test void nonzero() {
        for (ScalarType t : List.of(F32, ScalarType.BOOL)) {
            Tensor x = Families.random(t, random, 9, 40, 30).view(new long[] {30, 40, 9}, new long[] {1, 30, 1200});
            Tensor counts = Tensor.zeros(I64, NonzeroKernels.parts(x.numel()) + 1), out = Tensor.zeros(I64, x.numel(), 3);
            if (t == F32) for (int i = 0; i < x.numel(); i += 3) Elements.setDouble(x.data(), t, i, 0);
            long[] slots = new NonzeroKernels.Arguments(families.address(x), families.address(counts), families.address(out), false, x.sizes(), x.strides()).slots();
            families.launch(NonzeroKernels.count(t), NonzeroKernels.parts(x.numel()), slots);
            families.launch(NonzeroKernels.offsets(), 1, slots);
            families.launch(NonzeroKernels.fill(t), NonzeroKernels.parts(x.numel()), slots);
            Tensor want = cpu("nonzero", x);
            families.expect("nonzero", want, out, 0);
            families.expect("nonzero, total", Tensor.of(new long[] {want.sizes()[0]}, 1), counts.view(new long[] {1}, new long[] {1}, counts.numel() - 1), 0);
        }
        report("nonzero");
    }

    private void mapped(String what, Tensor x, Tensor want, long[] before, Map... maps) {
        Tensor out = Tensor.zeros(x.dtype(), want.sizes());
        long fill = Float.floatToRawIntBits(2.5f);
        families.launch(LayoutKernels.mapped(x.dtype()), out.numel(),
            new LayoutKernels.Mapped(families.address(x), families.address(out), out.sizes(), x.strides(), out.strides(), x.sizes(), before, maps, fill).slots());
        families.expect(what, cpu("contiguous", want), out, 0);
    }

    @Test void layouts() {
        Tensor x = Families.random(F32, random, 2, 3, 5, 4);
        mapped("constant padding", x, cpu("constant_pad_nd", x, List.of(1L, 2L, 3L, 0L), 2.5), new long[] {0, 0, 3, 1}, Map.SAME, Map.SAME, Map.CONSTANT, Map.CONSTANT);
        mapped("reflection", x, cpu("reflection_pad2d", x, List.of(1L, 2L, 3L, 0L)), new long[] {0, 0, 3, 1}, Map.SAME, Map.SAME, Map.REFLECT, Map.REFLECT);
        mapped("replication", x, cpu("replication_pad2d", x, List.of(1L, 2L, 3L, 0L)), new long[] {0, 0, 3, 1}, Map.SAME, Map.SAME, Map.REPLICATE, Map.REPLICATE);
        mapped("roll", x, cpu("roll", x, List.of(2L), List.of(2L)), new long[] {0, 0, 2, 0}, Map.SAME, Map.SAME, Map.CIRCULAR, Map.SAME);
        mapped("flip", x, cpu("flip", x, List.of(1L, 3L)), new long[4], Map.SAME, Map.FLIP, Map.SAME, Map.FLIP);
        for (boolean upper : new boolean[] {true, false}) {
            Tensor out = Tensor.zeros(F32, x.sizes());
            families.launch(LayoutKernels.triangle(F32), out.numel(),
                new LayoutKernels.Triangle(families.address(x), families.address(out), -1, upper, x.sizes(), x.strides(), out.strides()).slots());
            families.expect("triangle", cpu(upper ? "triu" : "tril", x, -1L), out, 0);
        }
        Tensor range = Tensor.zeros(I64, 9), reals = Tensor.zeros(F32, 9), lin = Tensor.zeros(F32, 7);
        families.launch(LayoutKernels.range(I64), 9, new LayoutKernels.Range(families.address(range), 9, 3L, 2L).slots());
        families.launch(LayoutKernels.range(F32), 9, new LayoutKernels.Range(families.address(reals), 9, 0.5, 0.25).slots());
        families.launch(LayoutKernels.linspace(F32), 7, new LayoutKernels.Linspace(families.address(lin), 7, -1, 2).slots());
        families.expect("range", cpu("arange.start_step", 3L, 21L, 2L), range, 0);
        families.expect("range of floats", cpu("arange.start_step", 0.5, 2.75, 0.25), reals, 1e-6);
        families.expect("linspace", cpu("linspace", -1.0, 2.0, 7L), lin, 1e-6);
        report("layouts");
    }

    private static long[] five(long[] v, long fill) { return new long[] {v[0], v[1], fill, v[2], v[3]}; }

    private void pool(String what, Tensor x, Tensor want, Tensor indices, boolean max, ImageKernels.Window h, ImageKernels.Window w) {
        Tensor out = Tensor.zeros(x.dtype(), want.sizes()), places = Tensor.zeros(I64, want.sizes());
        List<ImageKernels.Window> windows = List.of(ImageKernels.Window.adaptive(1, 1), h, w);
        families.launch(max ? ImageKernels.maxPool(x.dtype()) : ImageKernels.averagePool(x.dtype()), out.numel(), new ImageKernels.Pool(families.address(x),
            families.address(out), indices == null ? 0 : families.address(places), true, 0, five(out.sizes(), 1), five(x.strides(), 0), five(out.strides(), 0),
            five(out.strides(), 0), windows).slots());
        families.expect(what, want, out, Families.tolerance(x.dtype()));
        if (indices != null) families.expect(what + ", places", indices, places, 0);
    }

    @Test void images() {
        Tensor x = Families.random(F32, random, 2, 3, 9, 8);
        List<Long> kernel = List.of(3L, 2L), stride = List.of(2L, 2L), padding = List.of(1L, 1L), one = List.of(1L, 1L);
        var h = new ImageKernels.Window(9, 5, 3, 2, 1, 1, false);
        var w = new ImageKernels.Window(8, 5, 2, 2, 1, 1, false);
        pool("max pool", x, cpu(0, "max_pool2d_with_indices", x, kernel, stride, padding, one, false), cpu(1, "max_pool2d_with_indices", x, kernel, stride, padding, one, false), true, h, w);
        pool("average pool", x, cpu("avg_pool2d", x, kernel, stride, padding, false, true), null, false, h, w);
        var parts = new ImageKernels.Window[] {ImageKernels.Window.adaptive(9, 4), ImageKernels.Window.adaptive(8, 3)};
        pool("adaptive average", x, cpu("adaptive_avg_pool2d", x, List.of(4L, 3L)), null, false, parts[0], parts[1]);
        pool("adaptive maximum", x, cpu(0, "adaptive_max_pool2d", x, List.of(4L, 3L)), cpu(1, "adaptive_max_pool2d", x, List.of(4L, 3L)), true, parts[0], parts[1]);

        Tensor want = cpu("upsample_bilinear2d", x, List.of(18L, 16L), false), out = Tensor.zeros(F32, want.sizes());
        List<ImageKernels.Table> tables = List.of(table(1, 1), table(9, 18), table(8, 16));
        families.launch(ImageKernels.resample(F32), out.numel(), new ImageKernels.Resample(families.address(x), families.address(out), five(out.sizes(), 1),
            five(x.strides(), 0), five(out.strides(), 0), tables).slots());
        families.expect("bilinear", want, out, 1e-5);
        report("images");
    }

    /** Of linear interpolation between the middles of elements. */
    private ImageKernels.Table table(int in, int out) {
        Tensor at = Tensor.zeros(ScalarType.INT32, out, 2), weight = Tensor.zeros(ScalarType.FLOAT64, out, 2);
        for (int o = 0; o < out; o++) {
            double x = Math.max(0, (o + 0.5) * in / out - 0.5);
            int low = (int) x;
            Elements.setLong(at.data(), ScalarType.INT32, 2 * o, low);
            Elements.setLong(at.data(), ScalarType.INT32, 2 * o + 1, Math.min(low + 1, in - 1));
            Elements.setDouble(weight.data(), ScalarType.FLOAT64, 2 * o, 1 - (x - low));
            Elements.setDouble(weight.data(), ScalarType.FLOAT64, 2 * o + 1, x - low);
        }
        return new ImageKernels.Table(families.address(at), families.address(weight), 2);
    }

    @Test void distances() {
        Tensor x = Families.random(F32, random, 2, 7, 5), y = Families.random(F32, random, 2, 6, 5);
        for (double p : new double[] {0, 1, 2, 3.5, Double.POSITIVE_INFINITY}) {
            Tensor out = Tensor.zeros(F32, 2, 7, 6);
            families.launch(DistanceKernels.rows(F32), out.numel(),
                new DistanceKernels.Rows(families.address(x), families.address(y), families.address(out), 2, 7, 6, 5, p).slots());
            families.expect("distance of order " + p, cpu("cdist", x, y, p, null), out, 1e-5);
        }
        int n = 90;
        Tensor boxes = Families.random(F32, random, n, 4), scores = Families.random(F32, random, n), kept = Tensor.zeros(I64, n), count = Tensor.zeros(I64, 1);
        for (int i = 0; i < 2 * n; i++) {
            int low = i / 2 * 4 + i % 2;
            Elements.setDouble(boxes.data(), F32, low + 2, boxes.data().get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * low) + 1.5);
        }
        Tensor order = (Tensor) ((Object[]) Families.CPU.call("aten::sort.stable", scores, true, 0L, true))[1];
        long[] slots = new DistanceKernels.Boxes(families.address(boxes), families.address(order), families.address(families.workspace(8L * n * 2)),
            families.address(families.workspace(16)), families.address(kept), families.address(count), n, 0.3).slots();
        families.launch(DistanceKernels.overlaps(F32), n * DistanceKernels.words(n), slots);
        families.launch(DistanceKernels.keep(), 1, slots);
        Tensor want = (Tensor) Families.CPU.call("torchvision::nms", boxes, scores, 0.3);
        families.expect("boxes kept", want, kept, 0);
        families.expect("number of boxes kept", Tensor.of(new long[] {want.numel()}, 1), count, 0);
        report("distances");
    }

    private void report(String what) { System.out.println("CUDA: " + families.run() + " kernels of " + what + " ran on the emulation"); }
}
