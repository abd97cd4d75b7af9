#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gcc -fanalyzer over lib/ and tools/. Each finding is one of those in analyzer-known, with the reason why it is none.

usage: analyzer.py BUILD_DIR [KNOWN [FILE...]]      (BUILD_DIR has compile_commands.json; FILE: only these)

It fails on a finding that is not in KNOWN, on an entry of KNOWN that is not found any more, and on one without a reason.
PMEM_ANALYZER is the compiler, "gcc" if it is not set.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True

from known import Known, figure  # noqa: E402 - nothing is written beside it

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER = os.environ.get("PMEM_ANALYZER", "gcc")
KEPT = re.compile(r"-(I|D|isystem|std=)")


def commands(build, only):
    """What a source file is compiled with, of the flags that matter: {path from the root: [flag]}"""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = os.path.relpath(entry["file"], ROOT)
        if not re.match(r"(lib|tools)/", path) or path in found:
            continue
        flags, words = [], iter(shlex.split(entry["command"]))
        for word in words:
            if KEPT.match(word):
                flags += [word, next(words)] if word in ("-I", "-D", "-isystem") else [word]
        found[path] = flags
    return {path: found[path] for path in only} if only else found


def analyse(path, flags):
    """Findings of one file: {(path, function, kind): message}"""
    command = [COMPILER, *flags, "-O1", "-fanalyzer", "-fdiagnostics-format=json", "-c", "-o", "/dev/null", path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {}
    for line in done.stderr.splitlines():
        for finding in json.loads(line) if line.startswith("[") else []:
            if not finding.get("option", "").startswith("-Wanalyzer"):
                continue
            function = finding["path"][-1]["function"]
            at = finding["locations"][0]["caret"]
            key = path, function, finding["option"][len("-Wanalyzer-"):]
            found[key] = f"{path}:{at['line']}: {function}: {finding['option']}: {finding['message']}"
    if done.returncode:
        sys.exit(f"{path}: {done.stderr}")
    return found


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    only = sys.argv[3:]
    known = Known(pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "test/queries/analyzer-known")
    found, work = {}, commands(pathlib.Path(sys.argv[1]), only)
    if not work:
        print("no source file found")
        return 1
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("PMEM_JOBS", os.cpu_count()))) as pool:
        for result in pool.map(lambda item: analyse(*item), work.items()):
            found |= result
    known.compare(found, lambda key: key[0] in work or not only)
    figure("analysers.files", len(work))
    print(f"{len(work)} files, {len(found)} findings, {len(known.keys)} known")
    return known.status


if __name__ == "__main__":
    sys.exit(main())
