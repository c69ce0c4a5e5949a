#!/usr/bin/env bash
# Times Cresset beside PyTorch on this machine's CUDA device, from a bundle that prepare.sh made: ./timings.sh OUT [--budget SECONDS] …
# Needs a python3 with PyTorch and torchvision, and NVIDIA's libraries; no JDK and no network. `./timings.sh --help` lists the options.
set -euo pipefail

here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
[[ -x "$here/jdk/bin/java" ]] || { echo "timings.sh: no jdk beside it; make a bundle with prepare.sh and start timings.sh there." >&2; exit 2; }
exec "${CRESSET_PYTHON:-python3}" "$here/timings.py" "$@"
