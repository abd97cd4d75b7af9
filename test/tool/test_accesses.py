# SPDX-License-Identifier: MIT
"""Which accesses each command makes: exactly those, of that width, in that order. Nothing is read before it is
written unless that was asked for, and what is left out is not touched."""

import os
import unittest

import physmem
import registers
from registers import SVD

AT = "0x3f202000"


@unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer's library must be the first")
class Accesses(registers.Case):
    def accesses(self, *args, expect=physmem.OK):
        path = self.machine.path("accesses")
        open(path, "w", encoding="ascii").close()
        self.physmem(*args, expect=expect, env={"LD_PRELOAD": os.environ["ACCESSED"], "ACCESSES": path})
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()

    def check(self, expected, *args, **kwargs):
        with self.subTest(args=args):
            self.assertEqual(self.accesses(*args, **kwargs), expected)

    def test_read(self):
        for width in (8, 16, 32, 64):
            self.check([f"r{width} 0x0"], "read", "-w", str(width), AT)
            self.check([f"r{width} {i * width // 8:#x}" for i in range(3)], "read", "-n", "3", "-w", str(width), AT)
        self.check(["r8 0x0", "r8 0x1", "r8 0x2"], "read", "-w", "24", AT)
        self.check(["r32 0x0"], "read", AT + ":7:4")
        self.check(["r32 0x0"], "read", "--fields", "--svd", SVD, "GPIO.GPFSEL1")
        self.check(["r16 0x0"], "read", "--json", "--svd", SVD, "GPIO.STATUS")

    def test_write(self):
        self.check(["w32 0x0 0x1"], "write", AT, "1")
        self.check(["w16 0x0 0x1", "w16 0x2 0x2"], "write", "-w", "16", AT, "1", "2")
        self.check(["w32 0x0 0x1", "r32 0x0"], "write", "--verify", AT, "1")
        self.check(["w8 0x0 0x3", "w8 0x1 0x2", "w8 0x2 0x1"], "write", "-w", "24", AT, "0x10203")
        self.check(["w32 0x0 0x1000000"], "write", "-e", "big", AT, "1")
        self.check([], "write", "--dry-run", AT, "1")
        self.check([], "write", "gpio", "1", expect=physmem.FAILED)
        self.check(["w32 0x0 0x8"], "write", AT + ":31:0", "8")  # all bits: nothing is to be kept

    def test_change(self):
        self.machine.poke(int(AT, 0), b"\x10\x20\0\0")
        self.check(["r32 0x0", "w32 0x0 0x2015"], "write", AT + ":3:0", "5")
        self.check(["r32 0x0", "w32 0x0 0x2017", "r32 0x0"], "write", "--verify", "--set", "2", AT)
        self.check(["r32 0x0"], "write", "--dry-run", "--clear", "1", AT)
        self.check([], "write", "--mask", "0xf", "gpio", "1", expect=physmem.FAILED)
        self.check([], "write", "--svd", SVD, "GPIO.FIFO:3@" + AT, "1", expect=physmem.FAILED)

    def test_dump(self):
        self.check([f"r32 {i:#x}" for i in range(0, 32, 4)], "dump", AT, "32")
        self.check([f"r8 {i:#x}" for i in range(16)], "dump", "-w", "8", "--json", AT, "16")
        self.check([f"r64 {i:#x}" for i in range(0, 16, 8)], "dump", "-w", "64", "--raw", AT, "16")
        self.check(["r32 0x8", "r32 0xc"], "dump", "--svd", SVD, "0x3f200040", "16")
        block = self.accesses("dump", "--svd", SVD, "GPIO")
        self.assertEqual(len(block), len(set(block)))
        self.assertIn("r8 0x46", block)
        self.assertIn("r64 0x48", block)
        for left_out in ("r32 0x1c", "r32 0x20", "r32 0x40", "r16 0x44"):
            self.assertNotIn(left_out, block)
            self.assertIn(left_out, self.accesses("dump", "--side-effects", "--svd", SVD, "GPIO"))

    def test_poll_and_watch(self):
        self.check(["r32 0x0"], "poll", "--until", "0", AT)
        self.check(["r32 0x0"], "poll", "--until", "1", "--timeout", "0", AT, expect=physmem.FAILED)
        self.check(["r8 0x0", "r8 0x1"] * 3, "watch", "-w", "8", "-n", "2", "-T", "3", "-I", "1ms", AT)

    def test_registers_and_refusals(self):
        self.check([], "registers", "--svd", SVD)
        self.check([], "read", AT + ":40", expect=physmem.USAGE)


if __name__ == "__main__":
    physmem.main()
