"""Times Cresset beside PyTorch on the CUDA device of this machine, the same models in the same run; timings.sh starts it.

Each model is made here with seeded random weights. Rows: PyTorch eager, torch.jit (frozen), torch.compile (default and
reduce-overhead); Cresset unoptimised, with plans, with plans as graphs. Inputs lie on the device, a time is that of a call
until the device has done it. Errors are relative to the largest element of a float64 run on the CPU. Each in these precisions:
pytorch (its defaults: TF32 in convolutions and recurrent layers), tf32 (in matrix products, too), fp16 (model.half(), inputs of 16 bits).
"""
import argparse
import copy
import itertools
import json
import os
import statistics
import subprocess
import sys
import time

import numpy
import torch

import goals
import make_models
import processes

EXTRA = {
    "resnet50": (lambda: make_models.torchvision.models.resnet50(weights=None), "script", make_models.images),
    "bert_base": (lambda: make_models.Encoder(layers=12, width=768, heads=12), "script", lambda n: (torch.randn(1, n, 768),)),
    "bert_base_b32": (lambda: make_models.Encoder(layers=12, width=768, heads=12), "script", lambda n: (torch.randn(32, n, 768),)),
}
# name: labels to be timed, labels of new shapes
TIMED = {
    "mlp_policy": (["b1", "b32"], ["b3", "b5"]),
    "pointwise": (["b1", "b32"], ["b3"]),
    "control_flow": (["b1"], ["b3"]),
    "lstmcell_loop": (["b1", "b32"], ["b3"]),
    "nn_lstm": (["b1", "b32"], ["b3"]),
    "resnet18_scripted": (["b1", "b32"], ["b3", "b5"]),
    "resnet50": (["b1", "b32"], ["b3", "b5"]),
    "mobilenet_v2_scripted": (["b1", "b32"], ["b3"]),
    "densenet121_traced": (["b1", "b32"], ["b3"]),
    "bert_base": (["s32", "s128", "s384"], ["s64", "s96"]),
    "bert_base_b32": (["s128"], ["s64"]),
}
PRECISIONS = ["pytorch", "tf32", "fp16"]
STEADY_CALLS = 300
DRY_SIDE = 64      # of images in a dry run


def model(name):
    build, how, inputs = EXTRA[name] if name in EXTRA else make_models.MODELS[name][:3]
    torch.manual_seed(0)
    return build().eval(), how, inputs


class Inputs:
    """What models are called with. side: of images, at most; None for theirs"""

    def __init__(self, make, side):
        self.make, self.side = make, side

    def __call__(self, label):
        number = int(label[1:])
        torch.manual_seed(number)
        return tuple(t[..., :self.side, :self.side].contiguous() if t.dim() == 4 else t for t in self.make(number))


def made(folder, name, labels, new, side):
    """The module, with archive, inputs and expected outputs in files."""
    module, how, make = model(name)
    inputs = Inputs(make, side)
    os.makedirs(folder, exist_ok=True)
    first = inputs(labels[0])
    script = torch.jit.script(module) if how == "script" else torch.jit.trace(module, first)
    torch.jit.save(script, os.path.join(folder, "model.pt"))
    exact = copy.deepcopy(module).double()
    for label in labels + new:
        x = inputs(label)
        for i, t in enumerate(x):
            numpy.save(os.path.join(folder, f"{label}.in{i}.npy"), t.numpy())
        if label in labels:
            y = exact(*(t.double() for t in x))
            numpy.save(os.path.join(folder, label + ".out.npy"), y.float().numpy())
    return module, how, inputs


class Peer:
    """PyTorch, in the ways that its users run a model."""

    def __init__(self, device, seconds, autotune):
        self.device, self.seconds, self.autotune = torch.device(device), seconds, autotune

    def synchronize(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def placed(self, values, precision):
        """Inputs, or a module, where and as they are computed with."""
        half = precision == "fp16"
        if isinstance(values, torch.nn.Module):
            here = copy.deepcopy(values).to(self.device)
            return here.half() if half else here
        return [t.to(self.device).half() if half and t.is_floating_point() else t.to(self.device) for t in values]

    def ways(self, module, how, x, precision):
        here = self.placed(module, precision)
        yield "eager", lambda: here
        yield "jit", lambda: torch.jit.freeze(torch.jit.script(here) if how == "script" else torch.jit.trace(here, x))
        if hasattr(torch, "compile"):
            yield "compile", lambda: self.compiled(here)
            yield "compile-reduce-overhead", lambda: self.compiled(here, mode="reduce-overhead")
            if self.autotune:
                yield "compile-max-autotune", lambda: self.compiled(here, mode="max-autotune")

    @staticmethod
    def compiled(module, **options):
        """Anew: of one function PyTorch keeps a few compilations, over all modules, and then runs it eagerly without an error."""
        torch.compiler.reset()
        return torch.compile(module, **options)

    def once(self, f, x):
        self.synchronize()
        start = time.perf_counter()
        f(*x)
        self.synchronize()
        return (time.perf_counter() - start) * 1e3

    def steady(self, f, x, seconds):
        """The median of calls in this time, and how many there were."""
        times, end = [], time.monotonic() + seconds
        while not times or time.monotonic() < end and len(times) < STEADY_CALLS:
            times.append(self.once(f, x))
        return statistics.median(times), len(times)

    def makers(self, module, how, x, precision):
        """The ways, or the one row that says why there are none."""
        try:
            yield from self.ways(module, how, x, precision)
        except Exception as e:
            reason = e

            def fail():
                raise reason
            yield "all", fail

    def rows(self, name, module, how, inputs, label, new, expected, precision, budget):
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        x = self.placed(inputs(label), precision)
        for way, make in self.makers(module, how, x, precision):
            row = {"model": name, "label": label, "precision": precision, "engine": "pytorch", "mode": way}
            if budget.is_spent():
                yield {**row, "error": "the budget was spent"}
                continue
            try:
                f = make()
                row["first_ms"] = [round(self.once(f, x), 4) for _ in range(5)]
                median, row["calls"] = self.steady(f, x, self.seconds)
                row["wall_ms"] = round(median, 4)
                y = f(*x).double().cpu().numpy()
                row["error_of_largest"] = float(abs(y - expected).max() / abs(expected).max())
                row["new_shape_ms"], row["new_shape_steady_ms"] = [], []
                for other in new:
                    z = self.placed(inputs(other), precision)
                    row["new_shape_ms"] += [round(self.once(f, z), 4) for _ in range(4)]
                    row["new_shape_steady_ms"].append(round(self.steady(f, z, self.seconds / 4)[0], 4))
            except Exception as e:                      # a way that does not take the model is a row too
                row["error"] = f"{type(e).__name__}: {str(e)[:300]}"
            yield row


def cresset(home, options, folder, label, seconds, precision, new, log, limit):
    command = [os.path.join(home, "jdk/bin/java"), "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector", *options,
               "-cp", os.path.join(home, "lib/*"), "dev.cresset.bench.gpu.DeviceTimes", folder, label, str(seconds), precision, *new]
    ended = processes.run(command, log, limit)
    rows = [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")]
    return rows or [{"model": os.path.basename(folder), "label": label, "precision": precision, "engine": "cresset", "mode": "all", "error": ended.why()}]


def by_model(rows):
    """By model, shape and precision: the rows by engine and way."""
    by = {}
    for r in rows:
        by.setdefault((r["model"], r["label"], r["precision"]), {})[f"{r['engine']} {r['mode']}"] = r
    return by


def means(rows):
    """How many times faster than torch.jit and than the best of torch.compile, geometric means over models and shapes by precision."""
    lines = []
    precisions = dict.fromkeys(r["precision"] for r in rows)
    for precision, (name, peers) in itertools.product(precisions, (("torch.jit", ["pytorch jit"]), ("the best of torch.compile", None))):
        ratios = {}
        for (model_name, label, computed), row in by_model(rows).items():
            if computed != precision:
                continue
            theirs = [r["wall_ms"] for way, r in row.items() if "wall_ms" in r and (way in peers if peers else way.startswith("pytorch compile"))]
            ours = row.get("cresset graphs", {}).get("wall_ms")
            if theirs and ours:
                ratios[f"{model_name} {label}"] = min(theirs) / ours
        if ratios:
            least = min(ratios, key=ratios.get)
            mean = statistics.geometric_mean(ratios.values())
            lines.append(f"{precision}: faster than {name}: {mean:.2f} times (geometric mean of {len(ratios)}), least {ratios[least]:.2f} times on {least}.")
    return "\n\n".join(lines) + "\n"


def table(rows):
    """Times of all ways, a line for each model, shape and precision, and how many times faster than torch.jit the last one is."""
    ways = ["pytorch eager", "pytorch jit", "pytorch compile", "pytorch compile-reduce-overhead", "pytorch compile-max-autotune",
            "cresset unoptimised", "cresset fused", "cresset graphs"]
    by = by_model(rows)
    lines = ["| model | " + " | ".join(ways) + " | jit / graphs | new shape: cresset, jit | error |", "|---" * (len(ways) + 4) + "|"]
    for (name, label, precision), row in by.items():
        cells = [f"{row[w]['wall_ms']:.4g}" if "wall_ms" in row.get(w, {}) else "–" for w in ways]
        ours, jit = row.get("cresset graphs", {}), row.get("pytorch jit", {})
        ratio = f"{jit['wall_ms'] / ours['wall_ms']:.2f}" if "wall_ms" in ours and "wall_ms" in jit else "–"
        shapes = ", ".join(f"{max(r.get('new_shape_ms') or [float('nan')]):.4g}" for r in (ours, jit))
        lines.append(f"| {name} {label} {precision} | " + " | ".join(cells) + f" | {ratio} | {shapes} | {ours.get('error_of_largest', float('nan')):.1e} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="timings.sh", description=__doc__.split("\n")[0])
    parser.add_argument("out", help="folder for timings.json and timings.md")
    parser.add_argument("--budget", type=float, default=1500, metavar="SECONDS", help="for everything (default: 1500); what does not fit is left out, and said")
    parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="of steady state for each row (default: 1)")
    parser.add_argument("--models", default="", metavar="NAME,…", help="only these of " + " ".join(TIMED))
    parser.add_argument("--labels", default="", metavar="LABEL,…", help="only these shapes, such as b1")
    parser.add_argument("--precisions", default=",".join(PRECISIONS), metavar="NAME,…", help="only these of " + " ".join(PRECISIONS))
    parser.add_argument("--max-autotune", action="store_true", help="torch.compile's third mode too, which takes minutes a model")
    parser.add_argument("--emulate", metavar="CHECKOUT", help=f"dry run without a GPU: Cresset with the emulation of this source checkout, PyTorch on the CPU, images of {DRY_SIDE} x {DRY_SIDE}")
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)
    home = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(os.path.join(arguments.out, "logs"), exist_ok=True)
    options = []
    if arguments.emulate:
        built = subprocess.run([os.path.join(arguments.emulate, "kernels/src/test/cuda-emulation/build.sh"),
                                os.path.join(arguments.emulate, "kernels/target/cuda-emulation")], check=True, stdout=subprocess.PIPE, text=True)
        options = [f"-Dcresset.cuda.emulation={built.stdout.strip()}"]
    device = "cpu" if arguments.emulate else "cuda"
    budget, peer = processes.Budget(arguments.budget), Peer(device, arguments.seconds, arguments.max_autotune)
    result = {"torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else "CPU, for a dry run", "cuda": torch.version.cuda, "rows": [], "left_out": []}

    def save():
        reached = goals.of(by_model(result["rows"]))
        result["goals"] = [g._asdict() for g in reached]
        with open(os.path.join(arguments.out, "timings.json"), "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
        with open(os.path.join(arguments.out, "timings.md"), "w", encoding="utf-8") as f:
            f.write(f"{result['device']}, PyTorch {result['torch']}; ms for a call until the device has done it, medians\n\n" + table(result["rows"]) + "\n" + means(result["rows"])
                    + "\nGoals, which are for an H200:\n\n" + goals.table(reached))

    wanted = [m for m in arguments.models.split(",") if m] or list(TIMED)
    only = [label for label in arguments.labels.split(",") if label]
    for name in wanted:
        labels, new = TIMED[name]
        labels = [label for label in labels if not only or label in only]
        if budget.is_spent() or not labels:
            result["left_out"].append(name)
            continue
        folder = os.path.join(arguments.out, "models", name)
        try:
            module, how, inputs = made(folder, name, labels, new, DRY_SIDE if arguments.emulate else None)
        except Exception as e:                          # no torchvision, or a PyTorch that does not script any more
            result["left_out"].append(f"{name}: {type(e).__name__}: {str(e)[:300]}")
            print(result["left_out"][-1], flush=True)
            continue
        for label in labels:
            expected = numpy.load(os.path.join(folder, label + ".out.npy")).astype("float64")
            for precision in [p for p in arguments.precisions.split(",") if p]:
                if budget.is_spent():
                    result["left_out"].append(f"{name} {label} {precision}")
                    continue
                log = os.path.join(arguments.out, "logs", f"{name}-{label}-{precision}")
                # first, as compiling by PyTorch may take what is left
                rows = cresset(home, options, folder, label, arguments.seconds, precision, new, log, min(3000 if arguments.emulate else 300, budget.left()))
                result["rows"] += rows
                save()
                peers = list(peer.rows(name, module, how, inputs, label, new, expected, precision, budget))
                rows += peers
                result["rows"] += peers
                for r in rows:
                    print(f"{name:22s} {label:5s} {precision:7s} {r['engine']:8s} {r['mode']:24s} {r.get('wall_ms', r.get('error'))}", flush=True)
                save()
    save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
