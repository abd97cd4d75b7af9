#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The warnings of a build's compiler, errors if the build says so, in what other builds do not compile with it: nothing
is made.

usage: syntax.py BUILD_DIR [FILE...]      (BUILD_DIR has compile_commands.json; FILE: only these)
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = re.compile(r"(lib|test/(unit|contract|harness|fake))/")  # preset asan


def look(entry):
    words = shlex.split(entry["command"])
    if "-o" in words:
        at = words.index("-o")
        del words[at:at + 2]
    done = subprocess.run([*words, "-fsyntax-only"], cwd=entry["directory"], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = {}
    for entry in json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text()):
        path = os.path.relpath(entry["file"], ROOT)
        if path in sys.argv[2:] or not (sys.argv[2:] or BUILT.match(path)):
            found.setdefault(path, entry)
    if not found:
        print("no source file found")
        return 1
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("PMEM_JOBS", os.cpu_count()))) as pool:
        for status, text in pool.map(look, found.values()):
            sys.stdout.write(text)
            bad += status != 0
    print(f"{len(found)} files, {bad} that do not compile")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
