package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** What singular values tell: ranks, condition numbers, pseudo-inverses, least squares. */
final class RankOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareRank(ops);
        declarePinv(ops);
        ops.op("aten::linalg_cond(Tensor self, Scalar? p=None) -> Tensor")
            .composite(a -> condition(a.context(), a.tensor(0), a.isNone(1) ? (Object) 2L : a.get(1)));
        ops.op("aten::linalg_cond.p_str(Tensor self, str p) -> Tensor").composite(a -> condition(a.context(), a.tensor(0), a.get(1)));
        ops.op("aten::linalg_lstsq(Tensor self, Tensor b, float? rcond=None, *, str? driver=None)"
            + " -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)").composite(RankOps::leastSquares);
    }

    private static void declareRank(Catalog ops) {
        ops.op("aten::linalg_matrix_rank(Tensor self, float tol, bool hermitian=False) -> Tensor")
            .composite(a -> rank(a, new Bounds(a.tensor(0), a.get(1), 0.0)));
        ops.op("aten::linalg_matrix_rank.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor")
            .composite(a -> rank(a, new Bounds(a.tensor(0), a.get(1), a.get(2))));
        ops.op("aten::linalg_matrix_rank.atol_rtol_tensor(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor")
            .composite(a -> rank(a, new Bounds(a.tensor(0), a.get(1), a.get(2))));
        ops.op("aten::linalg_matrix_rank.tol_tensor(Tensor input, Tensor tol, bool hermitian=False) -> Tensor")
            .composite(a -> rank(a, new Bounds(a.tensor(0), a.get(1), 0.0)));
    }

    private static void declarePinv(Catalog ops) {
        ops.op("aten::linalg_pinv(Tensor self, float rcond, bool hermitian=False) -> Tensor")
            .composite(a -> pinv(a, new Bounds(a.tensor(0), 0.0, a.get(1)), a.bool(2)));
        ops.op("aten::linalg_pinv.atol_rtol_float(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor")
            .composite(a -> pinv(a, new Bounds(a.tensor(0), a.get(1), a.get(2)), a.bool(3)));
        ops.op("aten::linalg_pinv.atol_rtol_tensor(Tensor self, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor")
            .composite(a -> pinv(a, new Bounds(a.tensor(0), a.get(1), a.get(2)), a.bool(3)));
        ops.op("aten::linalg_pinv.rcond_tensor(Tensor self, Tensor rcond, bool hermitian=False) -> Tensor")
            .composite(a -> pinv(a, new Bounds(a.tensor(0), 0.0, a.get(1)), a.bool(2)));
        ops.op("aten::pinverse(Tensor self, float rcond=1.0000000000000001e-15) -> Tensor")
            .composite(a -> pinv(a, new Bounds(a.tensor(0), 0.0, a.get(1)), false));
    }

    /** Below which singular value a direction does not count; each a number, a tensor with one for each matrix, or null. */
    private record Bounds(Tensor of, Object atol, Object rtol) {
        double bound(long[] batch, int b, double largest) {
            double absolute = atol == null ? 0 : value(atol, batch, b);
            double relative = rtol != null ? value(rtol, batch, b)
                : absolute > 0 ? 0 : Math.max(of.size(-1), of.size(-2)) * epsilon(of.dtype());
            return Math.max(absolute, relative * largest);
        }

        private static double value(Object bound, long[] batch, int b) {
            if (bound instanceof Number n) return n.doubleValue();
            Tensor t = (Tensor) bound;
            return Batches.read(Views.unsqueeze(Views.unsqueeze(t, -1), -1), batch, b).re(0, 0);
        }
    }

    static double epsilon(ScalarType type) { return type.toReal() == ScalarType.FLOAT64 ? 0x1p-52 : 0x1p-23; }

    private static Object rank(Args a, Bounds bounds) {
        Tensor t = a.tensor(0);
        Batches.checkMatrix(t, "linalg.matrix_rank", "A");
        long[] batch = Batches.shape(t);
        Tensor out = a.context().empty(ScalarType.INT64, batch);
        Batches.each(a.context(), batch, b -> {
            double[] s = Jacobi.svd(Batches.read(t, batch, b)).s();
            double bound = s.length == 0 ? 0 : bounds.bound(batch, b, s[0]);
            long count = 0;
            for (double v : s) if (v > bound) count++;
            Batches.write(count, out, b);
        });
        return out;
    }

    private static Object pinv(Args a, Bounds bounds, boolean hermitian) {
        Tensor t = a.tensor(0);
        Batches.checkMatrix(t, "linalg.pinv", "A");
        if (hermitian) Batches.checkSquare(t, "linalg.pinv");
        long[] batch = Batches.shape(t);
        Tensor out = a.context().empty(t.dtype(), Batches.with(batch, t.size(-1), t.size(-2)));
        Batches.each(a.context(), batch, b -> {
            Jacobi.Svd svd = Jacobi.svd(Batches.read(t, batch, b));
            double bound = svd.s().length == 0 ? 0 : bounds.bound(batch, b, svd.s()[0]);
            Batches.write(inverse(svd, bound), out, b);
        });
        return out;
    }

    /** V S⁻¹ Uᴴ without the singular values up to a bound. */
    private static Matrix inverse(Jacobi.Svd svd, double bound) {
        Matrix v = svd.v().copy();
        for (int j = 0; j < v.cols; j++) {
            double s = svd.s()[j];
            for (int i = 0; i < v.rows; i++) {
                if (s > bound) v.divide(i, j, s, 0);
                else v.set(i, j, 0, 0);
            }
        }
        return v.times(svd.u().adjoint());
    }

    private static Tensor condition(CallContext c, Tensor t, Object p) {
        Batches.checkMatrix(t, "linalg.cond", "A");
        if (p instanceof Number n && Math.abs(n.doubleValue()) == 2) {
            Tensor s = c.tensor("aten::linalg_svdvals", t);
            Tensor first = Views.slice(s, -1, 0, 1, 1);
            Tensor last = Views.slice(s, -1, s.size(-1) - 1, s.size(-1), 1);
            boolean inverse = n.doubleValue() < 0;
            return Views.squeeze(c.tensor("aten::div.Tensor", inverse ? last : first, inverse ? first : last), -1);
        }
        Batches.checkSquare(t, "linalg.cond");
        String norm = p instanceof String ? "aten::linalg_matrix_norm.str_ord" : "aten::linalg_matrix_norm";
        Tensor inverse = (Tensor) ((Object[]) c.call("aten::linalg_inv_ex", t))[0];
        return c.tensor("aten::mul.Tensor", c.tensor(norm, t, p), c.tensor(norm, inverse, p));
    }

    private static Object leastSquares(Args a) {
        Tensor t = a.tensor(0);
        Tensor b = a.tensor(1);
        CallContext c = a.context();
        Batches.checkMatrix(t, "linalg.lstsq", "input");
        Batches.sameType(t, b, "torch.linalg.lstsq");
        String driver = a.isNone(3) ? "gelsy" : a.str(3);
        boolean vector = SolveOps.isVector(t, b);
        Tensor right = vector ? Views.unsqueeze(b, -1) : b;
        if (right.size(-2) != t.size(-2)) throw new ScriptError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)");
        long[] batch = Shapes.broadcast(Batches.shape(t), Batches.shape(right));
        long n = t.size(-1);
        long m = t.size(-2);
        double rcond = a.isNone(2) ? Math.max(m, n) * epsilon(t.dtype()) : a.float64(2);
        Tensor x = c.empty(t.dtype(), Batches.with(batch, n, right.size(-1)));
        Tensor residuals = c.empty(t.dtype().toReal(), Batches.with(batch, right.size(-1)));
        Tensor ranks = c.empty(ScalarType.INT64, batch);
        Tensor values = c.empty(t.dtype().toReal(), Batches.with(batch, Math.min(m, n)));
        boolean[] full = new boolean[Batches.count(batch)];
        Batches.each(c, batch, i -> {
            Matrix matrix = Batches.read(t, batch, i);
            Matrix y = Batches.read(right, batch, i);
            Jacobi.Svd svd = Jacobi.svd(matrix);
            double bound = driver.equals("gels") || svd.s().length == 0 ? 0 : rcond * svd.s()[0];
            Matrix solution = inverse(svd, bound).times(y);
            long rank = java.util.Arrays.stream(svd.s()).filter(s -> s > bound).count();
            full[i] = rank == n;
            Batches.write(solution, x, i);
            Batches.write(rank, ranks, i);
            Batches.write(svd.s(), values, i);
            Matrix rest = y.plus(matrix.times(solution), -1);
            double[] sums = new double[rest.cols];
            for (int j = 0; j < sums.length; j++) sums[j] = Math.pow(rest.columnNorm(j, 0), 2);
            Batches.write(sums, residuals, i);
        });
        boolean all = true;
        for (boolean f : full) all &= f;
        boolean withResiduals = m > n && !driver.equals("gelsy") && (all || driver.equals("gels"));
        boolean withValues = driver.equals("gelsd") || driver.equals("gelss");
        return new Object[] {vector ? Views.squeeze(x, -1) : x,
            withResiduals ? residuals : c.empty(t.dtype().toReal(), 0),
            driver.equals("gels") ? c.empty(ScalarType.INT64, 0) : ranks,
            withValues ? values : c.empty(t.dtype().toReal(), 0)};
    }
}
