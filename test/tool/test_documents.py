# SPDX-License-Identifier: MIT
"""The documents' C code compiles and runs; every function and file that they name exists."""

import glob
import json
import os
import re
import shlex
import subprocess
import tempfile
import unittest

import physmem

SOURCE = os.environ["SOURCE"]
CC = shlex.split(os.environ["CC_COMMAND"])
LIBRARY = os.environ["LIBRARY"]
PAGES = sorted(glob.glob(SOURCE + "/*.md") + glob.glob(SOURCE + "/docs/*.md"))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def compile_c(path, to, *more):
    done = subprocess.run([*CC, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I",
                           SOURCE + "/include", path, "-o", to, *more], text=True,
                          capture_output=True, check=False)
    return done.stderr if done.returncode else None


def link_flags():
    folder = os.path.dirname(LIBRARY)
    return [LIBRARY, f"-Wl,-rpath,{folder}"]


class Programs(unittest.TestCase):
    """Each must succeed, or fail as it should where the machine cannot give what it asks for."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        info = json.loads(physmem.run("info", "--json").stdout)
        usable = {backend["name"] for backend in info["backends"] if backend["usable"]}
        self.allocates = "pages" in usable
        self.sees = info["access"]["pagemap"]["visible"]

    def run_source(self, path, works, nothing=0, **environment):
        """works: 0 is expected, else 1; nothing: or 77, which says why on standard output."""
        program = os.path.join(self.folder.name, "program")
        self.assertIsNone(compile_c(path, program, *link_flags(), "-pthread"))
        done = subprocess.run([program], text=True, capture_output=True,
                              env={**os.environ, **environment}, check=False, timeout=60)
        self.assertEqual(done.returncode, nothing or (0 if works else 1), done.stderr)
        self.assertNotEqual(done.stdout if works or nothing else done.stderr, "")
        return done

    def test_readme(self):
        blocks = re.findall(r"(?s)```c\n(.*?)```", read(SOURCE + "/README.md"))
        self.assertEqual(len(blocks), 1)
        source = os.path.join(self.folder.name, "readme.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(blocks[0])
        done = self.run_source(source, self.allocates)
        if self.allocates:
            self.assertRegex(done.stdout, r"^64 KiB at 0x[0-9a-f]+, by \w+\n$")

    def test_examples(self):
        machine = physmem.played.Machine()
        self.addCleanup(machine.close)
        machine.poke(physmem.played.GPIO + 0x34, b"\x78\x56\x34\x12")
        examples = {os.path.basename(path): path
                    for path in glob.glob(SOURCE + "/docs/examples/*.c")}
        self.assertEqual(set(examples), {"alloc.c", "async.c", "cyclic.c", "edu.c", "engine.c", "gpio.c",
                                         "job.c", "mailbox.c", "pieces.c", "pool.c", "prp.c", "uio.c",
                                         "where.c"})
        self.assertIsNone(compile_c(examples["mailbox.c"], self.folder.name + "/mailbox.o", "-c"))
        for name in ("edu.c", "uio.c"):  # those devices are in guests
            self.assertIsNone(compile_c(examples[name], self.folder.name + "/device", *link_flags()))
        engine = physmem.run("node", "brcm,bcm2835-dma").returncode == physmem.OK
        # Whoever forgets cpu_begin() faults, on this machine as on one that is not coherent.
        for debug in ("", "coherence"):
            self.run_source(examples["alloc.c"], self.allocates, LIBPMEM_DEBUG=debug)
            self.run_source(examples["prp.c"], self.allocates, LIBPMEM_DEBUG=debug)
            self.run_source(examples["cyclic.c"], self.allocates, 0 if engine else 77,
                            LIBPMEM_DEBUG=debug)
        self.run_source(examples["pool.c"], self.allocates)
        self.run_source(examples["where.c"], self.sees)
        translated = any(read(path).strip() != "identity"
                         for path in glob.glob("/sys/kernel/iommu_groups/*/type"))
        self.run_source(examples["pieces.c"], self.allocates and not translated)
        self.run_source(examples["engine.c"], True)
        self.assertEqual(self.run_source(examples["async.c"], True).stdout,
                         "100000 of 100000 failures were told right\n")
        self.assertEqual(self.run_source(examples["gpio.c"], True,
                                         LIBPMEM_ROOT=machine.root).stdout, "0x12345678\n")

    @staticmethod
    def engine_behind(window):
        """A Raspberry Pi's tree, whose engine sees that window of 4 GiB of this machine's memory."""
        cells, nodes = physmem.played.cells, dict(physmem.played.NODES)
        nodes[""] = {**nodes[""], "#address-cells": cells(2)}
        nodes["soc"] = {**nodes["soc"], "ranges": cells(0x7e000000, 0, 0x3f000000, 0x1000000),
                        "dma-ranges": cells(0, window, 0, 0xfffff000)}
        return physmem.played.Machine(nodes=nodes, memory=False)

    def test_cyclic_in_real_memory(self):
        """The engine's addresses have 32 bits, this machine's memory may lie anywhere: one window
        has what the kernel gives; where it gives that is not ours to say, so they are tried again."""
        program = os.path.join(self.folder.name, "program")
        self.assertIsNone(compile_c(SOURCE + "/docs/examples/cyclic.c", program, *link_flags()))
        windows = sorted({window for first, last in re.findall(
            r"(?m)^([0-9a-f]+)-([0-9a-f]+) : System RAM", read("/proc/iomem"))
            for window in range(int(first, 16) >> 32, (int(last, 16) >> 32) + 1)})
        for window in 5 * windows:
            machine = self.engine_behind(window)
            self.addCleanup(machine.close)
            done = subprocess.run([program], text=True, capture_output=True, check=False, env={
                **os.environ, "LIBPMEM_DEVICE_TREE": machine.path("proc/device-tree")}, timeout=60)
            if done.returncode == 0 or not self.allocates:
                break
            self.assertIn("ERANGE", done.stderr)
        self.assertEqual(done.returncode, 0 if self.allocates else 1, done.stderr)
        self.assertNotEqual(done.stdout if self.allocates else done.stderr, "")

    def test_fragments(self):
        """C in the other pages is whole enough to compile."""
        for page in PAGES:
            for block in re.findall(r"(?s)```c\n(.*?)```", read(page)):
                source = os.path.join(self.folder.name, "fragment.c")
                with open(source, "w", encoding="utf-8") as file:
                    file.write(block)
                self.assertIsNone(compile_c(source, source + ".o", "-c"), page)


class Pages(unittest.TestCase):
    def exported(self):
        return set(re.findall(r"(?m)^\t(pmem_\w+);", read(SOURCE + "/lib/libpmem.map")))

    def test_every_function_is_listed(self):
        listed = set(re.findall(r"`(pmem_\w+)`", read(SOURCE + "/docs/api.md")))
        self.assertEqual(listed, self.exported())

    def test_no_function_is_invented(self):
        for page in PAGES + glob.glob(SOURCE + "/docs/man/*"):
            for name in re.findall(r"\b(pmem_\w+)\(\)|Fn (pmem_\w+)", read(page)):
                self.assertIn(name[0] or name[1], self.exported(), page)

    def test_no_constant_is_invented(self):
        defined = set()
        for header in glob.glob(SOURCE + "/include/pmem/*.h"):
            defined.update(re.findall(r"(?m)^#define (PMEM_\w+)", read(header)))
        defined.update(re.findall(r"(?:option|set)\((PMEM_\w+)", read(SOURCE + "/CMakeLists.txt") +
            read(SOURCE + "/test/CMakeLists.txt") + "".join(
            map(read, glob.glob(SOURCE + "/cmake/*.cmake")))))
        # What the environment may tell the tests, and the build of the Rust crates.
        defined.update(re.findall(r'"(PMEM_\w+)"', read(SOURCE + "/CMakePresets.json")))
        defined.update(re.findall(r"\$\{(PMEM_\w+):-", read(SOURCE + "/cmake/stages")))
        defined.update(re.findall(r'"(PMEM_\w+)"', read(SOURCE + "/bindings/rust/libpmem-sys/build.rs")))
        for page in PAGES + glob.glob(SOURCE + "/docs/man/*"):
            for name in re.findall(r"\bPMEM_\w+", read(page)):
                known = name in defined or name.endswith("_") and any(
                    other.startswith(name) for other in defined)
                self.assertTrue(known, f"{page}: {name}")


class Periph(unittest.TestCase):
    """docs/periph.md has each name of the Go packages, and what it names in C compiles as it is written."""

    NAMES = {"pmem.Mem", "Mem.Close", "Mem.Bytes", "Mem.AsPOD", "Mem.PhysAddr", "pmem.Slice",
             "Slice.Uint32", "pmem.View", "pmem.MapGPIO", "pmem.Map", "pmem.MapAsPOD",
             "pmem.MemAlloc", "pmem.Alloc", "pmem.ReadPageMap", "pmem.TestCopy", "videocore.Mem",
             "videocore.Alloc"}

    def setUp(self):
        rows = re.findall(r"(?m)^\| (`.*) \| (.*) \|$", read(SOURCE + "/docs/periph.md"))
        self.go = {name for left, _ in rows for name in re.findall(r"`([\w.]+)[^`]*`", left)}
        self.c = [text for _, right in rows for text in re.findall(r"`([^`]+)`", right)]

    def test_go(self):
        self.assertEqual(self.NAMES - self.go, set())

    def test_c(self):
        lines, types = [], "struct block;" + read(SOURCE + "/include/pmem/types.h")
        for text in self.c:
            if re.fullmatch(r"pmem_\w+\(\)", text):
                lines.append(f"(void){text[:-2]};")
            elif text.startswith("PMEM_"):
                lines.append(f"(void)({text});")
            elif text.startswith("struct "):
                name = text.split()[1]
                self.assertIn(f"struct {name};", types)
                lines.append(f"(void)(struct {name} *)0;")
        self.assertGreater(len(lines), 20)
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "periph.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write("#include <pmem/pmem.h>\nstruct block { uint32_t a[4]; };\n"
                           "void all(struct pmem_ctx *ctx, struct pmem_region *region,"
                           " uint64_t base)\n{\nstruct block *p;\nsize_t count;\n"
                           + "\n".join(lines) + "\n}\nint main(void)\n{\nreturn 0;\n}\n")
            self.assertIsNone(compile_c(source, os.path.join(folder, "periph"), *link_flags()))


if __name__ == "__main__":
    physmem.main()
