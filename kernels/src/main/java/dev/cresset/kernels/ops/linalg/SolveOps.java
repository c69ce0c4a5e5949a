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
import dev.cresset.tensor.Views;
import java.util.Arrays;

/** Determinants, inverses and linear systems through LU factors. */
final class SolveOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareDeterminants(ops);
        ops.op("aten::linalg_inv(Tensor A) -> Tensor").kernel(a -> square(a, "linalg.inv"), (a, out) -> inverse(a, out, null, "linalg.inv"))
            .out();
        ops.op("aten::inverse(Tensor self) -> Tensor").kernel(a -> square(a, "inverse"), (a, out) -> inverse(a, out, null, "linalg.inv")).out();
        ops.op("aten::linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)").kernels(
            a -> new Meta[] {square(a, "linalg.inv"), info(a)},
            (a, out) -> inverse(a, out[0], out[1], a.bool(1) ? "linalg.inv_ex" : null));
        declareSystems(ops);
        declareLu(ops);
    }

    private static void declareDeterminants(Catalog ops) {
        for (String name : new String[] {"linalg_det(Tensor A)", "det(Tensor self)"}) {
            ops.op("aten::" + name + " -> Tensor").kernel(a -> perMatrix(a, a.tensor(0).dtype(), "linalg.det"), (a, out) -> each(a, b -> {
                double[] d = lu(a, b).determinant();
                writeNumber(out, b, d[0], d[1]);
            }));
        }
        for (String name : new String[] {"linalg_slogdet(Tensor A)", "slogdet(Tensor self)"}) {
            ops.op("aten::" + name + " -> (Tensor sign, Tensor logabsdet)").kernels(
                a -> new Meta[] {perMatrix(a, a.tensor(0).dtype(), "linalg.slogdet"), perMatrix(a, a.tensor(0).dtype().toReal(), "linalg.slogdet")},
                (a, out) -> each(a, b -> {
                    double[] s = lu(a, b).signAndLog();
                    writeNumber(out[0], b, s[0], s[1]);
                    writeNumber(out[1], b, s[2], 0);
                }));
        }
        ops.op("aten::logdet(Tensor self) -> Tensor").kernel(a -> perMatrix(a, a.tensor(0).dtype(), "logdet"), (a, out) -> each(a, b -> {
            double[] s = lu(a, b).signAndLog();
            if (out.dtype().isComplex()) writeNumber(out, b, s[2], Math.atan2(s[1], s[0]));
            else writeNumber(out, b, s[0] < 0 ? Double.NaN : s[2], 0);
        }));
    }

    private static void declareSystems(Catalog ops) {
        ops.op("aten::linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor")
            .composite(a -> solve(a.context(), a.tensor(0), a.tensor(1), a.bool(2), null, "linalg.solve"));
        ops.op("aten::linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)")
            .composite(a -> {
                Tensor info = a.context().zeros(ScalarType.INT32, Batches.shape(a.tensor(0)));
                return new Object[] {solve(a.context(), a.tensor(0), a.tensor(1), a.bool(2), info, a.bool(3) ? "linalg.solve_ex" : null), info};
            });
        ops.op("aten::linalg_tensorsolve(Tensor self, Tensor other, int[]? dims=None) -> Tensor").composite(SolveOps::tensorSolve);
        ops.op("aten::linalg_tensorinv(Tensor self, int ind=2) -> Tensor").composite(SolveOps::tensorInverse);
    }

    private static void declareLu(Catalog ops) {
        ops.op("aten::linalg_lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)").kernels(
            a -> new Meta[] {whole(a), pivots(a)}, (a, out) -> factor(a, out[0], out[1], null, true));
        ops.op("aten::linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)")
            .kernels(a -> new Meta[] {whole(a), pivots(a), info(a)}, (a, out) -> factor(a, out[0], out[1], out[2], a.bool(2)));
        ops.op("aten::_lu_with_info(Tensor self, bool pivot=True, bool check_errors=True) -> (Tensor LU, Tensor pivots, Tensor info)")
            .kernels(a -> new Meta[] {whole(a), pivots(a), info(a)}, (a, out) -> factor(a, out[0], out[1], out[2], a.bool(2)));
        ops.op("aten::linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)").kernels(a -> {
            int k = Math.min(Batches.rows(a.tensor(0)), Batches.cols(a.tensor(0)));
            return parts(a, k, a.bool(1));
        }, (a, out) -> each(a, b -> {
            Lu lu = new Lu(Batches.read(a.tensor(0), Batches.shape(a.tensor(0)), b), a.bool(1));
            if (a.bool(1)) Batches.write(lu.permutation(), out[0], b);
            Batches.write(lu.lower(), out[1], b);
            Batches.write(lu.upper(), out[2], b);
        }));
        ops.op("aten::lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True)"
            + " -> (Tensor P, Tensor L, Tensor U)").composite(SolveOps::unpack);
        ops.op("aten::linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor")
            .composite(a -> luSolve(a.context(), a.tensor(0), a.tensor(1), a.tensor(2), a.bool(3), a.bool(4)));
        ops.op("aten::lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor")
            .composite(a -> luSolve(a.context(), a.tensor(1), a.tensor(2), a.tensor(0), true, false));
    }

    // ---- shapes

    static Meta square(Args a, String name) {
        Batches.checkSquare(a.tensor(0), name);
        return whole(a);
    }

    private static Meta whole(Args a) {
        Batches.checkMatrix(a.tensor(0), "linalg", "A");
        return Meta.of(a.tensor(0).dtype(), a.tensor(0).sizes());
    }

    static Meta info(Args a) { return Meta.of(ScalarType.INT32, Batches.shape(a.tensor(0))); }

    private static Meta pivots(Args a) {
        Tensor t = a.tensor(0);
        return Meta.of(ScalarType.INT32, Batches.with(Batches.shape(t), Math.min(t.size(-1), t.size(-2))));
    }

    private static Meta perMatrix(Args a, ScalarType type, String name) {
        Batches.checkSquare(a.tensor(0), name);
        return Meta.of(type, Batches.shape(a.tensor(0)));
    }

    private static Meta[] parts(Args a, int k, boolean pivot) {
        Tensor t = a.tensor(0);
        whole(a);
        long[] batch = Batches.shape(t);
        return new Meta[] {pivot ? Meta.of(t.dtype(), Batches.with(batch, t.size(-2), t.size(-2))) : Meta.of(t.dtype(), 0),
            Meta.of(t.dtype(), Batches.with(batch, t.size(-2), k)), Meta.of(t.dtype(), Batches.with(batch, k, t.size(-1)))};
    }

    // ---- kernels

    private static void each(Args a, java.util.function.IntConsumer body) {
        Batches.each(a.context(), Batches.shape(a.tensor(0)), body);
    }

    private static Lu lu(Args a, int b) { return new Lu(Batches.read(a.tensor(0), Batches.shape(a.tensor(0)), b), true); }

    static void writeNumber(Tensor out, int b, double re, double im) {
        Matrix m = new Matrix(1, 1, out.dtype().isComplex());
        m.set(0, 0, re, im);
        Batches.write(m, out, b);
    }

    /** @param name of the function that refuses singular matrices, or null to only report them in info */
    private static void inverse(Args a, Tensor out, Tensor info, String name) {
        each(a, b -> {
            Lu lu = lu(a, b);
            if (info != null) Batches.write(lu.info, info, b);
            if (name != null) checkRegular(lu, name, a.tensor(0), b);
            Batches.write(lu.solve(Matrix.identity(lu.lu.rows, lu.lu.isComplex())), out, b);
        });
    }

    private static void checkRegular(Lu lu, String name, Tensor a, int b) {
        if (lu.info == 0) return;
        String which = a.dim() > 2 ? "(Batch element " + b + "): " : "";
        if (name.startsWith("linalg.inv")) {
            throw new ScriptError("_LinAlgError", name + ": " + which + "The diagonal element " + lu.info
                + " is zero, the inversion could not be completed because the input matrix is singular.");
        }
        throw new ScriptError("_LinAlgError", name + ": " + which + "The solver failed because the input matrix is singular.");
    }

    /** X of A X = B, or of X A = B. B is a batch of vectors if it has A's shape without the last dimension. */
    static Tensor solve(CallContext c, Tensor a, Tensor b, boolean left, Tensor info, String name) {
        Batches.checkSquare(a, "linalg.solve");
        Batches.sameType(a, b, "linalg.solve");
        boolean vector = isVector(a, b);
        if (vector && !left) throw new ScriptError("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False");
        Tensor right = vector ? Views.unsqueeze(b, -1) : b;
        checkRight(a, right, left, "linalg.solve");
        long[] batch = Shapes.broadcast(Batches.shape(a), Batches.shape(right));
        Tensor out = c.empty(a.dtype(), Batches.with(batch, right.size(-2), right.size(-1)));
        boolean own = Arrays.equals(batch, Batches.shape(a));
        Batches.each(c, batch, i -> {
            Matrix m = Batches.read(a, batch, i);
            Matrix r = Batches.read(right, batch, i);
            Lu lu = new Lu(left ? m : m.transpose(), true);
            if (info != null && own) Batches.write(lu.info, info, i);
            if (name != null) checkRegular(lu, name, a, i);
            Batches.write(left ? lu.solve(r) : lu.solve(r.transpose()).transpose(), out, i);
        });
        return vector ? Views.squeeze(out, -1) : out;
    }

    static boolean isVector(Tensor a, Tensor b) {
        return b.dim() == 1 || a.dim() - 1 == b.dim() && Arrays.equals(b.sizes(), Arrays.copyOf(a.sizes(), a.dim() - 1));
    }

    static void checkRight(Tensor a, Tensor b, boolean left, String name) {
        if (b.dim() < 2) throw new ScriptError(name + ": The input tensor B must have at least 2 dimensions.");
        long given = b.size(left ? -2 : -1);
        if (given == a.size(-2)) return;
        throw new ScriptError(name + ": Incompatible shapes of A and B for the equation " + (left ? "AX = B" : "XA = B") + " ("
            + a.size(-2) + "x" + a.size(-1) + " and " + b.size(-2) + "x" + b.size(-1) + ")");
    }

    private static void factor(Args a, Tensor lu, Tensor pivots, Tensor info, boolean check) {
        each(a, b -> {
            Lu f = new Lu(Batches.read(a.tensor(0), Batches.shape(a.tensor(0)), b), a.bool(1));
            if (info != null) Batches.write(f.info, info, b);
            if (check && f.info != 0) {
                throw new ScriptError("_LinAlgError", "linalg.lu_factor: U[" + f.info + "," + f.info
                    + "] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the "
                    + "factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)");
            }
            Batches.write(f.lu, lu, b);
            Batches.write(f.pivots, pivots, b, 1);
        });
    }

    private static int[] pivots(Tensor t, long[] batch, int b) {
        Matrix p = Batches.readVector(t, batch, b);
        int[] out = new int[p.rows];
        for (int i = 0; i < out.length; i++) out[i] = (int) p.re(i, 0) - 1;
        return out;
    }

    private static Object unpack(Args a) {
        Tensor data = a.tensor(0);
        long[] batch = Batches.shape(data);
        Meta[] metas = parts(a, (int) Math.min(data.size(-2), data.size(-1)), a.bool(3));
        CallContext c = a.context();
        Tensor p = c.empty(metas[0]);
        Tensor l = a.bool(2) ? c.empty(metas[1]) : c.empty(data.dtype(), 0);
        Tensor u = a.bool(2) ? c.empty(metas[2]) : c.empty(data.dtype(), 0);
        Batches.each(c, batch, b -> {
            Lu lu = Lu.of(Batches.read(data, batch, b), pivots(a.tensor(1), batch, b));
            if (a.bool(3)) Batches.write(lu.permutation(), p, b);
            if (!a.bool(2)) return;
            Batches.write(lu.lower(), l, b);
            Batches.write(lu.upper(), u, b);
        });
        return new Object[] {p, l, u};
    }

    private static Tensor luSolve(CallContext c, Tensor lu, Tensor pivots, Tensor b, boolean left, boolean adjoint) {
        Batches.checkSquare(lu, "linalg.lu_solve");
        Batches.sameType(lu, b, "linalg.lu_solve");
        checkRight(lu, b, left, "linalg.lu_solve");
        long[] batch = Shapes.broadcast(Batches.shape(lu), Batches.shape(b));
        Tensor out = c.empty(lu.dtype(), Batches.with(batch, b.size(-2), b.size(-1)));
        Batches.each(c, batch, i -> {
            Lu f = Lu.of(Batches.read(lu, batch, i), pivots(pivots, batch, i));
            Matrix r = Batches.read(b, batch, i);
            // X A = B is Aᴴ Xᴴ = Bᴴ
            Matrix x = left ? (adjoint ? f.solveAdjoint(r) : f.solve(r))
                : (adjoint ? f.solve(r.adjoint()) : f.solveAdjoint(r.adjoint())).adjoint();
            Batches.write(x, out, i);
        });
        return out;
    }

    private static Object tensorSolve(Args a) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        if (!a.isNone(2)) {
            long[] dims = a.longs(2);
            long[] last = new long[dims.length];
            for (int i = 0; i < last.length; i++) last[i] = t.dim() - last.length + i;
            t = c.tensor("aten::movedim.intlist", t, dims, last);
        }
        Tensor other = a.tensor(1);
        long[] shape = Arrays.copyOfRange(t.sizes(), other.dim(), t.dim());
        long n = Shapes.numel(shape);
        if (n != Shapes.numel(Arrays.copyOf(t.sizes(), other.dim()))) {
            throw new ScriptError("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), got "
                + Arrays.toString(t.sizes()));
        }
        Tensor x = solve(c, c.tensor("aten::reshape", t, new long[] {n, n}), c.tensor("aten::reshape", other, new long[] {n}), true, null,
            "linalg.solve");
        return c.call("aten::reshape", x, shape);
    }

    private static Object tensorInverse(Args a) {
        CallContext c = a.context();
        Tensor t = a.tensor(0);
        int ind = a.int32(1);
        if (ind <= 0) throw new ScriptError("Expected a strictly positive integer for 'ind'");
        long[] tail = Arrays.copyOfRange(t.sizes(), Math.min(ind, t.dim()), t.dim());
        long[] head = Arrays.copyOf(t.sizes(), Math.min(ind, t.dim()));
        long n = Shapes.numel(tail);
        if (n != Shapes.numel(head)) {
            throw new ScriptError("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), got "
                + Arrays.toString(t.sizes()));
        }
        Tensor inverse = c.tensor("aten::linalg_inv", c.tensor("aten::reshape", t, new long[] {n, n}));
        return c.call("aten::reshape", inverse, Batches.with(tail, head));
    }
}
