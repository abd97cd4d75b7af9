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


SEEDS = {"tree": trees}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SEEDS:
        sys.exit(__doc__)
    for seed in SEEDS[sys.argv[1]]():
        print(seed.hex())
