#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a program of docs/examples declares of the library is what api.json says.

Languages that load C at run time declare functions, structures and constants as text in the
program. This reads the text: types, members and where they lie on each kind of processor, numbers.
Options that begin with their size may be those of a release: the library takes the shorter structure.

usage: API_JSON=... declared.py FILE...
"""

import json
import os
import pathlib
import re
import sys

RELEASED = pathlib.Path(__file__).resolve().parents[1] / "abi" / "released"

# Types of C, as their name and how many stars; "void" with a star is any pointer.
SIZES = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8, "int": 4}
JAVA = {"int": ("32 bits", 0), "long": ("uint64_t", 0), "void": ("void", 0), "Pointer": ("void", 1),
        "String": ("char", 1), "PointerByReference": ("void", 2), "IntByReference": ("32 bits", 1),
        "LongByReference": ("uint64_t", 1), "Size": ("size_t", 0), "Size.Ref": ("size_t", 1),
        "Extent": ("pmem_extent", 1), "AllocOpts": ("pmem_alloc_opts", 1)}
PERL = {"opaque": ("void", 1), "opaque*": ("void", 2), "string": ("char", 1),
        "string rw": ("char", 1), "alloc_opts": ("pmem_alloc_opts", 1), "int": ("int", 0),
        "void": ("void", 0)}
for bits in ("uint32", "uint64", "size_t"):
    PERL[bits] = (bits.replace("_t", "") + "_t", 0)
    PERL[bits + "*"] = (PERL[bits][0], 1)
OURS = {"AllocOpts": "pmem_alloc_opts", "Extent": "pmem_extent"}


def c_type(text, named=False):
    """Of a type of C, or of a parameter with its name."""
    words = re.findall(r"\w+|\*", re.sub(r"\b(const|volatile|struct|_Out_)\b", " ", text))
    stars = words.count("*")
    names = [word for word in words if word != "*"]
    return (" ".join(names[:-1] if named and len(names) > 1 else names), stars)


def c_functions(text):
    """(name, result, parameters) of declarations in C."""
    for result, stars, name, inner in re.findall(
            r"([a-z_][\w ]*?)\s*(\**)\s*\b(pmem_\w+)\(([^()]*)\)", text):
        inner = [] if inner.strip() in ("", "void") else inner.split(",")
        yield name, c_type(result + stars), [c_type(one, True) for one in inner]


def c_members(text):
    """Members of a structure in C, of which one line may have several."""
    for line in text.split(";"):
        first, *more = line.split(",")
        if first.strip():
            base = c_type(first, True)
            yield first.split()[-1].lstrip("*"), base
            for one in more:
                yield one.strip().lstrip("*"), (base[0], one.count("*"))


class Lua:
    """cdef has C."""

    def __init__(self, text):
        text = text[text.index("ffi.cdef [["):text.index("]]\n")]
        self.functions = list(c_functions(text))
        self.structures = {name: list(c_members(body)) for name, body in re.findall(
            r"struct (pmem_\w+) \{(.*?)\}", text, re.S)}


class Node:
    """koffi takes functions in C, and structures as objects."""

    def __init__(self, text):
        self.functions = [one for line in re.findall(r"lib\.func\('([^']*)'\)", text)
                          for one in c_functions(line)]
        self.structures = {name: [(member, c_type(kind)) for member, kind in re.findall(
            r"(\w+): '([^']*)'", body)] for name, body in re.findall(
                r"koffi\.struct\('(\w+)', \{(.*?)\}", text, re.S)}


class Ruby:
    """Fiddle takes C, without names of structures."""

    def __init__(self, text):
        self.functions = [one for line in re.findall(r"extern '([^']*)'", text)
                          for one in c_functions(line)]
        self.structures = {OURS[name]: list(c_members(";".join(re.findall(r"'([^']*)'", body))))
                           for name, body in re.findall(r"(\w+) = struct \[(.*?)\]", text, re.S)}


class Perl:
    """Platypus has names of its own for types."""

    def __init__(self, text):
        self.functions = [(name, PERL[result], [PERL[one] for one in re.findall(r"'([^']*)'", inner)])
                          for name, inner, result in re.findall(
                              r"attach\((\w+)\s*=> \[(.*?)\] => '([^']*)'\)", text)]
        self.structures = {OURS[name]: [(member, PERL[kind]) for kind, member in re.findall(
            r"([a-z0-9]+(?: rw)?)'?\s*=> '(\w+)'", body)] for name, body in re.findall(
                r"package Pmem::(\w+);\nuse[^\n]*\nrecord_layout_1\((.*?)\);", text, re.S)}


class Java:
    """Methods of an interface; what is unsigned in C is signed here."""

    def __init__(self, text):
        self.functions = [(name, JAVA[result], [JAVA[one.split()[0]] for one in inner.split(",") if one])
                          for result, name, inner in re.findall(
                              r"\n\t([\w.]+) (pmem_\w+)\(([^()]*)\);", text)]
        self.structures = {}
        for order, name, body in re.findall(
                r"FieldOrder\(\{(.*?)\}\)\s*class (\w+) extends Structure \{(.*?)\}", text, re.S):
            members = {member: JAVA[kind] for kind, member in re.findall(r"public (\w+) (\w+);", body)}
            names = re.findall(r'"(\w+)"', order)
            if sorted(names) != sorted(members):
                sys.exit(f"{name}: the order has other members than the class")
            self.structures[OURS[name]] = [(member, members[member]) for member in names]


READERS = {".lua": Lua, ".mjs": Node, ".rb": Ruby, ".pl": Perl, ".java": Java}


def number(text):
    """The value of a constant as languages write it."""
    text = re.sub(r"(?<=[0-9a-f])(ULL|L|n)$", "", text.strip())
    if text == "~0":
        return 2 ** 64 - 1
    shift = re.fullmatch(r"(\w+) << (\d+)", text)
    return int(shift[1], 0) << int(shift[2]) if shift else int(text, 0)


def constants(text):
    return {name: number(value) for name, value in re.findall(
        r"\b(PMEM_[A-Z0-9_]+)\s*(?:=>|=(?!=))\s*([^,;\n]*[^,;\s])", text)}


def same(declared, true):
    """May a type be declared so?"""
    base, stars = declared
    if base == "void" and stars:
        return true[1] >= stars
    bases = ("int", "uint32_t") if base == "32 bits" else (base,)
    return true[1] == stars and true[0] in bases


def offsets(members, pointer, widest):
    """Where members lie, by the rules of an ABI."""
    found, end = {}, 0
    for name, (base, stars) in members:
        size = pointer if stars or base == "size_t" else SIZES["int" if base == "32 bits" else base]
        align = min(size, widest)
        end = (end + align - 1) // align * align
        found[name] = end
        end += size
    return found


def released():
    """How many members each structure had in the releases that test/abi/released keeps."""
    counts = {}
    for header in sorted(RELEASED.glob("*/include/pmem/*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.S)
        for name, body in re.findall(r"^struct (pmem_\w+) \{(.*?)^\};", text, re.S | re.M):
            counts.setdefault(name, set()).add(len(list(c_members(body))))
    return counts


def structure_differences(one, members, counts):
    """Sentences about a structure that is declared otherwise than now, or than it was in a release."""
    name, true = one["name"], [(member["name"], c_type(member["type"])) for member in one["members"]]
    if true[0][0] == "size" and len(members) in counts.get(name, ()):
        true = true[:len(members)]
    if [member for member, _ in members] != [member for member, _ in true] or not all(
            same(mine, other) for (_, mine), (_, other) in zip(members, true)):
        yield f"{name} is declared with {members}, and has {true}"
        return
    for abi, shape in (("lp64", (8, 8)), ("ilp32", (4, 8)), ("i386", (4, 4))):
        where = {member: one["layout"][abi]["offsets"][member] for member, _ in true}
        if offsets(members, *shape) != where:
            yield f"{name} lies otherwise on {abi}: {where}"


def differences(api, source):
    """Sentences about what is declared otherwise than it is."""
    known = {one["name"]: one for kind in ("functions", "handles", "structures", "callbacks")
             for one in api[kind]}
    values = {one["name"]: int(one["value"], 0) for one in api["constants"]}
    text = "\n".join(line for line in source.read_text(encoding="utf-8").split("\n")
                     if not re.match(r"\s*(//|#|--|\*|/\*)", line))
    read, counts = READERS[source.suffix](text), released()
    for name, result, takes in read.functions:
        if name not in known:
            yield f"{name} is no function of the library"
            continue
        want = [c_type(one["type"]) for one in known[name]["parameters"]]
        if len(takes) != len(want) or not all(map(same, takes, want)):
            yield f"{name} is declared with {takes}, and takes {want}"
        want = c_type(known[name]["returns"]["type"])
        if not same(result, want):
            yield f"{name} is declared to return {result}, and returns {want}"
    for name, members in read.structures.items():
        yield from structure_differences(known[name], members, counts)
    declared = constants(text)
    for name, value in declared.items():
        if values.get(name) != value:
            yield f"{name} is {value:#x} here, and {values.get(name)} there"
    # What this reader did not read it would not see change.
    unread = set(re.findall(r"\bpmem_[a-z0-9_]+\b", text)) - {name for name, *_ in read.functions}
    for name in sorted(unread):
        if name not in known or name in {one["name"] for one in api["functions"]}:
            yield f"{name} is used, and not declared where this check sees it"
    for name in sorted(set(re.findall(r"\bPMEM_[A-Z0-9_]+", text)) - set(declared)):
        yield f"{name} is used, and not declared where this check sees it"
    if not read.functions or not declared:
        yield "no declarations"


def main(files):
    with open(os.environ["API_JSON"], encoding="utf-8") as file:
        api = json.load(file)
    wrong = [f"{file}: {what}" for file in files for what in differences(api, pathlib.Path(file))]
    print("\n".join(wrong) or f"{len(files)} files are right")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
