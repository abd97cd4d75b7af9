#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""First inputs of the targets, which say what a fuzzer would need days to find by itself.

usage: seeds.py TARGET >>../corpus/TARGET     one line of hexadecimal digits for each

An input is what the target reads with input.h; the words are read from the target's source, so that they are the same.
"""

import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Words:
    """The lists of words in a target's source."""

    def __init__(self, target):
        self.source = (HERE / f"target_{target}.c").read_text()

    def list(self, name):
        body = re.search(rf"{name}\[\] = \{{(.*?)\}};", self.source, re.S)[1]
        return [text.replace("\\n", "\n") for text in re.findall(r'"((?:[^"\\]|\\.)*)"', body)]

    def word(self, name, text):
        known = self.list(name)
        if text in known:
            return bytes([known.index(text)])
        data = text.encode()
        assert len(data) < 32, text
        return bytes([224 + len(data)]) + data


def place(number):
    return b"\x06" + bytes([number]) if number < 256 else b"\x05" + struct.pack("<I", number) if number < 1 << 32 \
        else b"\x00" + struct.pack("<Q", number)


class Tree(Words):
    def __init__(self, flags=0):
        super().__init__("tree")
        self.out = bytes([flags])

    def child(self, name):
        self.out += b"\x01" + self.word("nodes", name)
        return self

    def up(self):
        self.out += b"\x03"
        return self

    def cells(self, name, *numbers):
        self.out += b"\x04" + self.word("properties", name) + b"\x00" + bytes([len(numbers)])
        self.out += b"".join(place(number) for number in numbers)
        return self

    def texts(self, name, *texts):
        self.out += b"\x04" + self.word("properties", name) + b"\x01" + bytes([len(texts) - 1])
        self.out += b"".join(self.word("texts", text) for text in texts)
        return self

    def ask(self):
        """Everything, of the nodes that are asked."""
        self.out += b"\x00\x00"
        for what in (0, 5):
            self.out += bytes([what, 0])
        for node in range(2, 11):
            self.out += bytes([6, node])
        for what in (10, 11):
            self.out += bytes([what, 3]) + place(0xc0001000)
        return self.out


def trees():
    pi = Tree().texts("compatible", "brcm,bcm2711").texts("model", "a").cells("#address-cells", 2)
    pi.cells("#size-cells", 1).child("soc").texts("compatible", "simple-bus").cells("#address-cells", 1)
    pi.cells("#size-cells", 1).cells("ranges", 0x7e000000, 0, 0xfe000000, 0x1800000)
    pi.cells("dma-ranges", 0xc0000000, 0, 0, 0x40000000)
    pi.child("gpio@7e200000").texts("compatible", "brcm,bcm2711-gpio").cells("reg", 0x7e200000, 0xb4)
    pi.cells("gpio-controller").up().child("dma@7e007000").texts("compatible", "brcm,bcm2835-dma")
    pi.cells("reg", 0x7e007000, 0xb00).cells("memory-region", 1).up().up().child("reserved-memory")
    pi.cells("#address-cells", 2).cells("#size-cells", 1).cells("ranges").child("linux,cma")
    pi.texts("compatible", "shared-dma-pool").cells("reusable").cells("reg", 0, 0x3000, 0x1000).cells("phandle", 1)
    end = Tree().texts("compatible", "brcm,bcm2711").cells("#address-cells", 2).cells("#size-cells", 1)
    end.child("gpio@7e200000").texts("compatible", "brcm,bcm2711-gpio")
    end.cells("reg", 0xffffffff, 0xffffff80, 0x10).cells("gpio-controller")
    pcie = Tree(16).texts("compatible", "brcm,bcm2712").cells("#address-cells", 2).cells("#size-cells", 2).child("soc")
    pcie.cells("#address-cells", 2).cells("#size-cells", 2).cells("ranges").child("pcie@7d500000")
    pcie.texts("device_type", "pci").cells("#address-cells", 3).cells("#size-cells", 2)
    pcie.cells("ranges", 0x2000000, 0, 0xc0000000, 6, 0, 0, 0x40000000).cells("reg", 0, 0x7d500000, 0, 0x9310)
    pcie.cells("dma-ranges", 0x2000000, 4, 0, 0, 0, 0, 0x80000000).child("pci@0,0").texts("device_type", "pci")
    pcie.cells("#address-cells", 3).cells("#size-cells", 2).cells("reg", 0, 0, 0, 0, 0).cells("ranges")
    pcie.cells("assigned-addresses", 0x2000010, 0, 0xc0000000, 0, 0x1000)
    return [pi.ask(), end.ask(), pcie.ask()]


def texts():
    """The first byte chooses the reader; files follow, with 0x1e between two."""
    def join(which, head, *files):
        return bytes([which]) + head + b"\x1e".join(text.encode() for text in files)

    iomem = "00000000-3fffffff : System RAM\n  00008000-00ffffff : Kernel code\n3f200000-3f2000b3 : gpio@7e200000\n"
    stat = "anon 4096\nfile 8192\ninactive_file 4096\nactive_file 8192\n"
    old = "cache 1\ntotal_inactive_file 4096\ntotal_active_file 8192\n"
    zone = "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 10\n      nr_active_file 20\n  pages free 3968\n" \
        "        managed  3840\n        cma      16384\n      nr_free_cma  16000\nNode 1, zone  Movable\n        managed  999\n"
    return [
        join(0, place(0x3f200000) + place(4096), iomem),
        join(0, place(0x1000) + place(16), iomem),
        join(1, b"", "MemTotal: 1024 kB\nMemAvailable:   512 kB\nCmaTotal: 64 kB\nCmaFree: 8 kB\n",
            "4:cpu,memory:/a\n0::/a\n", "1048576\n", "max\n", "4096\n", stat, "9223372036854771712\n", "8192\n", old,
            "max\n", "4096\n", "Node 0, zone   Normal    659   2337    1    2    3    4    5    6    7    8    9\n"),
        join(2, place(0x200000), zone),
        join(3, place(0x9000000), "console=tty lockdown=integrity iomem=relaxed\n", "none [integrity] confidentiality\n",
            "address sizes\t: 39 bits physical\nCPU architecture: 7\nFeatures : lpae\n", "0 0 4294967295\n",
            "Name:\ta\nUid:\t1\t2\t3\t4\nGid:\t1\t2\t3\t4\nGroups:\t4 5 6 \n", "root:x:0:\ndmamem:x:999:a,b\n", "8000000\n"),
        join(4, b"", "hugepages-2048kB", "4\n", "2\n", "1\n", "hugepages-1048576kB", "1\n", "0\n", "0\n", "", "",
            "12345678-9abc-4def-8123-456789abcdef\n", "12345678-9abc-4def-8123-456789abcdef\n2097152 1\n"),
    ]


def journals():
    """A record in each state, in a file that a dead process left."""
    def file(records):
        return bytes([len(records), 0]) + b"\x01\x02\x03\x04" + b"".join(records) + b"\0"

    def record(slot, state, handle, message):
        return struct.pack("<H", slot) + bytes([state, handle - 1, message])

    one = [record(i, i, i + 1, message) for i, message in enumerate((0, 0, 0x11, 0x15, 0x12, 0x13, 0, 0))]
    return [bytes([0]) + file(one), bytes([8]) + file(one[:2]) + file(one[2:4]), bytes([1]) + file(one[4:])]


def mailboxes():
    """Facts, three allocations of different kinds, and their ends; by a sane firmware and by a mad one."""
    calls = bytes([0x10, 0x20, 0x30, 0x60, 0x80, 2, 0, 0x12, 0x1c, 1]) + place(8192) + bytes([0x22, 0x70, 12])
    calls += place(0x3fffffff) + bytes([1, 0x11, 2, 0x12, 0x22])
    return [bytes([1]) + calls, bytes([2]) + calls, bytes([9]) + calls, bytes([4, 1, 9, 0]) + calls]


def pagemaps():
    return [
        b"\0\0" + place(0x7000000) + b"\0" + b"\x02\x08" + place(0x10000) + b"\0" + b"\x04\0\x20" + b"\0" * 40,
        b"\x01\xc5" + place(0x200000) + struct.pack("<I", 36 << 20) + b"\x01" * 40 + b"\0" * 40,
        b"\0\x45" + place(0x10010) + struct.pack("<H", 20000) + b"\0" * 10,
        b"\0\x24\0\x20" + b"\x40\x06\x11" * 20,
    ]


def addresses():
    return [text.encode() for text in ("0x3f200000+0x10-20:31:0", "gpio:+4+4", "dma:/soc/dma@7e007000:0x10", "pci:0000:00:04.0/2",
        "uio:uio0/1+8", "reg:GPIO.GPFSEL1:FSEL17@0x1000", "alias:gpio", "&label+4k", "bus:0x7e200000", "compatible:brcm,a-1")]


def registers():
    svd = """<?xml version="1.0"?><device><name>D</name><width>32</width><peripherals><peripheral><name>GPIO</name>
<baseAddress>0x3f200000</baseAddress><registers><register><dim>2</dim><dimIncrement>4</dimIncrement><name>R%s</name>
<addressOffset>4</addressOffset><size>32</size><access>read-only</access><fields><field><name>F</name><bitRange>[7:4]</bitRange>
<enumeratedValues><enumeratedValue><name>ON</name><value>0b1</value></enumeratedValue></enumeratedValues></field></fields></register>
<cluster><name>CH[%s]</name><dim>2</dim><dimIncrement>16</dimIncrement><addressOffset>64</addressOffset><register><name>CS</name>
<addressOffset>0</addressOffset><fields><field><name>GO</name><lsb>0</lsb><msb>3</msb></field></fields></register></cluster>
</registers></peripheral><peripheral derivedFrom="GPIO"><name>G2</name><baseAddress>0x1000</baseAddress></peripheral></peripherals>
</device>"""
    text = "# of rwmem\nTIMING,0x64,32,a comment\nHBP,31,20\nHFP,19,8,rw,0,x\n\nSHORT,2,16\nA,1,0\n"
    suite = (HERE.parent / "fuzz_registers.c").read_text()
    body = re.sub(r"/\*.*?\*/", "", re.search(r"regdb\[\] = \{(.*?)\};", suite, re.S)[1], flags=re.S)
    regdb = bytes(ord(item[1]) if item[0] == "'" else int(item, 0) for item in re.findall(r"'.'|0x[0-9a-f]+|\d+", body))
    return [svd.encode(), text.encode(), regdb]


def lives():
    """Of models: some noise that is the same each time."""
    state, out = 1, []
    for _ in range(4):
        data = bytearray()
        for _ in range(1500):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            data.append(state >> 56)
        out.append(bytes(data))
    return out


def calls():
    """Programs of target_calls.c: each step says who, of which kind and which, and then what it takes."""
    def number(value):
        return struct.pack("<H", value)

    def program(head, *steps):
        out = bytes(head)
        for number_, step in enumerate(steps):
            kind, which, *more = step
            out += bytes([number_ % 3 | kind << 2 | which << 5]) + b"".join(
                one if isinstance(one, bytes) else bytes([one]) for one in more)
        return out

    region, pool, device, other = 0, 3, 5, 7
    regions = [(region, 0, 0, number(4095)), (region, 0, 33, number(60000)), (region, 0, 2, number(9000)),
        (region, 1, 1, number(5000)), (region, 1, 0), (region, 2, number(100), number(9000), 0), (region, 2, number(5000), number(90), 3),
        (region, 3, 1, number(4096), number(900)), (region, 3, 0, number(7), number(8191), number(9))]
    looks = [(region, which, number_) for number_ in range(9) for which in (5, 7)]
    syncs = [(region, 6, number_, 4, number(number_), 1) for number_ in range(9)]
    closes = [(region, 4, number_) for number_ in (3, 0, 5, 1, 1)]
    pools = [(pool, 0, 0, 0), (pool, 0, 0x7a, 0x46), *[(pool, 1, i, 31 * i, number(999 * i)) for i in range(9)], (pool, 4, 3, 1),
        (pool, 3, 2), (pool, 3, 5), (pool, 5, 0, 1), (pool, 5, 0, 0), (region, 0, 33, number(40000)), (pool, 6, 0, 0), (pool, 1, 0, 32, number(5000)),
        (pool, 7, 0), (pool, 7, 0)]
    devices = [(device, 0, 0), (device, 0, 5), (device, 0, 2), (device, 1, 0, 1, number(9000)), (device, 1, 1, 0, number(70)), *regions[:6],
        *[(device, 2, i, i + 3, 2) for i in range(9)], *[(device, 5, i, i, 2) for i in range(6)], (device, 6, 0),
        *[(device, 4, i, i + 3) for i in range(6)], (device, 7, 0), *looks, (device, 7, 0), *closes, (device, 7, 0)]
    others = [(other, which) for which in (0, 1, 2, 4, 5, 3, 2, 1, 2)]
    all_ = regions + looks + syncs + closes + pools + devices + others
    return [program((head, broken), *steps) for head, broken in ((2, 0), (3, 2), (0x3a, 3))
        for steps in (regions + looks + syncs + closes, pools, devices, others + closes, all_)] + [
        program((6, 0, 1, 40, 1), *all_), program((7, 0, 2, 90, 0, 200, 5), *all_)]


def buffers():
    """One kind of driver each, whose answers are as they should be, then all."""
    steps = b"".join(bytes([k << 4, 0, which]) + struct.pack("<H", 5000) + bytes(8) for k, which in enumerate((0, 1, 9, 33, 6, 17)))
    rest = b"".join(bytes([1 | k << 4]) + bytes(8) for k in range(6)) + b"\x07" + bytes(20) + b"\x02\x12\x22" + b"\x06\x00" + bytes(9)
    return [bytes([what, machine, 0xff if machine & 1 else 0]) + (bytes(16) if machine & 16 else b"") +
        steps.replace(b"\x00\x21\x88", bytes([0, 33, number])) + rest
        for number, (what, machine) in enumerate(((16, 1), (16, 2), (16, 0x42), (16, 4), (16, 8), (16, 16), (19, 0x22), (22, 0x3f), (17, 0x7f)))]


def devices():
    """Opened each way; memory for it, attached, seen; its registers, interrupts and configuration; closed."""
    life = b"\x05\x01\xff\x0f\0\0\0" + b"\x45\x00\x20\0\0\0" + b"\x05\x40\0\0" + b"\x45\x60\0\0" + b"\x05\x50\0" + \
        b"\x01\x10\x00" + bytes(6) + b"\x02\x10\x00\x06\x00" + bytes(8) + b"\x03\x20\x06\x04" + bytes(12) + b"\x04\0" + b"\x00" * 8
    return [bytes([what, more]) + bytes(6) + b"\x00" + bytes([name, way]) + filler * 12 + life
        for what, more, name, way in ((1, 1, 0, 1), (5, 1, 0, 2), (3, 1, 0, 3), (8, 0, 1, 4), (0, 0, 1, 5), (1, 0, 2, 1), (0, 0, 3, 0))
        for filler in (b"\0", b"\x05")]


SEEDS = {"calls": calls, "buffers": buffers, "device": devices, "tree": trees, "text": texts, "journal": journals, "mailbox": mailboxes, "pagemap": pagemaps, "address": addresses,
    "registers": registers, "iova": lives, "pool": lives}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SEEDS:
        sys.exit(__doc__)
    for seed in SEEDS[sys.argv[1]]():
        print(seed.hex())
