"""Makes one small model in every archive generation and shape of container that PyTorch 1.13 still loads.

PyTorch 1.13 writes only its current layout, so most of these are rewritten entry by entry. What each one returns is
what PyTorch returns for that very file; `refused/` holds files that PyTorch refuses, with its reason.
"""
import io
import json
import os
import shutil
import struct
import zipfile

import numpy as np
import torch

from casefile import RESOURCES, Case

HERE = os.path.join(RESOURCES, "archives")


class Small(torch.nn.Module):
    """A little of everything that a container has to carry: weights, a view, attributes, a constant, a submodule."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.linear = torch.nn.Linear(3, 2)
        self.register_buffer("table", torch.arange(12, dtype=torch.int64).reshape(3, 4))
        self.register_buffer("column", self.table[:, 1])
        self.sizes = [1, 2, 300, -70000, 1 << 40]
        self.names = {"a": 1.5, "b": -0.25}
        self.label = "größe"

    def forward(self, x: torch.Tensor):
        y = self.linear(x) + self.column.sum() * self.names["b"]
        return torch.relu(y), self.table + self.sizes[3], self.label, self.names, torch.tensor([[1.0, 2.0]])


def saved(module, extra=None):
    """The entries of the archive PyTorch writes, without their root folder, in order."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer, _extra_files=extra or {})
    with zipfile.ZipFile(buffer) as z:
        return {name.split("/", 1)[1]: z.read(name) for name in z.namelist()}


def write(path, entries, root="archive", deflate=(), align=64):
    """Writes entries below one root folder; stored data starts at a multiple of `align` when that is not 0."""
    with zipfile.ZipFile(path, "w") as z:
        for name, data in entries.items():
            info = zipfile.ZipInfo(f"{root}/{name}", (1980, 1, 1, 0, 0, 0))
            packed = any(name.startswith(d) for d in deflate)
            info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            if align and not packed:
                at = z.fp.tell() + 30 + len(info.filename.encode()) + 4
                info.extra = b"FB" + struct.pack("<H", -at % align) + b"Z" * (-at % align)
            z.writestr(info, data)


def versioned(entries, version, record=None):
    """The same entries with another version number, in the record that number is found in."""
    rest = {k: v for k, v in entries.items() if k not in ("version", ".data/version")}
    record = record or (".data/version" if version >= 6 else "version")
    return {**rest, record: f"{version}\n".encode()}


def case(name, about, entries, *calls, same_as=None, **options):
    """`same_as` computes the outputs where PyTorch does not load the file itself."""
    c = Case(os.path.join(HERE, name), about)
    write(c.model, entries, **options)
    c.session("all", load=same_as and (lambda: same_as))
    for arguments in calls:
        result = c.call(*arguments)
        if isinstance(result, Exception):
            raise SystemExit(f"{name}: {result}")
    c.write()


def containers():
    entries, x = saved(Small()), (torch.tensor([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]),)
    for version in range(1, 11):
        case(f"version-{version}", f"archive of version {version}", versioned(entries, version), x)
    case("version-10-in-version", "new number in the old record", versioned(entries, 10, "version"), x)
    case("version-3-in-data-version", "old number in the new record", versioned(entries, 3, ".data/version"), x)
    bare = {**versioned(entries, 3)}
    bare["version"] = b"3"
    case("version-without-newline", "no line end after the number", bare, x)
    case("deflated", "every entry deflated, weights too", entries, x, deflate=("",))
    case("deflated-weights", "weights deflated, the rest stored", entries, x, deflate=("data/",))
    case("unaligned", "no padding before stored data", entries, x, align=0)
    case("odd-offsets", "stored data at odd addresses", entries, x, align=0, root="r")
    case("other-root", "a root folder with a dot, a blank and an umlaut", entries, x, root="my modèl.v2")
    case("reversed-entries", "entries in reverse order", dict(reversed(entries.items())), x)
    case("no-debug", "no debug records", {k: v for k, v in entries.items() if not k.endswith(".debug_pkl")}, x)
    case("newer-records", "the extra records that PyTorch 2.x writes",
         {**entries, "byteorder": b"little", ".data/serialization_id": b"0" * 40, ".format_version": b"1",
          ".storage_alignment": b"64"}, x)
    extra = {"config.json": b'{"classes": 10}', "nested/notes.txt": "Größe\n".encode(), "empty": b""}
    case("extra-files", "three extra files", saved(Small(), extra), x)
    old = {k: (b"op_version_set = 1\nimport __torch__.torch.nn.modules.linear\n" + v if k.endswith(".py") else v)
           for k, v in versioned(entries, 1).items() if not k.endswith(".debug_pkl")}
    case("version-1-imports", "code files with op_version_set and import lines", old, x)


# ---- pickles written by hand: no memo, no type tags, as the first zip archives had them

def text(s):
    data = s.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(n):
    return b"K" + bytes([n]) if 0 <= n < 256 else b"J" + struct.pack("<i", n)


def global_(module, name):
    return f"c{module}\n{name}\n".encode()


def tensor(key, storage, shape, strides, numel, location="cpu", grad=False):
    tuple_of = lambda ns: b"(" + b"".join(integer(n) for n in ns) + b"t"
    return (global_("torch._utils", "_rebuild_tensor_v2") + b"((" + text("storage") + global_("torch", storage)
            + text(key) + text(location) + integer(numel) + b"tQ" + integer(0) + tuple_of(shape) + tuple_of(strides)
            + (b"\x88" if grad else b"\x89") + global_("collections", "OrderedDict") + b")RtR")


def module_pickle(class_name, attributes):
    state = b"".join(text(k) + v for k, v in attributes.items())
    return b"\x80\x02" + global_("__torch__", class_name) + b")\x81}(" + state + b"ub."


UNTAGGED_CODE = '''class Untagged(Module):
  __parameters__ = ["weight", ]
  __buffers__ = []
  weight : Tensor
  training : bool
  names : List[str]
  ages : Dict[str, int]
  pairs : List[Tuple[int, str]]
  def forward(self: __torch__.Untagged,
    x: Tensor) -> Tuple[Tensor, List[str], Dict[str, int], List[Tuple[int, str]]]:
    names = self.names
    ages = self.ages
    total = torch.add(torch.mul(x, self.weight), ages["b"])
    return (total, names, ages, self.pairs)
'''


def hand_pickled():
    weight = np.array([1.5, -2.0], np.float32).tobytes()
    pickle = module_pickle("Untagged", {
        "weight": tensor("0", "FloatStorage", [2], [1], 2, grad=True), "training": b"\x89",
        "names": b"](" + text("p") + text("q") + b"e", "ages": b"}(" + text("b") + integer(7) + b"u",
        "pairs": b"]((" + integer(1) + text("one") + b"te"})
    x = (torch.tensor([[1.0, 2.0], [3.0, 4.0]]),)
    for version in (1, 2):
        head = "op_version_set = 1\n" if version == 1 else ""
        entries = {"version": b"%d\n" % version, "code/__torch__.py": (head + UNTAGGED_CODE).encode(),
                   "data/0": weight, "constants.pkl": b"\x80\x02).", "data.pkl": pickle}
        case(f"version-{version}-untagged", "lists and dictionaries whose element types only the class tells",
              entries, x)
    cuda = pickle.replace(text("cpu"), text("cuda:0"))
    case("recorded-on-cuda", "a weight recorded on cuda:0", {**entries, "version": b"3\n", "data.pkl": cuda,
         "code/__torch__.py": UNTAGGED_CODE.replace("List[str], Dict[str, int], List[Tuple[int, str]]]", "int]")
         .replace("(total, names, ages, self.pairs)", '(total, ages["b"])').replace("  names : List[str]\n", "")
         .replace("  pairs : List[Tuple[int, str]]\n", "").replace("    names = self.names\n", "").encode()}, x)


# ---- the layout before 1.4: model.json. PyTorch as Debian builds it was compiled without this loader, so the expected
# outputs come from the same arithmetic as a Python module.

class LegacySmall(torch.nn.Module):
    def __init__(self, weight, bias, constant, scale):
        super().__init__()
        self.weight, self.bias, self.constant, self.scale = weight, bias, constant, scale

    def forward(self, x):
        return (torch.addmm(self.bias, x, self.weight.t()) + self.constant) * self.scale


def legacy():
    weight, bias = torch.tensor([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]), torch.tensor([0.5, -0.5])
    constant = torch.tensor([[10.0, 20.0]])
    arena = '''op_version_set = 1
def forward(self,
    x: Tensor) -> Tensor:
  _0 = torch.add(self.inner.apply(x, ), CONSTANTS.c2, alpha=1)
  return torch.mul(_0, self.scale)
'''
    inner = '''op_version_set = 1
def apply(self,
    x: Tensor) -> Tensor:
  return torch.addmm(self.bias, x, torch.t(self.weight), beta=1, alpha=1)
'''
    floats = lambda dims, strides, key, **more: {
        "dims": [str(d) for d in dims], "strides": [str(s) for s in strides], "offset": more.pop("offset", "0"),
        "requiresGrad": False, "dataType": "FLOAT", "data": {"key": f"tensors/{key}"}, "device": "cpu", **more}
    model = {"protoVersion": "4", "producerName": "pytorch", "producerVersion": "1.0",
             "mainModule": {
                 "torchscriptArena": {"key": "code/small.py"}, "name": "Small", "optimize": True,
                 "submodules": [{"torchscriptArena": {"key": "code/inner.py"}, "name": "inner", "optimize": True,
                                 "parameters": [{"isBuffer": False, "tensorId": "0", "name": "weight"},
                                                {"isBuffer": False, "tensorId": "1", "name": "bias"}]}],
                 "attributes": [{"type": "float", "name": "scale", "id": "0"}]},
             "tensors": [floats([2, 3], [3, 1], 0), floats([2], [1], 1), floats([1, 2], [2, 1], 2)]}
    # attributes.pkl: a list of the values, as protocol 2 wrote it.
    attributes = b"\x80\x02](G" + struct.pack(">d", 2.5) + b"e."
    entries = {"version": b"1\n", "code/inner.py": inner.encode(), "code/small.py": arena.encode(),
               "attributes.pkl": attributes, "tensors/0": weight.numpy().tobytes(), "tensors/1": bias.numpy().tobytes(),
               "tensors/2": constant.numpy().tobytes(), "model.json": json.dumps(model).encode()}
    case("model-json", "the layout before 1.4: model.json, a submodule, a constant, an attribute", entries,
         (torch.tensor([[1.0, 2.0, 3.0]]),), same_as=LegacySmall(weight, bias, constant, 2.5))
    shared = json.loads(json.dumps(model))
    shared["mainModule"]["attributes"] = []
    shared["mainModule"]["submodules"][0]["parameters"][1]["tensorId"] = "1"
    shared["tensors"][1] = floats([2], [3], 0, offset="1")
    case("model-json-shared", "model.json whose bias is a column of the weight's storage",
         {**{k: v for k, v in entries.items() if k not in ("attributes.pkl", "tensors/1")},
          "code/small.py": arena.replace("self.scale", "2.0").encode(), "model.json": json.dumps(shared).encode()},
         (torch.tensor([[1.0, 2.0, 3.0]]),), same_as=LegacySmall(weight, weight[:, 1], constant, 2.0))


# ---- operators that changed their meaning

class Upgraded(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor):
        return (torch.div(a, b), torch.div(a, 2), torch.div(a, 2.0), torch.div(a, b, rounding_mode="floor"),
                a.clone().div_(b), torch.full([2], 3), torch.full([2], 2.5), torch.full([2], 3, dtype=torch.float64))


class UpgradedFloat(torch.nn.Module):
    def forward(self, x: torch.Tensor):
        return torch._C._nn.gelu(x), torch.linspace(0, 1, 7), torch.logspace(0, 2, 7)


class InPlaceDivision(torch.nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor):
        a.div_(b)
        return a, torch.div(a, 3), torch.full([1], 4)


def upgraders():
    entries = saved(InPlaceDivision())
    ints = (torch.tensor([7, -7, 9]), torch.tensor([2, 2, -4]))
    floats = (torch.tensor([7.0, -7.0, 9.0]), torch.tensor([2.0, 2.0, -4.0]))
    case("upgrade-div-3", "in-place and scalar division before version 4: integers are truncated",
         versioned(entries, 3), ints, floats, (torch.tensor([7.0]), torch.tensor([2])))
    entries = saved(Upgraded())
    mixed = (torch.tensor([7, -7, 9], dtype=torch.int32).float(), torch.tensor([2, 2, -4]))
    for version in (1, 3):
        case(f"upgrade-div-{version}-all", "every division before version 4", versioned(entries, version), ints, mixed)
    case("upgrade-full-4", "full before version 5: an int fill makes floats; division is already true",
         versioned(entries, 4), floats)
    case("upgrade-none-5", "the same program at version 5", versioned(entries, 5), floats)
    entries, x = saved(UpgradedFloat()), (torch.tensor([-1.0, 0.0, 0.5, 3.0]),)
    code = entries["code/__torch__.py"].decode()
    case("upgrade-none-10", "gelu, linspace and logspace as they are", entries, x)
    stepless = code.replace("torch.linspace(0, 1, 7", "torch.linspace(0, 1, None").replace(
        "torch.logspace(0, 2, 7", "torch.logspace(0, 2, None")
    shorter = code.replace("torch.linspace(0, 1, 7", "torch.linspace(0, 1").replace(
        "torch.logspace(0, 2, 7", "torch.logspace(0, 2")
    for version in (3, 7):
        case(f"upgrade-steps-{version}", "linspace and logspace without steps: 100; gelu without approximate",
             {**versioned(entries, version), "code/__torch__.py": stepless.encode()}, x)
        case(f"upgrade-steps-{version}-left-out", "the same, steps left out of the call",
             {**versioned(entries, version), "code/__torch__.py": shorter.encode()}, x)
    for version in (8, 9):
        case(f"upgrade-gelu-{version}", "gelu without approximate, steps given", versioned(entries, version), x)


# ---- refused

def refused():
    folder = os.path.join(HERE, "refused")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    entries = saved(Small())
    torch.save({"weight": torch.ones(2)}, os.path.join(folder, "state-dict-zip.pt"))
    torch.save({"weight": torch.ones(2)}, os.path.join(folder, "state-dict-pickle.pt"),
               _use_new_zipfile_serialization=False)
    files = {"version-0": versioned(entries, 0), "version-11": versioned(entries, 11),
             "version-text": {**versioned(entries, 3), "version": b"three\n"},
             "no-version": {k: v for k, v in entries.items() if k not in ("version", ".data/version")},
             "no-data-pickle": {k: v for k, v in entries.items() if k != "data.pkl"},
             "no-constants": {k: v for k, v in entries.items() if k != "constants.pkl"},
             "no-code": {k: v for k, v in entries.items() if not k.startswith("code/")},
             "no-weight": {k: v for k, v in entries.items() if k != "data/0"},
             "empty-pickle": {**entries, "data.pkl": b""}}
    for name, changed in files.items():
        write(os.path.join(folder, name + ".pt"), changed)
    write(os.path.join(folder, "root-of-two-levels.pt"), entries, root="a/b")
    with open(os.path.join(folder, "preview.pt"), "wb") as f:
        f.write(b"PYTORCH1" + bytes(64))
    with open(os.path.join(folder, "empty.pt"), "wb"):
        pass
    with open(os.path.join(folder, "text.pt"), "w") as f:
        f.write("This is not an archive.\n")
    with open(os.path.join(HERE, "unaligned", "model.pt"), "rb") as f:
        whole = f.read()
    with open(os.path.join(folder, "truncated.pt"), "wb") as f:
        f.write(whole[:len(whole) // 2])
    lines = []
    for name in sorted(os.listdir(folder)):
        try:
            torch.jit.load(os.path.join(folder, name))
            raise SystemExit(f"{name} was expected to be refused")
        except RuntimeError as e:
            message = str(e).split("Exception raised from")[0].strip().splitlines()
            lines.append(f"{name}\t{(message[-1] if message[0].startswith('The following') else message[0])[:160]}\n")
    with open(os.path.join(folder, "reasons.tsv"), "w") as f:
        f.write("".join(l.replace(folder + "/", "") for l in lines))


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    for part in (containers, hand_pickled, legacy, upgraders, refused):
        part()


if __name__ == "__main__":
    main()
