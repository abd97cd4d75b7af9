# SPDX-License-Identifier: MIT
"""Devices: one of sysfs below a root of its own, which needs no hardware."""

import gc
import os
import pathlib
import shutil
import struct
import tempfile
from unittest import mock

import bound
from bound import libpmem

NAME = "0000:00:04.0"
UNSAFE = libpmem.DEVICE_MAY_BE_UNSAFE


class Devices(bound.Case):
    def setUp(self):
        super().setUp()
        root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, root)
        self.files = root / "sys/bus/pci/devices" / NAME
        self.files.mkdir(parents=True)
        (self.files / "config").write_bytes(struct.pack("<HHHH", 0x1234, 0x11e8, 0x0500, 0x10))
        (self.files / "resource0").write_bytes(bytes(1 << 20))
        (self.files / "resource").write_text(
            "0x00000000fea00000 0x00000000feafffff 0x0000000000040200\n", encoding="ascii")
        os.environ["LIBPMEM_ROOT"] = str(root)
        self.addCleanup(os.environ.pop, "LIBPMEM_ROOT")
        self.ctx = libpmem.Context()
        self.addCleanup(self.ctx.close)

    def test_what_it_is(self):
        with self.ctx.device("00:04.0", UNSAFE) as device:
            self.assertEqual((device.name, device.way), (NAME, "sysfs"))
            self.assertEqual(device.attrs, libpmem.DEVICE_UNSAFE | libpmem.DEVICE_PCI)
            self.assertEqual((device.map_count, device.map_size(0)), (6, 1 << 20))
            self.assertIn("sysfs", repr(device))
        self.assertIn("closed", repr(device))
        with self.assertRaises(ValueError):
            print(device.name)

    def test_registers(self):
        with self.ctx.device(NAME, UNSAFE) as device, device.map(0) as bar:
            self.assertEqual((bar.phys, bar.backend), (0xfea00000, "sysfs"))
            bar.write32(8, 0x01020304)
            self.assertEqual((self.files / "resource0").read_bytes()[8:12], b"\4\3\2\1")
            self.assertEqual(device.config_read(0, 4), 0x11e81234)
            device.enable(libpmem.ENABLE_MEMORY | libpmem.ENABLE_MASTER)
            self.assertEqual(device.config_read(4, 2), 0x506)
            device.disable(libpmem.ENABLE_MASTER)
            device.config_write(6, 1, 0x77)
            self.assertEqual((self.files / "config").read_bytes()[4:], b"\2\5\x77\0")

    def test_refusals(self):
        error = self.fails("unsupported", self.ctx.device, NAME)
        self.assertEqual([child.backend for child in error.children], ["iommufd", "vfio"])
        self.fails("no-device", self.ctx.device, "0000:00:05.0", UNSAFE)
        self.fails("not-found", self.ctx.device, NAME, way="guess")
        with self.ctx.device(NAME, UNSAFE) as device:
            self.fails("unsupported", device.reset)
            self.fails("unsupported", device.dmabuf, 0)
            self.fails("not-found", device.irq_fd)
            self.fails("not-found", device.irq_wait, libpmem.IRQ_MSI, 0, 0.5)
            self.assertEqual(device.irq_count(libpmem.IRQ_MSI), 0)
            device.irq_unmask(libpmem.IRQ_INTX)
            self.fails("bounds", device.config_read, 8, 4)

    def test_timeouts(self):
        """They are not shortened: a part of a millisecond is one."""
        with self.ctx.device(NAME, UNSAFE) as device:
            for timeout, expected in ((None, 2 ** 32 - 1), (0, 0), (0.0001, 1), (1.5, 1500)):
                with mock.patch("libpmem._device.call") as call:
                    device.irq_wait(timeout=timeout)
                self.assertEqual(call.call_args[0][4], expected)
            with self.assertRaises(OverflowError):
                device.irq_wait(timeout=-1)

    def test_memory(self):
        """Registers that stand for memory: what is not pinned is not shown to a device."""
        with self.ctx.device(NAME, UNSAFE) as device, self.ctx.map_file(
                f"/sys/bus/pci/devices/{NAME}/resource0", phys=0x1000) as region:
            self.fails("not-pinned", device.attach, region, libpmem.DMA_BOTH)
            self.fails("flags", device.attach, region, 0)
            self.fails("not-found", device.detach, region)
            self.fails("not-found", device.bus, region)
            self.fails("flags", self.ctx.alloc, 4096, master="/", device=device)
            self.fails("flags", self.ctx.pool, master="/", device=device)

    def test_forgotten(self):
        device = self.ctx.device(NAME, UNSAFE)
        fds = len(os.listdir("/proc/self/fd"))
        del device
        gc.collect()
        self.assertLess(len(os.listdir("/proc/self/fd")), fds)

    def test_closed_in_a_callback(self):
        """close() is not put off as a finalizer is: the device is given back when it returns."""
        device, closed = self.ctx.device(NAME, UNSAFE), []

        def log(_level, _message):
            if not closed:
                fds = len(os.listdir("/proc/self/fd"))
                device.close()
                closed.append(len(os.listdir("/proc/self/fd")) < fds)

        self.ctx.set_log(log)
        self.memory().close()
        self.ctx.set_log(None)
        self.assertEqual(closed, [True])

    def test_child(self):
        """It has neither the device nor its registers, and is not killed for looking."""
        with self.ctx.device(NAME, UNSAFE) as device, device.map(0) as bar:
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    self.fails("not-found", device.config_read, 0, 4)
                    with self.assertRaises(ValueError):
                        bar.read32(0)
                    device.close()
                    status = 0
                finally:
                    os._exit(status)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.assertEqual(device.config_read(0, 4), 0x11e81234)


if __name__ == "__main__":
    bound.main()
