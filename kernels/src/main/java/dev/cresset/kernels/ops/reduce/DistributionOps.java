package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.ops.CudaChecks;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Generator;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.kernels.ops.reduce.RandomFill.Standard;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/**
 * Random elements with parameters from numbers or tensors, in place and as results. A device gives the same as the host, up to
 * rounding. So what draws as many numbers as it turns out to need (poisson, binomial, gamma), and multinomial, where sums in another
 * order would give other samples, run through the host.
 */
final class DistributionOps implements OpFamily {
    private static final String GENERATOR = ", *, Generator? generator=None";

    /** An element from the two parameters of a distribution. */
    private interface Formula { double at(Args a, Generator g, long counter); }

    @Override public void declare(Catalog ops) {
        declare(ops, "uniform", "float from=0., float to=1.", (a, out) ->
            RandomFill.scaled(a.context(), a.generator(3), Standard.UNIFORM, a.float64(1), a.float64(2) - a.float64(1), out));
        declare(ops, "normal", "float mean=0., float std=1.", (a, out) ->
            RandomFill.scaled(a.context(), a.generator(3), Standard.NORMAL, a.float64(1), a.float64(2), out));
        declare(ops, "exponential", "float lambd=1.", 2, (a, g, c) -> -Math.log(1 - g.uniform(c, 0)) / a.float64(1));
        declare(ops, "cauchy", "float median=0., float sigma=1.", 3,
            (a, g, c) -> a.float64(1) + a.float64(2) * Math.tan(Math.PI * (g.uniform(c, 0) - 0.5)));
        declare(ops, "log_normal", "float mean=1., float std=2.", 3, (a, g, c) -> Math.exp(a.float64(1) + a.float64(2) * g.normal(c, 0)));
        declare(ops, "geometric", "float p", 2, (a, g, c) -> Math.ceil(Math.log(1 - g.uniform(c, 0)) / Math.log(1 - a.float64(1))));
        declareIntegers(ops);
        declareNormals(ops);
        declareBernoulli(ops);
        declareRejection(ops);
        ops.op("aten::multinomial(Tensor self, int num_samples, bool replacement=False" + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(DistributionOps::multinomialShape, DistributionOps::multinomial).throughHost();
    }

    /** Fills a tensor, and gives it back. */
    private interface Filling { Tensor fill(Args a, Tensor out); }

    private static void declare(Catalog ops, String name, String parameters, int generator, Formula formula) {
        declare(ops, name, parameters, (a, out) -> RandomFill.reals(a.context(), a.generator(generator), out, (g, c, _) -> formula.at(a, g, c)));
    }

    /** The in-place form and, where PyTorch has one, the form with a fresh result. */
    private static void declare(Catalog ops, String name, String parameters, Filling filling) {
        ops.op("aten::" + name + "_(Tensor(a!) self, " + parameters + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> filling.fill(a, a.tensor(0)));
        String fresh = name.equals("normal") ? "normal_functional" : name;
        ops.op("aten::" + fresh + "(Tensor self, " + parameters + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(a -> Meta.like(a.tensor(0)), filling::fill).everywhere();
    }

    private static void declareIntegers(Catalog ops) {
        ops.op("aten::random_(Tensor(a!) self" + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> integers(a, 1, 0, span(a.tensor(0).dtype())));
        ops.op("aten::random_.to(Tensor(a!) self, int to" + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> integers(a, 2, 0, a.int64(1)));
        ops.op("aten::random_.from(Tensor(a!) self, int from, int? to" + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> integers(a, 3, a.int64(1), a.int64Or(2, span(a.tensor(0).dtype()))));
    }

    /** One more than the largest integer that random_ gives for a type, as far as that fits. */
    private static long span(ScalarType type) {
        return switch (type) {
            case BOOL -> 2;
            case UINT8 -> 256;
            case INT8 -> 128;
            case INT16 -> 1 << 15;
            case INT32 -> 1L << 31;
            case FLOAT64 -> (1L << 53) + 1;
            case FLOAT32 -> (1L << 24) + 1;
            case FLOAT16 -> (1L << 11) + 1;
            case BFLOAT16 -> (1L << 8) + 1;
            default -> Long.MAX_VALUE;
        };
    }

    private static Tensor integers(Args a, int generator, long from, long to) {
        if (from >= to) throw new ScriptError("random_ expects 'from' to be less than 'to', but got from=" + from + " >= to=" + to);
        return RandomFill.integers(a.context(), a.generator(generator), a.tensor(0), from, to);
    }

    private static void declareNormals(Catalog ops) {
        ops.op("aten::normal.Tensor_float(Tensor mean, float std=1." + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()),
                (a, out) -> normal(a, a.tensor(0), a.float64(1), out)).everywhere();
        ops.op("aten::normal.float_Tensor(float mean, Tensor std" + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(1).dtype(), a.tensor(1).sizes()),
                (a, out) -> normal(a, a.float64(0), a.tensor(1), out)).everywhere();
        ops.op("aten::normal.Tensor_Tensor(Tensor mean, Tensor std" + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(0).dtype(), Shapes.broadcast(a.tensor(0).sizes(), a.tensor(1).sizes())), (a, out) -> normal(a,
                Views.expand(a.tensor(0), out.sizes()), Views.expand(a.tensor(1), out.sizes()), out)).everywhere();
        ops.op("aten::normal.float_float(float mean, float std, int[] size" + GENERATOR + ", ScalarType? dtype=None, Layout? layout=None,"
            + " Device? device=None, bool? pin_memory=None) -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.dtypeOr(4, ScalarType.FLOAT32), a.longs(2)), (a, out) ->
                RandomFill.scaled(a.context(), a.generator(3), Standard.NORMAL, a.float64(0), a.float64(1), out)).everywhere();
    }

    /** @param mean,std numbers, or tensors of the sizes of {@code out} */
    private static void normal(Args a, Object mean, Object std, Tensor out) {
        CallContext c = a.context();
        if (c.isOnDevice()) {
            if (std instanceof Tensor t) CudaChecks.within(c, t, 0, Double.POSITIVE_INFINITY, _ -> negativeStd());
            else if ((Double) std < 0) throw negativeStd();
            Tensor z = RandomFill.standard(c, a.generator(2), Standard.NORMAL, c.empty(ScalarType.FLOAT64, out.sizes()));
            Expr value = RandomFill.parameter(mean, 1).add(RandomFill.parameter(std, 2).mul(new Expr.Load(0, ScalarType.FLOAT64)));
            Elementwise.apply(c, value, out, z, mean, std);
            return;
        }
        double[] means = elements(mean);
        double[] stds = elements(std);
        for (double s : stds) if (s < 0) throw negativeStd();
        RandomFill.reals(c, a.generator(2), out,
            (g, k, i) -> means[means.length == 1 ? 0 : (int) i] + stds[stds.length == 1 ? 0 : (int) i] * g.normal(k, 0));
    }

    private static ScriptError negativeStd() { return new ScriptError("normal expects all elements of std >= 0.0"); }

    private static double[] elements(Object p) { return p instanceof Tensor t ? t.toDoubleArray() : new double[] {(Double) p}; }

    private static void declareBernoulli(Catalog ops) {
        ops.op("aten::bernoulli(Tensor self" + GENERATOR + ") -> Tensor").nondeterministic().kernel(a -> Meta.like(a.tensor(0)),
            (a, out) -> bernoulli(a, a.generator(1), a.tensor(0), out)).everywhere();
        ops.op("aten::bernoulli.p(Tensor self, float p" + GENERATOR + ") -> Tensor").nondeterministic().kernel(a -> Meta.like(a.tensor(0)),
            (a, out) -> bernoulli(a, a.generator(2), a.float64(1), out)).everywhere();
        ops.op("aten::bernoulli.Tensor(Tensor self, Tensor p" + GENERATOR + ") -> Tensor").nondeterministic()
            .kernel(a -> Meta.like(a.tensor(0)), (a, out) -> bernoulli(a, a.generator(2), expanded(a), out)).everywhere();
        ops.op("aten::bernoulli_.Tensor(Tensor(a!) self, Tensor p" + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> bernoulli(a, a.generator(2), expanded(a), a.tensor(0)));
        ops.op("aten::bernoulli_.float(Tensor(a!) self, float p=0.5" + GENERATOR + ") -> Tensor(a!)").nondeterministic()
            .composite(a -> bernoulli(a, a.generator(2), a.float64(1), a.tensor(0)));
    }

    private static Tensor expanded(Args a) { return Views.expand(a.tensor(1), a.tensor(0).sizes()); }

    private static ScriptError noProbability(double x) { return new ScriptError("Expected p_in >= 0 && p_in <= 1 to be true, but got " + x); }

    /** @param probability a number, or a tensor of the sizes of {@code out} */
    private static Tensor bernoulli(Args a, Generator generator, Object probability, Tensor out) {
        if (out.storage().isOnDevice()) return bernoulliOnDevice(a.context(), generator, probability, out);
        double[] p = elements(probability);
        for (double x : p) if (!(x >= 0 && x <= 1)) throw noProbability(x);
        return RandomFill.reals(a.context(), generator, out, (g, c, k) -> g.uniform(c, 0) < p[p.length == 1 ? 0 : (int) k] ? 1 : 0);
    }

    private static Tensor bernoulliOnDevice(CallContext c, Generator generator, Object p, Tensor out) {
        if (p instanceof Tensor t) CudaChecks.within(c, t, 0, 1, DistributionOps::noProbability);
        else if (!((Double) p >= 0 && (Double) p <= 1)) throw noProbability((Double) p);
        Tensor failed = c.empty(ScalarType.BOOL, out.sizes());
        RandomFill.trials(c, generator, p, failed);
        Elementwise.apply(c, new Expr.Load(0, ScalarType.BOOL).not(), out, failed);
        return out;
    }

    private static void declareRejection(Catalog ops) {
        ops.op("aten::poisson(Tensor self, Generator? generator=None) -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), (a, out) -> {
                double[] mean = a.tensor(0).toDoubleArray();
                RandomFill.reals(a.context(), a.generator(1), out, (g, c, k) -> Samplers.at(g, c).poisson(mean[(int) k]));
            }).throughHost();
        ops.op("aten::_standard_gamma(Tensor self, Generator? generator=None) -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes()), (a, out) -> {
                double[] shape = a.tensor(0).toDoubleArray();
                RandomFill.reals(a.context(), a.generator(1), out,
                    (g, c, k) -> Math.max(Float.MIN_NORMAL, Samplers.at(g, c).gamma(shape[(int) k])));
            }).throughHost();
        ops.op("aten::binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor").nondeterministic()
            .kernel(a -> Meta.of(a.tensor(0).dtype(), Shapes.broadcast(a.tensor(0).sizes(), a.tensor(1).sizes())), (a, out) -> {
                double[] n = Views.expand(a.tensor(0), out.sizes()).toDoubleArray();
                double[] p = Views.expand(a.tensor(1), out.sizes()).toDoubleArray();
                RandomFill.reals(a.context(), a.generator(2), out, (g, c, k) -> Samplers.at(g, c).binomial(n[(int) k], p[(int) k]));
            }).throughHost();
    }

    private static Meta multinomialShape(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() < 1 || t.dim() > 2) throw new ScriptError("prob_dist must be 1 or 2 dim");
        if (!t.dtype().isFloating()) throw new ScriptError("multinomial only supports floating-point dtypes for input, got: " + t.dtype().printName());
        if (a.int64(1) <= 0) throw new ScriptError("cannot sample n_sample <= 0 samples");
        if (!a.bool(2) && a.int64(1) > t.size(-1)) {
            throw new ScriptError("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
        }
        return t.dim() == 1 ? Meta.of(ScalarType.INT64, a.int64(1)) : Meta.of(ScalarType.INT64, t.sizes()[0], a.int64(1));
    }

    /** Without replacement by the largest p / e with exponential e; with it by search in the cumulative sums. */
    private static void multinomial(Args a, Tensor out) {
        double[] p = a.tensor(0).toDoubleArray();
        int n = Math.toIntExact(a.tensor(0).size(-1));
        int samples = a.int32(1);
        long[] all = new long[Math.toIntExact(out.numel())];
        Generator g = a.generator(3);
        for (int row = 0; row < p.length / n; row++) {
            double total = 0;
            for (int i = row * n; i < row * n + n; i++) {
                if (!(p[i] >= 0) || Double.isInfinite(p[i])) throw new ScriptError("probability tensor contains either `inf`, `nan` or element < 0");
                total += p[i];
            }
            if (total == 0) throw new ScriptError("invalid multinomial distribution (sum of probabilities <= 0)");
            int[] drawn = a.bool(2) ? withReplacement(g, p, row * n, n, samples, total) : without(g, p, row * n, n, samples);
            for (int s = 0; s < samples; s++) all[row * samples + s] = drawn[s];
        }
        for (int i = 0; i < all.length; i++) Elements.setLong(out.data(), ScalarType.INT64, i, all[i]);
    }

    private static int[] withReplacement(Generator g, double[] p, int from, int n, int samples, double total) {
        long base = g.reserve(samples);
        int[] drawn = new int[samples];
        for (int s = 0; s < samples; s++) {
            double rest = g.uniform(base + s, 0) * total;
            int last = 0;
            for (int i = 0; i < n; i++) {
                if (p[from + i] == 0) continue;
                last = i;
                rest -= p[from + i];
                if (rest < 0) break;
            }
            drawn[s] = last;
        }
        return drawn;
    }

    private static int[] without(Generator g, double[] p, int from, int n, int samples) {
        long base = g.reserve(n);
        double[] score = new double[n];
        Integer[] order = new Integer[n];
        for (int i = 0; i < n; i++) {
            score[i] = p[from + i] / -Math.log(1 - g.uniform(base + i, 0));
            order[i] = i;
        }
        java.util.Arrays.sort(order, (x, y) -> Double.compare(score[y], score[x]));
        int[] drawn = new int[samples];
        for (int s = 0; s < samples; s++) drawn[s] = order[s];
        return drawn;
    }
}
