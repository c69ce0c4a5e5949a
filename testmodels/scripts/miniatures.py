"""Makes small models with seeded random weights: well-known architectures, and the language around them."""
import enum
import os
import sys
from collections import OrderedDict
from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torch.utils.mobile_optimizer import optimize_for_mobile

from casefile import RESOURCES, Case


def values(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1))


def settle(model):
    """Batch statistics that are not the initial 0 and 1, evaluation mode, no gradients."""
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.running_mean.copy_(values(m.num_features, seed=1) * 0.1)
            m.running_var.copy_(values(m.num_features, seed=2).abs() * 0.5 + 0.5)
    return model.eval().requires_grad_(False)


# ---- architectures

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda a, b: nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(inplace=True))
        self.down1, self.down2, self.bottom = block(1, 6), block(6, 12), block(12, 16)
        self.up2, self.up1 = nn.ConvTranspose2d(16, 12, 2, stride=2), nn.ConvTranspose2d(12, 6, 2, stride=2)
        self.join2, self.join1, self.head = block(24, 12), block(12, 6), nn.Conv2d(6, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.bottom(F.max_pool2d(b, 2))
        c = self.join2(self.meet(self.up2(c), b))
        return self.head(self.join1(self.meet(self.up1(c), a)))

    def meet(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        if x.shape[-2:] != skip.shape[-2:]:
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        return torch.cat([x, skip], dim=1)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        return x.view(x.size(0), x.size(1), self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / float(q.size(-1)) ** 0.5
        mixed = torch.matmul(torch.softmax(scores + mask, dim=-1), v)
        return self.out(mixed.permute(0, 2, 1, 3).contiguous().view(x.size(0), x.size(1), -1))


class Bert(nn.Module):
    def __init__(self, width=16, heads=4, layers=2):
        super().__init__()
        self.words, self.places, self.kinds = nn.Embedding(50, width, 0), nn.Embedding(12, width), nn.Embedding(2, 16)
        self.norm = nn.LayerNorm(width)
        self.attention = nn.ModuleList([Attention(width, heads) for _ in range(layers)])
        self.wide = nn.ModuleList([nn.Linear(width, 4 * width) for _ in range(layers)])
        self.narrow = nn.ModuleList([nn.Linear(4 * width, width) for _ in range(layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * layers)])
        self.pooler, self.dropout = nn.Linear(width, width), nn.Dropout(0.1)
        self.register_buffer("positions", torch.arange(12).unsqueeze(0))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, kinds: Optional[torch.Tensor] = None):
        if kinds is None:
            kinds = torch.zeros_like(ids)
        x = self.words(ids) + self.places(self.positions[:, :ids.size(1)]) + self.kinds(kinds)
        x = self.dropout(self.norm(x))
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -10000.0
        for i, (attention, wide, narrow) in enumerate(zip(self.attention, self.wide, self.narrow)):
            for j, norm in enumerate(self.norms):
                if j == 2 * i:
                    x = norm(x + attention(x, bias))
                elif j == 2 * i + 1:
                    x = norm(x + narrow(F.gelu(wide(x))))
        return x, torch.tanh(self.pooler(x[:, 0]))


class CellLoop(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTMCell(3, 8), nn.Linear(8, 2)

    def forward(self, x: torch.Tensor):
        h, c = torch.zeros(x.size(1), 8), torch.zeros(x.size(1), 8)
        outputs: List[torch.Tensor] = []
        for step in x.unbind(0):
            h, c = self.cell(step, (h, c))
            outputs.append(self.head(h))
        return torch.stack(outputs), (h, c)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(12, 5, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor):
        y, (h, c) = self.lstm(x)
        packed = nn.utils.rnn.pack_padded_sequence(y, lengths, batch_first=True, enforce_sorted=False)
        z, last = self.gru(packed)
        padded, sizes = nn.utils.rnn.pad_packed_sequence(z, batch_first=True)
        return y, h, c, padded, sizes, last


# ---- language

class ControlFlow(nn.Module):
    def forward(self, x: torch.Tensor, n: int):
        steps, kept = 0, torch.jit.annotate(List[float], [])
        while bool(x.abs().max() > 1.0) and steps < n:
            x = x / 2
            steps += 1
            if steps % 3 == 0:
                continue
            kept.append(float(x.sum()))
            if len(kept) > 4:
                break
        for i in range(n, 0, -2):
            for v in kept:
                if v < 0:
                    x = x + i
        if x.dim() == 2:
            return x.t(), steps, kept
        return x, -steps, kept


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Reading(NamedTuple):
    value: torch.Tensor
    unit: str
    count: int


@torch.jit.script
class Counter:
    def __init__(self, start: int):
        self.total = start
        self.seen: Dict[str, int] = {}

    def add(self, name: str, by: int) -> int:
        self.total += by
        self.seen[name] = self.seen.get(name, 0) + by
        return self.total


@torch.jit.interface
class Stage(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pass


class Doubling(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2


class Shifting(nn.Module):
    def __init__(self):
        super().__init__()
        self.by = nn.Parameter(torch.tensor([1.0, -1.0]), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.by


class Classes(nn.Module):
    stage: Stage
    table: Dict[str, List[int]]
    maybe: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.stage = Shifting()
        self.stages = nn.ModuleDict(OrderedDict([("doubled", Doubling()), ("shift", Shifting())]))
        self.color = Color.GREEN
        self.scales = nn.ParameterList([nn.Parameter(torch.tensor(2.0), False), nn.Parameter(torch.tensor(3.0), False)])
        self.table = {"a": [1, 2], "b": []}
        self.maybe = None

    def forward(self, x: torch.Tensor) -> Tuple[Reading, Dict[str, torch.Tensor], List[Tuple[str, int]], int, str]:
        counter = Counter(10)
        parts: Dict[str, torch.Tensor] = {}
        for name, stage in self.stages.items():
            x = stage(x)
            parts[name] = x
            counter.add(name, x.size(0))
        for scale in self.scales:
            x = x * scale
        x = self.stage.forward(x)
        self.table["b"].append(len(parts))
        pairs = [(k, len(v)) for k, v in self.table.items()]
        maybe = self.maybe
        if maybe is not None:
            x = x + maybe
        else:
            self.maybe = torch.ones_like(x)
        label = "{}={}".format(self.color.name, self.color.value)
        return Reading(x, "m", counter.seen["shift"]), parts, pairs, counter.add("end", 5), label


class Shared(nn.Module):
    """Tied weights, a buffer that is a view of another, and in-place changes seen through all of them."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(4, 4, bias=False)
        self.decode = nn.Linear(4, 4, bias=False)
        self.decode.weight = self.encode.weight
        self.register_buffer("grid", torch.arange(12.0).reshape(3, 4))
        self.register_buffer("row", self.grid[1])
        self.register_buffer("turned", self.grid.t())
        self.register_buffer("every_other", self.grid.view(-1)[::2])

    def forward(self, x: torch.Tensor):
        self.row.add_(1)
        self.turned[0, 0] = -5.0
        return self.decode(self.encode(x)), self.grid, self.every_other, self.turned.stride()

    @torch.jit.export
    def scale(self, by: float):
        self.encode.weight.mul_(by)
        return self.decode.weight


class Buffers(nn.Module):
    """One buffer of every dtype, some strided, empty or zero-dimensional."""

    def __init__(self):
        super().__init__()
        for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32,
                      torch.float64, torch.bfloat16, torch.complex64, torch.complex128, torch.bool):
            name = "as_" + str(dtype).split(".")[1]
            self.register_buffer(name, (values(2, 3, seed=5) * 3).abs().to(dtype))
        self.register_buffer("scalar", torch.tensor(2.5))
        self.register_buffer("empty", torch.zeros(0, 3))
        self.register_buffer("turned", values(2, 3, seed=6).t())
        self.register_buffer("last", values(1, 2, 2, 2, seed=7).contiguous(memory_format=torch.channels_last))

    def forward(self) -> List[torch.Tensor]:
        return [self.as_uint8, self.as_int8, self.as_int16, self.as_int32, self.as_int64, self.as_float16,
              self.as_float32,
                self.as_float64, self.as_bfloat16, self.as_complex64, self.as_complex128, self.as_bool,
                self.scalar, self.empty, self.turned, self.last]


class State(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls, self.log = 0, torch.jit.Attribute([], List[str])
        self.register_buffer("mean", torch.zeros(3))
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: torch.Tensor) -> Dict[str, torch.Tensor]:
        self.calls += 1
        self.log.append("call {}".format(self.calls))
        self.mean.mul_(0.9).add_(x.mean(0), alpha=0.1)
        return {"mean": self.mean.clone(), "normal": self.norm(x), "calls": torch.tensor(self.calls)}

    @torch.jit.export
    def history(self) -> List[str]:
        return self.log


class Raising(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        print("given", n, x.size())
        if n == 1:
            raise ValueError("n must not be {}".format(n))
        assert n != 2, "n is two"
        if n == 3:
            return x.view(7, 7)
        if n == 4:
            return x + torch.ones(5)
        values = [1, 2]
        if n == 5:
            return x * values[n]
        if n == 6:
            return x * {"a": 1}["b"]
        if n == 7:
            return x * (1 // (n - 7))
        return x


def write(name, about, program, sessions, evaluate=True, save=None):
    case = Case(os.path.join(RESOURCES, name), about, **({"eval": True} if evaluate else {}))
    (save or torch.jit.save)(program, case.model)
    for session, calls in sessions.items():
        case.session(session)
        for call in calls:
            method, arguments = call if call and isinstance(call[0], str) else ("forward", call)
            case.call(*arguments, method=method)
    case.write()
    print(name, os.path.getsize(case.model))
    return case


def both(name, about, build, arguments, more=(), scripted_more=()):
    """`more` are calls that a trace generalises to, `scripted_more` those it does not."""
    torch.manual_seed(11)
    model = settle(build())
    write(name, f"{about}, scripted", torch.jit.script(model), {"all": [arguments, *more, *scripted_more]})
    write(f"{name}-traced", f"{about}, traced", torch.jit.trace(model, arguments), {"all": [arguments, *more]})


def architectures():
    vision = torchvision.models
    image, other = (values(1, 3, 32, 32),), (values(2, 3, 40, 48, seed=3),)
    both("resnet", "two residual stages with bottlenecks",
         lambda: Narrow(vision.resnet.Bottleneck), image, [other])
    both("densenet", "two dense blocks", lambda: vision.DenseNet(4, (2, 3), 8, num_classes=7), image, [other])
    inverted = [[1, 8, 1, 1], [4, 12, 2, 2], [4, 16, 1, 2]]
    both("mobilenet-v2", "three inverted-residual stages",
         lambda: vision.MobileNetV2(7, 0.25, inverted), image, [other])
    setting = lambda *a: vision.mobilenetv3.InvertedResidualConfig(*a, 1.0)
    both("mobilenet-v3", "squeeze-excitation, hard-swish",
         lambda: vision.MobileNetV3([setting(8, 3, 8, 8, True, "RE", 2, 1), setting(8, 5, 24, 12, True, "HS", 2, 1),
                                     setting(12, 5, 36, 12, False, "HS", 1, 2)], 24, 7), image, [other])
    both("unet", "two levels, skip connections", UNet, (values(1, 1, 16, 24),),
         scripted_more=[(values(1, 1, 18, 22),), (values(2, 1, 21, 17),)])
    ids = torch.tensor([[3, 7, 9, 1, 0], [4, 2, 0, 0, 0]])
    longer = torch.arange(7)[None] + 5
    full = torch.ones_like(longer)
    both("bert", "two encoder layers of an encoder-only transformer", Bert, (ids, (ids > 0).long()),
         scripted_more=[(longer, full), (longer, full, longer % 2)])


class Narrow(torchvision.models.ResNet):
    """A ResNet of two stages and few channels."""

    def __init__(self, block):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = nn.BatchNorm2d, 8, 1, 1, 64
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
                                  nn.MaxPool2d(3, 2, 1))
        self.layer1 = self._make_layer(block, 4, 2)
        self.layer2 = self._make_layer(block, 8, 2, stride=2)
        self.fc = nn.Linear(8 * block.expansion, 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def seeded(build, *arguments):
    torch.manual_seed(11)
    return build(*arguments)


def sequences():
    write("lstm-cell-loop", "an LSTM cell in a loop of the model's own", torch.jit.script(settle(seeded(CellLoop))),
          {"all": [(values(4, 2, 3),), (values(1, 1, 3),), (values(9, 3, 3),)]})
    lengths = torch.tensor([2, 5])
    write("lstm-gru", "nn.LSTM of two directions and layers, then nn.GRU over packed sequences",
          torch.jit.script(settle(seeded(Recurrent))),
          {"all": [(values(2, 5, 3), lengths), (values(1, 3, 3), lengths[:1])]})


def language():
    x = values(2, 3) * 20
    write("control-flow", "loops, break, continue, early return", torch.jit.script(ControlFlow()),
          {"all": [(x, 9), (x, 0), (values(3), 4), (values(2, 2, 2) * 100, 20)]})
    y = values(3, 2)
    write("classes", "script class, NamedTuple, enum, interface, containers, optional attribute; keeps state",
          torch.jit.script(Classes()), {"first": [(y,), (y,)], "fresh again": [(values(1, 2),)]})
    write("shared-weights", "tied weights and buffers that are views of one another, changed in place",
          torch.jit.script(seeded(Shared).requires_grad_(False)),
          {"all": [(values(2, 4),), ("scale", (2.0,)), (values(2, 4),)], "fresh again": [(values(2, 4),)]})
    write("buffers", "a buffer of every dtype and layout", torch.jit.script(Buffers()), {"all": [()]})
    write("state", "counters, a log and running statistics, in training mode",
          torch.jit.script(seeded(State).requires_grad_(False)),
          {"all": [(values(4, 3),), (values(4, 3, seed=1),), ("history", ())],
           "fresh again": [("history", ()), (values(2, 3),)]},
          evaluate=False)
    write("exceptions", "errors raised by the script and by operators, after a print",
          torch.jit.script(Raising()), {"all": [(values(2, 3), n) for n in range(8)]})


def deployment():
    model = settle(seeded(UNet))
    write("frozen", "torch.jit.freeze: weights have become constants", torch.jit.freeze(torch.jit.script(model)),
          {"all": [(values(1, 1, 16, 24),)]}, evaluate=False)
    write("frozen-bert", "a frozen encoder",
          torch.jit.freeze(torch.jit.script(settle(seeded(Bert)))),
          {"all": [(torch.tensor([[3, 7, 9]]), torch.ones(1, 3, dtype=torch.int64))]}, evaluate=False)
    blocked = {torch._C.MobileOptimizerType.INSERT_FOLD_PREPACK_OPS}
    write("mobile", "optimize_for_mobile without prepacking", optimize_for_mobile(torch.jit.script(model), blocked),
          {"all": [(values(1, 1, 16, 24),)]}, evaluate=False)
    write("mobile-lite", "a .ptl file: the archive of the lite interpreter, code still there", torch.jit.script(model),
          {"all": [(values(1, 1, 16, 24),)]}, save=lambda m, path: m._save_for_lite_interpreter(path))
    write("mobile-lite-classes", "a .ptl file with classes and state",
          torch.jit.script(seeded(State).requires_grad_(False)),
          {"all": [(values(4, 3),), ("history", ())]}, evaluate=False,
          save=lambda m, path: m._save_for_lite_interpreter(path))


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    for part in (architectures, sequences, language, deployment):
        if not wanted or part.__name__ in wanted:
            part()


if __name__ == "__main__":
    main()
