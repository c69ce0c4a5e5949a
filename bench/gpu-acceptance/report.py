"""The results as one JSON file and a page of Markdown."""
import json
import os

DETAIL = 300    # characters of a sentence in the summary; acceptance.json has all of it


def write(results, folder):
    """Writes both files; a reader never sees half of one."""
    _replace(os.path.join(folder, "acceptance.json"), json.dumps(results, indent=1) + "\n")
    _replace(os.path.join(folder, "summary.md"), summary(results))


def _replace(path, text):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)


def has_passed(results):
    """Whether every case on every device, every fault and the sanitizer (if there is one) is as it must be."""
    cases = results["cases"]
    return (results["complete"] and results["doctor"]["usable"]
            and all(c["results"] and all(r["status"] in ("OK", "KNOWN") for r in c["results"]) for c in cases.values())
            and bool(results["faults"]) and all(f["ok"] for f in results["faults"])
            and results["kernels"]["state"] in ("ok", "left out") and results["sanitizer"]["state"] in ("clean", "not there", "left out"))


def summary(results):
    out = ["# GPU acceptance", ""]
    out.append("**Emulated on the CPU: says nothing about a GPU.**" if results["emulated"] else "On a real device.")
    out += ["", f"Result: {'passed' if results['passed'] else 'NOT passed'}" + ("" if results["complete"] else " (incomplete: stopped before its end, or still running)")
            + f". Commit {results['bundle'].get('commit', 'unknown')}, {results['started']}, {results['seconds']:.0f} s.", ""]
    out += ["| what | state | detail |", "|---|---|---|"]
    out += [f"| {f['name']} | {f['state']} | {_cell(f['detail'])} |" for f in results["doctor"]["findings"]]
    out += [f"| nvidia-smi | | {_cell(line)} |" for line in results["machine"].get("nvidia_smi", [])]
    k = results["kernels"]
    out.append(f"| kernels compiled ahead | {k['state']} | {_cell(k['detail'])}, {k['seconds']:.0f} s |")
    out += ["", "## Cases", "", "| device, mode | ok | known to differ | failed | unsupported | not run | seconds |", "|---|---|---|---|---|---|---|"]
    for device, c in results["cases"].items():
        n = c["counts"]
        out.append(f"| {device} | {n.get('OK', 0)} | {n.get('KNOWN', 0)} | {n.get('FAILED', 0)} | {n.get('UNSUPPORTED', 0)} | {n.get('NOT RUN', 0)} | {c['seconds']:.0f} |")
    out += ["", "## Faults", ""] + [f"- {'ok' if f['ok'] else 'NOT as it must be'}: {f['fault']}: {_cell(f['detail'])}" for f in results["faults"]]
    s = results["sanitizer"]
    out += ["", "## compute-sanitizer", "", f"{s['state']}: {_cell(s['detail'])}"]
    for device, c in results["cases"].items():
        bad = [r for r in c["results"] if r["status"] != "OK"]
        if bad:
            out += ["", f"## Not ok on {device}", ""] + [f"- {r['status']} {r['case']}: {_cell(r['detail'])}" for r in bad]
    return "\n".join(out) + "\n"


def _cell(text):
    one_line = " ".join(text.split()).replace("|", "\\|")
    return one_line if len(one_line) <= DETAIL else one_line[:DETAIL] + " …"
