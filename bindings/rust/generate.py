#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the Rust crates have of api.json: each function, structure and constant.

usage: generate.py write [API.json]     after the headers have changed
       generate.py check [API.json]     compares, and names each difference
Without API.json the variable API_JSON says where it is. Written are libpmem-sys/src/generated.rs, the
functions as they are in C, and libpmem/src/constants.rs, the constants as types of the safe layer.
"""

import difflib
import json
import os
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
SYS = HERE / "libpmem-sys" / "src" / "generated.rs"
SAFE = HERE / "libpmem" / "src" / "constants.rs"

SCALARS = {"int": "c_int", "char": "c_char", "void": "c_void", "size_t": "usize", "uint8_t": "u8",
           "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64"}
ABIS = {"lp64": 'target_pointer_width = "64"',
        "ilp32": 'all(target_pointer_width = "32", not(target_arch = "x86"))',
        "i386": 'all(target_pointer_width = "32", target_arch = "x86")'}
KEYWORDS = {"fn": "function", "in": "from", "type": "kind", "ref": "reference"}

# The types of the safe layer: prefixes of constants, name, macro, what it is.
GROUPS = [
    (("ALLOC_",), "AllocFlags", "bits32", "What an allocation may ask for."),
    (("BACKEND_",), "BackendCaps", "bits32", "What a backend can do."),
    (("CAUSE_",), "Cause", "value32", "Why a call failed. Numbers and names never change."),
    (("DEVICE_",), "DeviceFlags", "bits32", "How a device may be opened, and what it is."),
    (("DIR_",), "Direction", "value32", "What the CPU is about to do with bytes, or has done."),
    (("DMA_",), "Dma", "bits32", "What a device may do with memory."),
    (("ENABLE_",), "Parts", "bits32", "What of a PCI device can be switched on."),
    (("EXTENTS_",), "Need", "bits32", "Which addresses `extents()` tells."),
    (("FACT_",), "Fact", "value32", "What the firmware of a Raspberry Pi can tell."),
    (("FIRMWARE_",), "FirmwareFlags", "bits32", "How firmware memory is kept."),
    (("HEAP_",), "HeapClass", "bits32", "What a heap gives, known by its name."),
    (("IRQ_",), "IrqKind", "value32", "A kind of interrupts."),
    (("LEVEL_",), "Level", "value32", "How much a log message matters."),
    (("MAP_", "IMPORT_"), "MapFlags", "bits32", "How to map and to import."),
    (("PAGEMAP_",), "PagemapBits", "bits64", "Bits of a pagemap entry."),
    (("POOL_",), "PoolFlags", "bits32", "What a pool may be."),
    (("RECLAIM_",), "ReclaimFlags", "bits32", "How to give firmware memory back."),
    (("RESERVED_",), "ReservedFlags", "bits32", "What memory is that the device tree keeps back."),
    (("REGISTER_",), "RegisterFlags", "bits32", "How memory of the program is registered."),
    (("REGION_",), "Attrs", "bits32", "What a region is."),
    (("WAY_",), "Way", "value32", "By which way the address of a dma-buf is known."),
]
PLAIN = {"ADDRESS_NONE", "TO_END", "VERSION_MAJOR", "VERSION_MINOR", "VERSION_NUMBER", "VERSION_PATCH"}


def words(text):
    """A comment of the headers as text of rustdoc."""
    text = re.sub(r"@[pc] (\w+)", r"`\1`", " ".join(text.split()))
    return re.sub(r"([\[\]<>*])", r"\\\1", text)


def lines(text, indent):
    """Lines of rustdoc, none longer than people and packages like. A line may not begin as a list does."""
    parts = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)
    for i in range(1, len(parts)):
        while parts[i][:1] in "-+*#>" or parts[i][:1].isdigit():
            parts[i - 1], word = parts[i - 1].rsplit(" ", 1)
            parts[i] = word + " " + parts[i]
    return "".join(f"{indent}/// {part}\n" for part in parts)


def comment(text, indent=""):
    return lines(words(text), indent) if text.strip() else ""


def rust_type(text, api):
    """A type of C in Rust."""
    known = {one["name"] for kind in ("handles", "structures", "callbacks") for one in api[kind]}
    stars = text.count("*")
    # What each star's pointer points to may be const: the base, then pointers.
    consts = ["const" in part for part in text.split("*")[:-1]]
    name = re.sub(r"\b(const|volatile|struct)\b|\*", "", text).strip()
    if name.endswith("_fn") and stars == 1:
        return f"Option<{name}>"
    base = SCALARS.get(name) or (name if name in known else None)
    if base is None or stars > 2:
        raise SystemExit(f"no type of Rust for {text}")
    if stars == 0:
        return base
    return "".join("*const " if const else "*mut " for const in reversed(consts)) + base


def arguments(one, api):
    return ", ".join(f"{KEYWORDS.get(p['name'], p['name'])}: {rust_type(p['type'], api)}"
                     for p in one["parameters"])


def returns(one, api):
    text = one["returns"]["type"]
    return "" if text == "void" else f" -> {rust_type(text, api)}"


def wide(one):
    return int(one["value"], 0) > 0xffffffff or one["name"].startswith("PMEM_PAGEMAP_")


def constants(api):
    for one in api["constants"]:
        yield comment(one["doc"])
        yield f"pub const {one['name']}: {'u64' if wide(one) else 'u32'} = {one['value']};\n"


def structures(api):
    for one in api["handles"]:
        yield f"\n/// Opaque; given back by [`{one['released_by']}`].\n#[repr(C)]\n"
        yield f"pub struct {one['name']} {{\n    _opaque: [u8; 0],\n    _marker: Opaque,\n}}\n"
    for one in api["structures"]:
        yield f"\n{comment(one['doc'])}#[repr(C)]\n#[derive(Clone, Copy, Debug)]\n"
        yield f"pub struct {one['name']} {{\n"
        for member in one["members"]:
            yield comment(member["doc"], "    ")
            yield f"    pub {member['name']}: {rust_type(member['type'], api)},\n"
        yield "}\n"
    for one in api["callbacks"]:
        yield f"\n{comment(one['brief'])}"
        yield f"pub type {one['name']} = unsafe extern \"C\" fn({arguments(one, api)}){returns(one, api)};\n"


def functions(api):
    yield "\nextern \"C\" {\n"
    for one in api["functions"]:
        yield comment(one["brief"] or one["doc"].split("\n\n")[0], "    ")
        if one["returns"]["doc"]:
            yield "    ///\n" + lines("Returns " + words(one["returns"]["doc"]), "    ")
        yield f"    pub fn {one['name']}({arguments(one, api)}){returns(one, api)};\n"
    yield "}\n"


def layouts(api):
    """Where members lie is asked of the compiler, and compared; and numbers by name."""
    yield "\n#[cfg(test)]\npub(crate) mod layout {\n    use std::mem::{size_of, MaybeUninit};\n"
    yield "    use std::ptr::addr_of;\n"
    for one in api["structures"]:
        yield f"\n    /// Name, found and described: the size of `{one['name']}` and each member's place.\n"
        yield f"    pub(crate) fn {one['name']}() -> Vec<(&'static str, usize, usize)> {{\n"
        for abi, condition in ABIS.items():
            facts = one["layout"][abi]
            numbers = [facts["size"], *(facts["offsets"][m["name"]] for m in one["members"])]
            yield f"        #[cfg({condition})]\n        let expected = {numbers};\n"
        yield f"        let value = MaybeUninit::<super::{one['name']}>::uninit();\n"
        yield "        let base = value.as_ptr();\n"
        yield "        // Addresses only: nothing is read.\n        unsafe {\n            vec![\n"
        yield f"                (\"all of it\", size_of::<super::{one['name']}>(), expected[0]),\n"
        for i, member in enumerate(one["members"], 1):
            yield (f"                (\"{member['name']}\", addr_of!((*base).{member['name']}) as usize"
                   f" - base as usize, expected[{i}]),\n")
        yield "            ]\n        }\n    }\n"
    yield f"\n    pub(crate) const CONSTANTS: [(&str, u64); {len(api['constants'])}] = [\n"
    for one in api["constants"]:
        cast = "" if wide(one) else " as u64"
        yield f"        (\"{one['name']}\", super::{one['name']}{cast}),\n"
    yield "    ];\n}\n"


HEAD = "// SPDX-License-Identifier: MIT\n// Written by bindings/rust/generate.py from api.json. Do not edit.\n"


def generated(api):
    yield HEAD
    yield "use std::marker::{PhantomData, PhantomPinned};\nuse std::os::raw::{c_char, c_int, c_void};\n\n"
    yield "type Opaque = PhantomData<(*mut u8, PhantomPinned)>;\n\n"
    yield f"/// The version of the headers.\npub const VERSION: &str = \"{api['version']}\";\n"
    yield from constants(api)
    yield from structures(api)
    yield from functions(api)
    yield from layouts(api)


def safe(api):
    """The constants as types; each must belong to one."""
    left = {one["name"][5:]: one for one in api["constants"]}
    yield HEAD
    yield "use libpmem_sys as sys;\n\nuse crate::numbers::{bits32, bits64, value32};\n"
    for prefixes, name, macro, doc in GROUPS:
        yield f"\n{macro}! {{\n    /// {doc}\n    {name} {' '.join(json.dumps('PMEM_' + p) for p in prefixes)} {{\n"
        for full in [n for n in left if n.startswith(prefixes)]:
            short = full[len(prefixes[0]):] if full.startswith(prefixes[0]) else full
            yield comment(left[full]["doc"] or full, "        ")
            yield f"        {short} = sys::PMEM_{full},\n"
            del left[full]
        yield "    }\n}\n"
    if set(left) != PLAIN:
        raise SystemExit(f"constants without a type: {sorted(set(left) ^ PLAIN)}")


def unreached(api):
    """Functions that the safe layer does not use, and that no line says why."""
    text = "".join(path.read_text(encoding="utf-8") for path in (HERE / "libpmem/src").glob("*.rs"))
    used = set(re.findall(r"\bpmem_[a-z0-9_]+", re.sub(r"//.*", "", text)))
    reasons = set(re.findall(r"^// Not used: (pmem_\w+): \w+", (HERE / "libpmem/src/lib.rs").read_text(
        encoding="utf-8"), re.M))
    return sorted({one["name"] for one in api["functions"]} - used - reasons)


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in ("write", "check"):
        raise SystemExit(__doc__)
    path = sys.argv[2] if len(sys.argv) == 3 else os.environ["API_JSON"]
    api = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    made = {SYS: "".join(generated(api)), SAFE: "".join(safe(api))}
    if sys.argv[1] == "write":
        for file, text in made.items():
            file.write_text(text, encoding="utf-8")
        return
    wrong = []
    for file, text in made.items():
        there = file.read_text(encoding="utf-8")
        wrong += difflib.unified_diff(there.splitlines(), text.splitlines(), str(file.relative_to(HERE)),
                                      "api.json", lineterm="", n=0)
    wrong += [f"{name}: in no function of libpmem/src" for name in unreached(api)]
    if wrong:
        raise SystemExit("\n".join([*wrong, "the crates and api.json differ: bindings/rust/generate.py write"]))
    print(f"{len(api['functions'])} functions, {len(api['constants'])} constants as in api.json")


if __name__ == "__main__":
    main()
