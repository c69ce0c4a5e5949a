"""Operator cases: indexing, gathering, scattering."""
import torch

from opcases import Family, i, t


def families():
    return [indexing(), assignment(), scattering()]


def indexing():
    f = Family("indexing", "reading through tensors of indices and masks")
    m, cube = t(4, 5), t(2, 3, 4)
    index, column = torch.tensor([2, 0, -1]), torch.tensor([[1], [0]])
    f.add("index.Tensor", "a[b]", (m, index), (t(5), index), (t(4, 5).t(), index), (cube, torch.tensor([1, 0])),
          (m, i(2, 3)), (m, i(0)), (m, t(4, 5, dtype=torch.bool)), (m, t(4, dtype=torch.bool)),
          (m, torch.tensor(1)), (m, torch.zeros(4, dtype=torch.bool)), (t(4, dtype=torch.int64), index),
          (m, t(4, 5, dtype=torch.bool, salt=3).to(torch.uint8)))
    f.add("index.Tensor", "a[b]", (m, torch.tensor([7])), raises=True)
    f.add("index.Tensor", "a[b, c]", (m, index, torch.tensor([0, 1, 2])), (m, column, torch.tensor([0, 3])),
          (m, torch.tensor(1), index), (cube, i(3, high=2), i(3)))
    f.add("index.Tensor", "a[:, b]", (m, index), (cube, torch.tensor([2, 1])), (cube, i(2, 2)))
    f.add("index.Tensor", "a[b, :, c]", (cube, i(3, high=2), i(3)))
    f.add("index.Tensor", "a[None, b]", (m, index))
    f.add("index.Tensor", "a[:, b, 1:]", (cube, index))
    f.add("index.Tensor", "a[1, b]", (cube, index))
    f.add("index.Tensor", "a[b, None, c]", (m, index, torch.tensor([0, 1, 2])))
    f.add("index.Tensor", "a[a > 0]", m, t(3, 4).t(), t(0))
    f.add("index.Tensor", "a[b > 0, 1:]", (m, t(4)))
    f.add("index.Tensor", "a[:, b]", (m, t(5, dtype=torch.bool)))
    f.add("index_select", "torch.index_select(a, 0, b)", (m, index.abs()), (t(5), i(0)), (t(4, 5).t(), i(2)))
    f.add("index_select", "a.index_select(1, b)", (cube, i(4)), (cube, i(2).int()))
    f.add("gather", "torch.gather(a, 0, b)", (m, i(2, 5)), (m, i(3, 2)))
    f.add("gather", "torch.gather(a, 1, b)", (m, i(4, 2)), (t(5, 4).t(), i(2, 3)), (m, i(0, 2)))
    f.add("gather", "torch.gather(a, -1, b)", (cube, i(2, 3, 1)))
    f.add("take", "torch.take(a, b)", (m, i(2, 3, high=20)))
    f.add("take_along_dim", "torch.take_along_dim(a, b, 1)", (m, i(4, 2)))
    f.add("masked_select", "torch.masked_select(a, b)", (m, t(4, 5, dtype=torch.bool)), (m, t(5, dtype=torch.bool)))
    f.add("nonzero", "torch.nonzero(a)", i(3, 4, high=2), t(3, dtype=torch.bool), torch.zeros(2, 2), torch.tensor(1))
    f.add("where", "torch.where(a)", i(3, 4, high=2))
    f.add("argwhere", "torch.argwhere(a)", i(3, 4, high=2))
    f.add("embedding", "F.embedding(a, b)", (i(2, 3, high=5), t(5, 2)), (i(0), t(5, 2)),
          (i(3, high=5).int(), t(5, 2)), (torch.tensor(2), t(5, 2).double()))
    f.add("embedding", "F.embedding(a, b, padding_idx=1)", (i(2, 3, high=5), t(5, 2)))
    f.add("embedding", "F.embedding(a, b, max_norm=0.5)", (i(4, high=5), t(5, 2)))
    offsets = torch.tensor([0, 2, 2])
    for mode in ("sum", "mean", "max"):
        f.add("embedding_bag.padding_idx", f"F.embedding_bag(a, b, c, mode='{mode}')", (i(5, high=5), t(5, 2), offsets))
        f.add("embedding_bag.padding_idx", f"F.embedding_bag(a, b, mode='{mode}')", (i(2, 3, high=5), t(5, 2)))
    f.add("embedding_bag.padding_idx", "F.embedding_bag(a, b, c, mode='sum', per_sample_weights=d)",
          (i(5, high=5), t(5, 2), offsets, t(5)))
    f.add("embedding_bag.padding_idx", "F.embedding_bag(a, b, c, padding_idx=1)", (i(5, high=5), t(5, 2), offsets))
    return f


def assignment():
    f = Family("index_assignment", "writing through indices, masks and slices")
    m = t(4, 5)
    index = torch.tensor([2, 0, -1])
    f.add("index_put_", "a[b] = c\nreturn a", (m, index, t(3, 5)), (m, index, t(5)), (m, index, t()),
          (t(5, 4).t(), index, t(5)), (m, t(4, 5, dtype=torch.bool), t()), (m, t(4, dtype=torch.bool), t(5)))
    f.add("index_put_", "a[:, b] = c\nreturn a", (m, index, t(4, 3)), (m, index, t(3)))
    f.add("index_put_", "a[b, c] = d\nreturn a", (m, index, torch.tensor([0, 1, 2]), t(3)))
    f.add("index_put_", "a[b] = 0.0\nreturn a", (m, index), (m, t(4, 5, dtype=torch.bool)))
    f.add("index_put_", "a[a < 0] = 0\nreturn a", m, t(5, 4).t(), i(4, low=-2))
    f.add("index_put_", "a[b] += 1\nreturn a", (m, index), (t(5), torch.tensor([1, 1, 1])))
    f.add("copy_", "a[1:3, ::2] = b\nreturn a", (m, t(2, 3)), (m, t(3)), (m, t()))
    f.add("copy_", "a[0] = b\nreturn a", (m, t(5)), (t(3), t()))
    f.add("copy_", "a[..., -1] = 5.0\nreturn a", m)
    f.add("copy_", "a[:] = 2\nreturn a", m, i(3))
    f.add("index_put_", "a.index_put_([b], c, accumulate=True)", (m, index, t(3, 5)),
          (t(5), torch.tensor([1, 1, 3]), t(3)))
    f.add("index_put", "a.index_put([b, c], d)", (m, index, torch.tensor([0, 1, 2]), t(3)))
    f.add("index_put", "torch.index_put(a, [b], c, True)", (t(3), torch.tensor([0, 0]), t(2)))
    f.add("index_copy_", "a.index_copy_(0, b, c)", (m, torch.tensor([2, 0]), t(2, 5)))
    f.add("index_copy", "a.index_copy(1, b, c)", (m, torch.tensor([2, 0]), t(4, 2)))
    f.add("index_add", "a.index_add(0, b, c)", (m, torch.tensor([2, 2]), t(2, 5)))
    f.add("index_add_", "a.index_add_(1, b, c, alpha=2)", (m, torch.tensor([2, 2]), t(4, 2)))
    f.add("index_fill.int_Scalar", "a.index_fill(0, b, -1)", (m, torch.tensor([2, 0])))
    f.add("index_fill_.int_Scalar", "a.index_fill_(1, b, -1)", (m, torch.tensor([2, 0])))
    f.add("masked_scatter", "a.masked_scatter(b, c)", (m, t(4, 5, dtype=torch.bool), t(20)))
    f.add("put_", "a.put_(b, c)", (m, torch.tensor([3, 19]), t(2)))
    f.add("fill_diagonal_", "a.fill_diagonal_(0.5)", t(3, 4))
    f.add("select_scatter", "torch.select_scatter(a, b, 0, 1)", (t(3, 2), t(2)))
    f.add("slice_scatter", "torch.slice_scatter(a, b, 0, 1, 3)", (t(4, 2), t(2, 2)))
    return f


def scattering():
    f = Family("scattering", "scatter and its reductions")
    m, where = t(3, 5), torch.tensor([[0, 1, 2, 0, 0], [2, 0, 0, 1, 2]])
    for suffix in ("", "_"):
        f.add(f"scatter{suffix}.src", f"a.scatter{suffix}(0, b, c)", (m, where, t(2, 5)), (m, where[:1], t(2, 6)))
        f.add(f"scatter{suffix}.value", f"a.scatter{suffix}(0, b, 1.5)", (m, where), (t(5, 3).t(), where))
        f.add(f"scatter{suffix}.value", f"a.scatter{suffix}(1, b, 2)", (i(3, 5), i(3, 2)))
        f.add(f"scatter_add{suffix}", f"a.scatter_add{suffix}(0, b, c)", (m, where, t(2, 5)))
        f.add(f"scatter_add{suffix}", f"a.scatter_add{suffix}(1, b, c)", (m, i(3, 4), t(3, 4)), (i(3, 5), i(3, 2),
              i(3, 2)))
        for reduce in ("sum", "prod", "mean", "amax", "amin"):
            f.add(f"scatter_reduce{suffix}.two", f"a.scatter_reduce{suffix}(0, b, c, '{reduce}')", (m, where, t(2, 5)))
            f.add(f"scatter_reduce{suffix}.two", f"a.scatter_reduce{suffix}(0, b, c, '{reduce}', include_self=False)",
                  (m, where, t(2, 5)))
    f.add("scatter.reduce", "a.scatter(0, b, c, reduce='add')", (m, where, t(2, 5)))
    f.add("scatter.reduce", "a.scatter(0, b, c, reduce='multiply')", (m, where, t(2, 5)))
    f.add("index_reduce", "torch.index_reduce(a, 0, b, c, 'amax')", (m, torch.tensor([0, 2]), t(2, 5)))
    return f
