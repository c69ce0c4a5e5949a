"""Writes index.txt: every committed case folder with its files, so that a program in a jar can list them.

Fails when an archive names source files of the machine it was made on: see make.sh.
"""
import os
import re
import sys
import zipfile

from casefile import RESOURCES


# What a debug record may name: Python's packages as the distribution installs them, and the copies made by make.sh.
NEUTRAL = (b"/usr/lib/python3/dist-packages/", b"/tmp/cresset/testmodels/scripts/")


def contents(path):
    """The bytes of a file and, of an archive, those of every entry."""
    with open(path, "rb") as f:
        yield f.read()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            for name in z.namelist():
                yield z.read(name)


def foreign_paths(path):
    found = {m.group() for data in contents(path) for m in re.finditer(rb"(?<![\w./-])/[\w./-]+\.py", data)}
    return sorted(p.decode() for p in found if not p.startswith(NEUTRAL))


def main():
    lines, foreign = [], []
    for folder, _, files in sorted(os.walk(RESOURCES)):
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), RESOURCES)
            if path != "index.txt":
                lines.append(path)
                foreign += [f"{path} names {f}" for f in foreign_paths(os.path.join(folder, name))]
    with open(os.path.join(RESOURCES, "index.txt"), "w") as f:
        f.write("\n".join(lines) + "\n")
    print(f"{len(lines)} files")
    if foreign:
        sys.exit("\n".join(foreign) + "\nThese archives name files of this machine; make them again with make.sh.")


if __name__ == "__main__":
    main()
