# SPDX-License-Identifier: MIT
"""The system calls of each command, as docs/doctor.md has them. COSTS=show prints what is counted."""

import os
import re
import shlex
import shutil
import struct
import unittest

import physmem

DOCUMENT = os.path.join(os.environ["SOURCE"], "docs", "doctor.md")
COMMANDS = {"addr", "virt2phys", "ls", "map", "doctor", "heaps", "gc", "selftest"}


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
class Costs(physmem.Case):
    def setUp(self):
        super().setUp()
        start = 0x7f0000000000
        self.machine.write("proc/77/comm", b"capture\n")
        self.machine.write("proc/77/smaps", f"{start:x}-{start + 4096:x} rw-p 00000000 00:00 9   \n".encode())
        self.machine.write("proc/77/maps", b"")
        os.makedirs(self.machine.path("proc/77/fd"))
        self.machine.write("proc/77/pagemap", b"")
        with open(self.machine.path("proc/77/pagemap"), "r+b") as file:
            file.seek(start // 4096 * 8)
            file.write(struct.pack("<Q", 1 << 63 | 5))
        self.machine.write("dev/dma_heap/system", b"")

    def count(self, *words):
        path = self.machine.path("calls")
        done = physmem.run(*words, root=self.machine.root, prefix=("strace", "-f", "-qq", "-o", path))
        self.assertNotEqual(done.returncode, physmem.USAGE, done.stderr)
        with open(path, encoding="utf-8", errors="replace") as file:
            return sum("(" in line for line in file)

    @unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer makes calls of its own")
    def test_document(self):
        with open(DOCUMENT, encoding="utf-8") as file:
            section = file.read().split("## What they cost\n")[1]
        rows = re.findall(r"(?m)^\| `(physmem [^`]+)` \| (\d+) \|$", section)
        self.assertEqual({shlex.split(command)[1] for command, _ in rows}, COMMANDS)
        loading = self.count("--version")
        for command, told in rows:
            calls = self.count(*shlex.split(command)[1:]) - loading
            if os.environ.get("COSTS") == "show":
                print(command, calls)
            with self.subTest(command=command, calls=calls):
                self.assertLessEqual(calls, int(told))
                self.assertGreaterEqual(calls, int(told) * 4 // 5 - 8)  # else the document says too much

    def test_pages_cost_no_call_each(self):
        """8192 pages are one read of the table."""
        few, many = (self.count("virt2phys", "77", "0x7f0000000000", length) for length in ("4096", "32M"))
        self.assertLessEqual(many, few + 2)

    def test_addresses_cost_no_call_each(self):
        """The tree is read once; /proc/iomem once for each."""
        one = self.count("addr", "0x1000")
        many = self.count("addr", *["0x1000"] * 21)
        self.assertLessEqual(many - one, 20 * 6)


if __name__ == "__main__":
    physmem.main()
