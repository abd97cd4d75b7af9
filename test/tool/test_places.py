# SPDX-License-Identifier: MIT
"""How places are named, and what is done to the bits there: each form, on a memory that counts upwards."""

import os
import subprocess
import unittest

import physmem
import played
import registers
from played import FILL, GPIO, UART, cells, strings

FREE = 0x3f202000  # nobody owns it


def word(at, size=4, order="little"):
    return int.from_bytes(FILL[at:at + size], order)


class Forms(registers.Case):
    def test_each(self):
        for place, at in (
                ("0x3f200004", 4), ("1059061764", 4), ("07710000004", 4), ("0x3f200000+4", 4),
                ("/soc/gpio@7e200000", 0), ("node:/soc/gpio@7e200000+0x4", 4), ("gpio+4", 4),
                ("alias:gpio+8", 8), ("compatible:brcm,bcm2835-gpio+4", 4), ("brcm,bcm2835-gpio", 0),
                ("gpio:", 0), ("gpio:+0x34", 0x34), ("gpio:31:0", 0), ("bus:0x7e200004", 4), ("bus:0x7e200000+4", 4),
                ("bus:/soc:0x7e200004", 4), ("dma:0x7e200004", 4), ("dma:/soc/dma@7e007000:0x7e200004", 4)):
            self.assertEqual(self.value("read", place), word(at), place)

    def test_label(self):
        self.machine.poke(0x3f215040, b"\x12\x34\x56\x78")
        for place in ("&uart1", "label:uart1"):
            self.assertEqual(self.physmem("read", place).stdout, "0x78563412\n")

    def test_ranges(self):
        two = f"0x3f200004 0x{word(4):08x}\n0x3f200008 0x{word(8):08x}\n"
        for place in ("0x3f200004-0x3f20000b", "0x3f200004+0+8", "0x3f200000+4+8", "gpio+4+8", "gpio+4-11",
                      "gpio:+4+0x8", "bus:0x7e200000+4-0xb", "/soc/gpio@7e200000+4+8"):
            self.assertEqual(self.out("read", place), two, place)
        self.assertEqual(len(self.out("dump", "-w", "8", "0x3f200000+0+1k").splitlines()), 64)

    def test_names_with_plus_and_minus(self):
        nodes = {**played.NODES, "soc/a+b@7e203000": {"compatible": strings("maker,a+b", "maker,c-16550"),
                                                      "reg": cells(0x7e203000, 0x100)}}
        self.play(nodes=nodes)
        self.machine.poke(0x3f203000, FILL)
        for place, at in (("/soc/a+b@7e203000", 0), ("/soc/a+b@7e203000+4", 4), ("maker,a+b+8", 8),
                          ("maker,c-16550", 0), ("maker,c-16550+4", 4), ("maker,c-16550+4:7:0", 4)):
            self.assertEqual(self.value("read", place) & 0xff, at, place)

    def test_bits(self):
        for place, value in (("gpio+4:7:0", 4), ("gpio+4:8", 1), ("gpio+4:31:24", 7), ("0x3f200004:15:8", 5),
                             ("bus:0x7e200004:15:8", 5), ("gpio:+4:31:0", word(4)), ("/soc/gpio@7e200000:17", 1)):
            self.assertEqual(self.value("read", place), value, place)
        self.assertEqual(self.out("read", "gpio+0-7:10:8"), "0x3f200000 0x1\n0x3f200004 0x5\n")
        document = self.json("read", "gpio+4:15:8")
        self.assertEqual((document["values"], document["high"], document["low"], document["width"]),
                         (["0x05"], 15, 8, 32))

    def test_widths_and_endian(self):
        for width in range(8, 72, 8):
            size = width // 8
            for order in ("little", "big"):
                self.assertEqual(self.out("read", "-w", str(width), "-e", order, "gpio+8"),
                                 f"0x{word(8, size, order):0{width // 4}x}\n")
                at = FREE + 16
                value = int.from_bytes(bytes(range(0xa1, 0xa1 + size)), order)
                self.machine.poke(FREE, bytes(64))
                self.out("write", "--verify", "-w", str(width), "-e", order, hex(at), hex(value))
                self.assertEqual(self.memory(FREE, 64),
                                 bytes(16) + bytes(range(0xa1, 0xa1 + size)) + bytes(48 - size))

    def test_bytes_need_no_alignment(self):
        self.assertEqual(self.out("read", "-w", "24", "gpio+1"), f"0x{word(1, 3):06x}\n")


class Buses(registers.Case):
    """ranges, as on boards: where datasheets say 0x7e200000."""

    def at(self, address, nodes):
        self.play(nodes={**played.NODES, **nodes}, memory=False)
        os.unlink(self.machine.path("proc/iomem"))
        return int(self.json("write", "--dry-run", "--force", f"bus:{address:#x}", "0")["phys"], 0)

    SIMPLE = strings("simple-bus")

    def bus(self, own, size, *ranges):
        return {"compatible": self.SIMPLE, "#address-cells": cells(own), "#size-cells": cells(size),
                "ranges": cells(*ranges)}

    def test_each_board(self):
        one, two = cells(1), cells(2)
        root1 = {**played.NODES[""], "#address-cells": one}
        root2 = {**played.NODES[""], "#address-cells": two, "#size-cells": two}
        for name, root, soc, phys in (
                ("1", root1, self.bus(1, 1, 0x7e000000, 0x20000000, 0x02000000), 0x20200000),
                ("2", root1, self.bus(1, 1, 0x7e000000, 0x3f000000, 0x01000000, 0x40000000, 0x40000000, 0x1000),
                 0x3f200000),
                ("4", root2, self.bus(1, 1, 0x7e000000, 0, 0xfe000000, 0x01800000, 0x7c000000, 0, 0xfc000000,
                                      0x02000000, 0x40000000, 0, 0xff800000, 0x00800000), 0xfe200000),
                ("5", root2, self.bus(1, 1, 0x7c000000, 0x10, 0x7c000000, 0x04000000), 0x107e200000)):
            nodes = {"": root, "soc": {**soc, "dma-ranges": b""}}
            self.assertEqual(self.at(0x7e200000, nodes), phys, name)

    def test_tree_by_an_absolute_link(self):
        """As /proc/device-tree is one: of a machine that is played it leads below the root."""
        self.play()
        tree = self.machine.path("proc/device-tree")
        os.makedirs(self.machine.path("elsewhere"))
        os.rename(tree, self.machine.path("elsewhere/tree"))
        os.symlink("/elsewhere/tree", tree)
        found = self.json("addr", "bus:0x7e200034")["addresses"][0]
        self.assertEqual((found["phys"], found["node"]), ("0x3f200034", "/soc/gpio@7e200000"))

    def test_bus_below_a_bus(self):
        """Found only there; and translated by each on the way."""
        nodes = {"soc/bridge@0": self.bus(1, 1, 0x1000, 0x7e200000, 0x1000)}
        self.assertEqual(self.at(0x1004, nodes), 0x3f200004)

    def test_two_agree(self):
        nodes = {"scb": self.bus(1, 1, 0x7e200000, 0x3f200000, 0x1000)}
        self.assertEqual(self.at(0x7e200000, nodes), 0x3f200000)

    def test_two_do_not(self):
        self.play(nodes={**played.NODES, "scb": self.bus(1, 1, 0x7e200000, 0x10000000, 0x1000)})
        error = self.json("read", "bus:0x7e200000", expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "ambiguous")
        self.assertIn("/soc", error["message"])
        self.assertIn("/scb", error["message"])
        self.assertEqual(int(self.json("write", "-n", "--force", "bus:/soc:0x7e200000", "0")["phys"], 0), GPIO)

    def test_pci_is_no_such_bus(self):
        """Three cells: what they mean is no address alone."""
        nodes = {"pcie": self.bus(3, 2, 0x02000000, 0, 0x7e200000, 0x10000000, 0, 0x1000)}
        self.assertEqual(self.at(0x7e200000, nodes), GPIO)

    def test_what_no_bus_has(self):
        """As the DMA engine sees it, which is what bus: was in release 3.0."""
        self.assertEqual(self.at(0xc0001000, {"reserved-memory": {
            **self.bus(1, 1), "x@1000": {"reg": cells(0x1000, 0x1000)}}, **self.reserved()}), 0x1000)
        error = self.json("read", "bus:0x10", expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "outside-window")

    def reserved(self):
        return {"reserved-memory": {"#address-cells": cells(1), "#size-cells": cells(1), "ranges": b""},
                "reserved-memory/x@1000": {"reg": cells(0x1000, 0x1000)}}

    def test_named_bus_has_it_not(self):
        self.assertEqual(self.json("read", "bus:/soc:0x10", expect=physmem.FAILED)["error"]["cause"],
                         "outside-window")


class Change(registers.Case):
    """Bits that are changed where the others stay, by one read and one write."""

    def after(self, *args, size=4):
        self.machine.poke(FREE, bytes(range(0x10, 0x20)))
        self.out("write", *args)
        got = self.memory(FREE, 16)
        self.assertEqual(got[size:], bytes(range(0x10 + size, 0x20)))
        return int.from_bytes(got[:size], "little")

    def test_each(self):
        old = 0x13121110
        self.assertEqual(self.after(f"{FREE:#x}:7:0", "0xab"), 0x131211ab)
        self.assertEqual(self.after(f"{FREE:#x}:31", "1"), old | 1 << 31)
        self.assertEqual(self.after(f"{FREE:#x}:4", "0"), old & ~0x10)
        self.assertEqual(self.after("--mask", "0xff00", f"{FREE:#x}", "0xcd00"), 0x1312cd10)
        self.assertEqual(self.after("--set", "0x101", f"{FREE:#x}"), old | 0x101)
        self.assertEqual(self.after("--clear", "0x1010", f"{FREE:#x}"), old & ~0x1010)
        self.assertEqual(self.after("--set", "0x1", "--clear", "0x10", f"{FREE:#x}"), old & ~0x10 | 1)
        self.assertEqual(self.after("--set", "1", "-w", "8", f"{FREE:#x}+0+2", size=2), 0x1111)
        self.assertEqual(self.after("--verify", "-e", "big", f"{FREE:#x}:7:0", "0xab"), 0xab121110)
        self.assertEqual(self.after("-w", "8", f"{FREE:#x}:3:0", "0xa", "0xb", size=2), 0x1b1a)

    def test_dry_run_tells_both(self):
        self.machine.poke(FREE, b"\x10\x11\x12\x13")
        self.assertEqual(self.out("write", "--dry-run", f"{FREE:#x}:3:0", "5"),
                         f"{FREE:#010x} 0x13121110 -> 0x13121115\n")
        self.assertEqual(self.memory(FREE), b"\x10\x11\x12\x13")
        document = self.json("write", f"{FREE:#x}:3:0", "5")
        self.assertEqual((document["before"], document["values"]), (["0x13121110"], ["0x13121115"]))

    def test_owner_is_asked_first(self):
        for args in (("--set", "1", "gpio"), ("gpio:3:0", "1"), ("--mask", "1", "gpio", "1")):
            self.assertIn("gpio@7e200000", self.physmem("write", *args, expect=physmem.FAILED).stderr)
        for args in (("--set", "1", "0x80000"), ("0x80000:3:0", "1")):
            self.assertIn("breaks the system", self.physmem("write", "--force", *args, expect=physmem.FAILED).stderr)
        self.assertEqual(self.memory(GPIO, 4096), FILL)


class Files(registers.Case):
    def test_a_dump_taken_elsewhere(self):
        path = self.machine.path("dump.bin")
        with open(path, "wb") as file:
            subprocess.run([os.environ["PHYSMEM"], "dump", "--raw", "-w", "8", "gpio+4+16"], stdout=file, check=True,
                           env={**os.environ, "LIBPMEM_ROOT": self.machine.root})
        self.assertEqual(os.path.getsize(path), 16)
        place = {"root": None}
        for args, value in ((("0",), word(4)), (("--base", "0x3f200004", "0x3f200008"), word(8)),
                            (("--offset", "4", "--base", "0x1000", "0x1004"), word(12)),
                            (("--offset", "8", "0:7:0"), 12)):
            self.assertEqual(self.value("read", "--file", path, *args, **place), value, args)
        self.assertEqual(self.out("dump", "-F", path, "-B", "0x3f200004", "0x3f200004", "16", **place),
                         self.out("dump", "gpio+4+16"))
        document = self.json("read", "--file", path, "-B", "0x1000", "0x1004", **place)
        self.assertEqual((document["phys"], document["file"], document["file_offset"]),
                         ("0x00001004", path, "0x00000004"))

    def test_bytes_as_they_lie(self):
        """Raw, and the text beside the numbers, whatever the width and the order of the numbers."""
        self.machine.poke(GPIO, b"The quick brown ")
        for width in ("8", "16", "32", "64"):
            for order in ("little", "big"):
                args = ("dump", "-w", width, "-e", order, "0x3f200000", "16")
                self.assertEqual(self.out(*args, "--raw"), "The quick brown ")
                self.assertRegex(self.out(*args), r"\|The quick brown \|\n$")

    def test_by_names(self):
        path = self.machine.path("dump.bin")
        self.machine.write("dump.bin", FILL)
        self.machine.write("dev/mem", b"")
        place = {"root": None}
        args = ("--file", path, "--base", "0x3f200000", "--svd", registers.SVD)
        self.assertEqual(self.value("read", *args, "GPIO.GPFSEL1.FSEL6", **place), word(4) >> 18 & 7)
        self.assertEqual(self.value("read", *args, "GPIO.GPFSEL1@0x3f200010", **place), word(0x14))
        self.assertIn("0x46       BYTE", self.physmem("dump", *args, "GPIO", **place).stdout)

    def test_written(self):
        """Nobody owns a file of ours: nothing is asked, and only those bytes change."""
        path = self.machine.path("x.bin")
        self.machine.write("x.bin", FILL)
        self.out("write", "--file", path, "--verify", "8", "0x11223344", root=None)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), FILL[:8] + b"\x44\x33\x22\x11" + FILL[12:])

    def test_dump_of_what_there_is(self):
        """Less than 256 bytes: of a file, a BAR, a node."""
        path = self.machine.path("x.bin")
        self.machine.write("x.bin", FILL[:40])
        self.assertEqual(len(self.out("dump", "--file", path, "0", root=None).splitlines()), 3)
        self.assertEqual(len(self.out("dump", "--file", path, "8", root=None).splitlines()), 2)
        self.assertEqual(len(self.out("dump", "gpio+0xa0").splitlines()), 2)
        device = "sys/bus/pci/devices/0000:00:04.0/"
        self.machine.write(device + "resource", b"0 0 0\n0x00000000feb00000 0x00000000feb0003f 0x0000000000040200\n"
                           + b"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" * 5)
        self.machine.write(device + "resource1", FILL)
        self.machine.write(device + "config", bytes(4) + b"\2\0" + bytes(58))
        for place in ("pci:0000:00:04.0/1", "pci:00:04.0/1"):
            self.assertEqual(len(self.out("dump", place).splitlines()), 4)
            self.assertEqual(len(self.out("dump", place + "+0x20").splitlines()), 2)

    def test_short(self):
        path = self.machine.path("x.bin")
        self.machine.write("x.bin", FILL[:16])
        self.assertEqual(self.json("read", "-F", path, "16", root=None, expect=physmem.FAILED)["error"]["cause"],
                         "bounds")

    def play_uio(self):
        self.machine.write("dev/uio1", bytes(4096) + FILL)
        for name, text in (("name", "engine"), ("maps/map1/addr", "0x3f201000"), ("maps/map1/size", "0x1000"),
                           ("maps/map1/offset", "0x10"), ("maps/map0/addr", "0x1000"),
                           ("maps/map0/size", "0x100")):
            self.machine.write("sys/class/uio/uio1/" + name, text.encode() + b"\n")

    @unittest.skipUnless(os.sysconf("SC_PAGESIZE") == 4096, "the played file has pages of 4096 bytes")
    def test_uio(self):
        self.play_uio()
        for place, at in (("uio:uio1/1", 0x10), ("uio:1/1", 0x10), ("uio:engine/1", 0x10),
                          ("uio:engine/1+0x20", 0x30)):
            self.assertEqual(self.value("read", place), word(at), place)
        self.assertEqual(self.out("read", "uio:1/1+0+4"), f"0x3f201010 0x{word(0x10):08x}\n")
        self.assertEqual(self.value("read", "--svd", registers.SVD, "GPIO.GPFSEL1@uio:1/1"), word(0x14))
        self.physmem("read", "uio:1/0+0x100", expect=physmem.FAILED)
        self.physmem("read", "uio:1/1+0xff0", expect=physmem.FAILED)
        self.out("write", "uio:1/1", "1")
        with open(self.machine.path("dev/uio1"), "rb") as file:
            self.assertEqual(file.read()[4096 + 16:][:8], b"\1\0\0\0" + FILL[20:24])


class Pci(registers.Case):
    DEVICE = "sys/bus/pci/devices/0000:00:04.0/"

    def play_pci(self, command):
        self.machine.write(self.DEVICE + "resource", b"0x00000000feb00000 0x00000000feb00fff 0x0000000000040200\n"
                           + b"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" * 6)
        self.machine.write(self.DEVICE + "resource0", FILL)
        self.machine.write(self.DEVICE + "config", b"\x36\x1b\x00\x10" + command + b"\0" * 58)

    def test_bar(self):
        self.play_pci(b"\2\0")
        for place, at in (("pci:0000:00:04.0/0", 0), ("pci:0000:00:04.0:0+8", 8), ("pci:00:04.0/0", 0),
                          ("pci:00:04.0:0+4:7:0", None)):
            self.assertEqual(self.value("read", place), 4 if at is None else word(at), place)
        self.assertEqual(self.out("read", "pci:00:04.0/0+4+4"), f"0xfeb00004 0x{word(4):08x}\n")
        self.assertEqual(self.value("read", "--svd", registers.SVD, "GPIO.GPLEV0@pci:00:04.0/0"), word(0x34))

    def test_memory_decoding(self):
        """All ones would be read: refused, with the way out; nothing is mapped."""
        self.play_pci(b"\0\0")
        for args in (("read", "pci:0000:00:04.0/0"), ("write", "--force", "pci:00:04.0/0", "1"),
                     ("dump", "pci:00:04.0/0")):
            error = self.json(*args, expect=physmem.FAILED)["error"]
            self.assertEqual(error["cause"], "decoding-off")
            self.assertIn("/sys/bus/pci/devices/0000:00:04.0/enable", error["hint"])


class Warnings(registers.Case):
    """What is known to make a block silent is told before it is touched; the command goes on."""

    CLOCKS = """\
                                 enable  prepare  protect                                duty  hardware                            connection
   clock                          count    count    count        rate   accuracy phase  cycle    enable   consumer                         id
---------------------------------------------------------------------------------------------------------------------------------------------
 osc                                 2       2        0        19200000    0          0     50000      Y   deviceless                      no_connection_id
    plld                             0       0        0        19200000    0          -----  50000     ?      3f201000.serial                 uartclk
                                                                                                           3f205000.i2c                    no_connection_id
    vpu                              1       1        0        19200000    0          0     50000      Y      3f201000.serial                 apb_pclk
"""

    def test_disabled_node(self):
        done = self.physmem("read", "&uart1")
        self.assertRegex(done.stderr, r"\Aphysmem: warning: &uart1 is disabled in the device tree.*\n\Z")
        self.assertEqual(self.physmem("read", hex(0x3f215040)).stderr, "")

    def test_clock(self):
        self.machine.write("sys/kernel/debug/clk/clk_summary", self.CLOCKS.encode())
        for place, clock in (("serial0", "plld of 3f201000.serial"), ("brcm,bcm2835-i2c", "plld of 3f205000.i2c")):
            done = self.physmem("read", place)
            self.assertRegex(done.stderr, rf"\Aphysmem: warning: the clock {clock} is off: .*\n\Z")
        for place in ("gpio", hex(UART)):
            self.assertEqual(self.physmem("read", place).stderr, "")

    def test_clocks_of_older_kernels(self):
        """They do not tell who uses a clock: nothing is known, nothing is said."""
        old = "\n".join(line[:103].rstrip() for line in self.CLOCKS.splitlines()) + "\n"
        self.machine.write("sys/kernel/debug/clk/clk_summary", old.encode())
        self.assertEqual(self.physmem("read", "serial0").stderr, "")


if __name__ == "__main__":
    physmem.main()
