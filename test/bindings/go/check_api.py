#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Go package has all of api.json, as it is there: each function with its arguments, each number, each
member of a structure; and each function is used.

usage: API_JSON=... SOURCE=... check_api.py     (exit 1, and a line for each difference)
"""

import json
import os
import pathlib
import re
import sys

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[3])
GO = SOURCE / "bindings/go"
SIZES = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "int": 4, "uint64_t": 8, "size_t": 8}


def read(pattern):
    """The text of files, without comments."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(GO.glob(pattern))
                   if not path.name.endswith("_test.go"))
    return re.sub(r"/\*.*?\*/| *//[^\n]*", "", text, flags=re.S)


def declared(type_, name):
    return type_ + ("" if type_.endswith("*") else " ") + name


def prototype(one):
    """As abi.h has it."""
    takes = ", ".join(declared(p["type"], p["name"]) for p in one["parameters"])
    return f"{declared(one['returns']['type'], one['name'])}({takes or 'void'});"


def functions(api, header):
    """Differences between the prototypes of abi.h and those of the description."""
    have = {re.search(r"(pmem_\w+)\(", line).group(1): line
            for line in header.splitlines() if re.match(r"[\w ]+\*?pmem_\w+\(.*\);$", line)}
    for one in api["functions"] + api["callbacks"]:
        want = prototype(one)
        if one in api["callbacks"]:
            want = "typedef " + want
        got = have.pop(one["name"], None)
        if got is None:
            yield f"{one['name']} is missing"
        elif got != want:
            yield f"{one['name']} is\n  {want}\nand not\n  {got}"
    for name in have:
        yield f"{name} is not in the description"


def uses(api, shim, go):
    """Functions that nothing calls; and those of the shim."""
    called = set(re.findall(r"\b(pmem_\w+)\(", shim)) | set(re.findall(r"\bC\.(pmem_\w+)\(", go))
    for one in api["functions"]:
        if one["name"] not in called:
            yield f"{one['name']} is not used"
    for name in sorted(set(re.findall(r"^struct pmemgo (pmemgo_\w+)\(", shim, re.M))):
        if f"C.{name}(" not in go:
            yield f"{name} is not used"


def goname(name):
    """PMEM_NO_SUCH is NoSuch."""
    return "".join(word.capitalize() for word in name.split("_")[1:])


def numbers(api, text):
    have = {name: int(value, 0) for name, value in
            re.findall(r"^\t(\w+) +(?:\w+ +)?= (0x[0-9a-f]+|\d+)$", text, re.M)}
    for one in api["constants"]:
        want, got = int(one["value"], 0), have.pop(goname(one["name"]), None)
        if got != want:
            yield f"{one['name']} is {want:#x}, and {goname(one['name'])} is {got}"
    for name in have:
        yield f"{name} is not in the description"


def layout(members):
    """Offsets where a pointer has 8 bytes."""
    at, offsets = 0, {}
    for type_, name in members:
        size = 8 if type_.endswith("*") else SIZES[type_]
        at = (at + size - 1) // size * size
        offsets[name] = at
        at += size
    return offsets


def structures(api, header):
    for one in api["structures"]:
        short = one["name"].replace("pmem_", "pmemgo_", 1)
        found = re.search(rf"struct {short} {{(.*?)}};", header, re.S)
        if not found:
            yield f"{one['name']} is missing"
            continue
        have = [(match.group(1).strip(), match.group(2)) for match in
                re.finditer(r"\t(.*?)(\w+);", found.group(1))]
        want = [(member["type"], member["name"]) for member in one["members"]]
        for old, new in zip(have + [None] * len(want), want):
            if old != new:
                yield f"{one['name']} has {new}, and abi.h {old}"
        if len(have) > len(want):
            yield f"{one['name']} has no {have[len(want):]}"
        for name, at in layout(have).items():
            if one["layout"]["lp64"]["offsets"].get(name) != at:
                yield f"{one['name']}.{name} is not at {at}"
            if f"PMEMGO_MEMBER({one['name'][5:]}, {name});" not in header:
                yield f"{one['name']}.{name} is not checked by abi.h"


def filled(api, go):
    """Members of options that the package never sets. It leaves size to the shim, reserved to the library."""
    for one in api["structures"]:
        for member in one["members"]:
            name = member["name"]
            if one["name"].endswith("_opts") and name not in ("size", "reserved", "reserved2", "firmware") and \
                    not re.search(rf"\b{name}: ", go):
                yield f"{one['name']}.{name} cannot be asked for"


def main():
    with open(os.environ["API_JSON"], encoding="utf-8") as file:
        api = json.load(file)
    header, shim, go = read("abi.h"), read("shim*"), read("*.go")
    found = [*functions(api, header), *uses(api, shim, go), *numbers(api, read("constants.go")),
             *structures(api, header), *filled(api, go)]
    print("\n".join(found))
    print(f"{len(api['functions'])} functions, {len(api['constants'])} numbers, "
          f"{len(api['structures'])} structures, {len(found)} differences")
    return 1 if found or len(api["functions"]) < 100 or len(api["constants"]) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
