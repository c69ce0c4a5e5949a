package dev.cresset.kernels.ops.linalg;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;

/** Singular values, eigenvalues, and the vectors that belong to them. */
final class SpectralOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        declareSvd(ops);
        declareEigen(ops);
    }

    private static void declareSvd(Catalog ops) {
        ops.op("aten::linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)")
            .composite(a -> svd(a, a.bool(1), true, true));
        ops.op("aten::_linalg_svd(Tensor A, bool full_matrices=False, bool compute_uv=True, *, str? driver=None)"
            + " -> (Tensor U, Tensor S, Tensor Vh)").composite(a -> svd(a, a.bool(1), a.bool(2), true));
        ops.op("aten::linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor").composite(a -> svd(a, false, false, true)[1]);
        ops.op("aten::svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)")
            .composite(SpectralOps::oldSvd);
    }

    private static void declareEigen(Catalog ops) {
        ops.op("aten::linalg_eigh(Tensor self, str UPLO=\"L\") -> (Tensor eigenvalues, Tensor eigenvectors)")
            .composite(a -> hermitian(a, true, isUpper(a.str(1))));
        ops.op("aten::_linalg_eigh(Tensor A, str UPLO=\"L\", bool compute_v=True) -> (Tensor eigenvalues, Tensor eigenvectors)")
            .composite(a -> hermitian(a, a.bool(2), isUpper(a.str(1))));
        ops.op("aten::linalg_eigvalsh(Tensor self, str UPLO=\"L\") -> Tensor").composite(a -> hermitian(a, false, isUpper(a.str(1)))[0]);
        ops.op("aten::symeig(Tensor self, bool eigenvectors=False, bool upper=True) -> (Tensor eigenvalues, Tensor eigenvectors)")
            .composite(a -> hermitian(a, a.bool(1), a.bool(2)));
        ops.op("aten::linalg_eig(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)")
            .kernels(a -> eigenMeta(a, true), SpectralOps::eigen);
        ops.op("aten::linalg_eigvals(Tensor self) -> Tensor").kernels(a -> eigenMeta(a, false), SpectralOps::eigen);
    }

    /** U, S and Vᴴ; U and Vᴴ empty if they are not wanted. */
    private static Object[] svd(Args a, boolean full, boolean vectors, boolean adjoint) {
        Tensor t = a.tensor(0);
        CallContext c = a.context();
        Batches.checkMatrix(t, "linalg.svd", "A");
        long[] batch = Batches.shape(t);
        int m = Batches.rows(t);
        int n = Batches.cols(t);
        int k = Math.min(m, n);
        int left = full ? m : k;
        int right = full ? n : k;
        Tensor u = vectors ? c.empty(t.dtype(), Batches.with(batch, m, left)) : c.empty(t.dtype(), 0);
        Tensor s = c.empty(t.dtype().toReal(), Batches.with(batch, k));
        Tensor v = !vectors ? c.empty(t.dtype(), 0) : c.empty(t.dtype(), adjoint ? Batches.with(batch, right, n) : Batches.with(batch, n, right));
        Batches.each(c, batch, b -> {
            Matrix x = Batches.read(t, batch, b);
            if (x.hasNaN()) {
                throw new ScriptError("_LinAlgError", "linalg.svd: The algorithm failed to converge because the input matrix contained "
                    + "non-finite values.");
            }
            Jacobi.Svd svd = Jacobi.svd(x);
            Batches.write(svd.s(), s, b);
            if (!vectors) return;
            Batches.write(Jacobi.complete(svd.u(), k, left), u, b);
            Matrix w = Jacobi.complete(svd.v(), k, right);
            Batches.write(adjoint ? w.adjoint() : w, v, b);
        });
        return new Object[] {u, s, v};
    }

    /** With V instead of its adjoint, and zeros for vectors not wanted. */
    private static Object oldSvd(Args a) {
        Object[] out = svd(a, !a.bool(1), a.bool(2), false);
        if (a.bool(2)) return out;
        Tensor t = a.tensor(0);
        out[0] = a.context().zeros(t.dtype(), Batches.with(Batches.shape(t), t.size(-2), t.size(-2)));
        out[2] = a.context().zeros(t.dtype(), Batches.with(Batches.shape(t), t.size(-1), t.size(-1)));
        return out;
    }

    private static boolean isUpper(String uplo) {
        return switch (uplo) {
            case "U", "u" -> true;
            case "L", "l" -> false;
            default -> throw new ScriptError("Expected UPLO argument to be 'L' or 'U', but got " + uplo);
        };
    }

    private static Object[] hermitian(Args a, boolean vectors, boolean upper) {
        Tensor t = a.tensor(0);
        CallContext c = a.context();
        Batches.checkSquare(t, "linalg.eigh");
        long[] batch = Batches.shape(t);
        int n = Batches.rows(t);
        Tensor values = c.empty(t.dtype().toReal(), Batches.with(batch, n));
        Tensor out = vectors ? c.empty(t.dtype(), t.sizes()) : c.empty(t.dtype(), 0);
        Batches.each(c, batch, b -> {
            Matrix x = mirrored(Batches.read(t, batch, b), upper);
            if (x.hasNaN()) {
                throw new ScriptError("_LinAlgError", "linalg.eigh: The algorithm failed to converge because the input matrix is "
                    + "ill-conditioned or has non-finite values.");
            }
            Jacobi.Eigen e = Jacobi.hermitian(x);
            Batches.write(e.values(), values, b);
            if (vectors) Batches.write(e.vectors(), out, b);
        });
        return new Object[] {values, out};
    }

    /** The Hermitian matrix of which one triangle is given. */
    private static Matrix mirrored(Matrix m, boolean upper) {
        for (int i = 0; i < m.rows; i++) {
            m.set(i, i, m.re(i, i), 0);
            for (int j = 0; j < i; j++) {
                if (upper) m.set(i, j, m.re(j, i), -m.im(j, i));
                else m.set(j, i, m.re(i, j), -m.im(i, j));
            }
        }
        return m;
    }

    private static Meta[] eigenMeta(Args a, boolean vectors) {
        Tensor t = a.tensor(0);
        Batches.checkSquare(t, "linalg.eig");
        ScalarType type = t.dtype().toComplex();
        Meta values = Meta.of(type, Batches.with(Batches.shape(t), t.size(-1)));
        return vectors ? new Meta[] {values, Meta.of(type, t.sizes())} : new Meta[] {values};
    }

    private static void eigen(Args a, Tensor[] out) {
        Tensor t = a.tensor(0);
        long[] batch = Batches.shape(t);
        Batches.each(a.context(), batch, b -> {
            Schur.Eigen e = Schur.eigen(Batches.read(t, batch, b));
            Batches.write(e.values(), out[0], b);
            if (out.length > 1) Batches.write(e.vectors(), out[1], b);
        });
    }
}
