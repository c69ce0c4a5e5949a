"""Operator cases: views, joining and splitting, creation."""
import torch

from opcases import COMPLEX, FLOATS, INTS, Family, i, t


def families():
    return [views(), joining(), creation(), conversions()]


def views():
    f = Family("views", "shape changes and views: values, strides, and whether the result still aliases")
    cube, turned = t(2, 3, 4), t(4, 3, 2).permute(2, 1, 0)
    last = t(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    for shape in ("[6, 4]", "[-1]", "[2, -1]", "[2, 3, 2, 2]", "[1, 24, 1]"):
        f.add("view", f"a.view({shape})", cube)
        f.add("reshape", f"a.reshape({shape})", cube, turned, t(4, 6)[::1].t(), t(1, 1, 24).expand(1, 1, 24))
    f.add("view", "a.view([-1])", turned, raises=True)
    f.add("view", "a.view([0, 3])", t(3, 0))
    f.add("view", "a.view([])", t(1))
    f.add("view_as", "a.view_as(b)", (t(6), t(2, 3)))
    f.add("reshape_as", "a.reshape_as(b)", (t(3, 2).t(), t(6)))
    f.add("permute", "a.permute([2, 0, 1])", cube, turned)
    f.add("permute", "a.permute(0, -1, 1)", cube)
    f.add("transpose.int", "a.transpose(0, -1)", cube, turned, t(2, 3))
    f.add("transpose.int", "a.transpose(0, 0)", t())
    f.add("transpose.int", "a.swapaxes(0, 1)", cube)
    f.add("movedim.int", "torch.movedim(a, 0, 2)", cube)
    f.add("t", "a.t()", t(2, 3), t(4), t())
    f.add("numpy_T", "a.T", t(2, 3))
    f.add("mT", "a.mT", cube)
    for dim in (0, 1, -1):
        f.add("unsqueeze", f"a.unsqueeze({dim})", t(3), t(2, 3), turned)
        f.add("squeeze.dim", f"a.squeeze({dim})", t(1, 3, 1), t(1, 1))
    f.add("unsqueeze", "a.unsqueeze(0)", t())
    f.add("squeeze", "a.squeeze()", t(1, 3, 1), t(1), t(2, 3))
    f.add("squeeze.dim", "a.squeeze(0)", t(), t(2, 3))
    f.add("flatten.using_ints", "torch.flatten(a)", cube, turned, t(), t(0, 2))
    f.add("flatten.using_ints", "torch.flatten(a, 1)", cube, last, t(2, 0, 3))
    f.add("flatten.using_ints", "torch.flatten(a, 0, 1)", cube, turned)
    f.add("unflatten.int", "a.unflatten(1, [3, -1])", t(2, 6))
    f.add("ravel", "torch.ravel(a)", cube, turned)
    f.add("expand", "a.expand([2, 3])", t(3), t(1, 3), t())
    f.add("expand", "a.expand([2, -1, 4])", t(3, 1))
    f.add("expand", "a.expand([2, 0])", t(1))
    f.add("expand", "a.expand([2, 3])", t(2), raises=True)
    f.add("expand_as", "a.expand_as(b)", (t(3, 1), t(2, 3, 4)))
    f.add("broadcast_to", "torch.broadcast_to(a, [2, 3])", t(3))
    f.add("broadcast_tensors", "torch.broadcast_tensors([a, b])", (t(2, 1), t(3)), (t(), t(2, 3)))
    f.add("repeat", "a.repeat([2, 3])", t(2), t(2, 2), t())
    f.add("repeat", "a.repeat([2, 1, 2])", t(2, 3), t(3, 2).t())
    f.add("tile", "torch.tile(a, [2])", t(2, 3), t(3))
    f.add("tile", "torch.tile(a, [2, 1, 2])", t(2, 3))
    f.add("select.int", "a.select(1, 2)", cube, turned)
    f.add("select.int", "a[-1]", cube, t(3))
    f.add("select.int", "a[3]", t(3), raises=True)
    f.add("narrow", "a.narrow(1, 1, 2)", cube, turned)
    f.add("slice.Tensor", "a[:, 1:]", cube, turned)
    f.add("slice.Tensor", "a[..., ::2]", cube, turned)
    f.add("slice.Tensor", "a[-2:]", t(5), t(1), t(0))
    f.add("slice.Tensor", "a[1:100:3]", t(8))
    f.add("slice.Tensor", "a[4:2]", t(8))
    f.add("slice.Tensor", "a[:-1, None, 1]", cube)
    f.add("select.int", "a[0, ..., 1]", cube, t(2, 3, 4, 5))
    f.add("diagonal", "torch.diagonal(a)", t(3, 4), t(2, 3, 3))
    f.add("diagonal", "torch.diagonal(a, 1, 0, 2)", t(2, 3, 4))
    f.add("diagonal", "torch.diagonal(a, -1)", t(3, 3))
    f.add("diag", "torch.diag(a)", t(3), t(3, 4))
    f.add("diag", "torch.diag(a, 1)", t(3), t(3, 4))
    f.add("diag_embed", "torch.diag_embed(a)", t(3), t(2, 3))
    f.add("diag_embed", "torch.diag_embed(a, -1, 0, 2)", t(2, 3))
    f.add("tril", "torch.tril(a)", t(3, 4), t(2, 3, 3))
    f.add("tril", "torch.tril(a, 1)", t(3, 4))
    f.add("triu", "torch.triu(a)", t(3, 4), t(3, 3, dtype=torch.bool))
    f.add("triu", "torch.triu(a, -1)", t(3, 4))
    f.add("unfold", "a.unfold(0, 3, 2)", t(7), t(7, 2))
    f.add("unfold", "a.unfold(-1, 2, 1)", t(2, 4))
    f.add("as_strided", "torch.as_strided(a, [2, 2], [1, 3], 1)", t(8))
    f.add("flip", "torch.flip(a, [0])", t(3), t(2, 3))
    f.add("flip", "torch.flip(a, [0, -1])", cube, turned)
    f.add("fliplr", "torch.fliplr(a)", t(2, 3))
    f.add("rot90", "torch.rot90(a)", t(2, 3))
    f.add("roll", "torch.roll(a, 1)", t(5), t(2, 3))
    f.add("roll", "torch.roll(a, [1, -1], [0, 1])", t(3, 4))
    f.add("roll", "torch.roll(a, [2, -3], [1, 2])", cube, t(1, 4, 4, 2))
    f.add("contiguous", "a.contiguous()", turned, cube, last)
    f.add("contiguous", "a.contiguous(memory_format=torch.channels_last)", t(2, 3, 4, 5), last)
    f.add("is_contiguous", "a.is_contiguous()", turned, cube, last)
    f.add("clone", "a.clone()", turned, cube, last, t(1, 3).expand(2, 3))
    f.add("clone", "a.clone(memory_format=torch.contiguous_format)", last, turned)
    f.add("detach", "a.detach()", t(2))
    f.add("stride", "a.stride()", turned, last, t(0, 3), t(1, 3, 1))
    f.add("storage_offset", "a[1:].storage_offset()", t(3))
    f.add("chunk", "b = a.chunk(2, 1)\nb[1].add_(10)\nreturn a, b", t(2, 5))
    f.add("view", "b = a.view([6])\nb[2] = 9.0\nreturn a", t(2, 3))
    f.add("expand", "b = a.expand([2, 3]).clone()\nb[0, 0] = 5.0\nreturn a, b", t(1, 3))
    f.add("transpose.int", "b = a.transpose(0, 1)\na[0, 1] = 7.0\nreturn b", t(2, 3))
    f.add("channel_shuffle", "F.channel_shuffle(a, 2)", t(1, 4, 2, 2))
    f.add("pixel_shuffle", "F.pixel_shuffle(a, 2)", t(1, 8, 2, 3))
    f.add("pixel_unshuffle", "F.pixel_unshuffle(a, 2)", t(1, 2, 4, 6))
    f.add("atleast_2d", "torch.atleast_2d(a)", t(), t(3))
    f.add("numel", "a.numel()", cube, t(), t(0, 3))
    f.add("dim", "a.dim()", cube, t())
    f.add("size", "a.size()", cube, t())
    f.add("size.int", "a.size(-1)", cube)
    f.add("size.int", "a.size(3)", cube, raises=True)
    f.add("len.Tensor", "len(a)", cube)
    f.add("_shape_as_tensor", "torch._shape_as_tensor(a)", cube)
    f.add("is_floating_point", "a.is_floating_point()", cube, i(2))
    f.add("is_complex", "a.is_complex()", cube, t(1, dtype=torch.complex64))
    return f


def joining():
    f = Family("joining", "cat, stack, split, chunk, unbind, meshgrid")
    for dim in (0, 1, -1):
        f.add("cat", f"torch.cat(a, {dim})", [t(2, 3), t(2, 3, salt=1)], [t(2, 2), t(2, 2).t(), t(2, 2).double()])
    f.add("cat", "torch.cat(a)", [t(2), t(3)], [t(0), t(2, 3)], [i(2), t(2)], [t(2, dtype=torch.bool), i(2)],
          [t(1, dtype=torch.uint8), t(1, dtype=torch.int8)])
    f.add("cat", "torch.cat(a, 1)", [t(1, 2, 3, 3), t(1, 4, 3, 3)],
          [t(1, 2, 3, 3).contiguous(memory_format=torch.channels_last),
           t(1, 4, 3, 3).contiguous(memory_format=torch.channels_last)])
    f.add("cat", "torch.cat(a)", [t(2, 3), t(2, 2)], raises=True)
    f.add("cat", "torch.cat([a, b, a], dim=1)", (t(2, 3), t(2, 1)))
    for dim in (0, 1, -1):
        f.add("stack", f"torch.stack(a, {dim})", [t(2, 3), t(2, 3, salt=1)], [t(3), t(3, salt=1), t(3, salt=2)])
    f.add("stack", "torch.stack(a)", [t(), t(salt=1)], [t(2), t(2).double()])
    f.add("vstack", "torch.vstack(a)", [t(3), t(2, 3)])
    f.add("hstack", "torch.hstack(a)", [t(3), t(2)], [t(2, 1), t(2, 2)])
    f.add("dstack", "torch.dstack(a)", [t(2), t(2)])
    f.add("column_stack", "torch.column_stack(a)", [t(2), t(2, 2)])
    for dim in (0, 1, -1):
        f.add("chunk", f"torch.chunk(a, 3, {dim})", t(5, 7), t(6, 4).t(), t(2, 2))
        f.add("unsafe_chunk", f"torch.unsafe_chunk(a, 2, {dim})", t(5, 4))
        f.add("split.Tensor", f"torch.split(a, 2, {dim})", t(5, 4), t(4, 5).t())
        f.add("unbind.int", f"torch.unbind(a, {dim})", t(2, 3), t(3, 2).t())
    f.add("split.sizes", "a.split([1, 3, 0], 1)", t(2, 4))
    f.add("split_with_sizes", "torch.split_with_sizes(a, [2, 1])", t(3, 2))
    f.add("split_with_sizes", "torch.split_with_sizes(a, [2, 2])", t(3, 2), raises=True)
    f.add("tensor_split.indices", "torch.tensor_split(a, [1, 3])", t(5))
    f.add("tensor_split.sections", "torch.tensor_split(a, 3)", t(5), t(7, 2))
    f.add("hsplit.int", "torch.hsplit(a, 2)", t(2, 4))
    f.add("meshgrid.indexing", "torch.meshgrid([a, b], indexing='ij')", (t(2), t(3)))
    f.add("meshgrid.indexing", "torch.meshgrid([a, b], indexing='xy')", (t(2), t(3)))
    f.add("meshgrid", "torch.meshgrid([a, b])", (t(2), t(3)))
    f.add("cartesian_prod", "torch.cartesian_prod([a, b])", (t(2), t(3)))
    f.add("combinations", "torch.combinations(a)", t(4))
    f.add("block_diag", "torch.block_diag([a, b])", (t(2, 2), t(1, 3)))
    f.add("repeat_interleave.self_int", "torch.repeat_interleave(a, 2)", t(3), t(2, 2))
    f.add("repeat_interleave.self_int", "torch.repeat_interleave(a, 2, 1)", t(2, 2))
    f.add("repeat_interleave.self_Tensor", "torch.repeat_interleave(a, b, 0)", (t(3, 2), torch.tensor([1, 0, 2])))
    f.add("repeat_interleave.Tensor", "torch.repeat_interleave(a)", torch.tensor([1, 0, 2]))
    f.add("repeat_interleave.self_Tensor", "torch.repeat_interleave(a, b)", (t(2, 2), torch.tensor([1, 0, 2, 1])),
          (t(3), torch.tensor(2)))
    return f


def creation():
    f = Family("creation", "tensors from nothing: zeros, ones, full, arange, linspace, eye, tensor(), windows")
    for op in "zeros ones".split():
        f.add(op, f"torch.{op}([2, 3])")
        f.add(op, f"torch.{op}(2, 3, dtype=torch.int64)")
        f.add(op, f"torch.{op}([0, 2], dtype=torch.bool)")
        f.add(op, f"torch.{op}([])")
        f.add(f"{op}_like", f"torch.{op}_like(a)", t(2, 3), t(3, 2).t(), i(3), t(2, 3, 2, 2).contiguous(
            memory_format=torch.channels_last), t(1, 3).expand(2, 3), t(dtype=torch.bool), t(2, dtype=torch.float16))
        f.add(f"{op}_like", f"torch.{op}_like(a, dtype=torch.float64)", i(3))
        f.add(f"new_{op}", f"a.new_{op}([2])", t(3), i(3), t(1, dtype=torch.float16))
        f.add(f"new_{op}", f"a.new_{op}([2], dtype=torch.int32)", t(3))
    for fill in ("3", "2.5", "-1"):
        f.add("full", f"torch.full([2, 2], {fill})")
        f.add("full_like", f"torch.full_like(a, {fill})", t(2), i(2))
        f.add("new_full", f"a.new_full([2], {fill})", t(2), i(2))
        f.add("full", f"torch.full([2], {fill}, dtype=torch.float64)")
    f.add("full", "torch.full([2], float('nan'))")
    f.add("full_like", "torch.full_like(a, 1.5, dtype=torch.float16)", i(2))
    for arguments in ("5", "2.5", "0", "5, dtype=torch.float32", "5, dtype=torch.int32"):
        f.add("arange", f"torch.arange({arguments})")
    for arguments in ("1, 4", "1.0, 3.5", "-2, 2, dtype=torch.float64"):
        f.add("arange.start", f"torch.arange({arguments})")
    for arguments in ("0, 10, 3", "5, 0, -2", "0.0, 1.0, 0.1", "1, 2, 0.25", "0, 1, 0.3, dtype=torch.float16"):
        f.add("arange.start_step", f"torch.arange({arguments})")
    f.add("arange.start_step", "torch.arange(1, 5, -1)", raises=True)
    f.add("arange", "torch.arange(a.size(0), device=a.device)", t(4, 2))
    for arguments in ("0, 1, 5", "-1.0, 1.0, 4", "3, 3, 1", "0, 10, 0", "0, 1, 7, dtype=torch.float64",
                      "0, 10, 4, dtype=torch.int64"):
        f.add("linspace", f"torch.linspace({arguments})")
    f.add("logspace", "torch.logspace(0, 2, 5)")
    f.add("logspace", "torch.logspace(-1, 1, 3, 2.0)")
    f.add("eye", "torch.eye(3)")
    f.add("eye.m", "torch.eye(2, 4, dtype=torch.int64)")
    f.add("tensor.int", "torch.tensor(3)")
    f.add("tensor.float", "torch.tensor(2.5)")
    f.add("tensor.bool", "torch.tensor(True)")
    f.add("tensor.int", "torch.tensor(3, dtype=torch.float16)")
    f.add("tensor", "torch.tensor([1, 2, 3])")
    f.add("tensor", "torch.tensor([[1.5, 2.0], [3.0, 4.0]])")
    f.add("tensor", "torch.tensor([True, False])")
    f.add("tensor", "torch.tensor([1, 2], dtype=torch.float64)")
    f.add("as_tensor.list", "torch.as_tensor([1, 2, 3])")
    f.add("as_tensor", "torch.as_tensor(a, dtype=torch.float64)", t(2), i(2))
    f.add("scalar_tensor", "torch.scalar_tensor(3)")
    f.add("scalar_tensor", "torch.scalar_tensor(2.5, dtype=torch.float64)")
    f.add("tril_indices", "torch.tril_indices(3, 3)")
    f.add("triu_indices", "torch.triu_indices(3, 4, 1)")
    for window in ("hann", "hamming", "blackman", "bartlett"):
        f.add(f"{window}_window", f"torch.{window}_window(6)")
        f.add(f"{window}_window.periodic", f"torch.{window}_window(6, False)")
    f.add("kaiser_window", "torch.kaiser_window(6)")
    f.add("vander", "torch.vander(a)", t(3))
    f.add("one_hot", "F.one_hot(a)", i(2, 3, high=4))
    f.add("one_hot", "F.one_hot(a, 6)", i(4, high=4), i(0))
    f.add("vander", "torch.vander(a, 5, True)", t(3), i(4, low=-2))
    f.add("complex", "torch.complex(a, b)", (t(3), t(3, salt=1)))
    f.add("polar", "torch.polar(a, b)", (t(3).abs(), t(3, salt=1)))
    for expression, op in [("torch.empty([2, 3])", "empty.memory_format"), ("torch.empty_like(a)", "empty_like"),
                           ("a.new_empty([4])", "new_empty"), ("torch.rand([2, 3])", "rand"),
                           ("torch.randn([2, 3])", "randn"), ("torch.randint(0, 5, [4])", "randint.low"),
                           ("torch.randperm(5)", "randperm"), ("torch.rand_like(a)", "rand_like"),
                           ("torch.randn_like(a)", "randn_like"), ("torch.bernoulli(a.sigmoid())", "bernoulli"),
                           ("torch.multinomial(a.abs(), 2)", "multinomial"), ("a.uniform_()", "uniform_"),
                           ("a.normal_()", "normal_"), ("a.bernoulli_(0.5)", "bernoulli_.float"),
                           ("a.exponential_()", "exponential_"), ("torch.normal(a, a.abs())", "normal.Tensor_Tensor"),
                           ("torch._standard_gamma(a.abs())", "_standard_gamma"), ("torch.poisson(a.abs())", "poisson"),
                           ("F.dropout(a, 0.5, True)", "dropout"), ("F.dropout2d(a[None], 0.5, True)",
                                 "feature_dropout"),
                           ("F.alpha_dropout(a, 0.5, True)", "alpha_dropout"),
                           ("F.feature_alpha_dropout(a, 0.5, True)", "feature_alpha_dropout"),
                           ("F.gumbel_softmax(a)", "softmax.int")]:
        f.add(op, expression, *([t(2, 3)] if "a" in expression.replace("rand", "").split("(", 1)[-1]
                                or expression.startswith("a.") else [()]), random=True)
    for name in ("dropout", "alpha_dropout"):
        f.add(name, f"F.{name}(a, 0.5, False)", t(2, 3))
    f.add("dropout", "F.dropout(a, 0.0, True)", t(2, 3))
    f.add("dropout", "F.dropout(a, 1.0, True)", t(2, 3))
    f.add("feature_dropout", "F.dropout2d(a, 0.5, False)", t(2, 3, 2, 2))
    f.add("feature_alpha_dropout", "F.feature_alpha_dropout(a, 0.5, False)", t(2, 3, 2))
    return f


def conversions():
    f = Family("conversions", "casts between all dtypes, to(), item, tolist, numbers from tensors")
    every = FLOATS + INTS + [torch.bool] + COMPLEX
    for x in every:
        for y in every:
            if x.is_complex and not y.is_complex:
                continue
            f.add("to.dtype", f"a.to({y})", t(4, dtype=x, scale=3.0))
    f.add("to.dtype", "a.to(torch.uint8)", torch.tensor([300.7, 255.0, 0.9]))
    f.add("to.dtype", "a.to(torch.bool)", torch.tensor([0.0, -0.0, float("nan"), 0.1]))
    f.add("to.dtype", "a.to(torch.float16)", torch.tensor([1e6, 1e-8, 65519.0, 65520.0, 0.1, float("nan")]))
    f.add("to.dtype", "a.to(torch.bfloat16)", torch.tensor([1e38, 3.4e38, 0.1, 1.00390625, 1.01171875, float("nan")]))
    f.add("to.dtype", "a.to(torch.float32)", t(3, 2).t(), t(2, 3, dtype=torch.float64).t())
    f.add("to.other", "a.to(b)", (t(2), i(2)))
    f.add("to.device", "a.to('cpu', torch.float64)", t(2))
    f.add("to.prim_Device", "a.to('cpu')", t(2))
    f.add("type_as", "a.type_as(b)", (t(2), i(2)))
    f.add("cpu", "a.cpu()", t(2))
    for method, dtype in [("float", 0), ("double", 0), ("half", 0), ("int", 0), ("long", 0)]:
        f.add("to.dtype", f"a.{method}()", t(3, scale=3.0), i(3))
    f.add("item", "a.item()", t(), torch.tensor(7), torch.tensor(True), t(1, 1, dtype=torch.float64))
    f.add("item", "a.item()", t(2), raises=True)
    f.add("Int.Tensor", "int(a)", t(scale=9.0), torch.tensor(7), torch.tensor(True))
    f.add("Float.Tensor", "float(a)", t(), torch.tensor(7))
    f.add("Bool.Tensor", "bool(a)", t(), torch.tensor(0), torch.tensor([0.0]))
    f.add("Bool.Tensor", "1 if a else 2", t(), torch.tensor(0))
    f.add("Bool.Tensor", "bool(a)", t(2), raises=True)
    f.add("prim::tolist", "b: List[float] = a.tolist()\nreturn b", t(3))
    f.add("prim::tolist", "b: List[List[int]] = a.tolist()\nreturn b", i(2, 3))
    f.add("real", "torch.real(a)", t(3, dtype=torch.complex64), t(3))
    f.add("imag", "torch.imag(a)", t(3, dtype=torch.complex64))
    f.add("view_as_real", "torch.view_as_real(a)", t(3, dtype=torch.complex64))
    f.add("view_as_complex", "torch.view_as_complex(a)", t(3, 2))
    f.add("conj", "torch.conj(a)", t(3, dtype=torch.complex64), t(3))
    f.add("conj", "a.conj() * b", (t(3, dtype=torch.complex64), t(3, dtype=torch.complex64, salt=1)))
    f.add("conj", "torch.matmul(a.conj().t(), a)", t(2, 2, dtype=torch.complex64))
    f.add("resolve_conj", "a.conj().resolve_conj()", t(3, dtype=torch.complex64))
    return f
