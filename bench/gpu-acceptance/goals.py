"""The goals that Cresset has on an H200, and how far a run of timings.py reached them.

Each is a row: what is asked, the number that was reached, and True, False, or None where the rows that it takes are missing.
"""
import collections
import statistics

Goal = collections.namedtuple("Goal", "what reached met")

LATENCIES = [  # model, shape, precision, milliseconds
    ("resnet50", "b1", "pytorch", 0.6), ("resnet50", "b1", "fp16", 0.4),
    ("bert_base", "s128", "pytorch", 0.8), ("bert_base", "s128", "fp16", 0.5),
]
JIT_AT_ONE = 3.0                # times faster than torch.jit, on every model at batch 1
LOOP_OVER_JIT = 10.0            # the scripted LSTM loop
COPY_SHARE = 0.85               # of what copying reaches, on the pointwise chain
BATCH_OVER_COMPILE = 1 / 1.05   # at batch 32
NEW_SHAPE_OVER_EAGER = 2.0
MOST_HEAP_BYTES = 1024
OURS = "cresset graphs"


def at_one(model, label):
    """True of shapes with one item in the batch; an encoder's labels are lengths."""
    return label == "b1" or label.startswith("s") and not model.endswith("_b32")


def at_32(model, label):
    return label == "b32" or model.endswith("_b32")


def wall(row, way):
    return row.get(way, {}).get("wall_ms")


def compiled(row):
    """The best of torch.compile's modes, or None."""
    return min((r["wall_ms"] for way, r in row.items() if way.startswith("pytorch compile") and "wall_ms" in r), default=None)


def ratios(by, chosen, theirs):
    """How many times slower the other one is, by model, shape and precision."""
    out = {}
    for (model, label, precision), row in by.items():
        other, ours = theirs(row), wall(row, OURS)
        if chosen(model, label) and other and ours:
            out[f"{model} {label} {precision}"] = other / ours
    return out


def least(what, found, bound):
    """A goal that the least of the ratios decides."""
    if not found:
        return Goal(what, "not measured", None)
    worst = min(found, key=found.get)
    return Goal(what, f"{found[worst]:.2f} on {worst}", found[worst] >= bound)


def latency(by, model, label, precision, limit):
    what, reached = f"{model} {label} {precision}: at most {limit} ms", wall(by.get((model, label, precision), {}), OURS)
    return Goal(what, f"{reached:.3f} ms" if reached else "not measured", reached <= limit if reached else None)


def copying(by):
    what = f"pointwise chain: at least {COPY_SHARE:.0%} of the bandwidth that copying reaches"
    row = by.get(("pointwise", "b32", "pytorch"), {}).get(OURS, {})
    if not row.get("step_ms") or not row.get("copy_gb_per_s"):
        return Goal(what, "not measured", None)
    share = row["step_bytes"] / row["step_ms"] / 1e6 / row["copy_gb_per_s"]
    return Goal(what, f"{share:.0%} of {row['copy_gb_per_s']:.0f} GB/s", share >= COPY_SHARE)


def new_shapes(by):
    what, found = f"a new shape: at most {NEW_SHAPE_OVER_EAGER} times eager's steady state at it", {}
    for (model, label, precision), row in by.items():
        ours, eager = row.get(OURS, {}).get("new_shape_ms"), row.get("pytorch eager", {}).get("new_shape_steady_ms")
        for i, steady in enumerate(eager or []):
            calls = (ours or [])[i * len(ours or []) // len(eager):(i + 1) * len(ours or []) // len(eager)]
            if calls and steady:
                found[f"{model} {label} {precision}"] = max(found.get(f"{model} {label} {precision}", 0), max(calls) / steady)
    if not found:
        return Goal(what, "not measured", None)
    worst = max(found, key=found.get)
    return Goal(what, f"{found[worst]:.2f} on {worst}", found[worst] <= NEW_SHAPE_OVER_EAGER)


def steady(by):
    rows = [(key, row[OURS]) for key, row in by.items() if "heap_bytes_per_call" in row.get(OURS, {})]
    what = f"a steady call: no allocation on the device, at most {MOST_HEAP_BYTES} bytes of heap"
    if not rows:
        return Goal(what, "not measured", None)
    (key, most), allocations = max(rows, key=lambda r: r[1]["heap_bytes_per_call"]), sum(r["device_allocations"] for _, r in rows)
    return Goal(what, f"{allocations} allocations, {most['heap_bytes_per_call']} bytes on {' '.join(key)}",
                allocations == 0 and most["heap_bytes_per_call"] <= MOST_HEAP_BYTES)


def of(by):
    """All goals. by: rows of timings.py by (model, label, precision), then by "engine mode"."""
    jit = ratios(by, at_one, lambda row: wall(row, "pytorch jit"))
    goals = [least(f"batch 1: at least {JIT_AT_ONE} times as fast as torch.jit on every model", jit, JIT_AT_ONE)]
    best = ratios(by, at_one, compiled)
    what = "batch 1: at least as fast as the best of torch.compile, geometric mean"
    mean = statistics.geometric_mean(best.values()) if best else None
    goals.append(Goal(what, f"{mean:.2f}" if mean else "not measured", mean >= 1 if mean else None))
    goals += [latency(by, *row) for row in LATENCIES]
    loop = {key: ratio for key, ratio in jit.items() if key.startswith("lstmcell_loop ")}
    goals.append(least(f"scripted LSTM loop: at least {LOOP_OVER_JIT:.0f} times as fast as torch.jit", loop, LOOP_OVER_JIT))
    goals.append(copying(by))
    goals.append(least("batch 32: within 5 % of the best of torch.compile, or ahead", ratios(by, at_32, compiled), BATCH_OVER_COMPILE))
    return goals + [new_shapes(by), steady(by)]


def table(goals):
    lines = ["| goal | reached | |", "|---|---|---|"]
    return "\n".join(lines + [f"| {g.what} | {g.reached} | {'open' if g.met is None else 'met' if g.met else 'missed'} |" for g in goals]) + "\n"
