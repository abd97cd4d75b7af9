# SPDX-License-Identifier: MIT
"""Each allocation fails in turn, and stdout cannot be written: never half of the data as all of it."""

import json
import os
import subprocess
import tempfile
import unittest

import physmem
from physmem import timeless

SCARCE = os.environ["SCARCE"]
SMALL = os.path.join(tempfile.gettempdir(), f"scarce-{os.getpid()}.svd")
SVD = """<device><peripherals><peripheral><name>P</name><baseAddress>0</baseAddress><registers>
<register><name>R</name><addressOffset>0</addressOffset><fields><field><name>F</name><bitRange>[7:0]</bitRange>
<enumeratedValues><enumeratedValue><name>V</name><value>0</value></enumeratedValue></enumeratedValues></field></fields>
</register></registers></peripheral></peripherals></device>"""


@unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer has an allocator of its own")
class Scarce(physmem.Case):
    COMMANDS = (["info", "--stable"], ["selftest", "--size", "4096"], ["read", "-n", "4", "gpio"],
                ["write", "--force", "gpio", "1"], ["node", "gpio"], ["heaps"], ["gc", "-n"],
                ["device", "list"], ["device", "bind", "-n", "00:04.0"],
                ["map", "--ascii"], ["addr", "0x1000"], ["ls"], ["virt2phys", "77", "0x7f0000000000"],
                ["doctor", "--for", "map,gpio"], ["doctor", "--container"],
                ["dump", "gpio", "32"])
    PEOPLE = (["registers", "--svd", SMALL, "--fields"], ["watch", "-T", "1", "gpio"])
    JSON = (["dump", "--svd", SMALL, "P@gpio:"], ["poll", "--until", "!7/7", "gpio:9:8"])

    def setUp(self):
        # Without the DMA engine: pmem_firmware_get() makes "no such device" of failing memory there.
        self.play(nodes={name: properties for name, properties in physmem.played.NODES.items()
                         if "dma@" not in name})
        self.machine.poke(physmem.played.GPIO, physmem.played.FILL)
        self.machine.write("dev/dma_heap/system", b"")
        with open(SMALL, "w", encoding="ascii") as file:
            file.write(SVD)
        self.addCleanup(os.unlink, SMALL)
        self.machine.write("sys/bus/pci/devices/0000:00:04.0/vendor", b"0x1234\n")
        self.machine.write("sys/class/block/vda/dev", b"254:0\n")
        self.machine.write("proc/swaps", b"")
        self.machine.write("proc/77/comm", b"capture\n")
        self.machine.write("proc/77/maps", b"7f0000000000-7f0000001000 rw-s 0 00:0f 9   anon_inode:[io_uring]\n")
        self.machine.write("proc/77/pagemap", b"")
        os.truncate(self.machine.path("proc/77/pagemap"), (0x7f0000000000 // 4096 + 1) * 8)
        os.makedirs(self.machine.path("proc/77/fd"))

    def scarce(self, args, at, more):
        """None after the last allocation."""
        mark = self.machine.path("mark")
        done = physmem.run(*args, root=self.machine.root,
                           env={"LD_PRELOAD": SCARCE, "SCARCE_AT": str(at), "SCARCE_FILE": mark, **more})
        if not os.path.exists(mark):
            return None
        os.unlink(mark)
        return done

    def fail_each(self, args):
        """One allocation fails, or it and all after it: of those one in seven begins, each time another one."""
        whole = physmem.run(*args, root=self.machine.root)
        self.assertGreater(self.fail(args, whole, 1, 1, {}), 2, args)
        self.fail(args, whole, 1 + len("".join(args)) % 7, 7, {"SCARCE_ON": "1"})

    def fail(self, args, whole, at, step, more):
        """How many there were."""
        tried = 0
        while (done := self.scarce(args, at, more)) is not None:
            where = (args, at, more, done)
            at += step
            tried += 1
            self.assertGreaterEqual(done.returncode, 0, where)  # no signal
            if done.returncode == physmem.OK:  # it managed without, or failed before
                self.assertEqual((timeless(done.stdout), whole.returncode), (timeless(whole.stdout), physmem.OK), where)
                continue
            if done.returncode != whole.returncode:
                self.assertEqual(done.returncode, physmem.FAILED, where)
            self.assertTrue(done.stderr.startswith("physmem: "), where)
            self.assertLessEqual(len(done.stderr.splitlines()), 12, where)
            if done.stdout and "--json" in args:
                self.assertIn("error", json.loads(done.stdout), where)
        physmem.figure("faults.tool", tried)
        return tried

    def test_people(self):
        for args in (*self.COMMANDS, *self.PEOPLE):
            with self.subTest(args=args):
                self.fail_each(args)

    def test_json(self):
        for args in (*self.COMMANDS, *self.JSON):
            with self.subTest(args=args):
                self.fail_each([*args, "--json"])


class Unwritable(physmem.Case):
    COMMANDS = (["info"], ["info", "--json"], ["read", "gpio"], ["read", "--json", "gpio"],
                ["node", "gpio"], ["node", "--json", "gpio"], ["write", "--force", "--json", "gpio", "1"],
                ["write", "--force", "--dry-run", "gpio", "1"], ["help"], ["help", "read"],
                ["--version"], ["--help"])

    def run_into(self, args, out):
        return subprocess.run([os.environ["PHYSMEM"], *args], stdout=out, text=True, check=False,
                              stderr=subprocess.PIPE, timeout=100,
                              env={**os.environ, "LIBPMEM_ROOT": self.machine.root, "LC_ALL": "C"})

    def check(self, args, out, *words):
        """It fails, and says just that."""
        done = self.run_into(args, out)
        self.assertEqual(done.returncode, physmem.FAILED, (args, done))
        said = [one for one in done.stderr.splitlines() if "warning" not in one]
        self.assertEqual(len(said), len(words), (args, done))
        for word, one in zip(words, said):
            self.assertIn(word, one)

    def test_full(self):
        for args in self.COMMANDS:
            with open("/dev/full", "w", encoding="ascii") as full:
                self.check(args, full, "No space left")

    def test_nobody_reads(self):
        """As other tools: no word, since whoever stopped reading knows, but no success."""
        for args in self.COMMANDS:
            reader, writer = os.pipe()
            os.close(reader)
            try:
                self.check(args, writer)
            finally:
                os.close(writer)


if __name__ == "__main__":
    physmem.main()
