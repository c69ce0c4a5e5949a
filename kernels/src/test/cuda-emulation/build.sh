#!/usr/bin/env bash
# Builds the emulated CUDA libraries with g++ and prints the folder they are in: ./build.sh PARENT
# The folder's name is the hash of the sources and the compiler, so what is there is up to date, and processes that
# build at the same time do not disturb each other. Exit code 3: this machine has no g++.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
parent="$1"
command -v g++ >/dev/null || { echo "there is no g++ on the PATH" >&2; exit 3; }
mkdir -p "$parent"
parent="$(cd "$parent" && pwd)"
cd "$here"
hash="$({ g++ --version; find . -type f | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c1-16)"
folder="$parent/$hash"
if [[ -d "$folder" ]]; then echo "$folder"; exit 0; fi

work="$(mktemp -d "$parent/.building.XXXXXX")"
trap 'rm -rf "$work"' EXIT
options=(-std=c++17 -O1 -g1 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror)
cp -r include "$work/include"
mkdir "$work/kernels"
g++ "${options[@]}" -Wl,-soname,libcuda.so.1 driver/*.cpp -o "$work/libcuda.so.1" -ldl -lpthread
library() {
    g++ "${options[@]}" "-Wl,-soname,$2" "-Wl,--version-script=$1/symbols.map" "$1"/*.cpp -o "$work/$2" -L"$work" -l:libcuda.so.1 -ldl
}
library nvrtc libnvrtc.so.12
library cublaslt libcublasLt.so.12
library cublas libcublas.so.12
library cudnn libcudnn.so.9
mv -T "$work" "$folder" 2>/dev/null || [[ -d "$folder" ]]     # somebody else may have been faster
echo "$folder"
