# SPDX-License-Identifier: MIT
"""Every input that doctor, map, virt2phys, addr, alloc, ls and bench refuse: exit status and words."""

import os

import physmem
from physmem import FAILED, PERMISSION, UNSUPPORTED, USAGE

LONG = "9" * 30
TABLE = (
    # arguments, exit status, what standard error says
    ("doctor --for", USAGE, "'--for' is no option, or lacks its argument"),
    ("doctor --for nothing", USAGE, "--for is map, gpio, alloc, phys, dma or vfio"),
    ("doctor --for map,", USAGE, "--for is map, gpio"),
    ("doctor --for " + "map," * 40 + "map", USAGE, "--for is map, gpio"),
    ("doctor --size 0", USAGE, "'0' is not a size"),
    ("doctor --size -1", USAGE, "'-1' is not a size"),
    ("doctor --size 12x", USAGE, "'12x' is not a size"),
    ("doctor --size " + LONG, USAGE, "is not a size"),
    ("doctor --nonsense", USAGE, "'--nonsense' is no option"),
    ("info -xj", USAGE, "'-xj' is no option"),  # getopt() is in the middle of it
    ("info --stable -jx", USAGE, "'-jx' is no option"),
    ("doctor map", USAGE, "'map' is one argument too many"),
    ("doctor --for gpio,vfio", UNSUPPORTED, "not all of this can be used"),
    ("map --columns 19", USAGE, "--columns is 20 to 500"),
    ("map --columns 501", USAGE, "--columns is 20 to 500"),
    ("map --columns wide", USAGE, "--columns is 20 to 500"),
    ("map --json --svg", USAGE, "--json and --svg contradict each other"),
    ("map --svg=1", USAGE, "'--svg=1' is no option, or lacks its argument, or has one too many"),
    ("map everything", USAGE, "'everything' is one argument too many"),
    ("map", PERMISSION, "nothing is known"),
    ("virt2phys", USAGE, "a process and an address are needed"),
    ("virt2phys 1", USAGE, "a process and an address are needed"),
    ("virt2phys 1 2 3 4", USAGE, "a process and an address are needed"),
    ("virt2phys 0 0x1000", USAGE, "'0' is no process"),
    ("virt2phys -- -1 0x1000", USAGE, "'-1' is no process"),
    ("virt2phys 0x1 0x1000", USAGE, "'0x1' is no process"),
    ("virt2phys ../1 0x1000", USAGE, "'../1' is no process"),
    ("virt2phys 4294967297 0x1000", USAGE, "'4294967297' is no process"),
    ("virt2phys self stack", USAGE, "'stack' is not a number"),
    ("virt2phys self 0x1000 0", USAGE, "'0' is not a length"),
    ("virt2phys self 0x1000 many", USAGE, "'many' is not a length"),
    ("virt2phys self 0xffffffffffffffff 2", USAGE, "the range is beyond 64 bits"),
    ("virt2phys 999999999 0x1000", FAILED, "there is no process 999999999"),
    ("addr", USAGE, "no address is given"),
    ("addr here", USAGE, "'here' is no address"),
    ("addr dma:", USAGE, "'dma:' is no address"),
    ("addr 0x" + "f" * 17, USAGE, "is no address"),
    ("addr --master nonsense 0x1000", UNSUPPORTED, "nonsense"),
    ("alloc", USAGE, "a size such as 4096, 64K or 0x1000 comes first"),
    ("alloc 0 -- true", USAGE, "a size such as"),
    ("alloc much -- true", USAGE, "a size such as"),
    ("alloc 4096", USAGE, "a command is needed, or --dry-run"),
    ("alloc --align 3x 4096 -- true", USAGE, "'3x' is not a size"),
    ("alloc --below 0 4096 -- true", USAGE, "there is nothing below 0"),
    ("selftest --below 0", USAGE, "there is nothing below 0"),
    ("selftest --below 1", USAGE, "there is nothing below 1"),  # not: no limit
    ("selftest --need-address --no-address", USAGE, "--need-address and --no-address contradict each other"),
    ("selftest --master x --no-master", USAGE, "--master and --no-master contradict each other"),
    ("alloc --master a --no-master 4096 -- true", USAGE, "--master and --no-master contradict each other"),
    ("alloc --align 3 4096 -- true", USAGE, "power of two"),
    ("alloc --cached --uncached 4096 -- true", USAGE, "contradict"),
    ("alloc --backend nonesuch 4096 -- true", FAILED, "nonesuch"),
    ("alloc 0xffffffffffffffff -- true", USAGE, "do not fit"),
    ("ls here", USAGE, "'here' is one argument too many"),
    ("ls --all", USAGE, "'--all' is no option"),
    ("bench --time 0", USAGE, "--time is 1 to 5000 milliseconds"),
    ("bench --time 5001", USAGE, "--time is 1 to 5000 milliseconds"),
    ("bench --time soon", USAGE, "--time is 1 to 5000 milliseconds"),
    ("bench now", USAGE, "'now' is one argument too many"),
    ("selftest --dma --hole 64", USAGE, "--dma makes copies of its own"),
    ("selftest --dma", UNSUPPORTED, "skipped: there is no DMA engine here"),
)


class Wrong(physmem.Case):
    def setUp(self):
        self.play(nodes={}, files={}, memory=False)

    def test_table(self):
        for line, code, words in TABLE:
            with self.subTest(line=line):
                done = self.physmem(*line.split(), expect=code)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout if line[:6] != "doctor" or code == USAGE else "", "")
                if code == USAGE and "(E" not in done.stderr:  # the library's refusals have an errno
                    self.assertIn(f"physmem {line.split()[0]}", done.stderr)
                self.assertLess(len(done.stderr.splitlines()), 20)

    def test_json_too(self):
        """A failure is data as well, except for wrong arguments."""
        for line, code, words in TABLE:
            if "alloc" in line or code not in (FAILED, UNSUPPORTED, PERMISSION) or "doctor" in line:
                continue
            with self.subTest(line=line):
                words_of = line.split()
                document = self.json(*words_of, expect=code)
                self.assertTrue("error" in document or "error" in str(document.get("addresses")), document)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        self.play()
        for line in ("map", "map --svg", "map --json", "ls --json", "addr 0x1000", "doctor --for map"):
            with self.subTest(line=line), open("/dev/full", "w", encoding="ascii") as full:
                done = physmem.subprocess.run(
                    [os.environ["PHYSMEM"], *line.split()], stdout=full, stderr=physmem.subprocess.PIPE, text=True,
                    env={"LIBPMEM_ROOT": self.machine.root, "LC_ALL": "C"}, check=False)
                self.assertEqual(done.returncode, FAILED, done.stderr)
                self.assertIn("standard output", done.stderr)


if __name__ == "__main__":
    physmem.main()
