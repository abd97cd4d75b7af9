# SPDX-License-Identifier: MIT
"""physmem read and write on a sparse file that plays the memory."""

import os
import shutil
import unittest

import physmem
import played
from played import FILL, GPIO, UART


class Access(physmem.Case):
    def setUp(self):
        super().setUp()
        self.machine.poke(GPIO, FILL)


class Read(Access):
    def test_widths(self):
        for width, value in ((8, "0x04"), (16, "0x0504"), (32, "0x07060504"),
                             (64, "0x0f0e0d0c0b0a0908")):
            place = hex(GPIO + (8 if width == 64 else 4))
            done = self.physmem("read", "-w", str(width), place)
            self.assertEqual((done.stdout, done.stderr), (value + "\n", ""))

    def test_every_address(self):
        for place in ("0x3f200004", "0x3f200000+4", "1059061764", "/soc/gpio@7e200000+0x4",
                      "gpio+4", "brcm,bcm2835-gpio+4", "gpio:+4", "bus:0x7e200004",
                      "bus:0x7e200000+4"):
            self.assertEqual(self.physmem("read", place).stdout, "0x07060504\n", place)

    def test_count(self):
        self.assertEqual(self.physmem("read", "-n", "2", "gpio").stdout,
                         "0x3f200000 0x03020100\n0x3f200004 0x07060504\n")
        self.assertEqual(self.physmem("read", "-n", "1", "gpio").stdout,
                         "0x3f200000 0x03020100\n")

    def test_json(self):
        document = self.json("read", "-w", "16", "-n", "2", "gpio+2")
        self.assertEqual((document["phys"], document["width"], document["values"]),
                         ("0x3f200002", 16, ["0x0302", "0x0504"]))

    def test_second_reg_entry(self):
        self.machine.make_memory(0x40000000)
        self.machine.poke(0x3f808000, b"\x78\x56\x34\x12")
        self.assertEqual(self.physmem("read", "-i", "1", "brcm,bcm2835-hdmi").stdout,
                         "0x12345678\n")

    def test_nothing_is_written(self):
        before = self.machine.pages(), self.machine.peek(GPIO, 4096)
        self.physmem("read", "-n", "45", "gpio")
        self.physmem("read", hex(UART))
        self.assertEqual((self.machine.pages(), self.machine.peek(GPIO, 4096)), before)

    def test_outside_the_node(self):
        self.physmem("read", "gpio+0xb4", expect=physmem.FAILED)
        self.physmem("read", "-n", "46", "gpio", expect=physmem.FAILED)

    def test_outside_the_memory(self):
        error = self.json("read", hex(played.MEM_SIZE), expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "bus-width")

    def test_bus_address_that_nobody_sees(self):
        error = self.json("read", "bus:0x10", expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "outside-window")

    def test_no_memory_device(self):
        os.unlink(self.machine.path("dev/mem"))
        error = self.json("read", "gpio", expect=physmem.UNSUPPORTED)["error"]
        self.assertEqual(error["cause"], "no-device")

    @physmem.need_root
    def test_no_permission(self):
        os.chmod(self.machine.path("dev/mem"), 0o600)
        error = self.json("read", "gpio", user=physmem.NOBODY,
                          expect=physmem.PERMISSION)["error"]
        self.assertEqual(error["cause"], "file-mode")
        self.assertNotEqual(error["hint"], "")

    def test_usage(self):
        for args in ((), ("0x3f200001",), ("-w", "12", "gpio"), ("-w", "32x", "gpio"),
                     ("-n", "0", "gpio"), ("-n", "-1", "gpio"), ("0x3f20000g",), ("gpio", "uart"),
                     ("pci:0000:00:04.0",), ("pci:0000:00:04.0/6",), ("bus:gpio",),
                     ("-w", "64", "gpio+4"), ("-i", "x", "gpio"), ("0xfffffffffffffffc+8",),
                     ("-n", "0xffffffffffffffff", "gpio"), ("x" * 2000,)):
            done = self.physmem("read", *args, expect=physmem.USAGE)
            self.assertEqual(done.stdout, "", args)


class Write(Access):
    def written(self, at, data):
        """Those bytes, and no other, differ."""
        expected = bytearray(FILL)
        expected[at:at + len(data)] = data
        self.assertEqual(self.machine.peek(GPIO, 4096), bytes(expected))
        self.assertEqual(self.machine.pages(), [GPIO])

    def test_widths(self):
        for width, value, data in ((8, "0xa1", b"\xa1"), (16, "0xa1a2", b"\xa2\xa1"),
                                   (32, "0xa1a2a3a4", b"\xa4\xa3\xa2\xa1"),
                                   (64, "0xa1a2a3a4a5a6a7a8", b"\xa8\xa7\xa6\xa5\xa4\xa3\xa2\xa1")):
            self.machine.poke(GPIO, FILL)
            done = self.physmem("write", "--force", "-w", str(width), "gpio+8", value)
            self.assertEqual(done.stdout, "")
            self.written(8, data)

    def test_several(self):
        self.physmem("write", "--force", "--verify", "gpio+4", "1", "2")
        self.written(4, b"\1\0\0\0\2\0\0\0")

    def test_nobody_owns_it(self):
        self.machine.poke(GPIO + 0x200, FILL[:16])
        self.physmem("write", "0x3f200204", "0x1234")
        self.assertEqual(self.machine.peek(GPIO + 0x200, 12), FILL[:4] + b"\x34\x12\0\0" + FILL[8:12])

    def test_owner_is_asked_first(self):
        done = self.physmem("write", "gpio+4", "1", expect=physmem.FAILED)
        self.assertIn("gpio@7e200000", done.stderr)
        self.assertIn("--force", done.stderr)
        done = self.physmem("write", hex(UART), "1", expect=physmem.FAILED)
        self.assertIn("uart-pl011", done.stderr)
        self.written(0, b"")

    def test_range_that_only_ends_in_a_driver(self):
        self.physmem("write", "-w", "8", "0x3f1fffff", "1", "2", expect=physmem.FAILED)
        self.written(0, b"")

    def test_ram_is_refused_even_with_force(self):
        for place in ("0x3b3ffffc", "0x80000", "0"):
            done = self.physmem("write", "--force", place, "1", expect=physmem.FAILED)
            self.assertIn("breaks the system", done.stderr)
        self.written(0, b"")

    def test_force_reaches_what_the_tree_reserves(self):
        """Shown as System RAM, but the tree keeps it from Linux; not what is reusable."""
        cells = physmem.played.cells
        above = {"#address-cells": cells(1), "#size-cells": cells(1), "ranges": b""}
        self.play(nodes={**physmem.played.NODES, "reserved-memory": above,
                         "reserved-memory/fpga@10000000": {"reg": cells(0x10000000, 0x2000)},
                         "reserved-memory/cma@20000000": {"reg": cells(0x20000000, 0x2000),
                                                          "reusable": b""}})
        done = self.physmem("write", "0x10001ffc", "0x1234", expect=physmem.FAILED)
        self.assertIn("/reserved-memory/fpga@10000000", done.stderr)
        self.assertIn("--force", done.stderr)
        self.physmem("write", "--force", "0x10001ffc", "0x1234")
        self.assertEqual(self.machine.peek(0x10001ffc, 4), b"\x34\x12\0\0")
        for args in (("0x10001ffc", "1", "2"), ("0x20000000", "1"), ("0x0ffffffc", "1", "2")):
            self.assertIn("breaks the system", self.physmem("write", "--force", *args,
                                                            expect=physmem.FAILED).stderr)

    def test_reserved_by_the_tree_that_the_library_reads(self):
        """It may be behind a link, in sysfs only, or where the environment says."""
        cells = physmem.played.cells
        above = {"#address-cells": cells(1), "#size-cells": cells(1), "ranges": b""}
        self.play(nodes={**physmem.played.NODES, "reserved-memory": above,
                         "reserved-memory/fpga@10000000": {"reg": cells(0x10000000, 0x2000)}})
        proc, base = (self.machine.path(name) for name in ("proc/device-tree",
                                                           "sys/firmware/devicetree/base"))

        def reserved(**env):
            done = self.physmem("write", "0x10001ffc", "1", expect=physmem.FAILED, env=env)
            self.assertIn("belongs to '/reserved-memory/fpga@10000000'", done.stderr)

        reserved()
        os.makedirs(os.path.dirname(base))
        os.rename(proc, base)
        reserved()
        os.symlink("/sys/firmware/devicetree/base", proc)
        reserved()
        os.unlink(proc)
        os.rename(base, self.machine.path("tree"))
        os.symlink("/tree", proc)
        reserved()
        os.unlink(proc)
        reserved(LIBPMEM_DEVICE_TREE=self.machine.path("tree"))

    def test_hidden_owners(self):
        zeros = "".join("00000000-00000000 : " + line.split(" : ")[1] + "\n"
                        for line in played.IOMEM.splitlines())
        for text in (zeros.encode(), b""):
            self.machine.write("proc/iomem", text)
            self.physmem("write", "gpio+4", "1", expect=physmem.FAILED)
            self.written(0, b"")
        os.unlink(self.machine.path("proc/iomem"))
        self.physmem("write", "gpio+4", "1", expect=physmem.FAILED)
        self.written(0, b"")
        self.physmem("write", "--force", "gpio+4", "0xffffffff")
        self.written(4, b"\xff" * 4)

    def test_dry_run(self):
        done = self.physmem("write", "--force", "--dry-run", "-w", "16", "gpio+4", "1", "2")
        self.assertEqual(done.stdout, "0x3f200004 0x0001\n0x3f200006 0x0002\n")
        self.physmem("write", "--dry-run", "gpio+4", "1", expect=physmem.FAILED)
        self.written(0, b"")

    def test_json(self):
        document = self.json("write", "--force", "--verify", "gpio+4", "1")
        self.assertEqual((document["phys"], document["values"], document["verified"],
                          document["dry_run"]), ("0x3f200004", ["0x00000001"], True, False))

    def test_usage(self):
        for args in (("gpio",), ("gpio", "x"), ("-w", "8", "gpio", "256"), ("gpio+1", "1"),
                     ("gpio", "0x1ffffffff"), ("gpio", "-1"), ("gpio", "1", "2x"),
                     ("0xfffffffffffffffc", "1", "2")):
            self.physmem("write", "--force", *args, expect=physmem.USAGE)
        self.written(0, b"")


class BusError(Access):
    """Memory that answers with SIGBUS: a file on a file system without room for its pages."""

    SCRIPT = ('mount -t tmpfs -o size=4096,mode=755 tmpfs "$1/dev" && '
              'truncate -s $((0x3f300000)) "$1/dev/mem" && '
              'dd if=/dev/zero of="$1/dev/full" bs=4096 count=1 2>/dev/null; shift; exec "$@"')

    def prefix(self):
        return ("unshare", "-m", "sh", "-c", self.SCRIPT, "sh", self.machine.root)

    def setUp(self):
        super().setUp()
        done = physmem.run("--version", prefix=self.prefix())
        if done.returncode or "mount" in done.stderr:
            self.skipTest("cannot mount here: " + done.stderr.strip())

    def test_read_and_write(self):
        for args in (("read", "0x3f200200"), ("write", "0x3f200200", "1")):
            done = self.physmem(*args, expect=physmem.FAILED, prefix=self.prefix())
            self.assertIn("bus error", done.stderr)
            self.assertIn("0x3f200200", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)  # and the hint
            error = self.json(*args, expect=physmem.FAILED, prefix=self.prefix())["error"]
            self.assertEqual(error["cause"], "bus-error")
            self.assertIn("0x3f200200", error["message"])
            self.assertNotEqual(error["hint"], "")


class NoDevice(Access):
    """A plain file of a container in place of the device: not one byte of it is a register."""

    def test_gpiomem(self):
        os.unlink(self.machine.path("dev/mem"))
        for data in (b"", b"\x5a" * 8192):
            self.machine.write("dev/gpiomem", data)
            for args in (("read", "gpio:"), ("read", "-n", "4", "gpio"), ("write", "--force", "gpio", "1")):
                done = self.physmem(*args, expect=physmem.UNSUPPORTED)
                self.assertEqual(done.stdout, "")
                self.assertNotIn("5a5a", done.stderr)


class Costs(Access):
    """System calls, counted: an access costs none."""

    def count(self, *args):
        path = self.machine.path("calls")
        self.physmem(*args, prefix=("strace", "-f", "-qq", "-o", path))
        with open(path, encoding="utf-8", errors="replace") as file:
            calls = [one.split(None, 1)[1].split("(")[0] for one in file if "(" in one]
        os.unlink(path)
        return {name: calls.count(name) for name in set(calls)}

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_an_access_costs_none(self):
        one, many = self.count("read", "0x3f200000"), self.count("read", "-n", "4096", "0x3f200000")
        self.assertEqual(one["rt_sigaction"], many["rt_sigaction"])
        del many["write"]  # 96 KiB of text, in pieces of 32 KiB or less
        one.pop("write")
        self.assertEqual(many, one)
        one = self.count("write", "--force", "0x3f200000", "1")
        many = self.count("write", "--force", "0x3f200000", *(["1"] * 1000))
        self.assertEqual(many, one)


if __name__ == "__main__":
    physmem.main()
