#!/usr/bin/env bash
# Makes the committed test models again: make.sh [SCRIPT [ARGUMENT…]], all of them without arguments.
#
# An archive records where the Python source of each class was. The scripts therefore run from copies in a fixed
# folder, so that the artefacts do not depend on where the project is checked out. PYTHON names the interpreter.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
copies=/tmp/cresset/testmodels/scripts
rm -rf "$copies"
mkdir -p "$copies"
trap 'rm -rf "$copies"' EXIT
cp "$here"/*.py "$copies/"
cd "$copies"
export CRESSET_HOME="$(dirname "$(dirname "$here")")" OMP_NUM_THREADS=1
if (( $# )); then
    "${PYTHON:-python3}" "$copies/$1" "${@:2}"
    exit
fi
for script in digits opcases archives miniatures executor index; do "${PYTHON:-python3}" "$copies/$script.py"; done
