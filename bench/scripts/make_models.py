"""Makes the benchmark models at real size: seeded random weights, TorchScript and ONNX, inputs and PyTorch's outputs.

    python3 make_models.py FOLDER [NAME ...] [--case MODEL:LABEL ...]

Needs PyTorch 1.13 and torchvision 0.14. Writes FOLDER/NAME/{model.pt, model.onnx, LABEL.in0.npy ..., LABEL.out.npy}.
A label says the shape of the input: b8 is a batch of 8, s64 a sequence of 64. What exists already is left alone.
"""
import argparse
import os
import warnings
from typing import List, Tuple

import numpy
import torch
from torch import Tensor, nn

try:
    import torchvision
except Exception as e:      # none, or one for another PyTorch: the other models can be made
    torchvision = None
    print(f"no torchvision: {e}")

warnings.filterwarnings("ignore")
torch.set_grad_enabled(False)


class Cell(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        k = hidden ** -0.5
        self.w_ih = nn.Parameter(torch.empty(4 * hidden, inputs).uniform_(-k, k))
        self.w_hh = nn.Parameter(torch.empty(4 * hidden, hidden).uniform_(-k, k))
        self.b_ih = nn.Parameter(torch.empty(4 * hidden).uniform_(-k, k))
        self.b_hh = nn.Parameter(torch.empty(4 * hidden).uniform_(-k, k))

    def forward(self, x: Tensor, state: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Tensor]:
        hx, cx = state
        gates = x.mm(self.w_ih.t()) + hx.mm(self.w_hh.t()) + self.b_ih + self.b_hh
        i, f, g, o = gates.chunk(4, 1)
        i = torch.sigmoid(i)
        f = torch.sigmoid(f)
        g = torch.tanh(g)
        o = torch.sigmoid(o)
        cy = f * cx + i * g
        hy = o * torch.tanh(cy)
        return hy, cy


class CellLoop(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.cell = Cell(inputs, hidden)
        self.hidden = hidden

    def forward(self, x: Tensor) -> Tensor:
        hx = torch.zeros(x.size(1), self.hidden, dtype=x.dtype, device=x.device)
        cx = torch.zeros_like(hx)
        outs: List[Tensor] = []
        for t in range(x.size(0)):
            hx, cx = self.cell(x[t], (hx, cx))
            outs.append(hx)
        return torch.stack(outs)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(128, 256)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x)[0]


class Pointwise(nn.Module):
    """Thirteen operators over three tensors."""

    def forward(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        a = torch.nn.functional.gelu(x) * torch.sigmoid(y)
        b = a + torch.tanh(z) * x
        c = torch.relu(b) - 0.5 * y
        return c * torch.exp(-torch.abs(z))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.head_width = width // heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.o = nn.Linear(width, width)
        self.f1 = nn.Linear(width, 4 * width)
        self.f2 = nn.Linear(4 * width, width)
        self.n1 = nn.LayerNorm(width)
        self.n2 = nn.LayerNorm(width)

    def split(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), x.size(1), self.heads, self.head_width).permute(0, 2, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        q = self.split(self.q(x))
        k = self.split(self.k(x))
        v = self.split(self.v(x))
        a = torch.softmax(torch.matmul(q, k.transpose(-1, -2)) / 8.0, -1)
        c = torch.matmul(a, v).permute(0, 2, 1, 3).contiguous().view(x.size(0), x.size(1), self.heads * self.head_width)
        x = self.n1(x + self.o(c))
        return self.n2(x + self.f2(torch.nn.functional.gelu(self.f1(x))))


class Encoder(nn.Module):
    def __init__(self, layers=4, width=256, heads=4):
        super().__init__()
        self.layers = nn.ModuleList([Layer(width, heads) for _ in range(layers)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class ControlFlow(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(64, 64) * 0.1)

    def forward(self, x: Tensor) -> Tensor:
        i = 0
        while i < 40 and bool(x.abs().sum() < 20000.0 * x.size(0)):
            if bool(x.sum() > 0):
                x = torch.tanh(x @ self.w) * 1.5 - 0.1
            else:
                x = x * 1.05 + 0.2
            i += 1
        return x + float(i)


class MatMul(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.mm(x, y)


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x))


def policy():
    return nn.Sequential(nn.Linear(45, 512), nn.ELU(), nn.Linear(512, 256), nn.ELU(), nn.Linear(256, 128), nn.ELU(),
                         nn.Linear(128, 12))


def images(n):
    return (torch.randn(n, 3, 224, 224),)


def steps(n):
    return (torch.randn(100, n, 128),)


def millions(count):
    return lambda n: tuple(torch.randn(n, 1 << 20) for _ in range(count))


def tokens(n):
    return (torch.randn(1, n, 256),)


def fixed(*shape, count=1):
    return lambda n: tuple(torch.randn(n, *shape) for _ in range(count))


def square(n):
    return torch.randn(512, 512), torch.randn(512, 512)


def unary(f):
    return lambda: torch.jit.trace(lambda x: f(x), (torch.randn(1, 1 << 20),))


# name: (module, "script" | "trace" | "as is", inputs for a number, default labels, dynamic axes of x in ONNX)
MODELS = {
    "mlp_policy": (policy, "script", fixed(45), ["b1", "b3", "b5", "b16"], {0: "n"}),
    "resnet18_traced": (lambda: torchvision.models.resnet18(weights=None), "trace", images, ["b1", "b3", "b5", "b8"], {0: "n"}),
    "resnet18_scripted": (lambda: torchvision.models.resnet18(weights=None), "script", images, ["b1", "b3", "b5"], {0: "n"}),
    "densenet121_traced": (lambda: torchvision.models.densenet121(weights=None), "trace", images, ["b1", "b3", "b5"], {0: "n"}),
    "mobilenet_v2_scripted": (lambda: torchvision.models.mobilenet_v2(weights=None), "script", images, ["b1", "b3", "b5"], {0: "n"}),
    "lstmcell_loop": (lambda: CellLoop(128, 256), "script", steps, ["b1", "b3", "b5", "b4", "b16"], {1: "n"}),
    "nn_lstm": (Lstm, "script", steps, ["b1", "b3", "b5", "b16"], {1: "n"}),
    "bert4x256": (Encoder, "script", tokens, ["s128", "s32", "s64", "s256"], {0: "n", 1: "s"}),
    "pointwise": (Pointwise, "script", millions(3), ["b1"], {0: "n"}),
    "control_flow": (ControlFlow, "script", fixed(64, 64), ["b1", "b3", "b5"], {0: "n"}),
    "mm512": (MatMul, "script", square, ["b1"], {}),
    "conv64": (Conv, "script", fixed(64, 56, 56), ["b1"], {0: "n"}),
    "u_tanh": (unary(torch.tanh), "as is", millions(1), ["b1"], {0: "n"}),
    "u_exp": (unary(torch.exp), "as is", millions(1), ["b1"], {0: "n"}),
    "u_sigmoid": (unary(torch.sigmoid), "as is", millions(1), ["b1"], {0: "n"}),
    "u_gelu": (unary(torch.nn.functional.gelu), "as is", millions(1), ["b1"], {0: "n"}),
}
SCRIPTED_ONNX = ("lstmcell_loop", "control_flow")  # with a loop in it, a trace would be of one length


def make(folder, name):
    build, how, inputs, _, axes = MODELS[name]
    torch.manual_seed(0)
    module = build() if how == "as is" else build().eval()
    x = inputs(1 if not name.startswith("bert") else 128)
    script = {"script": lambda: torch.jit.script(module), "trace": lambda: torch.jit.trace(module, x), "as is": lambda: module}[how]()
    torch.jit.save(script, os.path.join(folder, "model.pt"))
    names = ["x", "y", "z"][:len(x)]
    dynamic = {n: axes for n in names + ["out"]} if axes else {}
    if name in SCRIPTED_ONNX:
        script(*x)
    try:
        torch.onnx.export(script if how == "as is" or name in SCRIPTED_ONNX else module, x, os.path.join(folder, "model.onnx"),
                          opset_version=13, input_names=names, output_names=["out"], dynamic_axes=dynamic, do_constant_folding=True)
    except Exception as e:  # ONNX has no word for it: this model runs without ONNX Runtime
        print(f"  no ONNX: {str(e)[:200]}")
    return script


def cases(folder, name, labels, script):
    for label in labels:
        if os.path.exists(os.path.join(folder, label + ".out.npy")):
            continue
        script = script or torch.jit.load(os.path.join(folder, "model.pt"))
        n = int(label[1:])
        torch.manual_seed(n)
        x = MODELS[name][2](n)
        for i, t in enumerate(x):
            numpy.save(os.path.join(folder, f"{label}.in{i}.npy"), t.numpy())
        numpy.save(os.path.join(folder, label + ".out.npy"), script(*x).numpy())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", help="models, all if none: " + " ".join(MODELS))
    parser.add_argument("--case", action="append", default=[], metavar="MODEL:LABEL", help="a further input shape")
    arguments = parser.parse_args()
    more = [c.split(":") for c in arguments.case]
    for name in arguments.names or ([] if more else list(MODELS)):
        folder = os.path.join(arguments.folder, name)
        os.makedirs(folder, exist_ok=True)
        print(name, flush=True)
        script = None if os.path.exists(os.path.join(folder, "model.pt")) else make(folder, name)
        cases(folder, name, MODELS[name][3], script)
    for name, label in more:
        cases(os.path.join(arguments.folder, name), name, [label], None)


if __name__ == "__main__":
    main()
