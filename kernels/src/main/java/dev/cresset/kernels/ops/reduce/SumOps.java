package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.Complex;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.cuda.code.ReduceKernels.Operator;
import dev.cresset.kernels.cuda.ops.CudaReduce;
import dev.cresset.kernels.expr.Elementwise;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Meta;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Elements;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Sums, means, products and counts. Floating types are summed in double precision, integers in int64. */
final class SumOps implements OpFamily {
    private static final String TAIL = "bool keepdim=False, *, ScalarType? dtype=None";

    @Override public void declare(Catalog ops) {
        declareSums(ops);
        declareMeans(ops);
        declareProducts(ops);
        declareCounts(ops);
    }

    private static void declareSums(Catalog ops) {
        ops.op("aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor")
            .kernel(a -> Meta.of(sumType(a, 1)), (a, out) -> sum(a, Dims.all(a.tensor(0)), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.SUM, a.tensor(0), Dims.all(a.tensor(0)), out))
            .alsoAs("aten::sum.out(Tensor self, *, ScalarType? dtype=None, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::sum.dim_IntList(Tensor self, int[1]? dim, " + TAIL + ") -> Tensor")
            .kernel(a -> meta(a, sumType(a, 3)), (a, out) -> sum(a, Dims.list(a, 1), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.SUM, a.tensor(0), Dims.list(a, 1), out))
            .alsoAs("aten::sum.IntList_out(Tensor self, int[1]? dim, " + TAIL + ", Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::nansum(Tensor self, int[1]? dim=None, " + TAIL + ") -> Tensor")
            .kernel(a -> meta(a, sumType(a, 3)), SumOps::nansum).cuda(SumOps::nansumOnDevice)
            .alsoAs("aten::nansum.out(Tensor self, int[1]? dim=None, " + TAIL + ", Tensor(a!) out) -> Tensor(a!)");
    }

    private static void declareMeans(Catalog ops) {
        ops.op("aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor")
            .kernel(a -> Meta.of(meanType(a, 1)), (a, out) -> mean(a, Dims.all(a.tensor(0)), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.MEAN, a.tensor(0), Dims.all(a.tensor(0)), out));
        ops.op("aten::mean.dim(Tensor self, int[1]? dim, " + TAIL + ") -> Tensor")
            .kernel(a -> meta(a, meanType(a, 3)), (a, out) -> mean(a, Dims.list(a, 1), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.MEAN, a.tensor(0), Dims.list(a, 1), out))
            .alsoAs("aten::mean.out(Tensor self, int[1]? dim, " + TAIL + ", Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::nanmean(Tensor self, int[1]? dim=None, " + TAIL + ") -> Tensor")
            .kernel(a -> meta(a, meanType(a, 3)), SumOps::nanmean).cuda(SumOps::nanmeanOnDevice)
            .alsoAs("aten::nanmean.out(Tensor self, int[1]? dim=None, " + TAIL + ", Tensor(a!) out) -> Tensor(a!)");
    }

    private static void declareProducts(Catalog ops) {
        ops.op("aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor")
            .kernel(a -> Meta.of(sumType(a, 1)), (a, out) -> prod(a, Dims.all(a.tensor(0)), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.PROD, a.tensor(0), Dims.all(a.tensor(0)), out))
            .alsoAs("aten::prod.out(Tensor self, *, ScalarType? dtype=None, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::prod.dim_int(Tensor self, int dim, " + TAIL + ") -> Tensor")
            .kernel(a -> Dims.meta(sumType(a, 3), a.tensor(0), Dims.one(a, 1), a.bool(2)), (a, out) -> prod(a, Dims.one(a, 1), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.PROD, a.tensor(0), Dims.one(a, 1), out))
            .alsoAs("aten::prod.int_out(Tensor self, int dim, " + TAIL + ", Tensor(a!) out) -> Tensor(a!)");
    }

    private static void declareCounts(Catalog ops) {
        ops.op("aten::count_nonzero(Tensor self, int? dim=None) -> Tensor")
            .kernel(a -> Dims.meta(ScalarType.INT64, a.tensor(0), Dims.one(a, 1), false), (a, out) -> count(a, Dims.one(a, 1), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.COUNT, a.tensor(0), Dims.one(a, 1), out))
            .alsoAs("aten::count_nonzero.out(Tensor self, int? dim=None, *, Tensor(a!) out) -> Tensor(a!)");
        ops.op("aten::count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor")
            .kernel(a -> Dims.meta(ScalarType.INT64, a.tensor(0), Dims.list(a, 1), false), (a, out) -> count(a, Dims.list(a, 1), out))
                .cuda((a, out) -> CudaReduce.run(a.context(), Operator.COUNT, a.tensor(0), Dims.list(a, 1), out))
            .alsoAs("aten::count_nonzero.dim_IntList_out(Tensor self, int[] dim, *, Tensor(a!) out) -> Tensor(a!)");
    }

    /** For operators whose arguments 1 and 2 are dims and keepdim. */
    private static Meta meta(Args a, ScalarType type) { return Dims.meta(type, a.tensor(0), Dims.list(a, 1), a.bool(2)); }

    private static ScalarType sumType(Args a, int dtype) {
        ScalarType own = a.tensor(0).dtype();
        return a.dtypeOr(dtype, own.isIntegral() ? ScalarType.INT64 : own);
    }

    private static ScalarType meanType(Args a, int dtype) {
        ScalarType type = a.dtypeOr(dtype, a.tensor(0).dtype());
        if (type.isFloating() || type.isComplex()) return type;
        throw new ScriptError("mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype."
            + " Got: " + type.printName());
    }

    private static void sum(Args a, boolean[] mask, Tensor out) {
        fold(a.context(), a.tensor(0), mask, out, DoubleFold.Kind.SUM, DoubleUnaryOperator.identity());
    }

    private static void mean(Args a, boolean[] mask, Tensor out) {
        double n = Dims.count(a.tensor(0), mask);
        fold(a.context(), a.tensor(0), mask, out, DoubleFold.Kind.SUM, s -> s / n);
    }

    /** Sums to {@code out}, whose type decides the arithmetic. */
    static void fold(CallContext context, Tensor t, boolean[] mask, Tensor out, DoubleFold.Kind kind, DoubleUnaryOperator finish) {
        Tensor in = Dims.forSum(context, t, out.dtype());
        if (out.dtype().isComplex()) {
            new Reduction(Views.asReal(in), Arrays.copyOf(mask, mask.length + 1))
                .run(context.threads(), () -> new DoubleFold(kind, 1, finish), Views.asReal(out));
        } else if (out.dtype().isIntegral()) {
            new Reduction(in, mask).run(context.threads(), () -> new LongFold(LongFold.Kind.SUM), out);
        } else {
            new Reduction(in, mask).run(context.threads(), () -> new DoubleFold(kind, 1, finish), out);
        }
    }

    private static void requireReal(Tensor t) {
        if (t.dtype().isComplex()) throw new ScriptError("nansum does not support complex inputs");
    }

    private static void nansum(Args a, Tensor out) {
        requireReal(a.tensor(0));
        fold(a.context(), a.tensor(0), Dims.list(a, 1), out, DoubleFold.Kind.NAN_SUM, DoubleUnaryOperator.identity());
    }

    private static void nansumOnDevice(Args a, Tensor out) {
        requireReal(a.tensor(0));
        CudaReduce.run(a.context(), out.dtype().isFloating() ? Operator.NANSUM : Operator.SUM, a.tensor(0), Dims.list(a, 1), out);
    }

    private static void nanmeanOnDevice(Args a, Tensor out) {
        Tensor numbers = a.context().tensor("aten::eq.Tensor", a.tensor(0), a.tensor(0));
        Tensor counts = a.context().empty(ScalarType.INT64, out.sizes());
        CudaReduce.run(a.context(), Operator.COUNT, numbers, Dims.list(a, 1), counts);
        Tensor sums = a.context().empty(out.dtype(), out.sizes());
        nansumOnDevice(a, sums);
        Elementwise.copy(a.context(), a.context().tensor("aten::div.Tensor", sums, counts), out);
    }

    private static void nanmean(Args a, Tensor out) {
        boolean[] mask = Dims.list(a, 1);
        Tensor sums = a.context().empty(ScalarType.FLOAT64, out.sizes());
        Tensor counts = a.context().empty(ScalarType.FLOAT64, out.sizes());
        fold(a.context(), a.tensor(0), mask, sums, DoubleFold.Kind.NAN_SUM, DoubleUnaryOperator.identity());
        fold(a.context(), a.tensor(0), mask, counts, DoubleFold.Kind.NAN_COUNT, DoubleUnaryOperator.identity());
        for (long i = 0, n = out.numel(); i < n; i++) {
            double sum = Elements.getDouble(sums.data(), ScalarType.FLOAT64, i);
            Elements.setDouble(out.data(), out.dtype(), out.offset() + i, sum / Elements.getDouble(counts.data(), ScalarType.FLOAT64, i));
        }
    }

    private static void prod(Args a, boolean[] mask, Tensor out) {
        Tensor in = Dims.forSum(a.context(), a.tensor(0), out.dtype());
        if (out.dtype().isComplex()) {
            complexProduct(in, mask, out);
        } else if (out.dtype().isIntegral()) {
            new Reduction(in, mask).run(a.context().threads(), () -> new LongFold(LongFold.Kind.PROD), out);
        } else {
            new Reduction(in, mask).run(a.context().threads(), () -> new DoubleFold(DoubleFold.Kind.PROD), out);
        }
    }

    /** Plainly, element by element: products of complex tensors are rare. */
    private static void complexProduct(Tensor in, boolean[] mask, Tensor out) {
        Complex[] products = new Complex[Math.toIntExact(out.numel())];
        Arrays.fill(products, new Complex(1, 0));
        Complex[] values = in.toComplexArray();
        for (int i = 0; i < values.length; i++) {
            int at = 0;
            for (int d = 0, rest = i, block = values.length; d < in.dim(); d++) {
                block /= (int) in.sizes()[d];
                if (!mask[d]) at = at * (int) in.sizes()[d] + rest / block;
                rest %= block;
            }
            Complex p = products[at];
            Complex v = values[i];
            products[at] = new Complex(p.re() * v.re() - p.im() * v.im(), p.re() * v.im() + p.im() * v.re());
        }
        for (int i = 0; i < products.length; i++) Elements.set(out.data(), out.dtype(), out.offset() + i, products[i]);
    }

    private static void count(Args a, boolean[] mask, Tensor out) {
        Tensor t = a.tensor(0);
        Tensor in = t.dtype().isComplex() ? a.context().tensor("aten::ne.Scalar", t, 0L) : t;
        new Reduction(in, mask).run(a.context().threads(), () -> new DoubleFold(DoubleFold.Kind.NONZERO), out);
    }
}
