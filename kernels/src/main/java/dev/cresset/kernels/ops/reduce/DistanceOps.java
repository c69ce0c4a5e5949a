package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaDistance;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.expr.Expr;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Distances and similarities of vectors. */
final class DistanceOps implements OpFamily {
    /** A similarity from x·y, x·x and y·y. */
    interface Similarity { Expr of(Expr xy, Expr xx, Expr yy); }

    @Override public void declare(Catalog ops) {
        ops.op("aten::cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor").composite(a -> {
            double eps = a.float64(3);
            return cosine(a.context(), a.tensor(0), a.tensor(1), a.int64(2),
                (xy, xx, yy) -> xy.div(xx.sqrt().max(eps).mul(yy.sqrt().max(eps))));
        });
        ops.op("aten::pairwise_distance(Tensor x1, Tensor x2, float p=2., float eps=9.9999999999999995e-07, bool keepdim=False) -> Tensor")
            .composite(a -> {
                Tensor difference = a.context().tensor("aten::sub.Tensor", a.tensor(0), a.tensor(1));
                Tensor moved = a.context().tensor("aten::add.Scalar", difference, a.get(3));
                return a.context().call("aten::norm.ScalarOpt_dim", moved, a.get(2), new long[] {-1}, a.get(4));
            });
        ops.op("aten::dist(Tensor self, Tensor other, Scalar p=2) -> Tensor").composite(a -> a.context().call("aten::norm.Scalar",
            a.context().tensor("aten::sub.Tensor", a.tensor(0), a.tensor(1)), a.get(2)));
        ops.op("aten::cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> Tensor").kernel(DistanceOps::cdistMeta, DistanceOps::cdist)
            .cuda((a, out) -> CudaDistance.run(a.context(), a.tensor(0), a.tensor(1), a.float64(2), out));
        ops.op("aten::_cdist_forward(Tensor x1, Tensor x2, float p, int? compute_mode) -> Tensor")
            .kernel(DistanceOps::cdistMeta, DistanceOps::cdist)
            .cuda((a, out) -> CudaDistance.run(a.context(), a.tensor(0), a.tensor(1), a.float64(2), out));
        ops.op("aten::_euclidean_dist(Tensor x1, Tensor x2) -> Tensor").composite(a -> a.context().call("aten::cdist", a.tensor(0), a.tensor(1)));
        ops.op("aten::pdist(Tensor self, float p=2.) -> Tensor").kernel(DistanceOps::pdistMeta, DistanceOps::pdist)
            .cuda((a, out) -> CudaDistance.pairs(a.context(), a.tensor(0), a.float64(1), out));
        ops.op("aten::renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor")
            .composite(a -> renorm(a, a.context().empty(a.tensor(0).dtype(), a.tensor(0).sizes())));
        ops.op("aten::renorm_(Tensor(a!) self, Scalar p, int dim, Scalar maxnorm) -> Tensor(a!)").composite(a -> renorm(a, a.tensor(0)));
    }

    static Tensor cosine(CallContext c, Tensor a, Tensor b, long dim, Similarity similarity) {
        long[] shape = Shapes.broadcast(a.sizes(), b.sizes());
        Tensor x = Views.expand(a, shape);
        Tensor y = Views.expand(b, shape);
        ScalarType type = ScalarType.promote(a.dtype(), b.dtype());
        if (!type.isFloating()) throw new ScriptError("expected common dtype to be floating point, yet common dtype is " + type.printName());
        int at = Shapes.wrapDim(dim, shape.length);
        Tensor out = c.empty(type, shape.length == 0 ? shape : Views.without(shape, at));
        ScalarType sum = c.isOnDevice() ? Expr.compute(type) : ScalarType.FLOAT64;
        Tensor[] sums = {c.empty(sum, out.sizes()), c.empty(sum, out.sizes()), c.empty(sum, out.sizes())};
        if (c.isOnDevice()) productsOnDevice(c, x, y, at, sums);
        else products(c, x, y, dim, sums);
        Elementwise.apply(c, similarity.of(new Expr.Load(0, sum), new Expr.Load(1, sum), new Expr.Load(2, sum)), out, (Object[]) sums);
        return out;
    }

    /** x·y, x·x and y·y. */
    private static void products(CallContext c, Tensor x, Tensor y, long dim, Tensor[] out) {
        Lines lines = new Lines(x, dim);
        int n = lines.length();
        Work.split(c.threads(), lines.count(), 2L * n, (from, to) -> {
            double[] u = new double[n];
            double[] v = new double[n];
            for (long l = from; l < to; l++) {
                Blocks.load(x, lines.at(x, l), lines.stride(x), u, n);
                Blocks.load(y, lines.at(y, l), lines.stride(y), v, n);
                double xy = 0, xx = 0, yy = 0;
                for (int i = 0; i < n; i++) {
                    xy += u[i] * v[i];
                    xx += u[i] * u[i];
                    yy += v[i] * v[i];
                }
                Elements.setDouble(out[0].data(), ScalarType.FLOAT64, out[0].offset() + l, xy);
                Elements.setDouble(out[1].data(), ScalarType.FLOAT64, out[1].offset() + l, xx);
                Elements.setDouble(out[2].data(), ScalarType.FLOAT64, out[2].offset() + l, yy);
            }
        });
    }

    private static void productsOnDevice(CallContext c, Tensor x, Tensor y, int dim, Tensor[] out) {
        boolean[] mask = Dims.mask(x.dim(), new long[] {dim});
        Tensor[][] pairs = {{x, y}, {x, x}, {y, y}};
        for (int i = 0; i < pairs.length; i++) CudaReduce.run(c, Operator.SUM, c.tensor("aten::mul.Tensor", pairs[i][0], pairs[i][1]), mask, out[i]);
    }

    private static Meta cdistMeta(Args a) {
        Tensor x = a.tensor(0);
        Tensor y = a.tensor(1);
        if (x.dim() < 2 || y.dim() < 2) throw new ScriptError("cdist only supports at least 2D tensors, got " + x.dim() + "D and " + y.dim() + "D");
        if (x.size(-1) != y.size(-1)) {
            throw new ScriptError("X1 and X2 must have the same number of columns. X1: " + x.size(-1) + " X2: " + y.size(-1));
        }
        if (a.float64(2) < 0) throw new ScriptError("cdist only supports non-negative p values");
        long[] batch = Shapes.broadcast(Arrays.copyOf(x.sizes(), x.dim() - 2), Arrays.copyOf(y.sizes(), y.dim() - 2));
        long[] sizes = Arrays.copyOf(batch, batch.length + 2);
        sizes[batch.length] = x.size(-2);
        sizes[batch.length + 1] = y.size(-2);
        return Meta.of(ScalarType.promote(x.dtype(), y.dtype()), sizes);
    }

    private static void cdist(Args a, Tensor out) {
        int rank = out.dim();
        int m = Math.toIntExact(a.tensor(0).size(-1));
        double[] x = rows(a.tensor(0), out.sizes(), rank - 2, m);
        double[] y = rows(a.tensor(1), out.sizes(), rank - 1, m);
        int rows = Math.toIntExact(out.sizes()[rank - 2]);
        int columns = Math.toIntExact(out.sizes()[rank - 1]);
        double p = a.float64(2);
        if (out.numel() == 0) return;
        Work.split(a.context().threads(), out.numel() / columns, (long) columns * m, (from, to) -> {
            double[] line = new double[columns];
            for (long r = from; r < to; r++) {
                int other = (int) (r / rows) * columns * m;
                for (int c = 0; c < columns; c++) line[c] = distance(x, (int) r * m, y, other + c * m, m, p);
                Blocks.store(line, out, out.offset() + r * columns, 1, columns);
            }
        });
    }

    /** The vectors of all batches, row-major. @param dim of the result where these vectors are counted */
    private static double[] rows(Tensor t, long[] result, int dim, int m) {
        long[] sizes = result.clone();
        sizes[result.length - 2] = result[dim];
        sizes[result.length - 1] = m;
        return Views.expand(t, sizes).toDoubleArray();
    }

    private static double distance(double[] x, int at, double[] y, int other, int m, double p) {
        double sum = 0;
        for (int i = 0; i < m; i++) {
            double d = Math.abs(x[at + i] - y[other + i]);
            if (p == 2) sum += d * d;
            else if (p == 1) sum += d;
            else if (p == 0) sum += d != 0 ? 1 : 0;
            else if (Double.isInfinite(p)) sum = Math.max(sum, d);
            else sum += Math.pow(d, p);
        }
        return p == 2 ? Math.sqrt(sum) : p == 0 || p == 1 || Double.isInfinite(p) ? sum : Math.pow(sum, 1 / p);
    }

    private static Meta pdistMeta(Args a) {
        Tensor t = a.tensor(0);
        if (t.dim() != 2) throw new ScriptError("pdist only supports 2D tensors, got: " + t.dim() + "D");
        return Meta.of(t.dtype(), t.sizes()[0] * (t.sizes()[0] - 1) / 2);
    }

    private static void pdist(Args a, Tensor out) {
        double[] x = a.tensor(0).toDoubleArray();
        int n = Math.toIntExact(a.tensor(0).sizes()[0]);
        int m = Math.toIntExact(a.tensor(0).sizes()[1]);
        long at = out.offset();
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) Elements.setDouble(out.data(), out.dtype(), at++, distance(x, i * m, x, j * m, m, a.float64(1)));
        }
    }

    /** Slices whose norm is above the limit are scaled down to it. */
    private static Tensor renorm(Args a, Tensor out) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (t.dim() < 2) throw new ScriptError("renorm: input needs at least 2 dimensions, got " + t.dim() + " dimensions");
        boolean[] mask = Dims.all(t);
        mask[Shapes.wrapDim(a.int64(2), t.dim())] = false;
        ScalarType type = c.isOnDevice() ? t.dtype().toReal() : ScalarType.FLOAT64;
        Tensor norms = c.empty(type, Dims.sizes(t, mask, true));
        if (c.isOnDevice()) CudaReduce.run(c, CudaReduce.norm(a.float64(1)), a.float64(1), t, mask, norms);
        else new Reduction(t, mask).run(c.threads(), () -> NormOps.fold(a.float64(1)), norms);
        double limit = a.float64(3);
        Expr norm = new Expr.Load(0, type);
        Expr scaled = Expr.constant(limit, norm.type()).div(norm.add(1e-7));
        Tensor factors = c.empty(t.dtype(), norms.sizes());
        Elementwise.apply(c, norm.gt(limit).select(scaled, Expr.constant(1, norm.type())), factors, norms);
        Elementwise.copy(c, c.tensor("aten::mul.Tensor", t, factors), out);
        return out;
    }
}
