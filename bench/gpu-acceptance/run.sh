#!/usr/bin/env bash
# Tries Cresset on this machine's CUDA device, from a bundle that prepare.sh made: ./run.sh OUT [--budget SECONDS] …
# Needs python3 and NVIDIA's libraries, no JDK and no network. `./run.sh --help` lists the options.
set -euo pipefail

here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
[[ -x "$here/jdk/bin/java" ]] || { echo "run.sh: no jdk beside it; make a bundle with prepare.sh and start run.sh there." >&2; exit 2; }
exec python3 "$here/acceptance.py" "$@"
