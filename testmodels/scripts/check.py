"""Runs case folders again with PyTorch from what case.json says alone: finds values that are not reproducible.

usage: check.py [FOLDER…]     default: the committed ones
"""
import json
import os
import sys

import numpy as np
import torch
import torchvision  # noqa: F401 (registers its operators)

from casefile import RESOURCES, CapturedOutput, strided


def decode(value, folder):
    (kind, content), = list(value.items())[:1]
    if kind == "tensor":
        tensor = torch.from_numpy(np.load(os.path.join(folder, content)))
        if value["dtype"] == "bfloat16":
            tensor = tensor.view(torch.bfloat16)
        assert list(tensor.shape) == value["shape"] and str(tensor.dtype) == "torch." + value["dtype"], value
        return strided(tensor, value["strides"]) if "strides" in value else tensor
    if kind == "float":
        return float(content)
    if kind == "none":
        return None
    if kind == "complex":
        return complex(*content)
    if kind in ("list", "tuple"):
        items = [decode(v, folder) for v in content]
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {decode(k, folder): decode(v, folder) for k, v in content}
    return content


def same(got, expected):
    if isinstance(expected, torch.Tensor):
        return (isinstance(got, torch.Tensor) and got.dtype == expected.dtype and got.shape == expected.shape
                and got.stride() == expected.stride()
                and torch.allclose(got.resolve_conj(), expected, 1e-5, 1e-6, equal_nan=True))
    if isinstance(expected, dict):
        return len(got) == len(expected) and all(same(got[k], v) for k, v in expected.items())
    if isinstance(expected, (list, tuple)):
        return len(got) == len(expected) and all(same(g, e) for g, e in zip(got, expected))
    return got == expected or (got != got and expected != expected) or str(got) == expected


def check(folder):
    with open(os.path.join(folder, "case.json")) as f:
        case = json.load(f)
    failures = []
    for session in case["sessions"]:
        try:
            module = torch.jit.load(os.path.join(folder, case["model"]), map_location="cpu")
        except RuntimeError as e:
            return [f"does not load: {str(e).splitlines()[-1]}"]
        if case.get("eval"):
            module.eval()
        for n, call in enumerate(session["calls"]):
            arguments = [decode(a, folder) for a in call["args"]]
            with CapturedOutput() as output:
                try:
                    result, error = getattr(module, call["method"])(*arguments), None
                except Exception as e:
                    result, error = None, e
            if (error is None) != ("returns" in call) or output.text != call.get("prints", ""):
                failures.append(f"call {n} {call.get('about', '')}: {error}")
            elif error is None and not session.get("random"):
                after = [decode(a, folder) for a in call.get("args_after", call["args"])]
                if not same(result, decode(call["returns"], folder)) or not same(arguments, after):
                    failures.append(f"call {n} {call.get('about', '')}: differs")
    return failures


def main():
    torch.set_num_threads(1)
    torch.set_grad_enabled("--no-grad" not in sys.argv)
    bad = folders = 0
    for root in [a for a in sys.argv[1:] if not a.startswith("--")] or [RESOURCES]:
        for folder, _, files in sorted(os.walk(root, followlinks=True)):
            if "case.json" in files:
                folders += 1
                for failure in check(folder):
                    bad += 1
                    print(f"{os.path.relpath(folder, root)}: {failure}")
    print(f"{folders} folders, {bad} calls differ")


if __name__ == "__main__":
    main()
