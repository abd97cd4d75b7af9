#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each binding's check turns red when the description of the API changes.

Makes changed copies of api.json, and runs each check of checks.txt with each: it must fail and
name what changed. With the true one it must pass.

usage: API_JSON=... mutate.py [NAME...]
"""

import copy
import json
import os
import subprocess
import sys
import tempfile

from listed import command, installed, lines

FUNCTION, CONSTANT = "pmem_region_alloc", "PMEM_REGION_CONTIGUOUS"
TAKES, STRUCTURE, MEMBER, LAST = "pmem_region_write32", "pmem_alloc_opts", "backend", "reserved"


def named(api, kind, name):
    return next(one for one in api[kind] if one["name"] == name)


def removed(api):
    api["functions"].remove(named(api, "functions", FUNCTION))
    return FUNCTION


def argument(api):
    last = named(api, "functions", TAKES)["parameters"][-1]
    assert last["type"] == "uint32_t"
    last["type"] = "uint64_t"
    return TAKES


def renumbered(api):
    constant = named(api, "constants", CONSTANT)
    constant["value"] = hex(int(constant["value"], 0) << 20)
    return CONSTANT


def moved(api):
    """The member changes places with its neighbour, in each ABI."""
    structure = named(api, "structures", STRUCTURE)
    members = structure["members"]
    names = [one["name"] for one in members]
    at = names.index(MEMBER)
    for layout in structure["layout"].values():
        offsets = layout["offsets"]
        offsets[MEMBER], offsets[names[at + 1]] = offsets[names[at + 1]], offsets[MEMBER]
    members[at], members[at + 1] = members[at + 1], members[at]
    return MEMBER


def lost(api):
    """The last member that the first release had is gone; those after it move up."""
    structure = named(api, "structures", STRUCTURE)
    at = [one["name"] for one in structure["members"]].index(LAST)
    del structure["members"][at]
    for layout in structure["layout"].values():
        gone = layout["offsets"].pop(LAST)
        after = [one["name"] for one in structure["members"][at:]]
        step = layout["offsets"][after[0]] - gone if after else 0
        layout["offsets"].update((name, layout["offsets"][name] - step) for name in after)
        layout["size"] -= step
    return LAST


def check(words, path):
    done = subprocess.run(words, env={**os.environ, "API_JSON": path}, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280)
    return done.returncode, done.stdout


def failures(name, words, copies):
    """Sentences about what a binding's check does not see."""
    for path, change, what in copies:
        status, out = check(words, path)
        if change is None:
            if status:
                yield f"{name}: exit {status} with the true description\n{out}"
        elif status == 0:
            yield f"{name}: {change} {what} is not seen"
        elif what not in out:
            yield f"{name}: {change} {what} is not named\n{out}"


def main(names):
    with open(os.environ["API_JSON"], encoding="utf-8") as file:
        true = json.load(file)
    wrong, ran = [], 0
    with tempfile.TemporaryDirectory() as work:
        copies = [(os.environ["API_JSON"], None, None)]
        for mutation in (removed, argument, renumbered, moved, lost):
            api = copy.deepcopy(true)
            what = mutation(api)
            path = f"{work}/{mutation.__name__}.json"
            with open(path, "w", encoding="utf-8") as file:
                json.dump(api, file)
            copies.append((path, mutation.__name__, what))
        for line in lines("checks.txt"):
            name, text = line.split(None, 1)
            words = command(text, work)
            if names and name not in names:
                continue
            if not installed(words):
                print(f"SKIPPED: {name}: {words[0]} is not installed")
                return 77
            found = list(failures(name, words, copies))
            print(f"{'FAILED' if found else 'ok'}: {name}")
            wrong += found
            ran += 1
    print("\n".join(wrong + [f"{ran} checks, {len(wrong)} failures"]))
    return 1 if wrong or not ran else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
