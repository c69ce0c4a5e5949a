"""compute-sanitizer's memcheck over some cases: each in a process of its own, with blocks of memory exactly as large as was asked for."""
import glob
import os
import re
import shutil
import time

import processes

# 10 to 100 times slower than without: parts of the cases' folders' names.
CASES = ("digits", "lstm-cell", "state", "opcases/linear_algebra", "opcases/reductions", "opcases/indexing", "opcases/index_assignment",
         "opcases/scattering", "opcases/sorting", "opcases/cumulative", "opcases/joining", "opcases/pooling", "opcases/convolutions",
         "opcases/recurrent", "opcases/normalisation", "opcases/pointwise_binary", "bert")
FOUND_CODE = 86
FINDING = re.compile(r"Invalid __|Program hit|Misaligned|ERROR SUMMARY: [1-9]")
TOLD = re.compile(FINDING.pattern + r"|ERROR SUMMARY|^Error|Internal|No attachable|terminated before")


def run(bundle, groups, arguments, budget, save):
    """{state, detail, seconds, results}; the state is clean, errors, broken, not finished, not there or left out."""
    if bundle.emulation and not arguments.sanitizer:
        return {"state": "left out", "detail": "the emulation checks accesses itself", "results": []}
    tool = arguments.sanitizer or _find()
    if tool is None:
        return {"state": "not there", "detail": "no compute-sanitizer on the PATH or in CUDA's folders", "results": []}
    folders = [f for folders in groups.values() for f in folders]
    chosen = [f for part in CASES for f in folders if _is(part, f)]
    out = {"state": "not finished", "detail": "", "seconds": 0, "tool": tool, "results": []}
    start = time.monotonic()
    for folder in chosen:
        left = min(arguments.sanitizer_seconds - (time.monotonic() - start), budget.left())
        state, detail = _check(bundle, tool, folder, left) if left > 0 else ("not finished", "no time was left")
        out["results"].append({"case": folder, "state": state, "detail": detail})
        out["seconds"] = round(time.monotonic() - start, 1)
        _sum_up(out, len(chosen))
        save(out)
    if not chosen:
        out.update(state="clean" if arguments.only else "broken", detail="none of the cases is in the bundle")
    return out


def _is(part, folder):
    """Whether the folder is the one that is meant, and not one of a longer name."""
    return ("/" + folder).endswith("/" + part)


def _check(bundle, tool, folder, limit):
    log = bundle.log("sanitizer-" + folder.replace(os.sep, "-"))
    for old in (log + ".txt", log + ".jsonl"):
        if os.path.exists(old):
            os.remove(old)
    # errors of CUDA's interface are left out: cuDNN and cuBLAS cause some that they deal with
    command = [tool, "--tool", "memcheck", "--target-processes", "all", "--report-api-errors", "no", "--error-exitcode", str(FOUND_CODE),
               "--log-file", log + ".txt", *bundle.cli("verify", bundle.case(folder), "--device", "cuda", "--mode", "optimize", "--runs", "3",
                                                       "--json-lines", log + ".jsonl",
                                                       options=["-Dcresset.cuda.exact_memory=true", "-Dcresset.cuda.ahead=false"])]
    ended = processes.run(command, log, limit, environment=bundle.environment)
    lines = [line.strip("= \n") for line in _read(log + ".txt").splitlines()]
    told = "; ".join([line for line in lines if TOLD.search(line)][-5:])
    if ended.code == FOUND_CODE or any(FINDING.search(line) for line in lines):
        return "errors", told or ended.why()
    if ended.code is None:
        return "not finished", ended.why()
    if ended.code not in (0, 1) or not _read(log + ".jsonl") or "ERROR SUMMARY" not in told:
        return "broken", f"{ended.why()}; {told or _read(log + '.err')[-500:].strip() or 'the tool says nothing'}"
    return "clean", told


def _sum_up(out, all_cases):
    states = [r["state"] for r in out["results"]]
    worst = next((s for s in ("errors", "broken", "not finished") if s in states), "clean")
    out["state"] = "not finished" if worst == "clean" and len(states) < all_cases else worst
    bad = [f"{r['case']}: {r['detail']}" for r in out["results"] if r["state"] in ("errors", "broken")]
    out["detail"] = "; ".join([f"{states.count('clean')} of {all_cases} cases clean", *bad])


def _read(file):
    if not os.path.exists(file):
        return ""
    with open(file, encoding="utf-8", errors="replace") as f:
        return f.read()


def _find():
    for place in ("compute-sanitizer", os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin/compute-sanitizer"),
                  "/usr/local/cuda*/bin/compute-sanitizer", "/usr/local/cuda*/compute-sanitizer/compute-sanitizer"):
        found = shutil.which(place) or next(iter(sorted(glob.glob(place), reverse=True)), None)
        if found:
            return found
    return None
