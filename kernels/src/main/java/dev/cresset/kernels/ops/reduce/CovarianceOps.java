package dev.cresset.kernels.ops.reduce;

import dev.cresset.ir.diag.ScriptError;
import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.op.Args;
import dev.cresset.kernels.op.CallContext;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.OpFamily;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Views;

/** Covariances and correlations; each row is a variable, each column an observation. */
final class CovarianceOps implements OpFamily {
    @Override public void declare(Catalog ops) {
        ops.op("aten::cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor")
            .composite(CovarianceOps::cov);
        ops.op("aten::corrcoef(Tensor self) -> Tensor").composite(CovarianceOps::corrcoef);
    }

    private static Object cov(Args a) {
        CallContext c = a.context();
        Tensor x = a.tensor(0), frequency = a.tensorOrNull(2), importance = a.tensorOrNull(3);
        if (x.dim() > 2) throw new ScriptError("cov(): expected input to have two or fewer dimensions but got an input with " + x.dim());
        if (x.dtype() == ScalarType.BOOL) throw new ScriptError("cov(): bool dtype is not supported for input");
        if (x.dim() < 2) x = c.tensor("aten::reshape", x, new long[] {1, -1});
        if (!x.dtype().isFloating() && !x.dtype().isComplex()) x = c.tensor("aten::to.dtype", x, (long) ScalarType.FLOAT64.code());
        Tensor weight = frequency != null && importance != null ? c.tensor("aten::mul.Tensor", frequency, importance)
            : frequency != null ? frequency : importance;
        Tensor weighted = weight == null ? x : c.tensor("aten::mul.Tensor", x, weight);
        double total = weight == null ? x.size(1) : sum(c, weight);
        Tensor mean = c.tensor("aten::div.Scalar", c.tensor("aten::sum.dim_IntList", weighted, new long[] {1}, true, null), total);
        Tensor away = c.tensor("aten::sub.Tensor", x, mean, 1);
        double lost = importance == null || a.int64(1) == 0 ? a.int64(1)
            : a.int64(1) * sum(c, c.tensor("aten::mul.Tensor", weight, importance)) / total;
        Tensor right = Views.transpose(weight == null ? away : c.tensor("aten::mul.Tensor", weight, away), 0, 1);
        if (x.dtype().isComplex()) right = c.tensor("aten::conj_physical", right);
        Tensor product = c.tensor("aten::mm", away, right);
        return Views.squeeze(c.tensor("aten::div.Scalar", product, Math.max(0, total - lost)));
    }

    private static double sum(CallContext c, Tensor t) { return ((Number) c.call("aten::item", c.tensor("aten::sum", t))).doubleValue(); }

    private static Object corrcoef(Args a) {
        CallContext c = a.context();
        Tensor cov = c.tensor("aten::cov", a.tensor(0));
        if (cov.dim() == 0) return c.tensor("aten::div.Tensor", cov, cov);
        Tensor deviation = c.tensor("aten::sqrt", Views.diagonal(cov, 0, 0, 1));
        Tensor r = c.tensor("aten::div.Tensor", c.tensor("aten::div.Tensor", cov, Views.unsqueeze(deviation, 1)),
            Views.unsqueeze(deviation, 0));
        return r.dtype().isComplex() ? r : c.tensor("aten::clamp", r, -1.0, 1.0);
    }
}
