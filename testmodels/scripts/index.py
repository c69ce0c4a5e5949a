"""Writes index.txt: every committed case folder with its files, so that a program in a jar can list them."""
import os

from casefile import RESOURCES


def main():
    lines = []
    for folder, _, files in sorted(os.walk(RESOURCES)):
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), RESOURCES)
            if path != "index.txt":
                lines.append(path)
    with open(os.path.join(RESOURCES, "index.txt"), "w") as f:
        f.write("\n".join(lines) + "\n")
    print(f"{len(lines)} files")


if __name__ == "__main__":
    main()
