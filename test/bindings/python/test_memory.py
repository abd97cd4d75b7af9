# SPDX-License-Identifier: MIT
"""Memory and registers through the binding."""

import ctypes
import os
import sys
import tempfile
import unittest

import bound
import played
from bound import libpmem

ROOT = os.geteuid() == 0


class Memory(bound.Case):
    def test_view(self):
        with self.memory(100000) as region:
            view = region.data
            self.assertEqual((len(view), view.format, view.readonly), (100000, "B", False))
            self.assertFalse(any(view), "not zeroed")
            view[:4] = b"\x01\x02\x03\x04"
            self.assertEqual(view.cast("I")[0], int.from_bytes(b"\x01\x02\x03\x04", "little"))
            self.assertEqual(region.read(0, 4), b"\x01\x02\x03\x04")
            region.write(99998, b"yz")
            self.assertEqual(bytes(view[-2:]), b"yz")
            region.fill(7, 10, 20)
            self.assertEqual(bytes(region)[8:32], b"\0\0" + b"\7" * 20 + b"\0\0")
            self.assertEqual(ctypes.string_at(region.address, 2), b"\x01\x02")
            self.assertEqual((len(region), region.backend), (100000, "pages"))
            if sys.version_info >= (3, 12):  # as bytes(), which older ones copy by __bytes__
                with memoryview(region) as whole:
                    self.assertEqual(whole[0], 1)
            self.assertIn("100000 bytes by pages", repr(region))
        with self.assertRaises(ValueError):
            view[0] = 1
        with self.assertRaisesRegex(ValueError, "closed"):
            print(region.size)
        region.close()

    def test_close_with_parts_in_use(self):
        region = self.memory()
        part = region.data[100:200]
        with self.assertRaises(BufferError):
            region.close()
        part[0] = 9
        self.assertEqual(region.data[100], 9)
        part.release()
        whole = memoryview(region.data)
        with self.assertRaises(BufferError):
            region.close()
        whole.release()
        region.close()

    def test_a_view_keeps_the_memory(self):
        view = self.memory().data[1:3]
        view[0] = 5  # the region itself is gone
        self.assertEqual(view[0], 5)

    def test_cpu(self):
        with self.memory() as region:
            with region.cpu(libpmem.DIR_WRITE, 16, 8) as view:
                view[:] = b"12345678"
            with self.assertRaises(ValueError):
                view[0] = 0
            with region.cpu(libpmem.DIR_READ) as view:
                self.assertEqual(bytes(view[16:24]), b"12345678")
            self.fails("bounds", region.cpu_begin, libpmem.DIR_BOTH, 65536, 1)
            self.fails("flags", region.cpu_end, 0)

    def test_widths(self):
        with self.memory() as region:
            for width, value in ((8, 0xf1), (16, 0xf2f1), (32, 0xf4f3f2f1), (64, 2 ** 64 - 3)):
                getattr(region, f"write{width}")(64, value)
                self.assertEqual(getattr(region, f"read{width}")(64), value)
                self.assertEqual(libpmem.io_read(width, region.at(64, 8)), value)
                libpmem.io_write(width, region.at(64, 8), value - 1)
                self.assertEqual(region.read_block(width, 64, 2), [value - 1, 0])
                region.write_block(width, 128, [value, 1, 2])
                self.assertEqual(region.read_block(width, 128, 3), [value, 1, 2])
                region.fill()
                for wrong in (-1, 1 << width):
                    with self.assertRaises(OverflowError):
                        getattr(region, f"write{width}")(0, wrong)
                    with self.assertRaises(OverflowError):
                        libpmem.io_write(width, region.address, wrong)
                    with self.assertRaises(OverflowError):
                        region.write_block(width, 0, [wrong])
            self.assertFalse(any(region.data))
            self.fails("bounds", region.read32, 65536)
            self.fails("alignment", region.read32, 2)
            self.fails("bounds", region.write64, 65532, 1)
            self.fails("alignment", region.read_block, 32, 2, 1)
            self.fails("bounds", region.read, 65530, 7)
            for barrier in (libpmem.io_mb, libpmem.io_rmb, libpmem.io_wmb):
                self.assertIsNone(barrier())

    def test_arguments_are_not_cut(self):
        with self.assertRaises(OverflowError):
            self.ctx.alloc(-1)
        with self.assertRaises(OverflowError):
            self.ctx.alloc(4096, 1 << 32)
        with self.assertRaises(OverflowError):
            self.ctx.alloc(4096, max_addr=1 << 64)
        with self.assertRaises(TypeError):
            self.memory(4096.0)
        with self.memory() as region, self.assertRaises(OverflowError):
            region.fill(256)
        with self.assertRaises(OverflowError):
            libpmem.FirmwareOpts(dma_channels=-1)

    def test_options(self):
        self.fails("not-found", self.memory, backend="no-such")
        self.fails("alignment", self.memory, align=3)
        with self.memory(firmware=libpmem.FirmwareOpts(dma_channels=4), name="mine",
                         backend="pages") as region:
            self.assertEqual(region.backend, "pages")
        with self.assertRaises(libpmem.Error):
            self.memory(backend="dmaheap", heap="no-such-heap")

    def test_selftest(self):
        copies = []

        def copy(dst, dst_offset, src, src_offset, length):
            copies.append((dst_offset, src_offset, length))
            dst.data[dst_offset:dst_offset + length] = src.data[src_offset:src_offset + length]

        def broken(dst, dst_offset, src, src_offset, length):
            copy(dst, dst_offset, src, src_offset, length - 1)

        def kept(dst, *rest):
            copies.append(dst)
            copy(dst, *rest)

        self.ctx.selftest_copy(4096, 5, 3, alloc=self.memory, copy=copy)
        self.assertEqual(copies, [(5, 3, 4086)])
        self.fails("mismatch", self.ctx.selftest_copy, 4096, 5, 3, self.memory, broken)
        self.ctx.selftest_copy(4096, 0, 0, self.memory, kept)
        with self.assertRaisesRegex(ValueError, "closed"):
            print(copies[-2].data)
        with self.assertRaises(ZeroDivisionError):
            self.ctx.selftest_copy(4096, 0, 0, self.memory, lambda *_: 1 // 0)
        with self.assertRaises(AttributeError):
            self.ctx.selftest_copy(4096, 0, 0, lambda size: None, copy)
        self.fails("not-found", self.ctx.selftest_copy, 4096, 0, 0,
                   lambda size: self.memory(size, backend="no-such"), copy)
        self.assertEqual(self.fails("flags", self.ctx.selftest_copy, 4096, 0, 0,
                                    lambda size: self.ctx.alloc(size, 1 << 31), copy).errno, 22)

    def test_find(self):
        with self.memory() as region:
            found, offset = self.ctx.find(region.address + 77)
            self.assertIs(found, region)
            self.assertEqual(offset, 77)
            address = region.address
        self.fails("not-found", self.ctx.find, address)

    @unittest.skipUnless(ROOT, "only root is told addresses")
    def test_addresses(self):
        with self.ctx.alloc(65536) as region:
            phys = region.phys
            self.assertEqual(region.extent(4096), (phys + 4096, 61440))
            pieces = region.extents()
            self.assertEqual([(p.offset, p.length, p.phys, p.bus) for p in pieces],
                             [(0, 65536, phys, libpmem.ADDRESS_NONE)])
            self.assertEqual(self.ctx.phys(region.address + 5), phys + 5)
            self.assertEqual(self.ctx.phys_bulk(region.address, 2)[1], phys + self.ctx.page_size)
            self.assertTrue(self.ctx.pagemap(region.address) & libpmem.PAGEMAP_PRESENT)
            self.assertEqual(self.ctx.find_phys(phys + 3), (region, 3))
            self.assertTrue(region.attrs & libpmem.REGION_CONTIGUOUS)


class Machine(bound.Case):
    def test_registers(self):
        machine, ctx = self.play()
        machine.poke(played.UART, b"\x78\x56\x34\x12" + bytes(range(60)))
        with ctx.map(played.UART, 0x200) as region:
            self.assertEqual((region.phys, region.size), (played.UART, 0x200))
            self.assertEqual(region.read32(0), 0x12345678)
            region.write32(0, 0xcafef00d)
            self.assertEqual(region.read(0, 6), b"\x0d\xf0\xfe\xca\0\1")
            with self.assertRaisesRegex(TypeError, "read32"):
                print(region.data)
        self.assertEqual(machine.peek(played.UART, 4), b"\x0d\xf0\xfe\xca")
        with ctx.map_node("serial0", flags=libpmem.MAP_READONLY) as region:
            self.assertEqual(region.phys, played.UART)
            self.fails("readonly", region.write32, 0, 1)
            with self.assertRaisesRegex(TypeError, "read-only"):
                region.write(0, b"x")
        with ctx.map_gpio() as region:
            self.assertEqual(region.phys, played.GPIO)
        self.fails("not-found", ctx.map_node, "no-such")
        self.fails("no-device", ctx.map_pci, "0000:00:1f.7", 0)

    def test_tree(self):
        _, ctx = self.play()
        self.assertEqual((ctx.family, ctx.vendor), ("bcm2837", "Broadcom"))
        self.assertEqual(ctx.model, "Raspberry Pi 3 Model B")
        self.assertEqual(ctx.compatible, ["raspberrypi,3-model-b", "brcm,bcm2837"])
        self.assertEqual(ctx.node("serial0"), (played.UART, 0x200))
        self.assertEqual(ctx.gpio()[0], played.GPIO)
        self.assertEqual(ctx.node_path("brcm,bcm2835-i2c", 1), "/soc/i2c@7e804000")
        self.assertTrue(ctx.node_available("serial0"))
        self.assertFalse(ctx.node_available("/soc/serial@7e215040"))
        self.assertEqual(ctx.phys_to_bus(0x1000), 0xc0001000)
        self.assertEqual(ctx.bus_to_phys(0xc0001000), 0x1000)
        self.assertFalse(ctx.coherent())
        self.fails("outside-window", ctx.bus_to_phys, 0x1000)
        buffer, pool = ctx.reserved()
        self.assertEqual(buffer, ("/reserved-memory/buffer@28000000", "", 0x28000000, 0x100000,
                                  libpmem.RESERVED_NO_MAP))
        self.assertEqual((pool.phys, pool.size, pool.compatible), (None, 0x4000000, "shared-dma-pool"))
        self.assertEqual(pool.flags & libpmem.RESERVED_DYNAMIC, libpmem.RESERVED_DYNAMIC)
        self.assertEqual((ctx.node_reserved("serial0"), ctx.node_reserved("serial0", name="frames")), (0, 0))
        self.fails("not-found", ctx.node_reserved, "serial0", 1)
        self.fails("not-found", ctx.node_path, "no-such")

    def test_file(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(8192))
            file.flush()
            with self.ctx.map_file(file.name, 100, phys=0x5000) as region:
                self.assertEqual((region.size, region.phys), (8092, 0x5000))
                region.data[:2] = b"hi"
            with open(file.name, "rb") as again:
                self.assertEqual(again.read()[98:103], b"\0\0hi\0")
            with self.ctx.map_file(file.name, flags=libpmem.MAP_READONLY) as region:
                self.assertTrue(region.data.readonly)

    def test_tables(self):
        names = {backend.name: backend for backend in self.ctx.backends()}
        self.assertIsNone(names["pages"].refused)
        self.assertTrue(names["pages"].caps & libpmem.BACKEND_ALLOC)
        _, ctx = self.play()
        refused = {backend.name: backend for backend in ctx.backends()}["udmabuf"].refused
        self.assertEqual(refused.cause_name, "no-device")
        self.fails("no-device", ctx.heaps)
        self.fails("no-device", ctx.heap_way, 0)

    def test_without_the_device(self):
        """What this machine has not, refuses as it should."""
        _, ctx = self.play()
        with self.memory() as region:
            self.fails("unsupported", lambda: region.fd)
            self.fails("unsupported", region.fileno)
            self.fails("unsupported", region.dup_fd)
        self.assertEqual(self.fails("wrong-kind", self.ctx.import_dmabuf, 0).errno, 22)
        with self.assertRaises(libpmem.Error):
            with self.ctx.dmabuf_cpu(0, libpmem.DIR_READ):
                self.fail("no dma-buf")
        self.assertIn(self.fails("no-device", ctx.firmware, libpmem.FACT_REVISION).errno, (2, 19))
        self.assertRaises(libpmem.Error, self.ctx.firmware_reclaim, libpmem.RECLAIM_DRY_RUN)


if __name__ == "__main__":
    bound.main()
