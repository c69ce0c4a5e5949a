"""Operator cases: reductions, cumulative sums, sorting."""
import torch

from opcases import FLOATS, INTS, Family, i, positive, special, t


def families():
    return [reductions(), norms(), cumulative(), sorting()]


SHAPES = [t(2, 3), t(3, 4).t(), t(2, 3, 4), t(), t(4, 6)[::2, 1::2], t(1, 3).expand(2, 3)]
DTYPES = [t(2, 3, dtype=d) for d in FLOATS[1:] + INTS + [torch.bool]]


def reductions():
    f = Family("reductions", "sums, means, extremes, any and all: whole, along dimensions, kept, empty, nan")
    for op in "sum mean prod".split():
        f.add(op, f"torch.{op}(a)", *SHAPES, *(DTYPES[:3] if op == "mean" else DTYPES), special(), t(0), t(0, 3))
        f.add(op, f"torch.{op}(a, dtype=torch.float64)", t(2, 3), t(2, 3, dtype=torch.int64))
        for dim in (0, 1, -1):
            overload = {"sum": "sum.dim_IntList", "mean": "mean.dim", "prod": "prod.dim_int"}[op]
            f.add(overload, f"torch.{op}(a, {dim})", t(2, 3), t(3, 4).t(), t(2, 3, 4), t(0, 3), t(3, 0),
                  t(2, 3, dtype=torch.float64), t(2, 3, dtype=torch.bfloat16))
            f.add(overload, f"torch.{op}(a, {dim}, keepdim=True)", t(2, 3), t(2, 3, 4))
    f.add("sum.dim_IntList", "torch.sum(a, 0)", t(2, 3, dtype=torch.bool), t(2, 3, dtype=torch.uint8), t())
    f.add("sum", "torch.sum(a, dtype=torch.int64)", t(5, scale=4.0))
    f.add("sum", "a.sum()", t(2, 3, dtype=torch.complex64), t(3, 41, 43, salt=2))
    f.add("mean", "a.mean()", t(2, 3, dtype=torch.complex64), t(3, 41, 43, salt=2))
    for dims in ("[0, 2]", "[-1, 0]", "[0, 1, 2]", "[1]", "[]"):
        f.add("sum.dim_IntList", f"torch.sum(a, {dims})", t(2, 3, 4), t(4, 3, 2).permute(2, 1, 0))
        f.add("mean.dim", f"torch.mean(a, {dims}, keepdim=True)", t(2, 3, 4), t(4, 3, 2).permute(2, 1, 0))
        if dims != "[]":
            f.add("amax", f"torch.amax(a, {dims})", t(2, 3, 4), t(2, 3, 4, dtype=torch.int64))
            f.add("amin", f"torch.amin(a, {dims}, keepdim=True)", t(2, 3, 4))
            f.add("logsumexp", f"torch.logsumexp(a, {dims})", t(2, 3, 4))
            f.add("var.dim", f"torch.var(a, {dims})", t(2, 3, 4))
            f.add("std.dim", f"torch.std(a, {dims}, unbiased=False)", t(2, 3, 4))
    f.add("nansum", "torch.nansum(a)", special()[:1].repeat(3), t(3))
    f.add("nanmean", "torch.nanmean(a)", torch.tensor([1.0, float("nan"), 2.0]))
    f.add("logsumexp", "torch.logsumexp(a, 0)", torch.full((2, 2), -float("inf")), t(2, 3, scale=200.0))
    for op in "max min".split():
        f.add(op, f"torch.{op}(a)", *SHAPES, *DTYPES, special())
        for dim in (0, 1, -1):
            f.add(f"{op}.dim", f"torch.{op}(a, {dim})", t(2, 3), t(3, 4).t(), t(2, 3, 4),
                  t(3, 4, dtype=torch.int64), t(3, 4, dtype=torch.bool), torch.zeros(2, 3),
                  torch.tensor([[1.0, float("nan")], [float("nan"), 2.0]]))
            f.add(f"{op}.dim", f"torch.{op}(a, {dim}, keepdim=True)", t(2, 3))
        f.add(f"{op}.dim", f"torch.{op}(a, 0)", t(), t(2, 0))
        f.add(op, f"torch.{op}(a)", t(0), raises=True)
        f.add(f"arg{op}", f"torch.arg{op}(a)", *SHAPES, special(), t(6, dtype=torch.int64), torch.zeros(3))
        f.add(f"arg{op}", f"torch.arg{op}(a, 1)", t(2, 3), t(2, 3, 4), t(3, 4, dtype=torch.uint8))
        f.add(f"arg{op}", f"torch.arg{op}(a, -1, keepdim=True)", t(2, 3))
    f.add("aminmax", "torch.aminmax(a)", t(2, 3), special())
    for op in "any all".split():
        inputs = [t(2, 3, dtype=torch.bool), t(2, 3, dtype=torch.int64), t(2, 3), t(0, dtype=torch.bool), special(),
                  torch.ones(2, 2, dtype=torch.uint8), t(dtype=torch.bool)]
        f.add(op, f"torch.{op}(a)", *inputs)
        f.add(f"{op}.dim", f"torch.{op}(a, 0)", *inputs[:4])
        f.add(f"{op}.dim", f"torch.{op}(a, -1, keepdim=True)", *inputs[:3])
    for op in "var std".split():
        f.add(op, f"torch.{op}(a)", t(2, 3), t(3, 4).t(), t(5, dtype=torch.float64), t(1), t(6, offset=100.0))
        f.add(op, f"torch.{op}(a, unbiased=False)", t(2, 3))
        f.add(f"{op}.dim", f"torch.{op}(a, 1)", t(2, 3), t(2, 3, 4))
        f.add(f"{op}.dim", f"torch.{op}(a, [1], unbiased=False, keepdim=True)", t(2, 3))
        f.add(f"{op}.correction", f"torch.{op}(a, [0], correction=2)", t(4, 3))
        f.add(f"{op}_mean", f"torch.{op}_mean(a)", t(2, 3))
    f.add("median", "torch.median(a)", t(5), t(2, 3), t(4, dtype=torch.int64), special())
    f.add("median.dim", "torch.median(a, 1)", t(3, 5), t(3, 4, dtype=torch.int64))
    f.add("mode", "torch.mode(a, 0)", t(5, dtype=torch.int64), i(3, 4))
    f.add("kthvalue", "torch.kthvalue(a, 2, 1)", t(3, 5))
    f.add("quantile", "torch.quantile(a, b)", (t(7), torch.tensor([0.0, 0.3, 1.0])))
    with_nan = torch.tensor([[2.0, float("nan"), 1.0], [5.0, 3.0, 4.0], [float("nan")] * 3])
    for how in ("linear", "lower", "higher", "midpoint", "nearest"):
        f.add("quantile", f"torch.quantile(a, b, 1, interpolation='{how}')", (t(3, 6), torch.tensor([0.25, 0.7])))
        f.add("nanquantile", f"torch.nanquantile(a, 0.35, 0, True, interpolation='{how}')", with_nan)
    f.add("quantile.scalar", "torch.quantile(a, 0.5, 1)", with_nan)
    f.add("mode", "torch.mode(a, -1, True)", i(3, 7).float(), with_nan)
    f.add("count_nonzero", "torch.count_nonzero(a)", i(3, 4), t(2, 3, dtype=torch.bool))
    f.add("count_nonzero.dim_IntList", "torch.count_nonzero(a, [1])", i(3, 4))
    return f


def norms():
    f = Family("norms", "vector and matrix norms and distances")
    f.add("frobenius_norm.dim", "torch.norm(a)", t(2, 3), t(3, 4).t(), t(4, dtype=torch.float64), t(0))
    for p in ("1", "2", "0", "float('inf')", "-float('inf')", "3.0", "0.5"):
        f.add("norm.ScalarOpt_dim", f"torch.norm(a, {p}, [1])", t(2, 3))
        f.add("norm.ScalarOpt_dim", f"a.norm({p}, 0, True)", t(2, 3), t(3, 4).t())
        f.add("linalg_vector_norm", f"torch.linalg.vector_norm(a, {p}, [0], True)", t(2, 3), t(3,
              dtype=torch.complex64))
        f.add("linalg_norm", f"torch.linalg.norm(a, {p}, [1])", t(2, 3))
    f.add("norm.ScalarOpt_dtype", "a.norm(2, dtype=torch.float64)", t(2, 3))
    f.add("frobenius_norm.dim", "torch.frobenius_norm(a, [0, 1])", t(2, 3))
    f.add("frobenius_norm.dim", "torch.frobenius_norm(a, [1], True)", t(2, 3))
    f.add("nuclear_norm", "torch.nuclear_norm(a)", t(2, 3))
    f.add("linalg_norm", "torch.linalg.norm(a)", t(2, 3), t(4), t(2, 3, dtype=torch.float64))
    f.add("linalg_norm.ord_str", "torch.linalg.norm(a, 'fro')", t(2, 3))
    f.add("linalg_norm.ord_str", "torch.linalg.norm(a, 'nuc')", t(3, 3))
    f.add("linalg_matrix_norm.str_ord", "torch.linalg.matrix_norm(a)", t(2, 3), t(2, 2, 3))
    f.add("linalg_matrix_norm", "torch.linalg.matrix_norm(a, 1)", t(2, 3))
    f.add("linalg_matrix_norm", "torch.linalg.matrix_norm(a, 2)", t(2, 3))
    f.add("clamp_min", "F.normalize(a)", t(2, 3), torch.zeros(2, 2))
    f.add("clamp_min", "F.normalize(a, 1.0, 0)", t(2, 3))
    f.add("cdist", "torch.cdist(a, b)", (t(3, 2), t(4, 2)), (t(2, 3, 2), t(2, 4, 2)))
    f.add("cdist", "torch.cdist(a, b, 1.0)", (t(3, 2), t(4, 2)))
    f.add("pdist", "torch.pdist(a)", t(4, 3))
    f.add("pairwise_distance", "F.pairwise_distance(a, b)", (t(3, 2), t(3, 2, salt=1)), (t(3, 2), t(2)))
    f.add("cosine_similarity", "F.cosine_similarity(a, b)", (t(3, 2), t(3, 2, salt=1)), (t(3, 2), torch.zeros(3, 2)))
    f.add("cosine_similarity", "torch.cosine_similarity(a, b, 0)", (t(4), t(4, salt=1)))
    f.add("renorm", "torch.renorm(a, 2, 0, 1.0)", t(3, 4))
    return f


def cumulative():
    f = Family("cumulative", "running sums, products and extremes, differences, histograms")
    for op in "cumsum cumprod".split():
        for dim in (0, 1, -1):
            f.add(op, f"torch.{op}(a, {dim})", t(2, 3), t(3, 4).t(), t(2, 3, 4), t(0, 3), t(2, 3, dtype=torch.int64),
                  t(2, 3, dtype=torch.bool), t(2, 3, dtype=torch.uint8), t(2, 3, dtype=torch.float64))
        f.add(op, f"torch.{op}(a, 0)", t(), special())
        f.add(op, f"torch.{op}(a, 0, dtype=torch.float64)", t(3), t(3, dtype=torch.int64))
    for op in "cummax cummin".split():
        f.add(op, f"torch.{op}(a, 1)", t(2, 5), t(2, 5, dtype=torch.int64), special()[None])
    f.add("logcumsumexp", "torch.logcumsumexp(a, 0)", t(5))
    f.add("diff", "torch.diff(a)", t(5), t(2, 4), t(4, dtype=torch.int64), t(3, dtype=torch.bool))
    f.add("diff", "torch.diff(a, 2, 0)", t(4, 2))
    f.add("diff", "torch.diff(a, prepend=b)", (t(2, 3), t(2, 1)))
    f.add("trapezoid.dx", "torch.trapezoid(a)", t(5))
    f.add("bincount", "torch.bincount(a)", i(9, high=5), i(0))
    f.add("bincount", "torch.bincount(a, minlength=8)", i(9, high=5))
    f.add("bincount", "torch.bincount(a, b)", (i(9, high=5), t(9)))
    f.add("histc", "torch.histc(a, 4, -2, 2)", t(20))
    f.add("histc", "torch.histc(a, 5)", t(20))
    f.add("histc", "torch.histc(a, 3, -0.5, 0.75)", t(4, 5), torch.tensor([0.75, -0.5, 0.2, 9.0]))
    return f


def sorting():
    f = Family("sorting", "sort, topk, unique, searchsorted and relatives")
    for dim in (0, 1, -1):
        for descending in (False, True):
            f.add("sort", f"torch.sort(a, {dim}, {descending})", t(3, 5), t(5, 3).t(), t(3, 4, dtype=torch.float64),
                  torch.randperm(12, generator=torch.Generator().manual_seed(1)).reshape(3, 4),
                  torch.tensor([[1.0, float("nan"), -float("inf")], [float("inf"), 0.5, float("nan")]]))
            f.add("sort.stable", f"torch.sort(a, stable=True, dim={dim}, descending={descending})", i(4, 6),
                  i(3, 4, dtype=torch.uint8), t(3, 4, dtype=torch.bool))
    f.add("sort", "torch.sort(a)", t(6), t(), t(0), t(2, 0))
    f.add("argsort", "torch.argsort(a)", t(6), t(3, 4))
    f.add("argsort", "torch.argsort(a, 0, True)", t(3, 4))
    f.add("msort", "torch.msort(a)", t(4, 2))
    for largest in (True, False):
        f.add("topk", f"torch.topk(a, 2, 1, {largest})", t(3, 5), t(5, 3).t(), t(2, 4, 3), t(3, 5, dtype=torch.float64))
        f.add("topk", f"torch.topk(a, 3, -1, {largest})", t(6), torch.randperm(8).float().sort()[0].flip(0).long())
    f.add("topk", "torch.topk(a, 1, 0)", t(4, 3))
    f.add("topk", "torch.topk(a, 7)", t(3), raises=True)
    f.add("_unique2", "torch.unique(a)", i(8, high=4), t(5), torch.tensor([2.0, 1.0, 2.0]), t(6, dtype=torch.bool))
    f.add("_unique2", "torch.unique(a, return_inverse=True)", i(8, high=4), i(2, 4))
    f.add("_unique2", "torch.unique(a, return_inverse=True, return_counts=True)", i(8, high=4))
    f.add("_unique2", "torch._unique2(a, True, True, True)", i(8, high=4))
    f.add("unique_dim", "torch.unique(a, dim=0)", i(6, 2, high=2))
    f.add("unique_dim", "torch.unique(a, return_inverse=True, return_counts=True, dim=1)", i(2, 6, high=2))
    f.add("unique_consecutive", "torch.unique_consecutive(a)", i(8, high=2))
    f.add("unique_consecutive", "torch.unique_consecutive(a, return_inverse=True, return_counts=True)", i(8, high=2))
    edges = torch.tensor([-1.0, 0.0, 0.5, 2.0])
    f.add("searchsorted.Tensor", "torch.searchsorted(a, b)", (edges, t(2, 3)), (edges, edges),
          (torch.stack([edges, edges + 1]), t(2, 3)))
    f.add("searchsorted.Tensor", "torch.searchsorted(a, b, right=True)", (edges, edges))
    f.add("searchsorted.Scalar", "torch.searchsorted(a, 0.7)", edges)
    f.add("bucketize.Tensor", "torch.bucketize(a, b)", (t(2, 3), edges))
    f.add("bucketize.Tensor", "torch.bucketize(a, b, right=True)", (edges, edges))
    f.add("isin.Tensor_Tensor", "torch.isin(a, b)", (i(6, high=6), i(3, high=6)))
    f.add("isin.Tensor_Tensor", "torch.isin(a, b, invert=True)", (special(), torch.tensor([0.0, 2.5, float("nan")])))
    f.add("isin.Tensor_Scalar", "torch.isin(a, 0.1)", torch.tensor([0.1, 0.2]), torch.tensor([0.1], dtype=torch.float64))
    f.add("isin.Scalar_Tensor", "torch.isin(2, a)", i(6, high=3), i(3, high=2))
    f.add("searchsorted.Tensor", "torch.searchsorted(a, b, out_int32=True, side='right')", (edges, edges))
    f.add("searchsorted.Tensor", "torch.searchsorted(a, b, sorter=c)",
          (torch.tensor([2.0, 0.0, 1.0]), t(4), torch.tensor([1, 2, 0])))
    f.add("bucketize.Scalar", "torch.bucketize(1, a)", i(5).sort()[0])
    f.add("_unique2", "torch.unique(a, return_inverse=True, return_counts=True)", i(3, 4, high=5).float(), t(0))
    f.add("unique_dim", "torch.unique(a, return_inverse=True, return_counts=True, dim=0)", i(9, 3, high=2).float(),
          i(7, 2, 2, high=2))
    f.add("unique_consecutive", "torch.unique_consecutive(a, return_inverse=True, return_counts=True, dim=1)",
          i(2, 9, high=2))
    return f
