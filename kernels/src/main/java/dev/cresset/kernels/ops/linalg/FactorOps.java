package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;

/** Cholesky and QR factors, and triangular systems. */
final class FactorOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareCholesky(ops);
        declareTriangular(ops);
        declareQr(ops);
    }

    private static void declareCholesky(Catalog ops) {
        ops.op("aten::linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor")
            .kernel(a -> SolveOps.square(a, "linalg.cholesky"), (a, out) -> cholesky(a, out, null, "linalg.cholesky")).out();
        ops.op("aten::cholesky(Tensor self, bool upper=False) -> Tensor")
            .kernel(a -> SolveOps.square(a, "cholesky"), (a, out) -> cholesky(a, out, null, "cholesky"));
        ops.op("aten::linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)")
            .kernels(a -> new Meta[] {SolveOps.square(a, "linalg.cholesky_ex"), SolveOps.info(a)},
                (a, out) -> cholesky(a, out[0], out[1], a.bool(2) ? "linalg.cholesky_ex" : null));
        ops.op("aten::cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor").composite(FactorOps::choleskySolve);
        ops.op("aten::cholesky_inverse(Tensor self, bool upper=False) -> Tensor").kernel(a -> SolveOps.square(a, "cholesky_inverse"),
            (a, out) -> Batches.each(a.context(), Batches.shape(a.tensor(0)), b -> {
                Matrix l = lower(Batches.read(a.tensor(0), Batches.shape(a.tensor(0)), b), a.bool(1));
                Batches.write(solveCholesky(l, Matrix.identity(l.rows, l.isComplex())), out, b);
            }));
    }

    private static void declareTriangular(Catalog ops) {
        ops.op("aten::linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor")
            .composite(a -> triangular(a.context(), a.tensor(0), a.tensor(1), a.bool(2), a.bool(3), a.bool(4), false));
        ops.op("aten::triangular_solve(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False)"
            + " -> (Tensor solution, Tensor cloned_coefficient)").composite(a -> new Object[] {
                triangular(a.context(), a.tensor(1), a.tensor(0), a.bool(2), true, a.bool(4), a.bool(3)),
                a.context().call("aten::clone", a.tensor(1))});
    }

    private static void declareQr(Catalog ops) {
        ops.op("aten::linalg_qr(Tensor A, str mode=\"reduced\") -> (Tensor Q, Tensor R)").kernels(a -> qrMeta(a, a.str(1)),
            (a, out) -> qr(a, out, a.str(1).equals("r")));
        ops.op("aten::qr(Tensor self, bool some=True) -> (Tensor Q, Tensor R)").kernels(
            a -> qrMeta(a, a.bool(1) ? "reduced" : "complete"), (a, out) -> qr(a, out, false));
        ops.op("aten::geqrf(Tensor self) -> (Tensor a, Tensor tau)").kernels(a -> {
            Tensor t = a.tensor(0);
            Batches.checkMatrix(t, "geqrf", "self");
            return new Meta[] {Meta.of(t.dtype(), t.sizes()),
                Meta.of(t.dtype(), Batches.with(Batches.shape(t), Math.min(t.size(-1), t.size(-2))))};
        }, (a, out) -> Batches.each(a.context(), Batches.shape(a.tensor(0)), b -> {
            Householder h = new Householder(Batches.read(a.tensor(0), Batches.shape(a.tensor(0)), b));
            Batches.write(h.packed, out[0], b);
            Batches.write(h.tau, out[1], b);
        }));
        ops.op("aten::linalg_householder_product(Tensor input, Tensor tau) -> Tensor").kernel(FactorOps::likeFirst, FactorOps::product).out();
        ops.op("aten::orgqr(Tensor self, Tensor input2) -> Tensor").kernel(FactorOps::likeFirst, FactorOps::product).out();
        ops.op("aten::ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor").kernel(
            a -> Meta.of(a.tensor(2).dtype(), a.tensor(2).sizes()), (a, out) -> {
                long[] batch = Batches.shape(a.tensor(0));
                Batches.each(a.context(), batch, b -> {
                    Householder h = new Householder(Batches.read(a.tensor(0), batch, b), Batches.readVector(a.tensor(1), batch, b));
                    Matrix m = Batches.read(a.tensor(2), batch, b);
                    // C Q is (Qᴴ Cᴴ)ᴴ
                    Batches.write(a.bool(3) ? h.multiply(m, a.bool(4)) : h.multiply(m.adjoint(), !a.bool(4)).adjoint(), out, b);
                });
            });
    }

    /** @param name of the function that refuses other matrices, or null to only report them in info */
    private static void cholesky(Args a, Tensor out, Tensor info, String name) {
        Tensor t = a.tensor(0);
        long[] batch = Batches.shape(t);
        boolean upper = a.bool(1);
        Batches.each(a.context(), batch, b -> {
            Matrix m = Batches.read(t, batch, b);
            Matrix l = upper ? m.adjoint() : m;
            int failed = Triangular.cholesky(l);
            if (info != null) Batches.write(failed, info, b);
            if (failed != 0 && name != null) {
                throw new ScriptError("_LinAlgError", name + ": " + (t.dim() > 2 ? "(Batch element " + b + "): " : "")
                    + "The factorization could not be completed because the input is not positive-definite (the leading minor of order "
                    + failed + " is not positive-definite).");
            }
            l = l.triangle(false);
            Batches.write(upper ? l.adjoint() : l, out, b);
        });
    }

    private static Matrix lower(Matrix factor, boolean upper) { return upper ? factor.adjoint() : factor; }

    private static Matrix solveCholesky(Matrix l, Matrix b) {
        Matrix x = b.copy();
        Triangular.solve(l, x, false, false);
        Triangular.solve(l.adjoint(), x, true, false);
        return x;
    }

    private static Object choleskySolve(Args a) {
        Tensor b = a.tensor(0);
        Tensor factor = a.tensor(1);
        Batches.checkSquare(factor, "cholesky_solve");
        Batches.sameType(factor, b, "cholesky_solve");
        SolveOps.checkRight(factor, b, true, "cholesky_solve");
        long[] batch = Shapes.broadcast(Batches.shape(b), Batches.shape(factor));
        Tensor out = a.context().empty(b.dtype(), Batches.with(batch, b.size(-2), b.size(-1)));
        Batches.each(a.context(), batch, i -> Batches.write(
            solveCholesky(lower(Batches.read(factor, batch, i), a.bool(2)), Batches.read(b, batch, i)), out, i));
        return out;
    }

    private static Tensor triangular(CallContext c, Tensor t, Tensor b, boolean upper, boolean left, boolean unit, boolean transpose) {
        Batches.checkSquare(t, "linalg.solve_triangular");
        Batches.sameType(t, b, "linalg.solve_triangular");
        SolveOps.checkRight(t, b, left, "linalg.solve_triangular");
        long[] batch = Shapes.broadcast(Batches.shape(t), Batches.shape(b));
        Tensor out = c.empty(b.dtype(), Batches.with(batch, b.size(-2), b.size(-1)));
        boolean turned = transpose != !left;
        Batches.each(c, batch, i -> {
            Matrix m = Batches.read(t, batch, i);
            Matrix x = Batches.read(b, batch, i);
            if (!left) x = x.transpose();
            Triangular.solve(turned ? m.transpose() : m, x, upper != turned, unit);
            Batches.write(left ? x : x.transpose(), out, i);
        });
        return out;
    }

    private static Meta[] qrMeta(Args a, String mode) {
        Tensor t = a.tensor(0);
        Batches.checkMatrix(t, "linalg.qr", "A");
        long m = t.size(-2);
        long n = t.size(-1);
        long k = switch (mode) {
            case "complete" -> m;
            case "reduced", "r" -> Math.min(m, n);
            default -> throw new ScriptError("qr received unrecognized mode '" + mode
                + "' but expected one of 'reduced' (default), 'r', or 'complete'");
        };
        long[] batch = Batches.shape(t);
        return new Meta[] {mode.equals("r") ? Meta.of(t.dtype(), 0) : Meta.of(t.dtype(), Batches.with(batch, m, k)),
            Meta.of(t.dtype(), Batches.with(batch, k, n))};
    }

    private static void qr(Args a, Tensor[] out, boolean onlyR) {
        Tensor t = a.tensor(0);
        long[] batch = Batches.shape(t);
        Batches.each(a.context(), batch, b -> {
            Householder h = new Householder(Batches.read(t, batch, b));
            if (!onlyR) Batches.write(h.q((int) out[0].size(-1)), out[0], b);
            Batches.write(h.r((int) out[1].size(-2)), out[1], b);
        });
    }

    private static Meta likeFirst(Args a) {
        Batches.checkMatrix(a.tensor(0), "linalg.householder_product", "input");
        return Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes());
    }

    private static void product(Args a, Tensor out) {
        long[] batch = Batches.shape(a.tensor(0));
        Batches.each(a.context(), batch, b -> {
            Householder h = new Householder(Batches.read(a.tensor(0), batch, b), Batches.readVector(a.tensor(1), batch, b));
            Batches.write(h.q(h.packed.cols), out, b);
        });
    }
}
