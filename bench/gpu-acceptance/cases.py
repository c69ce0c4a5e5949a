"""All cases on one device: `cresset verify` in processes that may die, hang or lose their device."""
import json
import os

import processes


# Cases that differ on a device by their nature: {(device, case): reason}. One that does not has to leave the list.
KNOWN = {("cuda", "testmodels/opcases/queries"): "tells of the device itself, which is not the CPU that PyTorch ran it on"}


def find(root):
    """The case folders below a folder, relative to it, in groups that one process runs: {group: [folder, …]}."""
    groups = {}
    for folder, names, files in os.walk(root, followlinks=True):
        names.sort()
        if "case.json" not in files:
            continue
        path = os.path.relpath(folder, root)
        groups.setdefault(os.sep.join(path.split(os.sep)[:-1][:2]), []).append(path)
    return dict(sorted(groups.items()))


class Verification:
    """Results of one device and one way to run programs, filled while it runs; each is {case, status, detail, seconds}."""

    def __init__(self, bundle, device, mode, options, seconds_per_case, budget):
        self.bundle, self.device, self.options = bundle, device, ["--mode", mode, *options]
        self.name = f"{device}, {mode}"
        self.seconds_per_case, self.budget = seconds_per_case, budget
        self.results = []
        self.processes = 0

    def run(self, groups, save):
        for group, folders in groups.items():
            left = list(folders)
            while left and not self.budget.is_spent():
                left = self._process(group, left)
                save()
            self.results += [_result(f, "NOT RUN", "the budget was spent", 0) for f in left]
        save()

    def _process(self, group, folders):
        """Runs as many of the folders as one process gets through; returns the others."""
        self.processes += 1
        log = self.bundle.log(f"{self.name.replace(', ', '-')}-{group.replace(os.sep, '-')}-{self.processes}")
        lines = log + ".jsonl"
        command = ["verify", *(self.bundle.case(f) for f in folders), "--device", self.device, "--json-lines", lines, *self.options]
        limit = min(self.seconds_per_case, max(1, self.budget.left()))
        ended = processes.run(self.bundle.cli(*command), log, limit, progress=lines, environment=self.bundle.environment)
        done = self._read(lines)
        self.results += done
        left = folders[len(done):]
        if left and not (done and self._lost(done[-1])):
            if ended.code is None and self.budget.is_spent():
                return left
            if ended.code in (0, 1, 2) and not done:      # it refused before the first case: no use in asking again
                why = f"{ended.why()} before the first case: {_tail(log + '.err')}"
                self.results += [_result(f, "FAILED", why, 0) for f in left]
                return []
            self.results.append(_result(left[0], "FAILED", f"{ended.why()}: {_tail(log + '.err')}", ended.seconds))
            left = left[1:]
        return left

    def _read(self, file):
        """The results up to the first that lost its device: what came after it was not the cases' fault."""
        out = []
        if os.path.exists(file):
            with open(file, encoding="utf-8") as f:
                for line in f:
                    if not line.endswith("\n"):
                        break
                    r = json.loads(line)
                    name = self.bundle.name_of(r["folder"])
                    out.append(_result(name, *self._judged(name, r["status"], r["detail"]), r["seconds"]))
                    if self._lost(out[-1]):
                        break
        return out

    def _judged(self, case, status, detail):
        reason = KNOWN.get((self.device, case))
        if reason is None:
            return status, detail
        return ("FAILED", f"does not differ any more, though it {reason}") if status == "OK" else ("KNOWN", f"{reason}: {detail}")

    @staticmethod
    def _lost(result):
        return result["status"] == "FAILED" and "is lost: " in result["detail"]

    def counts(self):
        out = {}
        for r in self.results:
            out[r["status"]] = out.get(r["status"], 0) + 1
        return out


def _result(case, status, detail, seconds):
    return {"case": case, "status": status, "detail": detail, "seconds": round(seconds, 3)}


def _tail(file, characters=2000):
    with open(file, encoding="utf-8", errors="replace") as f:
        return f.read()[-characters:].strip()
