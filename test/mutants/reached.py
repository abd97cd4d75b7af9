#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which lines of lib/ the tests reach, and which suite reaches which.

usage: reached.py run           runs the suites of the preset `coverage` one by one (unit, contract, threads; a build of it
                                must be there), writes build/reached.json, prints what no suite reaches and nothing explains
       reached.py show          the same from build/reached.json, with the figures
       reached.py check         each line of test/mutants/uncovered still has its line in lib/

With PMEM_FIGURES set, `run` adds its figures to that file.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "coverage"
DATA = ROOT / "build" / "reached"
RESULT = ROOT / "build" / "reached.json"
UNCOVERED = pathlib.Path(__file__).resolve().parent / "uncovered"


def functions(path):
    """(name, first line, last line) of each function of a file in the style of this project."""
    name, start, lines = None, 0, (ROOT / path).read_text().splitlines()
    for i, line in enumerate(lines, 1):
        if re.match(r"[A-Za-z_].*\(", line) and not line.endswith(";"):
            found = re.search(r"(\w+)\((?!.*\b__attribute)", line)
            name, start = (found[1], i) if found else (name, start)
        elif line == "}" and name:
            yield name, start, i
            name = None


def normal(text):
    return " ".join(text.split())


def suites():
    """(name, command, environment) of each test whose label is one of ours; command is None if it is not built."""
    shown = subprocess.run(["ctest", "--test-dir", str(BUILD), "--show-only=json-v1", "-L", "^(unit|contract|threads|faults)$"],
                           stdout=subprocess.PIPE, check=True).stdout
    for test in json.loads(shown)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        environment = dict(pair.split("=", 1) for pair in properties.get("ENVIRONMENT", []))
        yield test["name"], test.get("command"), environment


def gcov(folder):
    """What gcov says of the data below folder: {file: {line: (count, [branch counts])}}."""
    data = sorted(str(path) for path in folder.rglob("*.gcda") if "/lib/" in str(path))
    for path in data:
        notes = pathlib.Path(path).with_suffix(".gcno")
        if not notes.exists():
            notes.symlink_to("/" + str(notes.relative_to(folder)))
    found = collections.defaultdict(dict)
    said = subprocess.run(["gcov", "-b", "-j", "-t", *data], cwd=BUILD, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout if data else b""
    for document in said.splitlines():
        for file in json.loads(document)["files"]:
            # Named from the project's folder (-ffile-prefix-map); by ccache with a base_dir, from the build's.
            name = os.path.normpath(file["file"])
            if name.startswith("../"):
                name = os.path.relpath(BUILD / name, ROOT)
            if not name.startswith("lib/"):
                continue
            for line in file["lines"]:
                add(found[name], line["line_number"], line["count"], [b["count"] for b in line["branches"]])
    return found


def add(lines, number, count, branches):
    before, old = lines.get(number, (0, []))
    if len(old) == len(branches):
        branches = [a + b for a, b in zip(old, branches)]
    lines[number] = (before + count, max(branches, old, key=len))


def run():
    total, reach, seconds = collections.defaultdict(dict), {}, {}
    subprocess.run(["rm", "-rf", str(DATA)], check=True)
    for name, command, environment in suites():
        if not command:
            sys.exit(f"reached: {name} is not built")
        folder = DATA / name
        folder.mkdir(parents=True)
        begin = time.monotonic()
        quiet = {key: value for key, value in os.environ.items() if key != "PMEM_FIGURES"}
        status = subprocess.run(command, cwd=BUILD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env={**quiet, **environment, "GCOV_PREFIX": str(folder)}).returncode
        seconds[name] = time.monotonic() - begin
        if status not in (0, 77):
            sys.exit(f"reached: {name} fails ({status})")
        reach[name] = {}
        for file, lines in gcov(folder).items():
            reach[name][file] = sorted(n for n, (count, _) in lines.items() if count)
            for number, (count, branches) in lines.items():
                add(total[file], number, count, branches)
    if not total:
        sys.exit("reached: gcov tells of no line of lib/")
    # What no suite has loaded is in the notes of the compiler only.
    RESULT.write_text(json.dumps({"total": total, "reach": reach, "seconds": seconds}))


def explained():
    """(file, function, line of the code) of each line of uncovered; `*` as the line: the whole function."""
    reasons = set()
    for text in UNCOVERED.read_text().splitlines() if UNCOVERED.exists() else []:
        named = re.fullmatch(r"(@[a-z-]+): .*\w.*", text)
        if named:
            reasons.add(named[1])
        elif text.strip() and not text.startswith("#"):
            fields = [field.strip() for field in text.split(" ~ ")]
            if len(fields) != 4 or not all(fields) or (fields[3][0] == "@" and fields[3] not in reasons):
                sys.exit(f"uncovered: not FILE ~ FUNCTION ~ LINE ~ REASON: {text}")
            yield tuple(fields[:3])


def check():
    bad, texts = 0, {}
    for file, function, line in explained():
        if file not in texts:
            lines = (ROOT / file).read_text().splitlines() if (ROOT / file).exists() else []
            texts[file] = {(name, normal(lines[i - 1])) for name, start, end in (functions(file) if lines else [])
                           for i in range(start, end + 1)} | {(f[0], "*") for f in (functions(file) if lines else [])}
        if (function, line) not in texts[file]:
            print(f"uncovered: {file} has no such line: {function}: {line}")
            bad = 1
    return bad


def show():
    total = json.loads(RESULT.read_text())["total"]
    known = set(explained())
    lines = covered = branches = taken = missing = 0
    for file in sorted(total):
        source = (ROOT / file).read_text().splitlines()
        inside = list(functions(file))
        for number, (count, ways) in sorted(total[file].items(), key=lambda item: int(item[0])):
            lines, covered = lines + 1, covered + bool(count)
            branches, taken = branches + len(ways), taken + sum(1 for way in ways if way)
            function = next((name for name, start, end in inside if start <= int(number) <= end), "-")
            text = normal(source[int(number) - 1])
            if not count and (file, function, text) not in known and (file, function, "*") not in known:
                print(f"{file} ~ {function} ~ {text} ~")
                missing += 1
    print(f"{covered} of {lines} lines, {taken} of {branches} branches, {missing} lines neither reached nor explained")
    if os.environ.get("PMEM_FIGURES"):
        with open(os.environ["PMEM_FIGURES"], "a") as figures:
            figures.write(f"coverage.lines\t{100 * covered / lines:.1f} % of {lines:,}\n"
                          f"coverage.branches\t{100 * taken / branches:.1f} % of {branches:,}\n"
                          f"coverage.explained\t{lines - covered - missing} of {lines - covered}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["show"], ["check"]):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    if sys.argv[1] == "run":
        run()
    sys.exit(check() if sys.argv[1] == "check" else show())
