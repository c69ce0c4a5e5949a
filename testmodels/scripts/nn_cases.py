"""Makes case folders of about 150 torch.nn layers, scripted, for checking an engine. Not committed: made on demand.

usage: nn_cases.py FOLDER [NAME…]
"""
import os
import shutil
import sys

from typing import Tuple

import torch
import torch.nn as nn

from casefile import Case


def values(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1))


IMAGE, LINE, VOLUME, ROWS = values(2, 4, 6, 5), values(2, 4, 7), values(2, 4, 4, 5, 4), values(3, 4)
SEQUENCE = values(2, 5, 8)


def layers():
    """name, how to build it, the arguments of each call, and whether it is evaluated or training."""
    ranks = {1: LINE, 2: IMAGE, 3: VOLUME}
    for n, x in ranks.items():
        conv, turned = getattr(nn, f"Conv{n}d"), getattr(nn, f"ConvTranspose{n}d")
        yield f"Conv{n}d", lambda c=conv: c(4, 6, 3), [(x,), (x[0],)]
        yield f"Conv{n}d_groups", lambda c=conv: c(4, 6, 3, stride=2, padding=1, groups=2, bias=False), [(x,)]
        yield f"Conv{n}d_depthwise", lambda c=conv: c(4, 8, 3, padding="same", groups=4, dilation=2), [(x,)]
        for mode in ("zeros", "reflect", "replicate", "circular"):
            if not (n == 3 and mode == "reflect"):
                yield f"Conv{n}d_{mode}", lambda c=conv, m=mode: c(4, 3, 3, padding=1, padding_mode=m), [(x,)]
        yield f"ConvTranspose{n}d", lambda c=turned: c(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), [(x,)]
        for pool in ("MaxPool", "AvgPool"):
            kind = getattr(nn, f"{pool}{n}d")
            yield f"{pool}{n}d", lambda k=kind: k(2), [(x,), (x[0],)]
            yield f"{pool}{n}d_padded", lambda k=kind: k(3, 2, 1, ceil_mode=True), [(x,)]
        yield f"MaxPool{n}d_indices", lambda k=getattr(nn, f"MaxPool{n}d"): k(2, return_indices=True), [(x,)]
        for pool in ("AdaptiveAvgPool", "AdaptiveMaxPool"):
            kind = getattr(nn, f"{pool}{n}d")
            yield f"{pool}{n}d", lambda k=kind: k(3), [(x,)]
            yield f"{pool}{n}d_one", lambda k=kind: k(1), [(x,)]
        for norm in ("BatchNorm", "InstanceNorm"):
            kind = getattr(nn, f"{norm}{n}d")
            yield f"{norm}{n}d", lambda k=kind: k(4, affine=True, track_running_stats=True), [(x,)]
            yield f"{norm}{n}d_training", lambda k=kind: k(4, affine=True, track_running_stats=True), [(x,), (x,)]
        yield f"ReflectionPad{n}d", lambda k=getattr(nn, f"ReflectionPad{n}d"): k(1), [(x,)]
        yield f"ReplicationPad{n}d", lambda k=getattr(nn, f"ReplicationPad{n}d"): k(2), [(x,)]
        yield f"ConstantPad{n}d", lambda k=getattr(nn, f"ConstantPad{n}d"): k(1, 3.5), [(x,)]
        yield f"Dropout{n}d" if n > 1 else "Dropout1d", lambda k=getattr(nn, f"Dropout{n}d"): k(), [(x,)]
    yield "ZeroPad2d", lambda: nn.ZeroPad2d((1, 2, 0, 1)), [(IMAGE,)]
    yield "LPPool1d", lambda: nn.LPPool1d(2, 3), [(LINE,)]
    yield "LPPool2d", lambda: nn.LPPool2d(2, 2), [(IMAGE,)]
    yield "Unfold", lambda: nn.Unfold(2, padding=1), [(IMAGE,)]
    yield "Fold", lambda: nn.Fold((3, 4), 2), [(values(1, 8, 6),)]
    for name, more in [("ReLU", {}), ("ReLU6", {}), ("ELU", {"alpha": 0.7}), ("SELU", {}), ("CELU", {}), ("GELU", {}),
                       ("SiLU", {}), ("Mish", {}), ("Hardswish", {}), ("Hardsigmoid", {}), ("Hardtanh", {}),
                             ("LeakyReLU", {}),
                       ("PReLU", {"num_parameters": 4}), ("RReLU", {}), ("Softplus", {}), ("Softsign", {}),
                             ("Softshrink", {}),
                       ("Hardshrink", {}), ("Tanh", {}), ("Tanhshrink", {}), ("Sigmoid", {}), ("LogSigmoid", {}),
                       ("Threshold", {"threshold": 0.1, "value": 3.0}), ("Softmax", {"dim": 1}), ("LogSoftmax",
                             {"dim": 1}),
                       ("Softmin", {"dim": 1}), ("GLU", {"dim": 1}), ("Softmax2d", {})]:
        yield name, lambda k=getattr(nn, name), m=more: k(**m), [(IMAGE,)]
    yield "GELU_tanh", lambda: nn.GELU("tanh"), [(IMAGE,)]
    yield "ReLU_inplace", lambda: nn.ReLU(True), [(IMAGE,)]
    yield "LayerNorm", lambda: nn.LayerNorm([6, 5]), [(IMAGE,)]
    yield "LayerNorm_plain", lambda: nn.LayerNorm(8, elementwise_affine=False), [(SEQUENCE,)]
    yield "GroupNorm", lambda: nn.GroupNorm(2, 4), [(IMAGE,), (LINE,)]
    yield "LocalResponseNorm", lambda: nn.LocalResponseNorm(3), [(IMAGE,)]
    yield "Linear", lambda: nn.Linear(4, 3), [(ROWS,), (ROWS[0],), (values(2, 2, 2, 4),)]
    yield "Linear_nobias", lambda: nn.Linear(4, 3, bias=False), [(ROWS,)]
    yield "Bilinear", lambda: nn.Bilinear(4, 3, 2), [(ROWS, values(3, 3))]
    yield "Identity", nn.Identity, [(ROWS,)]
    yield "Flatten", nn.Flatten, [(IMAGE,)]
    yield "Unflatten", lambda: nn.Unflatten(1, (2, 2)), [(IMAGE,)]
    yield "Embedding", lambda: nn.Embedding(7, 3, padding_idx=0), [(torch.tensor([[0, 6], [3, 3]]),)]
    for mode in ("sum", "mean", "max"):
        yield f"EmbeddingBag_{mode}", lambda m=mode: nn.EmbeddingBag(7, 3, mode=m), [
            (torch.tensor([0, 6, 3, 3]), torch.tensor([0, 1])), (torch.tensor([[0, 6], [3, 3]]),)]
    for name in ("Dropout", "AlphaDropout", "FeatureAlphaDropout"):
        yield name, getattr(nn, name), [(IMAGE,)]
    yield "PixelShuffle", lambda: nn.PixelShuffle(2), [(IMAGE,)]
    yield "PixelUnshuffle", lambda: nn.PixelUnshuffle(2), [(values(1, 2, 4, 6),)]
    yield "ChannelShuffle", lambda: nn.ChannelShuffle(2), [(IMAGE,)]
    for mode in ("nearest", "bilinear", "bicubic"):
        yield f"Upsample_{mode}", lambda m=mode: nn.Upsample(scale_factor=1.5, mode=m), [(IMAGE,)]
    yield "Upsample_trilinear", lambda: nn.Upsample(size=(3, 4, 6), mode="trilinear", align_corners=True), [(VOLUME,)]
    yield "UpsamplingNearest2d", lambda: nn.UpsamplingNearest2d(scale_factor=2), [(IMAGE,)]
    yield "UpsamplingBilinear2d", lambda: nn.UpsamplingBilinear2d(scale_factor=2), [(IMAGE,)]
    yield "CosineSimilarity", nn.CosineSimilarity, [(ROWS, values(3, 4, seed=1))]
    yield "PairwiseDistance", nn.PairwiseDistance, [(ROWS, values(3, 4, seed=1))]
    yield from losses()
    yield from recurrent()
    yield from attention()


def losses():
    x, y, classes, sign = ROWS, values(3, 4, seed=1), torch.tensor([0, 3, 1]), torch.tensor([1.0, -1.0, 1.0])
    flags = (y > 0).float()
    for name, arguments in [
            ("L1Loss", (x, y)), ("MSELoss", (x, y)), ("SmoothL1Loss", (x, y)), ("HuberLoss", (x, y)),
            ("KLDivLoss", (x.log_softmax(1), y.softmax(1))), ("PoissonNLLLoss", (x, y.abs())),
            ("GaussianNLLLoss", (x, y, y.abs() + 0.1)), ("BCELoss", (x.sigmoid(), flags)), ("BCEWithLogitsLoss", (x,
                  flags)),
            ("CrossEntropyLoss", (x, classes)), ("NLLLoss", (x.log_softmax(1), classes)),
            ("CosineEmbeddingLoss", (x, y, sign)), ("HingeEmbeddingLoss", (x[:, 0], sign)),
            ("MarginRankingLoss", (x[:, 0], y[:, 0], sign)), ("SoftMarginLoss", (x[:, 0], sign)),
            ("MultiMarginLoss", (x, classes)), ("MultiLabelMarginLoss", (x, torch.tensor([[1, -1, 0, 0]] * 3))),
            ("MultiLabelSoftMarginLoss", (x, flags)), ("TripletMarginLoss", (x, y, values(3, 4, seed=2))),
            ("CTCLoss", (values(6, 2, 4).log_softmax(2), torch.tensor([[1, 2], [3, 1]]), torch.tensor([6, 5]),
                  torch.tensor([2, 2])))]:
        for reduction in ("mean", "none"):
            yield f"{name}_{reduction}", lambda k=getattr(nn, name), r=reduction: k(reduction=r), [arguments]


class OnSequence(nn.Module):
    """A recurrent layer inside a parent: on its own it has overloads but no `forward` to call."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor):
        return self.layer(x)


class OnItself(OnSequence):
    """Self-attention: the layer asks whether query, key and value are one object."""

    def forward(self, x: torch.Tensor):
        return self.layer(x, x, x)


class WithState(OnSequence):
    def forward(self, x: torch.Tensor, state: torch.Tensor):
        return self.layer(x, state)


class WithPair(OnSequence):
    def forward(self, x: torch.Tensor, state: Tuple[torch.Tensor, torch.Tensor]):
        return self.layer(x, state)


def recurrent():
    x = values(5, 2, 4)
    for name in ("RNN", "LSTM", "GRU"):
        kind = getattr(nn, name)
        yield name, lambda k=kind: OnSequence(k(4, 6)), [(x,), (x[:, 0],)]
        yield f"{name}_deep", lambda k=kind: OnSequence(k(4, 6, num_layers=2, bidirectional=True)), [(x,)]
        yield f"{name}_batch_first", lambda k=kind: OnSequence(k(4, 6, batch_first=True, bias=False)), [(x,)]
        state = values(1, 2, 6)
        holder = WithPair if name == "LSTM" else WithState
        yield f"{name}_state", lambda k=kind, h=holder: h(k(4, 6)), [(x, (state,
              state * 2) if name == "LSTM" else state)]
        cell = values(2, 6)
        yield f"{name}Cell", lambda k=getattr(nn, name + "Cell"): k(4, 6), [
            (x[0], (cell, cell * 2) if name == "LSTM" else cell), (x[0],)]
    yield "LSTM_projected", lambda: OnSequence(nn.LSTM(4, 6, proj_size=3)), [(x,)]
    yield "RNN_relu", lambda: OnSequence(nn.RNN(4, 6, nonlinearity="relu")), [(x,)]


def attention():
    x, mask = SEQUENCE, torch.tensor([[False] * 5, [False] * 3 + [True] * 2])
    causal = torch.triu(torch.full((5, 5), float("-inf")), 1)
    yield "MultiheadAttention", lambda: nn.MultiheadAttention(8, 2), [(x, x, x), (x, values(3, 5, 8), values(3, 5, 8))]
    yield "MultiheadAttention_batch", lambda: nn.MultiheadAttention(8, 2, batch_first=True), [(x, x, x), (x, x, x,
          mask)]
    yield "MultiheadAttention_self", lambda: OnItself(nn.MultiheadAttention(8, 2, batch_first=True)), [(x,), (x[0],)]
    yield "MultiheadAttention_kvbias", lambda: nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True), [(x,
          x, x)]
    for name, options in [("", {}), ("_batch", {"batch_first": True}), ("_prenorm", {"batch_first": True,
          "norm_first": True}),
                          ("_gelu", {"batch_first": True, "activation": "gelu"})]:
        calls = [(x,)] if "batch_first" not in options else [(x,), (x, None, mask), (x, causal)]
        yield f"TransformerEncoderLayer{name}", lambda o=options: nn.TransformerEncoderLayer(8, 2, 16, **o), calls
    yield "TransformerEncoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
          2), [
        (x,), (x, None, mask)]
    yield "TransformerEncoder_norm", lambda: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 16), 2, nn.LayerNorm(8), enable_nested_tensor=False), [(x,)]
    yield "TransformerDecoderLayer", lambda: nn.TransformerDecoderLayer(8, 2, 16), [(x, values(3, 5, 8))]
    yield "TransformerDecoder", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2), [(x, values(3,
          5, 8))]
    yield "Transformer", lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True), [(x, values(2, 3, 8))]


def one(folder, name, build, calls, grad):
    torch.manual_seed(0)
    module = build()
    training = name.endswith("_training")
    module.train(training)
    if not grad:
        module.requires_grad_(False)
    case = Case(os.path.join(folder, name + ("_grad" if grad else "")),
          f"nn.{name}" + (" with gradients on" if grad else ""),
                **({} if training else {"eval": True}))
    try:
        case.archive(torch.jit.script(module))
        case.session("all")
        for arguments in calls:
            result = case.call(*arguments)
            if isinstance(result, Exception):
                raise result
        case.write()
        return True
    except Exception as e:
        shutil.rmtree(case.folder)
        print(f"{name}: {type(e).__name__} {str(e).strip()[-200:]!r}")
        return False


def main():
    torch.set_num_threads(1)
    folder, wanted = sys.argv[1], sys.argv[2:]
    made = 0
    for name, build, calls in layers():
        if wanted and name not in wanted:
            continue
        made += one(folder, name, build, calls, False)
        if "Transformer" in name or "Multihead" in name:
            # The fast path is taken only where no gradient is wanted: the other branch needs its own case.
            made += one(folder, name, build, calls, True)
    print(f"{made} cases")


if __name__ == "__main__":
    main()
