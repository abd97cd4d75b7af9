#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pictures of docs/map.md, from Debian's device trees: see boards.py.

usage: PHYSMEM=build/dev/tools/physmem test/tool/pictures.py      writes docs/map/NAME.svg, and NAME.png by rsvg-convert
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guest" / "lib"))

import boards  # noqa: E402 - the path is set first
from guest.archive import Archive  # noqa: E402 - the path is set first

NAMES = ("pi4", "imx8mm", "x86")


def trees():
    """The folder of Debian's blobs for arm64."""
    archive = Archive()
    package = archive.concrete("linux-image-arm64", "arm64", "bookworm-backports")
    tree = archive.tree(package, "arm64", "bookworm-backports", only=["./usr/lib/linux-image-*"])
    return next(tree.glob("usr/lib/linux-image-*"))


def machine(name):
    return boards.pc() if name == "x86" else boards.board(name, trees())


def picture(machine, *options):
    return subprocess.run([os.environ["PHYSMEM"], "map", *options], check=True, capture_output=True,
                          text=True, env={"LIBPMEM_ROOT": machine.root, "LC_ALL": "C.UTF-8"}).stdout


def main():
    folder = HERE.parent.parent / "docs" / "map"
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        played = machine(name)
        (folder / f"{name}.svg").write_text(picture(played, "--svg"), encoding="utf-8")
        played.close()
        subprocess.run(["rsvg-convert", folder / f"{name}.svg", "-o", folder / f"{name}.png"], check=True)


if __name__ == "__main__":
    main()
