"""Tries Cresset on the CUDA device of this machine; run.sh starts it. Needs nothing but Python's own library."""
import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import time

import cases
import processes
import report
import sanitizer

class Bundle:
    """What prepare.sh put together: a JDK, jars and cases."""

    def __init__(self, home, out, checkout):
        self.home, self.out = home, out
        self.environment = {}
        self.emulation = self._emulation(checkout) if checkout else None
        self.java_options = ["--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector"]
        if self.emulation:
            self.java_options.append(f"-Dcresset.cuda.emulation={self.emulation}")
        os.makedirs(os.path.join(out, "logs"), exist_ok=True)

    @staticmethod
    def _emulation(checkout):
        script = os.path.join(checkout, "kernels/src/test/cuda-emulation/build.sh")
        if not os.path.isfile(script):
            sys.exit(f"--emulate needs a source checkout of Cresset: there is no {script}")
        return subprocess.run([script, os.path.join(checkout, "kernels/target/cuda-emulation")], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def log(self, name):
        return os.path.join(self.out, "logs", name.strip("-"))

    def java(self, main, *arguments, options=()):
        return [os.path.join(self.home, "jdk/bin/java"), *self.java_options, *options, "-cp", os.path.join(self.home, "lib/*"), main, *arguments]

    def cli(self, *arguments, options=()):
        return self.java("dev.cresset.cli.Main", *arguments, options=options)

    def case(self, folder):
        return os.path.join(self.home, "cases", folder, "case.json")

    def name_of(self, folder):
        return os.path.relpath(folder, os.path.join(self.home, "cases"))

    def facts(self):
        with open(os.path.join(self.home, "bundle.json"), encoding="utf-8") as f:
            return json.load(f)


def machine():
    """What the machine is, without its name."""
    out = {"system": f"{platform.system()} {platform.release()}", "architecture": platform.machine(), "processors": os.cpu_count()}
    if shutil.which("nvidia-smi"):
        query = "--query-gpu=name,driver_version,memory.total,compute_cap,power.limit"
        try:
            ran = subprocess.run(["nvidia-smi", query, "--format=csv,noheader"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            out["nvidia_smi"] = ran.stdout.strip().splitlines()
        except (OSError, subprocess.SubprocessError) as e:
            out["nvidia_smi"] = [str(e)]
    return out


def doctor(bundle, budget):
    ended = processes.run(bundle.cli("doctor", "--device", "cuda", "--json"), bundle.log("doctor"), min(300, budget.left()))
    try:
        said = json.loads(ended.out)
        return {"usable": said["cuda"], "findings": said["findings"]}
    except ValueError:
        return {"usable": False, "findings": [{"name": "doctor", "state": "fault", "detail": ended.why()}]}


def faults(bundle, budget, out, save):
    """Each fault in a process of its own."""
    main = "dev.cresset.bench.gpu.FaultCheck"
    names = processes.run(bundle.java(main), bundle.log("faults"), 60).out.split()
    for name in names:
        if budget.is_spent():
            out.append({"fault": name, "ok": False, "detail": "not run: the budget was spent", "seconds": 0})
            continue
        ended = processes.run(bundle.java(main, name), bundle.log("fault-" + name), min(180, budget.left()))
        try:
            result = json.loads(ended.out)
        except ValueError:
            result = {"fault": name, "ok": False, "detail": ended.why()}
        out.append({**result, "seconds": round(ended.seconds, 3)})
        save()


def kernels(bundle, budget):
    """Compiles the most used kernels, as the first process on a machine does in the background."""
    if bundle.emulation:
        return {"state": "left out", "detail": "the emulation compiles what is needed", "seconds": 0}
    ended = processes.run(bundle.cli("doctor", "--device", "cuda", "--compile", "--json"), bundle.log("kernels"), min(600, budget.left()))
    try:
        said = [f for f in json.loads(ended.out)["findings"] if f["name"] == "kernels"]
        state, detail = said[0]["state"], "; ".join(f["detail"] for f in said)
    except (ValueError, IndexError):
        state, detail = "fault", ended.why()
    return {"state": state, "detail": detail, "seconds": round(ended.seconds, 1)}


def main():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    parser.add_argument("out", help="folder for acceptance.json, summary.md and logs")
    parser.add_argument("--budget", type=float, default=1500, metavar="SECONDS", help="for everything (default: 1500); what does not fit is left out, and said")
    parser.add_argument("--case-seconds", type=float, metavar="S", help="for one case folder (default: 120, emulated 900: its compiler is slow)")
    parser.add_argument("--sanitizer-seconds", type=float, default=400, metavar="S", help="for compute-sanitizer (default: 400)")
    parser.add_argument("--sanitizer", metavar="PATH", help="the compute-sanitizer to use (default: looked for on the PATH and in CUDA's folders)")
    parser.add_argument("--runs", type=int, default=3, help="of each session of a case (default: 3)")
    parser.add_argument("--modes", default="default,optimize", metavar="MODE,…", help="how cases run on cuda, as in cresset verify --mode (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="TEXT,…", help="only cases whose folders contain one of these")
    parser.add_argument("--cpu-fallback", action="store_true", help="run on the CPU what CUDA has no kernel for")
    parser.add_argument("--emulate", metavar="CHECKOUT", help="dry run without a GPU: with the emulation of this source checkout")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    if arguments.case_seconds is None:
        arguments.case_seconds = 900 if arguments.emulate else 120
    budget = processes.Budget(arguments.budget)
    bundle = Bundle(os.path.dirname(os.path.abspath(__file__)), os.path.abspath(arguments.out), arguments.emulate)
    results = {"started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "seconds": 0, "passed": False, "complete": False,
               "emulated": bool(bundle.emulation), "arguments": vars(arguments), "bundle": bundle.facts(), "machine": machine(),
               "doctor": {"usable": False, "findings": []},
               "kernels": {"state": "not run", "detail": "", "seconds": 0}, "cases": {}, "faults": [],
               "sanitizer": {"state": "not run", "detail": "", "results": []}}

    def save():
        results["seconds"] = round(budget.used(), 1)
        report.write(results, bundle.out)

    def verify(device, mode, *options):
        start = time.monotonic()
        v = cases.Verification(bundle, device, mode, ["--runs", str(arguments.runs), *options], arguments.case_seconds, budget)
        of_device = results["cases"][v.name] = {"runs": arguments.runs, "counts": {}, "seconds": 0, "results": v.results}

        def update():
            of_device.update(counts=v.counts(), seconds=round(time.monotonic() - start, 1))
            save()
        v.run(groups, update)
        print(f"{v.name}: {v.counts()}", flush=True)

    only = [t for t in arguments.only.split(",") if t]
    groups = {g: [f for f in folders if not only or any(t in f for t in only)] for g, folders in cases.find(os.path.join(bundle.home, "cases")).items()}
    groups = {g: folders for g, folders in groups.items() if folders}
    results["doctor"] = doctor(bundle, budget)
    save()
    if results["doctor"]["usable"]:
        results["kernels"] = kernels(bundle, budget)
        save()
        for mode in arguments.modes.split(","):
            verify("cuda", mode, *(["--cpu-fallback"] if arguments.cpu_fallback else []))
        faults(bundle, budget, results["faults"], save)
        results["sanitizer"] = sanitizer.run(bundle, groups, arguments, budget, lambda sofar: (results.update(sanitizer=sofar), save()))
    else:
        print("the CUDA device cannot be used, see summary.md; only the CPU is tried", flush=True)
    verify("cpu", "default")
    results["complete"] = not budget.is_spent()
    results["passed"] = report.has_passed(results)
    save()
    print(f"{'passed' if results['passed'] else 'NOT passed'}; see {os.path.join(arguments.out, 'summary.md')}")
    return 0 if results["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
