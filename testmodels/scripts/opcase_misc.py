"""Operator cases: numbers, strings, lists and dictionaries, and what scripts ask about tensors."""
import torch

from opcases import Family, i, t


def families():
    return [numbers(), containers(), queries()]


def numbers():
    f = Family("numbers", "arithmetic of int, float, bool and complex, conversions, mixed operands, math functions")
    ints = [(7, 3), (-7, 3), (7, -3), (-7, -3), (0, 5)]
    floats = [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (0.1, 0.3), (float("inf"), 2.0)]
    names = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "remainder", "**": "pow"}
    for symbol, name in names.items():
        integers = [p for p in ints if symbol != "**" or p[1] > 0]
        f.add(f"{name}.int" if symbol != "**" else "pow.int", f"a {symbol} b", *integers)
        positive = [p for p in floats if symbol != "**" or p[0] > 0]
        f.add(f"{name}.float", f"a {symbol} b", *positive)
        mixed = [(7, 2.0), (9, -0.5)]
        f.add(f"{name}.int_float" if symbol != "/" else "div", f"a {symbol} b", *mixed)
        f.add(f"{name}.float_int" if symbol != "/" else "div", f"a {symbol} b", (7.5, 2), (2.25, -3))
    f.add("div.int", "a / b", (1, 0), (-2, 4))
    f.add("div.float", "a / b", (1.0, 0.0), (0.0, 0.0))
    f.add("floordiv.float", "a // b", (1.0, 0.0))
    f.add("floordiv.int", "a // b", (1, 0), raises=True)  # 1 % 0 ends the process in PyTorch
    for symbol, name in [("==", "eq"), ("!=", "ne"), ("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge")]:
        f.add(f"{name}.int", f"a {symbol} b", (1, 2), (2, 2))
        f.add(f"{name}.float", f"a {symbol} b", (1.0, 2.0), (float("nan"), float("nan")))
        f.add(f"{name}.float_int", f"a {symbol} b", (2.0, 2), (1.5, 2))
        f.add(f"{name}.int_float", f"a {symbol} b", (2, 2.0), (1, 1.5))
        f.add(f"{name}.str", f"a {symbol} b", ("a", "b"), ("b", "b"), ("", "a"))
    f.add("neg.int", "-a", (5,), (-3,))
    f.add("neg.float", "-a", (5.0,))
    f.add("__not__", "not a", (True,), (False,))
    f.add("Bool.float", "bool(a)", (0.0,), (0.5,))
    f.add("Bool.int", "bool(a)", (0,), (-2,))
    f.add("Int.float", "int(a)", (2.9,), (-2.9,))
    f.add("Int.str", "int(a)", ("42",))
    f.add("Float.Scalar", "float(a)", (3,))
    f.add("Float.str", "float(a)", ("2.5",))
    f.add("Float.Scalar", "float(a.item())", t(), torch.tensor(3))
    f.add("Int.Scalar", "int(a.item())", torch.tensor(2.7), torch.tensor(3))
    f.add("prim::max.int", "max(a, b)", (1, 2))
    f.add("prim::min.int", "min(a, b)", (1, 2))
    f.add("prim::max.float", "max(a, b)", (1.5, 2.5), (float("nan"), 1.0), (1.0, float("nan")))
    f.add("prim::min.float", "min(a, b)", (1.5, 2.5))
    f.add("prim::max.int_float", "max(a, b)", (1, 2.5))
    f.add("prim::max.self_int", "max(a)", [3, 9, 2])
    f.add("prim::min.self_int", "min(a)", [3, 9, 2])
    f.add("sum.int", "sum(a)", [3, 9, 2])
    f.add("sum.float", "sum(a)", [0.5, 1.5])
    f.add("any.bool", "any(a)", [False, True], [False])
    f.add("all.bool", "all(a)", [False, True], [True])
    for name in "sqrt exp log sin cos tan tanh atan floor ceil log1p expm1 log10 erf gamma lgamma degrees".split():
        f.add(f"{name}.float", f"math.{name}(a)", (0.75,), (3.0,))
    f.add("sqrt.int", "math.sqrt(a)", (9,), (2,))
    f.add("pow.float", "math.pow(a, b)", (2.0, 0.5))
    f.add("fmod.float", "math.fmod(a, b)", (-7.5, 2.0))
    f.add("atan2.float", "math.atan2(a, b)", (1.0, -2.0))
    f.add("copysign.float", "math.copysign(a, b)", (1.0, -0.0))
    f.add("gcd.int", "math.gcd(a, b)", (12, 18))
    f.add("round.float", "round(a)", (0.5,), (1.5,), (2.5,), (-0.5,), (2.4,))
    for symbol, name in [("&", "__and__"), ("|", "__or__"), ("^", "__xor__")]:
        f.add(f"{name}.int", f"a {symbol} b", (12, 10), (-1, 6))
        f.add(f"{name}.bool", f"a {symbol} b", (True, False))
    f.add("__lshift__.int", "a << b", (3, 4))
    f.add("__rshift__.int", "a >> b", (-33, 2))
    f.add("add.complex", "a + b", (1 + 2j, 3 - 1j))
    f.add("mul.complex", "a * b", (1 + 2j, 3 - 1j))
    f.add("div.complex", "a / b", (1 + 2j, 3 - 1j))
    f.add("Complex.float_float", "complex(a, b)", (1.5, -2.0))
    f.add("mul.Tensor", "a * b", (t(2), t(2)))
    f.add("mul.Scalar", "a * b", (t(2), 3), (i(2), 0.5), (i(2), 2))
    f.add("prim::NumToTensor.Scalar", "torch.ops.prim.NumToTensor(a)", (3,), (2.5,))
    return f


def containers():
    f = Family("containers", "strings, lists, tuples and dictionaries")
    words = ["b", "a", "c"]
    f.add("find", "a.find(b)", ("hello", "l"), ("hello", "z"))
    f.add("__contains__.str", "a in b", ("k", {"k": 1}), ("z", {"k": 1}))
    f.add("__contains__.str_list", "a in b", ("a", words), ("z", words))
    f.add("__contains__.int_list", "a in b", (2, [1, 2]), (5, [1, 2]))
    for method, arguments in [("upper", ()), ("lower", ()), ("strip", ()), ("split", (",",)), ("replace", ("l", "L")),
                              ("startswith", ("he",)), ("endswith", ("lo",)), ("count", ("l",)), ("title", ()),
                              ("isdigit", ()), ("join", (words,)), ("rfind", ("l",)), ("zfill", (8,)), ("center", (9,
                                    "*"))]:
        parameters = ", ".join("bc"[:len(arguments)])
        f.add(method, f"a.{method}({parameters})", ("hello, lo", *arguments), (" ", *arguments))
    f.add("len.str", "len(a)", ("size",))
    f.add("add.str", "a + b", ("x", "y"))
    f.add("slice.str", "a[1:3]", ("hello",))
    f.add("__getitem__.str", "a[-1]", ("hello",))
    f.add("str", "str(a)", (3,), (2.5,), (True,), (words,), ([0.1, 1e20, 3.0],))
    f.add("format", "'{} and {}'.format(a, b)", (3, "x"), (2.5, True))
    f.add("percentFormat", "'%d %s' % (a, b)", (3, "x"))
    f.add("ord", "ord(a)", ("A",))
    f.add("hex", "hex(a)", (255,))
    f.add("append.t", "a.append(b)\nreturn a", ([1, 2], 3))
    f.add("extend.t", "a.extend(b)\nreturn a", ([1, 2], [3, 4]))
    f.add("insert.t", "a.insert(b, 9)\nreturn a", ([1, 2], 1), ([1, 2], -1), ([1, 2], 7))
    f.add("pop.t", "b = a.pop()\nreturn a, b", [1, 2, 3])
    f.add("pop.t", "b = a.pop(0)\nreturn a, b", [1, 2, 3])
    f.add("remove.int", "a.remove(b)\nreturn a", ([1, 2, 1], 1))
    f.add("reverse.t", "a.reverse()\nreturn a", [1, 2, 3])
    f.add("sort.int", "a.sort()\nreturn a", [3, 1, 2])
    f.add("sort.int", "a.sort(True)\nreturn a", [3, 1, 2])
    f.add("sorted.str", "sorted(a)", words)
    f.add("index.list_int", "a.index(b)", ([3, 1, 2], 1))
    f.add("count.int", "a.count(b)", ([3, 1, 1], 1))
    f.add("copy.t", "b = a.copy()\nb[0] = 7\nreturn a, b", [1, 2])
    f.add("clear.t", "a.clear()\nreturn a", [1, 2])
    f.add("list.t", "list(a)", [1, 2])
    f.add("list", "list(a)", ("abc",))
    f.add("add.t", "a + b", ([1], [2, 3]))
    f.add("mul.left_t", "a * b", ([1, 2], 3), ([1, 2], 0))
    f.add("slice.t", "a[1:]", [1, 2, 3])
    f.add("slice.t", "a[::2]", [1, 2, 3])
    f.add("slice.t", "a[-2:5]", [1, 2, 3])
    f.add("__getitem__.t", "a[b]", ([1, 2, 3], -1))
    f.add("__getitem__.t", "a[b]", ([1, 2, 3], 3), raises=True)
    f.add("_set_item.t", "a[b] = 9\nreturn a", ([1, 2, 3], -1))
    f.add("eq.int_list", "a == b", ([1, 2], [1, 2]), ([1], [1, 2]))
    f.add("ne.int_list", "a != b", ([1, 2], [1, 2]))
    f.add("prim::ListUnpack", "b, c = a\nreturn c, b", [1, 2])
    f.add("prim::ListUnpack", "b, c = a\nreturn c, b", [1, 2, 3], raises=True)
    table = {"k": 1, "j": 2}
    f.add("keys.str", "a.keys()", table)
    f.add("values.str", "a.values()", table)
    f.add("items.str", "a.items()", table)
    f.add("get.str", "a.get(b)", (table, "k"), (table, "z"))
    f.add("get.default_str", "a.get(b, 5)", (table, "z"))
    f.add("__getitem__.Dict_str", "a[b]", (table, "j"))
    f.add("__getitem__.Dict_str", "a[b]", (table, "z"), raises=True)
    f.add("_set_item.str", "a[b] = 3\nreturn a", (table, "k"), (table, "z"))
    f.add("update.str", "a.update(b)\nreturn a", (table, {"j": 7, "x": 8}))
    f.add("pop.Dict_str", "b = a.pop('k')\nreturn a, b", table)
    f.add("Delete.Dict_str", "del a['k']\nreturn a", table)
    f.add("setdefault.str", "b = a.setdefault('q', 4)\nreturn a, b", table)
    f.add("len.Dict_str", "len(a)", table)
    f.add("copy.Dict_str", "b = a.copy()\nb['k'] = 9\nreturn a, b", table)
    f.add("_set_item.str", "dict([('x', a), ('y', b)])", (1, 2))
    f.add("prim::DictConstruct", "{'x': a, 'y': b}", (1, 2), (t(2), t(1)))
    f.add("prim::TupleUnpack", "c, d = a\nreturn d, c", ((1, "x"),))
    f.add("prim::TupleIndex", "a[1]", ((1, "x"),))
    f.add("len.t", "len(a)", [1, 2])
    f.add("prim::Loop", "[b * b for b in range(a)]", (4,), (0,))
    f.add("__derive_index", "b: List[int] = []\nfor c in range(a, 0, -2):\n    b.append(c)\nreturn b", (7,))
    return f


def queries():
    f = Family("queries", "what a script asks about tensors and its surroundings, and what it must refuse")
    x = t(2, 3)
    for attribute in ("is_cuda", "requires_grad", "is_quantized", "is_sparse", "is_mkldnn", "is_nested", "is_meta"):
        f.add(f"prim::{attribute}", f"a.{attribute}", x)
    f.add("prim::device", "a.device == torch.device('cpu')", x)
    f.add("prim::device", "a.device.type", x)
    f.add("prim::type", "a.device.type", x)
    f.add("prim::dtype", "a.dtype == torch.float32", x, i(2))
    f.add("prim::layout", "a.layout == torch.strided", x)
    f.add("size", "a.shape", x)
    f.add("prim::data", "a.data", x)
    f.add("element_size", "a.element_size()", x, i(2), t(1, dtype=torch.float16))
    f.add("is_grad_enabled", "torch.is_grad_enabled()")
    f.add("is_autocast_enabled", "torch.is_autocast_enabled()")
    f.add("Bool.Tensor", "bool(a.any())", x)
    f.add("is_same_size", "a.is_same_size(b)", (x, x), (x, t(3)))
    f.add("is_signed", "a.is_signed()", x, t(1, dtype=torch.uint8))
    f.add("IntImplicit", "torch.unsqueeze(b, a)", (torch.tensor(1), x))
    f.add("FloatImplicit", "F.dropout(b, a, False)", (torch.tensor(0.5), x))
    f.add("ScalarImplicit", "torch.full([2], a)", torch.tensor(0.5), torch.tensor(3))
    f.add("requires_grad_", "a.requires_grad_(False)", x)
    f.add("neg.Scalar", "-a.item()", torch.tensor(3), torch.tensor(2.5))
    f.add("div", "a.item() / 2", torch.tensor(3), torch.tensor(2.5))
    f.add("add", "a.item() + 2", torch.tensor(3), torch.tensor(2.5))
    f.add("size", "a.size()[0] * a.size()[1]", x)
    return f
