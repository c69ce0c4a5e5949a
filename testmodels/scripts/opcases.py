"""Makes the operator cases: per family one archive with many one-line methods, and one case.json with many calls.

usage: opcases.py [FAMILY…]        writes opcases/<family>/ below the resources
       opcases.py --coverage FILE  also lists the operators of FILE (one schema name per line) that no call reaches

The tables are in opcase_*.py: one line per expression, the operator it is about, and the arguments of each call.
"""
import importlib
import math  # noqa: F401 (named by the expressions)
import os
import sys
import zlib

import torch
import torch.nn.functional as F  # noqa: F401 (named by the expressions)
import torchvision  # noqa: F401 (registers its operators)

from casefile import RESOURCES, Case

TABLES = ["opcase_pointwise", "opcase_reduce", "opcase_shape", "opcase_index", "opcase_nn", "opcase_math",
          "opcase_misc"]
NAMES = "abcdefghij"


class Family:
    """The calls about one family of operators."""

    def __init__(self, name, about):
        self.name, self.about = name, about
        self.methods, self.calls, self.sources = {}, [], []
        self.randoms, self.reached, self.dropped = [], {}, []

    def add(self, op, expression, *calls, random=False, raises=False):
        """One expression over a, b, c …; each call is a tuple of its arguments (a lone tensor may stand for itself)."""
        for arguments in calls or [()]:
            if not isinstance(arguments, tuple):
                arguments = (arguments,)
            self.calls.append((op, expression, arguments, random, raises))

    def write(self):
        # A class of its own: instances of one class share their methods.
        class_name = "".join(part.title() for part in self.name.split("_"))
        module = torch.jit.script(type(class_name, (torch.nn.Module,), {"__module__": "opcases"})())
        for op, expression, arguments, _, _ in self.calls:
            self.define(module, op, expression, arguments)
        case = Case(os.path.join(RESOURCES, "opcases", self.name), self.about, tensors="t")
        case.archive(module)
        for random in (False, True):
            calls = [c for c in self.calls if c[3] == random]
            if not calls:
                continue
            case.session("random" if random else "all", **({"random": True} if random else {}))
            for op, expression, arguments, _, raises in calls:
                method = self.methods.get(self.key(expression, arguments))
                if method is None:
                    continue
                try:
                    result = case.call(*arguments, method=method, op=op, about=expression)
                except TypeError as e:
                    self.dropped.append((expression, [describe(a) for a in arguments], str(e)))
                    continue
                if isinstance(result, Exception) != raises:
                    # A dtype PyTorch does not implement is no requirement.
                    entry = case.description["sessions"][-1]["calls"].pop()
                    self.dropped.append((expression, [describe(a) for a in arguments],
                                         entry.get("raises", "no error")[:150]))
        case.write()
        case.drop_unused_files()

    def define(self, module, op, expression, arguments):
        key = self.key(expression, arguments)
        if key in self.methods:
            return
        name = f"{op.split('::')[-1].split('.')[0].strip('_')}_{len(self.methods):03d}"
        parameters = "".join(f", {n}: {annotation(v)}" for n, v in zip(NAMES, arguments))
        lines = expression.split("\n") if "return " in expression else ["return " + expression]
        source = f"def {name}(self{parameters}):\n" + "".join(f"    {line}\n" for line in lines)
        try:
            # Elsewhere first: a method that does not compile would stay behind, half made.
            torch.jit.script(type("Scratch" + name, (torch.nn.Module,), {"__module__": "opcases"})()).define(source)
            module.define(source)
        except Exception as e:
            self.methods[key] = None
            print(f"{self.name}: does not compile: {expression!r}: {str(e).strip()[:400]}")
            return
        self.methods[key] = name
        graph = getattr(module, name).graph.copy()
        torch._C._jit_pass_inline(graph)
        found = set()
        collect(graph, found)
        self.reached[name] = found
        plain = {f.split(".")[0] for f in found}
        if f"aten::{op}" not in found | plain and op not in found | plain:
            print(f"{self.name}: {expression!r} is said to be about {op} but has {sorted(found)}")

    @staticmethod
    def key(expression, arguments):
        return expression, tuple(annotation(a) for a in arguments)


def collect(block, found):
    for node in block.nodes():
        schema = node.schema()
        found.add(schema.split("(")[0] if schema != "(no schema)" else node.kind())
        for inner in node.blocks():
            collect(inner, found)


def annotation(value):
    if isinstance(value, torch.Tensor):
        return "Tensor"
    if value is None:
        return "Optional[Tensor]"
    if isinstance(value, (bool, int, float, complex, str)):
        return type(value).__name__
    if isinstance(value, list):
        return f"List[{annotation(value[0])}]"
    if isinstance(value, tuple):
        return f"Tuple[{', '.join(annotation(v) for v in value)}]"
    if isinstance(value, dict):
        key, item = next(iter(value.items()))
        return f"Dict[{annotation(key)}, {annotation(item)}]"
    raise TypeError(type(value))


def describe(value):
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype)[6:]}{list(value.shape)}"
    return value if not isinstance(value, list) else [describe(v) for v in value]


# ---- argument makers, used by the tables

FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
INTS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
COMPLEX = [torch.complex64, torch.complex128]


def t(*shape, dtype=torch.float32, scale=1.0, offset=0.0, salt=0):
    """Seeded values: normal for floating dtypes, a spread over small positive and negative numbers for integers."""
    seed = zlib.crc32(repr((shape, str(dtype), salt)).encode())
    g = torch.Generator().manual_seed(seed)
    if dtype == torch.bool:
        return torch.rand(shape, generator=g) > 0.5
    if not dtype.is_floating_point and not dtype.is_complex:
        low = 0 if dtype == torch.uint8 else -9
        return torch.randint(low, 10, shape, generator=g).to(dtype)
    real = torch.randn(shape, generator=g, dtype=torch.float64)
    if dtype.is_complex:
        real = torch.complex(real, torch.randn(shape, generator=g, dtype=torch.float64))
    return (real * scale + offset).to(dtype)


def i(*shape, high=3, low=0, dtype=torch.int64, salt=0):
    g = torch.Generator().manual_seed(zlib.crc32(repr((shape, high, low, salt)).encode()))
    return torch.randint(low, high, shape, generator=g).to(dtype)


def positive(tensor):
    return tensor.abs() + 0.1


def unit(tensor):
    return torch.tanh(tensor.double()).to(tensor.dtype) * 0.9


def special(dtype=torch.float32):
    values = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 1e-30, 3e4]
    return torch.tensor(values, dtype=dtype)


def layouts(dtype=torch.float32):
    """The same kind of values behind every stride pattern that matters."""
    return [t(2, 3, dtype=dtype), t(3, 4, dtype=dtype).t(), t(4, 6, dtype=dtype)[::2, 1::2],
            t(1, 3, dtype=dtype).expand(2, 3), t(dtype=dtype), t(0, 3, dtype=dtype),
            t(2, 3, 2, 2, dtype=dtype).contiguous(memory_format=torch.channels_last)]


def main():
    names = sys.argv[1:]
    coverage = None
    if "--coverage" in names:
        at = names.index("--coverage")
        coverage = names[at + 1]
        del names[at:at + 2]
    torch.set_num_threads(1)
    reached, calls = set(), 0
    for table in TABLES:
        for family in importlib.import_module(table).families():
            if not names or family.name in names:
                family.write()
                calls += len(family.calls) - len(family.dropped)
                print(f"{family.name}: {len(family.methods)} methods, {len(family.calls) - len(family.dropped)} calls")
                for dropped in family.dropped:
                    if "not implemented for" not in dropped[-1]:
                        print("   dropped:", *dropped)
            for found in family.reached.values():
                reached |= found
    print(f"{calls} calls, {len(reached)} operators")
    if coverage:
        with open(coverage) as f:
            wanted = {line.strip() for line in f}
        print("not reached:", *sorted(wanted - reached))


if __name__ == "__main__":
    sys.modules["opcases"] = sys.modules["__main__"]
    main()
