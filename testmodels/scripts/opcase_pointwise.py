"""Operator cases: element by element."""
import torch

from opcases import COMPLEX, FLOATS, INTS, Family, layouts, positive, special, t, unit


def families():
    return [unary(), unary_domain(), activations(), binary(), promotion(), comparisons(), logical(), in_place(),
            ternary()]


def unary():
    f = Family("pointwise_unary", "one tensor, element by element: dtypes, strides, zero-dim, empty, nan and inf")
    everywhere = "abs neg sign ceil floor trunc round exp sin cos tanh sigmoid sqrt reciprocal square erf expm1 atan"
    for op in everywhere.split():
        f.add(op, f"torch.{op}(a)", *layouts(), special(), special(torch.float64),
              *[t(5, dtype=d) for d in FLOATS[1:]], *[t(5, dtype=d) for d in INTS], t(5, dtype=torch.bool))
    for op in "tan sinh cosh asinh erfc exp2 frac sgn relu isnan isinf isfinite signbit rad2deg deg2rad".split():
        f.add(op, f"torch.{op}(a)", t(2, 3), t(3, 4).t(), t(), t(0), special(), t(5, dtype=torch.float16),
              t(5, dtype=torch.int64), t(5, dtype=torch.uint8), t(4, dtype=torch.bool))
    for op in "logical_not bitwise_not".split():
        f.add(op, f"torch.{op}(a)", t(2, 3, dtype=torch.bool), t(5, dtype=torch.int64), t(5, dtype=torch.uint8),
              t(5, dtype=torch.int8), t(2, 3))
    for op in "abs neg exp sin cos tanh sigmoid sqrt log reciprocal square sgn angle".split():
        f.add(op, f"torch.{op}(a)", t(2, 3, dtype=torch.complex64), t(4, dtype=torch.complex128))
    f.add("angle", "torch.angle(a)", special(), t(4, dtype=torch.int32))
    for digits in (0, 1, 3, -1):
        f.add("round.decimals", f"torch.round(a, decimals={digits})", t(6, scale=20.0), t(4, dtype=torch.float64))
    f.add("nan_to_num", "torch.nan_to_num(a)", special(), special(torch.float64), special(torch.float16))
    f.add("nan_to_num", "torch.nan_to_num(a, 1.5, posinf=7.0, neginf=-7.0)", special())
    f.add("positive", "torch.positive(a)", t(3))
    return f


def unary_domain():
    f = Family("pointwise_unary_domain", "functions with a limited domain, inside and outside it")
    for op in "log log2 log10 log1p rsqrt lgamma digamma".split():
        f.add(op, f"torch.{op}(a)", positive(t(2, 3)), positive(t(3, 4)).t(), t(6), special(),
              positive(t(4, dtype=torch.float64)), positive(t(4, dtype=torch.bfloat16)),
              t(4, dtype=torch.int64).abs() + 1)
    for op in "asin acos atanh erfinv".split():
        f.add(op, f"torch.{op}(a)", unit(t(2, 3)), special(), unit(t(4, dtype=torch.float64)),
              t(3, dtype=torch.bool))
    f.add("acosh", "torch.acosh(a)", positive(t(5)) + 1, special())
    f.add("logit", "torch.logit(a)", unit(t(5)).abs(), special())
    f.add("logit", "torch.logit(a, 0.1)", unit(t(5)).abs(), t(5))
    f.add("xlogy.Tensor", "torch.xlogy(a, b)", (special(), special().flip(0)), (t(4), positive(t(4, salt=1))))
    f.add("i0", "torch.special.i0(a)", t(5))
    f.add("special_entr", "torch.special.entr(a)", special(), positive(t(4)))
    f.add("sigmoid", "torch.special.expit(a)", t(5))
    f.add("sinc", "torch.sinc(a)", t(5), torch.zeros(2))
    return f


def activations():
    f = Family("activations", "activation functions and their in-place forms")
    inputs = [t(2, 5, scale=3.0), t(3, 4, scale=3.0).t(), special(), t(0), t(), t(5, dtype=torch.float64, scale=3.0),
              t(5, dtype=torch.float16), t(5, dtype=torch.bfloat16)]
    plain = ["F.relu(a)", "F.relu6(a)", "F.elu(a)", "F.elu(a, 0.5)", "F.selu(a)", "F.celu(a)", "F.celu(a, 2.0)",
             "F.gelu(a)", "F.gelu(a, approximate='tanh')", "F.silu(a)", "F.mish(a)", "F.hardswish(a)",
             "F.hardsigmoid(a)", "F.hardtanh(a)", "F.hardtanh(a, -0.5, 2.0)", "F.leaky_relu(a)",
             "F.leaky_relu(a, 0.3)", "F.softplus(a)", "F.softplus(a, 2, 3)", "F.softsign(a)", "F.tanhshrink(a)",
             "F.hardshrink(a)", "F.hardshrink(a, 0.8)", "F.softshrink(a)", "F.softshrink(a, 0.8)",
             "F.threshold(a, 0.1, 20.0)", "F.logsigmoid(a)"]
    about = {"relu6": "relu6", "logsigmoid": "log_sigmoid", "softsign": "abs", "tanhshrink": "tanh"}
    for expression in plain:
        name = expression[2:].split("(")[0]
        f.add(about.get(name, name), expression, *inputs)
    for name, more in [("relu", ""), ("elu", ""), ("selu", ""), ("celu", ", 1.5"), ("silu", ""), ("mish", ""),
                       ("hardswish", ""), ("hardsigmoid", ""), ("hardtanh", ", -0.5, 0.5"), ("leaky_relu", ", 0.2"),
                       ("threshold", ", 0.1, 20.0")]:
        f.add(name + "_", f"F.{name}(a{more}, inplace=True)", t(2, 5), t(4, 6)[::2, 1::2], t(3, 4).t(),
              t(4, dtype=torch.float64))
    f.add("relu", "F.relu(a)", t(5, dtype=torch.int64), t(5, dtype=torch.int8))
    f.add("prelu", "F.prelu(a, b)", (t(2, 3, 4), torch.tensor([0.1, -0.2, 0.3])), (t(2, 3), torch.tensor([0.25])),
          (t(4), torch.tensor([0.25])), (t(1, 2, 3, 3), torch.tensor([0.5, 0.1])))
    f.add("rrelu", "F.rrelu(a)", t(2, 3))
    f.add("rrelu_", "F.rrelu(a, inplace=True)", t(2, 3))
    f.add("rrelu", "F.rrelu(a, training=True)", t(2, 3), random=True)
    for dim in (0, 1, -1):
        f.add("glu", f"F.glu(a, {dim})", t(4, 6), t(2, 2, 4).transpose(0, 2) if dim != 1 else t(4, 2))
        for name in ("softmax", "log_softmax", "softmin"):
            f.add("softmax.int" if name != "log_softmax" else "log_softmax.int", f"F.{name}(a, {dim})", t(3, 5),
                  t(4, 3).t(), t(2, 3, 4), t(2, 3, dtype=torch.float64), t(2, 3, dtype=torch.float16), t(2, 0),
                  t(2, 3, scale=100.0), torch.tensor([[-float("inf"), 0.0, 1.0], [float("nan"), 0.0, 1.0]]))
    f.add("softmax.int", "torch.softmax(a, 0)", t(), t(5), torch.full((2,), -float("inf")))
    f.add("softmax.int", "torch.softmax(a, 1, dtype=torch.float64)", t(2, 3), t(2, 3, dtype=torch.int64))
    f.add("log_softmax.int", "torch.log_softmax(a, -1, dtype=torch.float32)", t(2, 3, dtype=torch.float16))
    return f


PAIRS = [(t(2, 3), t(2, 3, salt=1)), (t(2, 3), t(3, salt=1)), (t(2, 1, 3), t(4, 1, salt=1)), (t(2, 3), t(salt=1)),
         (t(), t(salt=1)), (t(3, 2).t(), t(2, 3, salt=1)), (t(0, 3), t(3, salt=1)), (t(0, 3), t(1, 1)),
         (t(4, 6)[::2, ::3], t(2, 2, salt=1).t()), (special(), special().flip(0)),
         (t(2, 3, 2, 2).contiguous(memory_format=torch.channels_last), t(1, 3, 1, 1)),
         (t(3, dtype=torch.int64), t(3, dtype=torch.int64, salt=1).abs() + 1),
         (t(3, dtype=torch.uint8), t(3, dtype=torch.uint8, salt=1) + 1)]
SCALARS = [2, -3, 0.5, True]


def binary():
    f = Family("pointwise_binary", "two tensors or a tensor and a number, with broadcasting")
    for op in "add sub mul div".split():
        f.add(f"{op}.Tensor", f"torch.{op}(a, b)", *PAIRS, (t(2), t(2, dtype=torch.complex64)))
    for op in "maximum minimum fmax fmin atan2 remainder fmod pow floor_divide hypot copysign".split():
        overload = {"remainder": ".Tensor", "fmod": ".Tensor", "pow": ".Tensor_Tensor", "copysign": ".Tensor"}
        f.add(op + overload.get(op, ""), f"torch.{op}(a, b)", *PAIRS)
    for op in "max min".split():
        f.add(f"{op}.other", f"torch.{op}(a, b)", *PAIRS[:6], PAIRS[9])
    f.add("logaddexp", "torch.logaddexp(a, b)", *PAIRS[:6], PAIRS[9])
    for mode in ("trunc", "floor"):
        f.add("div.Tensor_mode", f"torch.div(a, b, rounding_mode='{mode}')", *PAIRS)
        f.add("div.Scalar_mode", f"torch.div(a, 2.5, rounding_mode='{mode}')", t(5, scale=9.0), special(),
              t(5, dtype=torch.int64))
        f.add("div.Scalar_mode", f"torch.div(a, -2, rounding_mode='{mode}')", t(5, scale=9.0),
              t(5, dtype=torch.int64), t(5, dtype=torch.int8))
    f.add("div.Tensor_mode", "torch.div(a, b, rounding_mode=None)", *PAIRS[:3], PAIRS[-1])
    for scalar in ("2", "-3", "0.5"):
        for symbol, op in [("+", "add.Scalar"), ("*", "mul.Scalar"), ("/", "div.Scalar"), ("-", "sub.Scalar"),
                           ("**", "pow.Tensor_Scalar"), ("%", "remainder.Scalar"), ("//", "floor_divide.Scalar")]:
            f.add(op, f"a {symbol} {scalar}", t(2, 3), t(3, 4).t(), t(4, dtype=torch.int64).abs() + 1,
                  t(4, dtype=torch.int32).abs() + 1, t(3, dtype=torch.float16), t(), special())
            if symbol == "-":
                f.add("add.Scalar", f"{scalar} - a", t(2, 3), t(4, dtype=torch.int64), special())
    for expression, op in [("2 ** a", "pow.Scalar"), ("0.5 ** a", "pow.Scalar"), ("1 / a", "reciprocal"),
                           ("3.0 / a", "reciprocal"), ("torch.rsub(a, 2)", "rsub.Scalar"),
                           ("torch.rsub(a, 3, 2)", "rsub.Scalar"), ("7 % a", "remainder.Scalar_Tensor")]:
        f.add(op, expression, t(2, 3), t(4, dtype=torch.int64).abs() + 1)
    f.add("sub.Tensor", "torch.rsub(a, b)", (t(3), t(3, salt=1)))
    f.add("sub.Tensor", "torch.rsub(a, b, alpha=2)", (t(3), t(3, salt=1)))
    for exponent in ("0", "1", "3", "-1", "-2", "0.5", "-0.5", "1.5", "2.0"):
        f.add("pow.Tensor_Scalar", f"torch.pow(a, {exponent})", t(4), special(), t(4, dtype=torch.float64),
              *([t(4, dtype=torch.int64)] if not exponent.startswith("-") else []))
    f.add("add.Tensor", "torch.add(a, b, alpha=2)", PAIRS[0], PAIRS[1], PAIRS[11])
    f.add("add.Tensor", "torch.add(a, b, alpha=0.5)", PAIRS[0], PAIRS[3])
    f.add("sub.Tensor", "torch.sub(a, b, alpha=3)", PAIRS[0], PAIRS[2], PAIRS[11])
    f.add("fmod.Scalar", "torch.fmod(a, 2.5)", t(5, scale=9.0), special())
    f.add("fmod.Scalar", "torch.fmod(a, -3)", t(5, dtype=torch.int64), t(5, scale=9.0))
    f.add("remainder.Scalar", "torch.remainder(a, -3)", t(5, dtype=torch.int64), t(5, scale=9.0))
    f.add("div.Tensor", "torch.true_divide(a, b)", PAIRS[0], PAIRS[11])
    f.add("add.Tensor", "a + b", (t(3), t(4)), raises=True)
    for op in ("add", "sub", "mul", "div"):
        f.add(f"{op}.Tensor", f"torch.{op}(a, b)", (t(3, dtype=torch.complex64), t(3, dtype=torch.complex64, salt=1)),
              (t(3, dtype=torch.complex128), t(3)))
    f.add("ldexp.Tensor", "torch.ldexp(a, b)", (t(3), t(3, dtype=torch.int64)))
    f.add("gcd", "torch.gcd(a, b)", (t(5, dtype=torch.int64), t(5, dtype=torch.int64, salt=1)))
    f.add("dist", "torch.dist(a, b)", PAIRS[0])
    return f


def promotion():
    f = Family("type_promotion", "result types of every pair of dtypes, tensor with tensor, zero-dim and number")
    every = FLOATS + INTS + [torch.bool] + COMPLEX
    for op in ("add", "mul"):
        for x in every:
            for y in every:
                f.add(f"{op}.Tensor", f"torch.{op}(a, b)", (t(2, dtype=x), t(2, dtype=y, salt=1)))
    for x in every:
        for y in every:
            f.add("mul.Tensor", "torch.mul(a, b)", (t(2, dtype=x), t(dtype=y, salt=1)))
            f.add("div.Tensor", "torch.div(a, b)", (t(2, dtype=x), t(2, dtype=y, salt=1).abs() + 1
                                                    if y != torch.bool else torch.ones(2, dtype=torch.bool)))
    for x in every:
        for expression, op in [("a + 1", "add.Scalar"), ("a + 1.5", "add.Scalar"), 
                               ("a / 2", "div.Scalar"), ("1 - a", "add.Scalar"), ("a > 1.5", "gt.Scalar"),
                               ("a.float()", "to.dtype"), ("torch.where(a > 0, a, 1.5)", "where")]:
            f.add(op, expression, t(3, dtype=x), t(dtype=x))
        for y in every:
            f.add("result_type.Tensor", "torch.result_type(a, b)",
                  (t(2, dtype=x), t(dtype=y)))
    return f


def comparisons():
    f = Family("comparisons", "comparisons of tensors and of tensors with numbers")
    for op in "eq ne lt le gt ge".split():
        f.add(f"{op}.Tensor", f"torch.{op}(a, b)", *PAIRS, (t(3, dtype=torch.int64), t(3)),
              (t(4, dtype=torch.bool), t(4, dtype=torch.bool, salt=1)))
        for scalar in ("0", "1.0", "-2"):
            f.add(f"{op}.Scalar", f"torch.{op}(a, {scalar})", t(2, 3), special(), t(5, dtype=torch.int64),
                  t(5, dtype=torch.uint8), t(4, dtype=torch.bool), t(4, dtype=torch.float16), t(3, 4).t())
    f.add("eq.Tensor", "a == b", (t(3, dtype=torch.complex64), t(3, dtype=torch.complex64)))
    f.add("equal", "torch.equal(a, b)", PAIRS[0], (t(3), t(3)), (special(), special()), (t(2, 3), t(3, 2).t()))
    f.add("allclose", "torch.allclose(a, b)", PAIRS[0], (t(3), t(3) + 1e-7), (special(), special()))
    f.add("isclose", "torch.isclose(a, b, equal_nan=True)", (special(), special()), (t(3), t(3) + 1e-7))
    return f


def logical():
    f = Family("logical", "logical and bitwise operators, shifts")
    bools, ints = (t(6, dtype=torch.bool), t(6, dtype=torch.bool, salt=1)), (t(6, dtype=torch.int64),
                                                                            t(6, dtype=torch.int64, salt=1))
    small = (t(6, dtype=torch.uint8), t(6, dtype=torch.uint8, salt=1))
    for op in "logical_and logical_or logical_xor".split():
        f.add(op, f"torch.{op}(a, b)", bools, ints, (t(6), t(6, dtype=torch.bool)), (special(), special().flip(0)))
    for op in "bitwise_and bitwise_or bitwise_xor".split():
        f.add(op + ".Tensor", f"torch.{op}(a, b)", bools, ints, small,
              (t(2, 3, dtype=torch.int32), t(3, dtype=torch.int32)))
        f.add(op + ".Scalar", f"torch.{op}(a, 6)", ints[:1], small[:1])
    for symbol, op in [("&", "__and__"), ("|", "__or__"), ("^", "__xor__")]:
        f.add(op + ".Tensor", f"a {symbol} b", bools, ints, (t(2, 3, dtype=torch.bool), t(dtype=torch.bool)))
        f.add(op + ".Scalar", f"a {symbol} 3", ints[:1])
    f.add("__lshift__.Tensor", "a << b", (t(4, dtype=torch.int64), t(4, dtype=torch.uint8).long()))
    f.add("__lshift__.Scalar", "a << 2", t(4, dtype=torch.int64), t(4, dtype=torch.int32))
    f.add("__rshift__.Tensor", "a >> b", (t(4, dtype=torch.int64) * 50, t(4, dtype=torch.uint8).long()))
    f.add("__rshift__.Scalar", "a >> 2", t(4, dtype=torch.int64) * 50, t(4, dtype=torch.int32) * 50)
    f.add("bitwise_left_shift.Tensor", "torch.bitwise_left_shift(a, b)", (ints[0], t(6, dtype=torch.uint8).long()))
    f.add("bitwise_not", "~a", *bools, *ints)
    return f


def in_place():
    f = Family("in_place", "in-place forms: the argument is changed, also through views, and keeps its dtype")
    for op in "abs neg exp sqrt sigmoid tanh relu floor ceil round log reciprocal cos sin square trunc".split():
        f.add(op + "_", f"a.{op}_()", positive(t(2, 3)), positive(t(4, 6))[::2, 1::2], positive(t(3, 4)).t())
    for op in "add sub mul div".split():
        f.add(f"{op}_.Tensor", f"a.{op}_(b)", (t(2, 3), t(3)), (t(4, 6)[::2, 1::2], t(2, 3)), (t(2, 3), t()),
              (t(2, 3), t(2, 3, dtype=torch.float64)), (t(3, dtype=torch.float16), t(3)))
        f.add(f"{op}_.Scalar", f"a.{op}_(2)", t(2, 3), t(3, 4).t(), *([t(3, dtype=torch.int64)] * (op != "div")))
    f.add("add_.Tensor", "a.add_(b, alpha=3)", (t(2, 3), t(3)))
    f.add("add_.Tensor", "a.add_(b)", (t(3, dtype=torch.int64), t(3)), (t(3), t(2, 3)), raises=True)
    f.add("div_.Scalar", "a.div_(2)", t(3, dtype=torch.int64), raises=True)
    f.add("div_.Tensor_mode", "a.div_(b, rounding_mode='floor')", (t(3, dtype=torch.int64), t(3).long().abs() + 2))
    f.add("add_.Tensor", "a += b\nreturn a", (t(2, 3), t(3)))
    f.add("mul_.Scalar", "a *= 0.5\nreturn a", t(2, 3))
    f.add("sub_.Scalar", "a -= 1\nreturn a", t(2, 3))
    f.add("div_.Tensor", "a /= b\nreturn a", (t(2, 3), t(3)))
    f.add("add_.Scalar", "b = a[0]\nb += 1\nreturn a, b", t(2, 3))
    f.add("mul_.Scalar", "b = a.t()[1:]\nb.mul_(3)\nreturn b", t(2, 3))
    f.add("add_.Tensor", "a[:, 1:].add_(a[:, :-1].clone())\nreturn a", t(2, 4))
    f.add("pow_.Scalar", "a.pow_(2)", t(3))
    f.add("clamp_", "a.clamp_(-0.5, 0.5)", t(2, 3))
    f.add("clamp_min_", "a.clamp_min_(0.1)", t(2, 3))
    f.add("clamp_max_", "a.clamp_max_(0.1)", t(2, 3))
    f.add("fill_.Scalar", "a.fill_(3)", t(2, 3), t(3, dtype=torch.int64), t(3, 4).t(), t(2, dtype=torch.bool))
    f.add("fill_.Tensor", "a.fill_(b)", (t(2, 3), t()))
    f.add("zero_", "a.zero_()", t(2, 3), t(4, 6)[::2, 1::2])
    f.add("copy_", "a.copy_(b)", (t(2, 3), t(3)), (t(2, 3), t(2, 3, dtype=torch.int64)), (t(3, 2).t(), t(2, 3)),
          (t(3, dtype=torch.int32), t(3, scale=5.0)), (t(3, dtype=torch.bool), t(3)))
    f.add("masked_fill_.Scalar", "a.masked_fill_(b, -1.0)", (t(2, 3), t(2, 3, dtype=torch.bool)),
          (t(2, 3), t(3, dtype=torch.bool)))
    f.add("masked_fill_.Tensor", "a.masked_fill_(b, c)", (t(2, 3), t(2, 3, dtype=torch.bool), t()))
    f.add("eq_.Scalar", "a.eq_(0)", torch.tensor([0.0, 1.0]))
    f.add("logical_and_", "a.logical_and_(b)", (t(4, dtype=torch.bool), t(4, dtype=torch.bool, salt=1)))
    f.add("lerp_.Scalar", "a.lerp_(b, 0.25)", (t(3), t(3, salt=1)))
    f.add("addcmul_", "a.addcmul_(b, c, value=2.0)", (t(3), t(3, salt=1), t(3, salt=2)))
    f.add("addcdiv_", "a.addcdiv_(b, c, value=2.0)", (t(3), t(3, salt=1), positive(t(3, salt=2))))
    f.add("squeeze_.dim", "a.squeeze_(1)", t(2, 1, 3))
    f.add("unsqueeze_", "a.unsqueeze_(0)", t(2, 3))
    f.add("transpose_", "a.transpose_(0, 1)", t(2, 3))
    f.add("t_", "a.t_()", t(2, 3))
    f.add("tril_", "a.tril_()", t(3, 3))
    f.add("resize_", "a.resize_([4])", t(2, 3))
    return f


def ternary():
    f = Family("pointwise_ternary", "where, clamp, lerp, addcmul and their relatives")
    mask = t(2, 3, dtype=torch.bool)
    f.add("where.self", "torch.where(a, b, c)", (mask, t(2, 3), t(2, 3, salt=1)), (mask, t(3), t(2, 1, salt=1)),
          (mask, t(), t(2, 3, dtype=torch.float64)), (mask, t(2, 3, dtype=torch.int64), t(3, dtype=torch.int64)),
          (t(0, 3, dtype=torch.bool), t(3), t(3)), (mask, t(2, 3, dtype=torch.int32), t(2, 3)))
    f.add("where.ScalarOther", "torch.where(a, b, 0.0)", (mask, t(2, 3)), (mask, t(3, dtype=torch.float64)))
    f.add("where.ScalarSelf", "torch.where(a, 1.0, b)", (mask, t(2, 3)))
    f.add("where.Scalar", "torch.where(a, 1.0, 2.0)", mask)
    f.add("where", "torch.where(a)", mask, t(2, 3, dtype=torch.bool, salt=4))
    for expression in ("torch.clamp(a, -0.5, 0.5)", "torch.clamp(a, min=0.2)", "torch.clamp(a, max=0.2)",
                       "torch.clamp(a, 1, -1)", "a.clip(-1, 1)"):
        f.add("clamp", expression, t(2, 3), t(3, 4).t(), special(),
              t(4, dtype=torch.int64), t(3, dtype=torch.float16))
    f.add("clamp.Tensor", "torch.clamp(a, b, c)", (t(2, 3), t(3, salt=1) - 1, t(3, salt=2) + 1))
    f.add("clamp_min", "torch.clamp_min(a, 0.1)", t(2, 3), special(), t(4, dtype=torch.int64))
    f.add("clamp_max", "torch.clamp_max(a, 0.1)", t(2, 3), special())
    f.add("clamp_min.Tensor", "torch.clamp_min(a, b)", (t(2, 3), t(3)))
    f.add("lerp.Scalar", "torch.lerp(a, b, 0.3)", (t(2, 3), t(2, 3, salt=1)), (t(2, 3), t(3, salt=1)))
    f.add("lerp.Tensor", "torch.lerp(a, b, c)", (t(2, 3), t(2, 3, salt=1), t(2, 3, salt=2)))
    f.add("addcmul", "torch.addcmul(a, b, c, value=0.5)", (t(2, 3), t(3), t(2, 1)))
    f.add("addcdiv", "torch.addcdiv(a, b, c, value=0.5)", (t(2, 3), t(3), positive(t(2, 1))))
    f.add("masked_fill.Scalar", "a.masked_fill(b, -5)", (t(2, 3), mask), (t(2, 3), t(3, dtype=torch.bool)),
          (t(3), mask), (t(2, 3, dtype=torch.int64), mask))
    f.add("masked_fill.Scalar", "a.masked_fill(b, float('-inf'))", (t(2, 3), mask))
    f.add("masked_fill.Tensor", "a.masked_fill(b, c)", (t(2, 3), mask, t()))
    f.add("_add_relu.Tensor", "torch._add_relu(a, b)", (t(2, 3), t(2, 3, salt=1)))
    return f
