#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Semantic patches (coccinelle) for faults of a kind that happened here. Each NAME.cocci finds the lines of
faults/fault_NAME.c that say FOUND, and no others; and none in lib/ and tools/ but those of queries-known.

usage: queries.py test [NAME...] | check [TREE [KNOWN]]
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from known import Known, figure  # noqa: E402 - nothing is written beside it

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
JOBS = int(os.environ.get("PMEM_JOBS", os.cpu_count()))
LOOKS_AT = re.compile("^// looks at files with: (.*)$", re.MULTILINE)  # saves most of the time
FOUND = re.compile(r"^(\S+?):(\d+): (\w+): (.*)$")


def run(query, files, where):
    """[(file, line, function, words)] that a query finds."""
    command = ["spatch", "--very-quiet", "--no-includes", "--sp-file", query, *files]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{query.name}: {done.stderr}")
    matches = (FOUND.match(line) for line in done.stdout.splitlines())
    return sorted({(m[1], int(m[2])): (m[1], int(m[2]), m[3], m[4]) for m in matches if m}.values())


def test(queries):
    status = 0
    for query in queries:
        fault = HERE / f"faults/fault_{query.stem}.c"
        wanted = [n for n, line in enumerate(fault.read_text().splitlines(), 1) if "FOUND" in line]
        found = [line for _, line, _, _ in run(query, [fault], HERE)]
        if not wanted or found != wanted:
            print(f"{query.name}: finds the lines {found} of {fault.name}, not {wanted}")
            status = 1
    print(f"{len(queries)} queries find their faults" if not status else "a query does not find its faults")
    return status or not queries


def check(tree, known):
    queries = sorted(HERE.glob("*.cocci"))
    files = sorted(str(path.relative_to(tree)) for top in ("lib", "tools") for path in tree.glob(f"{top}/**/*.c"))
    texts = {path: (tree / path).read_text() for path in files}
    jobs = []
    for query in queries:
        word = re.compile(LOOKS_AT.search(query.read_text())[1])
        seen = [path for path in files if word.search(texts[path])]
        jobs += [(query, seen[i::JOBS]) for i in range(JOBS) if seen[i::JOBS]]
    found = {}
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for (query, _), results in zip(jobs, pool.map(lambda job: run(*job, tree), jobs)):
            for path, line, function, words in results:
                found[query.stem, path, function] = f"{path}:{line}: {function}: {query.stem}: {words}"
    known.compare(found)
    figure("analysers.queries", len(queries))
    print(f"{len(queries)} queries, {len(files)} files, {len(found)} findings, {len(known.keys)} known")
    return known.status or not files


def main():
    words = sys.argv[1:]
    if words[:1] == ["test"]:
        return test([HERE / f"{name}.cocci" for name in words[1:]] or sorted(HERE.glob("*.cocci")))
    if words[:1] == ["check"] and len(words) <= 3:
        tree = pathlib.Path(words[1]).resolve() if len(words) > 1 else ROOT
        return check(tree, Known(pathlib.Path(words[2]) if len(words) > 2 else HERE / "queries-known"))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
