# SPDX-License-Identifier: MIT
"""Text of others: escaped for people, valid ASCII JSON for programs. And plain files as devices."""

import json
import os
import subprocess

import physmem

EVIL = b"Pi\x1b[2J\x07\xff\xc2\x9bm\x7f\n  vendor         Faked\t\xe2\x82\xac\xf0\x9f\x98\x80\"\\\xed\xa0\x80\xc0\xaf"


class Foreign(physmem.Case):
    def setUp(self):
        nodes = {name: dict(properties) for name, properties in physmem.played.NODES.items()}
        nodes[""]["model"] = EVIL + b"\0"
        nodes[""]["compatible"] += EVIL + b"\0"
        self.play(nodes=nodes)
        self.machine.poke(physmem.played.GPIO, physmem.played.FILL)

    def raw(self, *args):
        done = subprocess.run([os.environ["PHYSMEM"], *args], capture_output=True, check=False,
                              timeout=100, env={**os.environ, "LIBPMEM_ROOT": self.machine.root})
        for out in (done.stdout, done.stderr):
            self.assertEqual(bytes(c for c in out if c > 126 or (c < 32 and c != 10)), b"", args)
        return done

    def test_people(self):
        done = self.raw("info")
        self.assertIn(rb"Pi\033[2J\a\377", done.stdout)
        self.assertNotIn(b"\n  vendor         Faked", done.stdout)
        self.assertIn(b"\n  vendor         Broadcom", done.stdout)

    def test_json(self):
        model = json.loads(self.raw("info", "--json").stdout)["machine"]["compatible"][2]
        self.assertEqual(model, EVIL.decode("utf-8", "replace"))

    def test_heap_and_owner(self):
        self.machine.write("dev/dma_heap/x\x1b[31m\n  system", b"")
        self.assertEqual(len(self.raw("heaps").stdout.splitlines()), 1)
        self.raw("heaps", "--json")
        self.machine.write("proc/iomem", b"00000000-3fffffff : evil\x1b[31m\xff\n")
        for more in ((), ("--json",)):
            done = self.raw("write", "gpio", "1", *more)
            self.assertEqual(done.returncode, physmem.FAILED)
            self.assertIn(rb"evil\033[31m\377", done.stderr)

    def test_arguments(self):
        for args in (("read", "\x1b[31m\n"), ("node", "--json", "\x1b[31m\nx"), ("\x1b[31m",),
                     ("heaps", "\x1b[31m"), ("heaps", "--\x1b[31m"), ("read", "-\x1b", "1")):
            self.assertNotEqual(self.raw(*args).returncode, physmem.OK)

    def test_long_names(self):
        for name in ("system", "a-reserved-heap-with-a-rather-long-name@12345678"):
            self.machine.write("dev/dma_heap/" + name, b"")
        lines = self.physmem("heaps").stdout.splitlines()
        columns = [[text.index(word) for word in ("0644", "root:")] for text in lines]
        self.assertEqual(columns[0], columns[1], lines)


if __name__ == "__main__":
    physmem.main()
