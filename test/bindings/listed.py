# SPDX-License-Identifier: MIT
"""Lists of commands in text files, and what stands for a folder in them."""

import os
import pathlib
import shutil

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
HERE = pathlib.Path(__file__).resolve().parent


def lines(name):
    """The lines of a file of this folder, without comments."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def command(text, work=""):
    """The words of a command. No word of a list has a space in it."""
    library = os.environ.get("LD_LIBRARY_PATH", "").split(":")[0]
    stands = {"source": SOURCE, "work": work, "library": library,
              "build": os.environ.get("BINDINGS_BUILD") or work,
              "cc": os.environ.get("CC", "cc"), "cxx": os.environ.get("CXX", "c++")}
    return [word.format(**stands) for word in text.split()]


def installed(words):
    return shutil.which(words[0]) is not None
