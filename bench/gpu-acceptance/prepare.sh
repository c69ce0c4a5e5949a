#!/usr/bin/env bash
# Makes a bundle that tries Cresset on a GPU machine without network and JDK: ./prepare.sh [OUT [CASES…]]
#
#   OUT      a folder, made anew (default: bench/target/gpu-acceptance); OUT.tar.gz is made beside it
#   CASES    folders with cases beside those of testmodels
#
# There: tar xzf gpu-acceptance.tar.gz && gpu-acceptance/run.sh results
set -euo pipefail

here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
root="$(cd "$here/../.." && pwd)"
out="${1:-$root/bench/target/gpu-acceptance}"
shift || true
limit_bytes=60000000
modules=java.base,java.logging,java.management,java.xml,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported

export CRESSET_NO_AOT=1
"$root/cresset" --version                                # builds the CLI, if it is stale
"$root/cresset" bench --help >/dev/null                  # and the benchmarks' jar
jdk="$("$root/cresset" doctor --json | python3 -c '
import json, sys
print(next(f["detail"] for f in json.load(sys.stdin)["findings"] if f["name"] == "Java").rsplit(", ", 1)[1])')"

rm -rf "$out" "$out.tar.gz"
mkdir -p "$out/lib" "$out/cases"
out="$(cd "$out" && pwd)"
"$jdk/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress zip-9 --output "$out/jdk"

# oneDNN's natives stay here: they are half as large as all else, and the CPU's own loops do without them.
cp "$root"/engine/cli/target/lib/*.jar "$root/engine/cli/target/cresset-cli.jar" "$root/bench/target/cresset-bench.jar" "$out/lib/"
rm -f "$out"/lib/dnnl-*-linux-x86_64.jar

# What the jars need of the JDK must be there, but for images and plots (java.desktop) and Jackson's dates (java.sql).
needed="$("$jdk/bin/jdeps" --multi-release 25 --ignore-missing-deps --print-module-deps --class-path "$out/lib/*" "$out"/lib/cresset-*.jar)"
for module in ${needed//,/ }; do
    [[ "$module" =~ ^java\.(desktop|sql)$ ]] || "$out/jdk/bin/java" --list-modules | grep -q "^$module@" || { echo "prepare.sh: the jars need the module $module; add it to the list." >&2; exit 1; }
done

copy_cases() {
    local name
    name="$(basename "$1")"
    mkdir -p "$out/cases/$name"
    cp -rL "$1/." "$out/cases/$name/"
    chmod -R u+w "$out/cases/$name"
}
copy_cases "$root/testmodels/src/main/resources/dev/cresset/testmodels"
for folder in "$@"; do copy_cases "$folder"; done

cp "$here"/{run.sh,acceptance.py,cases.py,processes.py,report.py,sanitizer.py,timings.sh,timings.py,goals.py} "$root/bench/scripts/make_models.py" "$out/"
changed="$(cd "$root" && git status --porcelain | wc -l)"
printf '{"commit": "%s", "changed_files": %d, "java": "%s", "made": "%s"}\n' "$(cd "$root" && git rev-parse --short=12 HEAD)" "$changed" \
    "$("$out/jdk/bin/java" --version | head -1)" "$(date -u +%FT%TZ)" > "$out/bundle.json"

tar -C "$(dirname "$out")" -cf - "$(basename "$out")" | gzip -9 > "$out.tar.gz"
bytes="$(stat -c %s "$out.tar.gz")"
echo "$out: $(du -sm "$out" | cut -f1) MB unpacked; $(find "$out/cases" -name case.json | wc -l) cases"
for part in jdk lib cases; do echo "  $part: $(du -sm "$out/$part" | cut -f1) MB"; done
echo "$out.tar.gz: $bytes bytes"
(( bytes < limit_bytes )) || { echo "prepare.sh: that is more than $limit_bytes bytes." >&2; exit 1; }
