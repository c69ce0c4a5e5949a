package dev.cresset.kernels.ops.nn;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Shapes;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.List;

/** Products of matrices and vectors, and affine maps. */
final class MatrixOps implements OpFamily {
    private static final String SCALED = ", *, Scalar beta=1, Scalar alpha=1) -> Tensor";
    /** Of the library, which takes 12 dimensions in all. */
    private static final int MOST_BATCH_DIMENSIONS = 8;

    private final CpuLibraries libraries;
    private final MatrixProduct product;

    MatrixOps(CpuLibraries libraries) {
        this.libraries = libraries;
        this.product = new MatrixProduct(libraries);
    }

    @Override public void declare(Catalog ops) {
        ops.onPrepare(CpuLibraries::load);
        ops.onClose(libraries::close);
        ops.op("aten::mm(Tensor self, Tensor mat2) -> Tensor").kernel(a -> matrixMeta(a, "mm", 2), this::multiply).everywhere().out();
        ops.op("aten::bmm(Tensor self, Tensor mat2) -> Tensor").kernel(a -> matrixMeta(a, "bmm", 3), this::multiply).everywhere().out();
        ops.op("aten::matmul(Tensor self, Tensor other) -> Tensor").composite(a -> matmul(a.context(), a.tensor(0), a.tensor(1)));
        ops.op("aten::linalg_matmul(Tensor self, Tensor other) -> Tensor")
            .composite(a -> matmul(a.context(), a.tensor(0), a.tensor(1)));
        ops.op("aten::mv(Tensor self, Tensor vec) -> Tensor").composite(this::matrixVector);
        ops.op("aten::dot(Tensor self, Tensor tensor) -> Tensor").composite(a -> dot(a.context(), a.tensor(0), a.tensor(1)));
        ops.op("aten::vdot(Tensor self, Tensor other) -> Tensor").composite(a ->
            dot(a.context(), a.tensor(0).dtype().isComplex() ? a.context().tensor("aten::conj_physical", a.tensor(0)) : a.tensor(0),
                a.tensor(1)));
        ops.op("aten::outer(Tensor self, Tensor vec2) -> Tensor").composite(MatrixOps::outer);
        ops.op("aten::ger(Tensor self, Tensor vec2) -> Tensor").composite(MatrixOps::outer);
        declareSums(ops);
        declareLinear(ops);
        ops.op("aten::chain_matmul(Tensor[] matrices) -> Tensor").composite(a -> chain(a.context(), a.tensors(0)));
        ops.op("aten::linalg_multi_dot(Tensor[] tensors) -> Tensor").composite(a -> multiDot(a.context(), a.tensors(0)));
    }

    private void declareSums(Catalog ops) {
        ops.op("aten::addmm(Tensor self, Tensor mat1, Tensor mat2" + SCALED)
            .kernel(a -> sumMeta(a, "addmm"), (a, out) -> addMatrices(a, out)).everywhere().out();
        ops.op("aten::addmm_(Tensor(a!) self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!)")
            .composite(a -> inPlace(a, "addmm"));
        ops.op("aten::baddbmm(Tensor self, Tensor batch1, Tensor batch2" + SCALED)
            .kernel(a -> sumMeta(a, "baddbmm"), (a, out) -> addMatrices(a, out)).everywhere().out();
        ops.op("aten::baddbmm_(Tensor(a!) self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!)")
            .composite(a -> inPlace(a, "baddbmm"));
        ops.op("aten::addbmm(Tensor self, Tensor batch1, Tensor batch2" + SCALED).composite(MatrixOps::addBatches);
        ops.op("aten::addbmm_(Tensor(a!) self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!)")
            .composite(a -> inPlace(a, "addbmm"));
        ops.op("aten::addmv(Tensor self, Tensor mat, Tensor vec" + SCALED).composite(MatrixOps::addVector);
        ops.op("aten::addmv_(Tensor(a!) self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!)")
            .composite(a -> inPlace(a, "addmv"));
        ops.op("aten::addr(Tensor self, Tensor vec1, Tensor vec2" + SCALED).composite(MatrixOps::addOuter);
        ops.op("aten::addr_(Tensor(a!) self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor(a!)")
            .composite(a -> inPlace(a, "addr"));
        ops.op("aten::_addmm_activation(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1, "
            + "bool use_gelu=False) -> Tensor").composite(a -> {
                Tensor sum = a.context().tensor("aten::addmm", a.tensor(0), a.tensor(1), a.tensor(2), a.get(3), a.get(4));
                return a.bool(5) ? a.context().tensor("aten::gelu", sum, "none") : a.context().tensor("aten::relu", sum);
            });
    }

    private void declareLinear(Catalog ops) {
        ops.op("aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor").kernel(MatrixOps::linearMeta, this::linear).everywhere();
        ops.op("aten::bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor").composite(this::bilinear);
    }

    private void multiply(Args a, Tensor out) { product.run(a.context(), a.tensor(0), a.tensor(1), out); }

    // ---- shapes

    private static Meta matrixMeta(Args a, String name, int rank) { return Meta.of(a.tensor(0).dtype(), productShape(a, 0, name, rank)); }

    private static long[] productShape(Args a, int from, String name, int rank) {
        Tensor x = a.tensor(from), y = a.tensor(from + 1);
        if (x.dim() != rank || y.dim() != rank) {
            throw new ScriptError(name + "(): expected matrices of " + rank + " dimensions, got shapes " + Arrays.toString(x.sizes())
                + " and " + Arrays.toString(y.sizes()));
        }
        sameType(x, y);
        if (x.size(-1) != y.size(-2) || rank == 3 && x.size(0) != y.size(0)) {
            if (rank == 2) {
                throw new ScriptError("mat1 and mat2 shapes cannot be multiplied (" + x.size(0) + "x" + x.size(1) + " and "
                    + y.size(0) + "x" + y.size(1) + ")");
            }
            throw new ScriptError("Expected size for first two dimensions of batch2 tensor to be: [" + x.size(0) + ", " + x.size(2)
                + "] but got: [" + y.size(0) + ", " + y.size(1) + "].");
        }
        return rank == 2 ? new long[] {x.size(0), y.size(1)} : new long[] {x.size(0), x.size(1), y.size(2)};
    }

    static void sameType(Tensor x, Tensor y) {
        if (x.dtype() != y.dtype()) {
            throw new ScriptError("expected m1 and m2 to have the same dtype, but got: " + x.dtype().printName() + " != "
                + y.dtype().printName());
        }
    }

    private static Meta sumMeta(Args a, String name) {
        long[] shape = productShape(a, 1, name, name.equals("addmm") ? 2 : 3);
        sameType(a.tensor(0), a.tensor(1));
        Views.expand(a.tensor(0), shape);
        return Meta.of(a.tensor(1).dtype(), shape);
    }

    // ---- sums

    private void addMatrices(Args a, Tensor out) {
        Tensor self = a.tensor(0);
        double beta = a.float64(3), alpha = a.float64(4);
        boolean bias = alpha == 1 && beta == 1 && self.dim() == 1 && self.size(0) == out.size(-1) && self.isContiguous();
        if (!bias && beta != 0) Elementwise.copy(a.context(), Views.expand(self, out.sizes()), out);
        product.run(a.context(), a.tensor(1), a.tensor(2), bias ? self : null, alpha, bias ? 0 : beta, out);
    }

    private static Object inPlace(Args a, String name) {
        Tensor sum = a.context().tensor("aten::" + name, a.get(0), a.get(1), a.get(2), a.get(3), a.get(4));
        return a.context().tensor("aten::copy_", a.tensor(0), sum);
    }

    private static Object addBatches(Args a) {
        CallContext c = a.context();
        Tensor x = a.tensor(1), y = a.tensor(2);
        productShape(a, 1, "addbmm", 3);
        Tensor left = c.tensor("aten::reshape", Views.permute(x, 1, 0, 2), new long[] {x.size(1), x.size(0) * x.size(2)});
        Tensor right = c.tensor("aten::reshape", y, new long[] {y.size(0) * y.size(1), y.size(2)});
        return c.tensor("aten::addmm", a.tensor(0), left, right, a.get(3), a.get(4));
    }

    private static Object addVector(Args a) {
        Tensor self = a.tensor(0);
        Tensor column = self.dim() == 0 ? self : Views.unsqueeze(self, 1);
        return Views.squeeze(a.context().tensor("aten::addmm", column, a.tensor(1), Views.unsqueeze(a.tensor(2), 1), a.get(3), a.get(4)), 1);
    }

    private static Object addOuter(Args a) {
        CallContext c = a.context();
        Tensor outer = c.tensor("aten::mul.Tensor", Views.unsqueeze(a.tensor(1), 1), a.tensor(2));
        Tensor scaled = c.tensor("aten::mul.Scalar", outer, a.get(4));
        if (a.get(3) instanceof Number n && n.doubleValue() == 0) return scaled;
        return c.tensor("aten::add.Tensor", c.tensor("aten::mul.Scalar", a.tensor(0), a.get(3)), scaled, 1);
    }

    // ---- products of any rank

    /** PyTorch's matmul: vectors get a dimension that disappears again, batches broadcast. */
    Tensor matmul(CallContext c, Tensor x, Tensor y) {
        if (x.dim() == 0 || y.dim() == 0) {
            throw new ScriptError("both arguments to matmul need to be at least 1D, but they are " + x.dim() + "D and " + y.dim() + "D");
        }
        if (x.dim() == 1 && y.dim() == 1) return dot(c, x, y);
        if (x.dim() == 1) return Views.squeeze(matmul(c, Views.unsqueeze(x, 0), y), -2);
        if (y.dim() == 1) return Views.squeeze(matmul(c, x, Views.unsqueeze(y, 1)), -1);
        sameType(x, y);
        if (x.size(-1) != y.size(-2)) {
            throw new ScriptError("mat1 and mat2 shapes cannot be multiplied (" + x.size(-2) + "x" + x.size(-1) + " and " + y.size(-2)
                + "x" + y.size(-1) + ")");
        }
        if (y.dim() == 2 && x.dim() > 2) return folded(c, x, y);
        long[] batch = Shapes.broadcast(Arrays.copyOf(x.sizes(), x.dim() - 2), Arrays.copyOf(y.sizes(), y.dim() - 2));
        long[] shape = Arrays.copyOf(batch, batch.length + 2);
        shape[batch.length] = x.size(-2);
        shape[batch.length + 1] = y.size(-1);
        Tensor out = c.empty(x.dtype(), shape);
        long count = Shapes.numel(batch);
        if (batch.length > 1 && batch.length <= MOST_BATCH_DIMENSIONS && count > 0 && !out.storage().isOnDevice()) {
            product.run(c, batched(x, batch), batched(y, batch), batched(out, batch));
            return out;
        }
        Tensor left = flatBatch(c, x, batch, count), right = flatBatch(c, y, batch, count);
        Tensor result = batch.length <= 1 ? out : Views.view(out, count, shape[batch.length], shape[batch.length + 1]);
        if (count > 0) product.run(c, left, right, result);
        return out;
    }

    /**
     * With the result's batch dimensions, so that nothing is copied; but without those of size 1, of which oneDNN 3.11 makes
     * nonsense where the first one is of size 1 and batches lie inside of rows.
     */
    private static Tensor batched(Tensor t, long[] batch) {
        Tensor out = t;
        while (out.dim() < batch.length + 2) out = Views.unsqueeze(out, 0);
        for (int d = batch.length - 1; d >= 0; d--) if (batch[d] == 1) out = Views.squeeze(out, d);
        return out;
    }

    /** All batch dimensions as one (none stays none); of size 1 where the operand is the same for all. */
    private static Tensor flatBatch(CallContext c, Tensor t, long[] batch, long count) {
        if (batch.length == 0) return t;
        long matrices = t.numel() == 0 ? count : t.numel() / (t.size(-1) * t.size(-2));
        if (matrices == 1) return Views.view(t.view(tail(t.sizes()), tail(t.strides())), 1, t.size(-2), t.size(-1));
        long[] full = Arrays.copyOf(batch, batch.length + 2);
        full[batch.length] = t.size(-2);
        full[batch.length + 1] = t.size(-1);
        return c.tensor("aten::reshape", Views.expand(t, full), new long[] {count, t.size(-2), t.size(-1)});
    }

    private static long[] tail(long[] v) { return Arrays.copyOfRange(v, v.length - 2, v.length); }

    /** All rows of x at once. */
    private Tensor folded(CallContext c, Tensor x, Tensor y) {
        long rows = x.numel() == 0 ? Shapes.numel(Arrays.copyOf(x.sizes(), x.dim() - 1)) : x.numel() / x.size(-1);
        long[] shape = x.sizes().clone();
        shape[shape.length - 1] = y.size(1);
        Tensor out = c.empty(x.dtype(), shape);
        Tensor flat = c.tensor("aten::reshape", x, new long[] {rows, x.size(-1)});
        product.run(c, flat, y, Views.view(out, rows, y.size(1)));
        return out;
    }

    private Object matrixVector(Args a) {
        Tensor m = a.tensor(0), v = a.tensor(1);
        if (m.dim() != 2 || v.dim() != 1 || m.size(1) != v.size(0)) {
            throw new ScriptError("size mismatch, got input " + Arrays.toString(m.sizes()) + ", vec " + Arrays.toString(v.sizes()));
        }
        return matmul(a.context(), m, v);
    }

    private Tensor dot(CallContext c, Tensor x, Tensor y) {
        if (x.dim() != 1 || y.dim() != 1) {
            throw new ScriptError("1D tensors expected, but got " + x.dim() + "D and " + y.dim() + "D tensors");
        }
        if (x.size(0) != y.size(0)) {
            throw new ScriptError("inconsistent tensor size, expected tensor " + Arrays.toString(x.sizes()) + " and src "
                + Arrays.toString(y.sizes()) + " to have the same number of elements, but got " + x.size(0) + " and " + y.size(0)
                + " elements respectively");
        }
        if (x.dtype() != y.dtype()) {
            throw new ScriptError("dot : expected both vectors to have same dtype, but found " + x.dtype().printName() + " and "
                + y.dtype().printName());
        }
        Tensor out = c.empty(x.dtype(), 1, 1);
        product.run(c, Views.unsqueeze(x, 0), Views.unsqueeze(y, 1), out);
        return out.view(new long[0], new long[0]);
    }

    private static Object outer(Args a) {
        if (a.tensor(0).dim() != 1 || a.tensor(1).dim() != 1) throw new ScriptError("outer: Expected 1-D arguments");
        return a.context().tensor("aten::mul.Tensor", Views.unsqueeze(a.tensor(0), 1), a.tensor(1));
    }

    private Tensor chain(CallContext c, List<Tensor> matrices) {
        if (matrices.isEmpty()) throw new ScriptError("chain_matmul(): Expected one or more matrices");
        Tensor out = matrices.getFirst();
        if (matrices.size() == 3) return three(c, out, matrices.get(1), matrices.get(2));
        for (Tensor next : matrices.subList(1, matrices.size())) out = matmul(c, out, next);
        return out;
    }

    /** In the cheaper of the two orders. */
    private Tensor three(CallContext c, Tensor x, Tensor y, Tensor z) {
        long m = x.size(0), k = x.size(-1), l = y.size(-1), n = z.size(-1);
        return m * k * l + m * l * n <= k * l * n + m * k * n ? matmul(c, matmul(c, x, y), z) : matmul(c, x, matmul(c, y, z));
    }

    private Tensor multiDot(CallContext c, List<Tensor> tensors) {
        if (tensors.size() < 2) throw new ScriptError("multi_dot(): expected at least 2 tensors but got " + tensors.size());
        return chain(c, tensors);
    }

    // ---- affine maps

    private static Meta linearMeta(Args a) {
        Tensor x = a.tensor(0), w = a.tensor(1);
        if (w.dim() > 2 || w.dim() == 0 || x.dim() == 0) {
            throw new ScriptError("linear(): expected a weight of 1 or 2 dimensions, got " + Arrays.toString(w.sizes()));
        }
        sameType(x, w);
        long in = w.size(-1);
        if (x.size(-1) != in) {
            long rows = x.numel() / Math.max(1, x.size(-1));
            throw new ScriptError("mat1 and mat2 shapes cannot be multiplied (" + rows + "x" + x.size(-1) + " and " + in + "x" + w.size(0)
                + ")");
        }
        long[] shape = w.dim() == 1 ? Arrays.copyOf(x.sizes(), x.dim() - 1) : x.sizes().clone();
        if (w.dim() == 2) shape[shape.length - 1] = w.size(0);
        return Meta.of(x.dtype(), shape);
    }

    private void linear(Args a, Tensor out) {
        CallContext c = a.context();
        Tensor x = a.tensor(0), w = a.tensor(1), bias = a.tensorOrNull(2);
        Tensor matrix = w.dim() == 1 ? Views.unsqueeze(w, 0) : w;
        if (out.numel() == 0) return;
        long outputs = matrix.size(0);
        long rows = out.numel() / outputs;
        Tensor flat = c.tensor("aten::reshape", x, new long[] {rows, x.size(-1)});
        if (bias != null && (bias.dim() != 1 || bias.size(0) != outputs || bias.dtype() != x.dtype())) {
            Elementwise.copy(c, Views.expand(bias, out.sizes()), out);
            product.run(c, flat, Views.transpose(matrix, 0, 1), null, 1, 1, Views.view(out, rows, outputs));
            return;
        }
        Tensor shift = bias == null || bias.isContiguous() ? bias : c.tensor("aten::contiguous", bias);
        boolean complexBias = shift != null && x.dtype().isComplex();
        if (complexBias) Elementwise.copy(c, Views.expand(shift, out.sizes()), out);
        product.run(c, flat, Views.transpose(matrix, 0, 1), complexBias ? null : shift, 1, complexBias ? 1 : 0,
            Views.view(out, rows, outputs));
    }

    /** x1 · W_k · x2 for each output k: one product with all W_k, then one per row. */
    private Object bilinear(Args a) {
        CallContext c = a.context();
        Tensor x = a.tensor(0), y = a.tensor(1), w = a.tensor(2), bias = a.tensorOrNull(3);
        long outputs = w.size(0), rows = x.numel() / Math.max(1, x.size(-1));
        Tensor left = c.tensor("aten::reshape", x, new long[] {rows, x.size(-1)});
        Tensor right = c.tensor("aten::reshape", y, new long[] {rows, y.size(-1), 1});
        Tensor maps = c.tensor("aten::reshape", Views.permute(w, 1, 0, 2), new long[] {w.size(1), outputs * w.size(2)});
        Tensor inner = Views.view(matmul(c, left, maps), rows, outputs, w.size(2));
        long[] shape = x.sizes().clone();
        shape[shape.length - 1] = outputs;
        Tensor out = Views.view(matmul(c, inner, right), shape);
        return bias == null ? out : c.tensor("aten::add.Tensor", out, bias, 1);
    }
}
