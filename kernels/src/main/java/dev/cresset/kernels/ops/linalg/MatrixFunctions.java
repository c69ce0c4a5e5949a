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

/** Traces, powers, exponentials and cross products. */
final class MatrixFunctions implements OpFamily {
    private static final int TERMS = 18;

    @Override public void declare(Catalog ops) {
        ops.op("aten::trace(Tensor self) -> Tensor").composite(a -> {
            if (a.tensor(0).dim() != 2) throw new ScriptError("trace: expected a matrix, but got tensor with dim " + a.tensor(0).dim());
            return a.context().call("aten::sum", Views.diagonal(a.tensor(0), 0, 0, 1));
        });
        for (String name : new String[] {"linalg_matrix_exp", "matrix_exp"}) {
            ops.op("aten::" + name + "(Tensor self) -> Tensor").kernel(a -> SolveOps.square(a, "linalg.matrix_exp"), (a, out) -> {
                long[] batch = Batches.shape(a.tensor(0));
                Batches.each(a.context(), batch, b -> Batches.write(exponential(Batches.read(a.tensor(0), batch, b)), out, b));
            }).throughHost();
        }
        for (String name : new String[] {"linalg_matrix_power", "matrix_power"}) {
            ops.op("aten::" + name + "(Tensor self, int n) -> Tensor").composite(a -> power(a.context(), a.tensor(0), a.int64(1)));
        }
        ops.op("aten::linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor")
            .composite(a -> cross(a.context(), a.tensor(0), a.tensor(1), a.int64(2)));
        ops.op("aten::cross(Tensor self, Tensor other, int? dim=None) -> Tensor")
            .composite(a -> cross(a.context(), a.tensor(0), a.tensor(1), a.isNone(2) ? firstOfThree(a.tensor(0)) : a.int64(2)));
        ops.op("aten::linalg_diagonal(Tensor(a) A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor(a)")
            .host(a -> Views.diagonal(a.tensor(0), a.int64(1), a.int64(2), a.int64(3)));
        ops.op("aten::linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor").composite(a -> {
            CallContext c = a.context();
            Tensor x = a.tensor(0);
            Tensor product = c.tensor("aten::mul.Tensor", x.dtype().isComplex() ? c.tensor("aten::conj_physical", x) : x, a.tensor(1));
            return c.call("aten::sum.dim_IntList", product, new long[] {a.int64(2)});
        });
        ops.op("aten::linalg_vander(Tensor x, *, int? N=None) -> Tensor").composite(MatrixFunctions::vander);
        ops.op("aten::is_same_size(Tensor self, Tensor other) -> bool")
            .host(a -> java.util.Arrays.equals(a.tensor(0).sizes(), a.tensor(1).sizes()));
    }

    /** By its series after halving the matrix until it is small, and squaring as often. */
    static Matrix exponential(Matrix a) {
        double norm = a.norm1();
        int halvings = norm > 0.5 ? Math.max(0, Math.getExponent(norm) + 2) : 0;
        Matrix x = a.scaled(Math.scalb(1.0, -halvings));
        Matrix sum = Matrix.identity(a.rows, a.isComplex());
        Matrix term = sum;
        for (int k = 1; k <= TERMS; k++) {
            term = term.times(x).scaled(1.0 / k);
            sum = sum.plus(term, 1);
        }
        for (int i = 0; i < halvings; i++) sum = sum.times(sum);
        return sum;
    }

    private static Object power(CallContext c, Tensor t, long n) {
        if (t.dim() < 2 || t.size(-1) != t.size(-2)) {
            throw new ScriptError("linalg.matrix_power: A must be batches of square matrices, but its sizes are "
                + java.util.Arrays.toString(t.sizes()));
        }
        if (n == 0) {
            Tensor eye = c.tensor("aten::eye", t.size(-1), t.dtype());
            return c.call("aten::clone", Views.expand(eye, t.sizes()));
        }
        Tensor base = n < 0 ? c.tensor("aten::linalg_inv", t) : t;
        Tensor out = null;
        for (long rest = Math.abs(n); rest > 0; rest >>= 1) {
            if ((rest & 1) != 0) out = out == null ? base : c.tensor("aten::matmul", out, base);
            if (rest > 1) base = c.tensor("aten::matmul", base, base);
        }
        return out == t ? c.call("aten::clone", t) : out;
    }

    private static long firstOfThree(Tensor t) {
        for (int d = 0; d < t.dim(); d++) if (t.size(d) == 3) return d;
        throw new ScriptError("no dimension of size 3 in input");
    }

    private static Object cross(CallContext c, Tensor x, Tensor y, long dim) {
        long[] shape = Shapes.broadcast(x.sizes(), y.sizes());
        Tensor a = Views.expand(x, shape);
        Tensor b = Views.expand(y, shape);
        int d = Shapes.wrapDim(dim, shape.length);
        if (shape.length == 0 || shape[d] != 3) {
            throw new ScriptError("linalg.cross: inputs dimension " + dim + " must have length 3. Got "
                + java.util.Arrays.toString(x.sizes()) + " and " + java.util.Arrays.toString(y.sizes()));
        }
        long[] dims = {d};
        Tensor left = c.tensor("aten::mul.Tensor", c.tensor("aten::roll", a, new long[] {-1}, dims), c.tensor("aten::roll", b, new long[] {-2}, dims));
        Tensor right = c.tensor("aten::mul.Tensor", c.tensor("aten::roll", a, new long[] {-2}, dims), c.tensor("aten::roll", b, new long[] {-1}, dims));
        return c.call("aten::sub.Tensor", left, right);
    }

    private static Object vander(Args a) {
        CallContext c = a.context();
        Tensor x = a.tensor(0);
        long n = a.int64Or(1, x.size(-1));
        Tensor exponents = c.tensor("aten::arange", n, ScalarType.INT64);
        return c.call("aten::pow.Tensor_Tensor", Views.unsqueeze(x, -1), exponents);
    }
}
