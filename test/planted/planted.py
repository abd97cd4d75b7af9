#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Faults put in by hand, one of each kind that reviews and users have found: does the suite see them?

usage: planted.py check               each fault can still be put in: its text is in its file once
       planted.py run [NAME...]       puts in one after the other, in a copy of the project below build/planted,
                                      and tells which tests fail; a fault that none finds is exit 1

With PMEM_FIGURES set, `run` adds its figures to that file.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COPY = ROOT / "build" / "planted"

# Name, file, what is there, what is put in its place.
FAULTS = [
    ("lost-munmap", "lib/pages/ways.c",
     "\tint r = area_populate(addr, length);\n\n\tif (r < 0) {\n\t\tos->munmap(addr, length);\n\t\treturn r;\n",
     "\tint r = area_populate(addr, length);\n\n\tif (r < 0) {\n\t\treturn r;\n"),
    ("wrong-errno", "lib/device/group.c",
     "return error_set(EBUSY, PMEM_CAUSE_BUSY, \"device open\"",
     "return error_set(EPERM, PMEM_CAUSE_BUSY, \"device open\""),
    ("missed-unlock", "lib/api/region_index.c",
     "\tint r = by_pointer ? 0 : place_all(index);\n",
     "\tint r = by_pointer ? 0 : place_all(index);\n\n\tif (r < 0)\n\t\treturn r;\n"),
    ("off-by-one-in-translation", "lib/soc/dt/translate.c",
     "address->value < base->value || address->value >= end",
     "address->value < base->value || address->value > end"),
    ("swapped-direction", "lib/device/container.c",
     "(direction & PMEM_DMA_READ ? ABI_DMA_READ : 0) |\n\t\t\t(direction & PMEM_DMA_WRITE ? ABI_DMA_WRITE : 0)",
     "(direction & PMEM_DMA_READ ? ABI_DMA_WRITE : 0) |\n\t\t\t(direction & PMEM_DMA_WRITE ? ABI_DMA_READ : 0)"),
    ("swapped-sync-direction", "lib/backend/dmabuf/dmabuf.c",
     "\tif (direction & PMEM_DIR_READ)\n\t\tflags |= DMA_BUF_SYNC_READ;\n"
     "\tif (direction & PMEM_DIR_WRITE)\n\t\tflags |= DMA_BUF_SYNC_WRITE;\n",
     "\tif (direction & PMEM_DIR_READ)\n\t\tflags |= DMA_BUF_SYNC_WRITE;\n"
     "\tif (direction & PMEM_DIR_WRITE)\n\t\tflags |= DMA_BUF_SYNC_READ;\n"),
    ("stale-device-tree", "lib/soc/identify.c",
     "\tlast = --soc->users == 0;\n",
     "\tlast = --soc->users == 0 && !soc->has_tree;\n"),
    ("forgotten-dontfork", "lib/pages/area.c",
     "\tr = os->madvise(*out, length, MADV_DONTFORK);\n",
     "\tr = 0;\n"),
    ("forgotten-dontfork-of-a-device-map", "lib/device/pci_files.c",
     "\tr = os->madvise(region->map_base, region->map_length, MADV_DONTFORK);\n",
     "\tr = 0;\n"),
    ("missed-cgroup", "lib/os/available.c",
     "\t\t*strrchr(folder, '/') = '\\0';\n",
     "\t\treturn;\n"),
    ("wrong-alignment", "lib/pages/ways.c",
     "\tuint64_t need = t->size > t->want->align ? t->size : t->want->align;\n",
     "\tuint64_t need = t->size;\n"),
    ("wrong-alignment-of-an-iova", "lib/device/iova.c",
     "size, uint64_t align, uint64_t max_addr, uint64_t *iova)\n{\n",
     "size, uint64_t align, uint64_t max_addr, uint64_t *iova)\n{\n\talign = 0;\n"),
    ("leaked-descriptor-on-the-third-path", "lib/backend/dmabuf/udmabuf_kmod.c",
     "\t\t\t\"it is another device than the buffer of that name (the kernel's own /dev/udmabuf, \"\n"
     "\t\t\t\"perhaps)\");\n\tos->close(fd);\n",
     "\t\t\t\"it is another device than the buffer of that name (the kernel's own /dev/udmabuf, \"\n"
     "\t\t\t\"perhaps)\");\n\tif (st.rdev)\n\t\tos->close(fd);\n"),
]

# Labels of ctest, in turn: what is quick first. The next are asked only if these find nothing.
LABELS = ["unit|contract", "faults|fuzz|threads", "stress|tool|bindings"]


def check():
    bad = [f"{name}: {path} has its text {(ROOT / path).read_text().count(old)} times, not once"
           for name, path, old, _ in FAULTS if (ROOT / path).read_text().count(old) != 1]
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


def run(*command):
    # What its tests count is not what the project's did.
    quiet = {name: value for name, value in os.environ.items() if name != "PMEM_FIGURES"}
    return subprocess.run(command, cwd=COPY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet).returncode


def copy():
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                           stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        source, target = ROOT / name, COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # An older file of the same bytes stays, so that only what has changed is built again.
        if source.is_file() and not (target.exists() and target.read_bytes() == source.read_bytes()):
            shutil.copy(source, target)


def build():
    launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    if not (COPY / "build/dev/build.ninja").exists() and run("cmake", "--preset", "dev", "-DPMEM_MAN=OFF", *launcher):
        sys.exit("planted: the copy cannot be configured")
    return run("ninja", "-C", "build/dev")


def failures():
    for labels in LABELS:
        junit = COPY / "build/planted.xml"
        junit.unlink(missing_ok=True)
        run("ctest", "--test-dir", "build/dev", "-L", f"^({labels})$", "-j", str(os.cpu_count()), "--output-junit",
            str(junit))
        failed = [case.get("name") for case in xml.parse(junit).getroot().iter("testcase")
                  if case.get("status") == "fail"]
        if failed:
            return failed
    return []


def plant(name, path, old, new):
    file = COPY / path
    text = file.read_text()
    file.write_text(text.replace(old, new))
    try:
        if build():
            return ["the compiler"]
        return failures()
    finally:
        file.write_text(text)


def main(words):
    if words == ["check"]:
        return check()
    if words[:1] != ["run"] or check():
        print(__doc__, file=sys.stderr)
        return 2
    copy()
    if build() or failures():
        sys.exit("planted: something fails without a fault")
    chosen = [fault for fault in FAULTS if not words[1:] or fault[0] in words[1:]]
    missed = 0
    for fault in chosen:
        found = plant(*fault)
        missed += not found
        print(f"| {fault[0]} | `{fault[1]}` | {', '.join(found[:3]) or 'NOTHING'}"
              f"{f' and {len(found) - 3} more' if len(found) > 3 else ''} |", flush=True)
    if os.environ.get("PMEM_FIGURES"):
        with open(os.environ["PMEM_FIGURES"], "a") as figures:
            figures.write(f"planted.faults\t{len(chosen)}\nplanted.found\t{len(chosen) - missed}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
