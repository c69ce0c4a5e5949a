"""Makes the small models by which the profiling executor is tested: one method for each thing it has to get right."""
import sys
from typing import Tuple

import torch
import torch.nn as nn
from torch import Tensor

from miniatures import values, write


class LSTMCell(nn.Module):
    """The cell by which graphs are shown from profiling to fusion; its weights are arguments."""

    def forward(self, x: Tensor, hx: Tensor, cx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor,
                b_hh: Tensor) -> Tuple[Tensor, Tensor]:
        gates = torch.mm(x, w_ih.t()) + torch.mm(hx, w_hh.t()) + b_ih + b_hh
        ingate, forgetgate, cellgate, outgate = gates.chunk(4, 1)
        ingate, forgetgate = torch.sigmoid(ingate), torch.sigmoid(forgetgate)
        cellgate, outgate = torch.tanh(cellgate), torch.sigmoid(outgate)
        cy = forgetgate * cx + ingate * cellgate
        return outgate * torch.tanh(cy), cy


class Executed(nn.Module):
    count: int

    def __init__(self):
        super().__init__()
        self.register_buffer("total", torch.zeros(3))
        self.register_buffer("last", torch.zeros(1))
        self.weight = nn.Parameter(values(3, 3), requires_grad=False)
        self.count = 0

    def forward(self, x: Tensor) -> Tensor:
        """A chain of pointwise operators around a product with a constant weight."""
        return torch.tanh(torch.relu(torch.mm(x, self.weight)) * 0.5 + x) - x

    @torch.jit.export
    def scaled(self, x: Tensor, factor: float) -> Tensor:
        return torch.exp(-x * factor) + 1.0

    @torch.jit.export
    def trained(self, x: Tensor) -> Tensor:
        """Depends on an attribute that train() and eval() set."""
        if self.training:
            return torch.sin(x) * 2.0
        return torch.cos(x) * 3.0

    @torch.jit.export
    def counted(self, x: Tensor) -> Tensor:
        """Prints, writes to a buffer in place and sets attributes, one of them to a tensor of the argument's shape."""
        self.count += 1
        self.total += x.sum(0)
        self.last = x * 1.0
        print("call", self.count)
        return torch.tanh(self.total) + self.last

    @torch.jit.export
    def picked(self, x: Tensor) -> Tensor:
        """The number of elements depends on their values."""
        positive = torch.masked_select(x, x > 0)
        return torch.tanh(positive) * 2.0 + 1.0

    @torch.jit.export
    def added(self, x: Tensor, y: Tensor) -> Tensor:
        """Writes to its argument."""
        x.add_(torch.exp(y))
        return x * y


def main():
    torch.set_num_threads(1)
    cell = (values(8, 10), values(8, 20, seed=1), values(8, 20, seed=2), values(80, 10, seed=3), values(80, 20, seed=4),
            values(80, seed=5), values(80, seed=6))
    write("lstm-cell", "an LSTM cell whose weights are arguments", torch.jit.script(LSTMCell()), {"all": [cell] * 3})
    x, y = values(4, 3), values(2, 3, seed=1)
    write("executor", "methods for tests of the profiling executor", torch.jit.script(Executed()),
          {"shapes": [(x,), (x,), (x,), (y,), (y,)],
           "numbers": [("scaled", (x, f)) for f in (0.5, 0.5, 0.5, 2.0, 3.0, 4.0)],
           "state": [("counted", (v,)) for v in (x, x, x, y, y, x)] + [("trained", (x,))] * 4,
           "elements": [("picked", (v,)) for v in (x, x, x, -x, y, x)],
           "arguments": [("added", (x, y[:1]))] * 4})


if __name__ == "__main__":
    sys.exit(main())
