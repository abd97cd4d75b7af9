# SPDX-License-Identifier: MIT
"""Memory that Python has, kept in place; and where it is."""

import array
import ctypes
import gc
import mmap
import os
import sys
import unittest

import bound
from bound import libpmem

ROOT = os.geteuid() == 0
LOOSE = libpmem.REGISTER_NO_ADDRESS | libpmem.REGISTER_MAY_MOVE


class Register(bound.Case):
    def test_a_bytearray(self):
        held = bytearray(range(256)) * 40
        before = bytes(held)
        with self.ctx.register(held, LOOSE) as region:
            self.assertEqual((region.backend, region.size), ("registered", len(held)))
            self.assertEqual(bytes(region.data), before, "registering changed it")
            region.data[77] = 0xee
            self.assertEqual(held[77], 0xee, "a copy was registered")
            with self.assertRaises(BufferError):  # it would move
                held.extend(bytes(1 << 20))
            self.assertEqual(self.ctx.find(region.address + 5), (region, 5))
        held.extend(b"let go")
        self.assertEqual((held[76], held[77], len(held)), (before[76], 0xee, len(before) + 6))

    def test_a_mapping(self):
        memory = mmap.mmap(-1, 65536)
        memory[:5] = b"hello"
        region = self.ctx.register(memory, LOOSE)
        self.assertEqual(bytes(region.data[:5]), b"hello")
        with self.assertRaises(BufferError):
            memory.close()
        region.close()
        self.assertEqual(memory[:5], b"hello")
        memory.close()

    def test_elements_and_parts(self):
        numbers = array.array("I", [1, 2, 3, 4])
        with self.ctx.register(numbers, LOOSE) as region:
            self.assertEqual(region.read32(8), 3)
            region.write32(0, 9)
        self.assertEqual(numbers[0], 9)
        held = bytearray(b"0123456789")
        with self.ctx.register(memoryview(held)[2:6], LOOSE) as region:
            self.assertEqual(bytes(region), b"2345")

    def test_it_keeps_the_buffer(self):
        """The region has the only reference to it; then only a view of the region has."""
        region = self.ctx.register(bytearray(b"abc" * 5000), LOOSE)
        gc.collect()
        view = region.data[3:6]
        del region
        gc.collect()
        self.assertEqual(bytes(view), b"abc")

    def test_a_forgotten_region_lets_go(self):
        held = bytearray(5000)
        count = sys.getrefcount(held)
        self.ctx.register(held, LOOSE)
        gc.collect()
        held.append(1)
        self.assertEqual(sys.getrefcount(held), count)

    def test_refusals(self):
        with self.assertRaises(TypeError):
            self.ctx.register(b"not to be written", LOOSE)
        with self.assertRaises(TypeError):
            self.ctx.register(memoryview(b"1234"), LOOSE)
        with self.assertRaises(TypeError):
            self.ctx.register(memoryview(bytearray(10))[::2], LOOSE)
        with self.assertRaises(TypeError):
            self.ctx.register(5, LOOSE)
        self.fails("zero-size", self.ctx.register, bytearray())
        held = bytearray(10)
        self.fails("flags", self.ctx.register, held, 1 << 31)
        held.append(1)  # a refusal lets go at once

    def test_not_to_be_handed_over(self):
        """Who closes it in C could not let go of the buffer."""
        with self.assertRaisesRegex(ValueError, "buffer"):
            self.ctx.selftest_copy(4096, alloc=lambda size: self.ctx.register(bytearray(size), LOOSE))

    @unittest.skipUnless(ROOT, "only root is told addresses")
    def test_addresses(self):
        held = bytearray(5 * 4096 + 100)
        with self.ctx.register(held) as region:
            self.assertTrue(region.attrs & libpmem.REGION_PINNED)
            there = self.ctx.vaddr_extents(held)
            mine = region.extents()
            self.assertEqual([(one.offset, one.length, one.phys) for one in there],
                             [(one.offset, one.length, one.phys) for one in mine])
            self.assertEqual(sum(one.length for one in there), len(held))
            self.assertEqual(there[0].bus, libpmem.ADDRESS_NONE)
            self.assertEqual(there[0].phys, region.extent(0)[0])
            few = self.ctx.vaddr_extents(region.address + 1, 10)
            self.assertEqual(few[0].phys, there[0].phys + 1)
            self.assertEqual(sum(one.length for one in self.ctx.vaddr_extents(held, 10)), 10)
            places = [region.address + at for at in (9000, 1, 20000, 5000)]
            self.assertEqual(self.ctx.phys_list(places), [self.ctx.phys(one) for one in places])
            self.assertEqual(self.ctx.phys_list(iter(places[:1])), [self.ctx.phys(places[0])])

    def test_of_no_address(self):
        self.assertEqual(self.ctx.phys_list([]), [])
        self.assertEqual(self.ctx.vaddr_extents(bytearray()), [])
        with self.assertRaises(OverflowError):
            self.ctx.phys_list([-1])
        with self.assertRaises(ValueError):
            self.ctx.vaddr_extents(bytearray(4), 5)
        with self.assertRaises(TypeError):
            self.ctx.vaddr_extents(4096)
        self.fails("wraps", self.ctx.vaddr_extents, 2 ** 64 - 4096 if ctypes.sizeof(ctypes.c_void_p) == 8
                   else 2 ** 32 - 4096, 8192)

    def test_options(self):
        """They reach the library: a node that no machine has is refused."""
        with self.memory(wait_ms=1) as region:
            self.assertEqual(region.size, 65536)
        with self.assertRaises(libpmem.Error):
            self.memory(node=0xffffffff)
        with self.assertRaises(OverflowError):
            self.memory(wait_ms=-1)
        with self.assertRaises(OverflowError):
            self.memory(node=1 << 32)


if __name__ == "__main__":
    bound.main()
