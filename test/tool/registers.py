# SPDX-License-Identifier: MIT
"""A played machine whose memory counts upwards, and files of registers for it."""

import os
import struct

import physmem
from played import FILL, GPIO

HERE = os.path.dirname(os.path.abspath(__file__))
SVD = os.path.join(HERE, "board.svd")

TEXT = """\
# rwmem's text form
TIMING_H1,0x64,32,horizontal
HBP,31,20
HFP,19,8,rw,0x10,a comment, with commas
HSW,7,0

SHORT,0x2,16
"""


def regdb(version=3, block=b"GPIO", base=GPIO, fields=((b"LOW", 7, 0), (b"TOP", 31, 28)), size=4, endian=1,
          offset=4):
    """rwmem's regdb (docs/regdb-v3.md there) of one block with one register."""
    pool, places = b"\0", {}
    for name in (block, b"REG", *(field[0] for field in fields)):
        places[name] = len(pool)
        pool += name + b"\0"
    out = struct.pack("<8I", 0x00e11555, version, 0, 1, 1, len(fields), 1, len(fields))
    out += struct.pack("<IIQQIIBBBB", places[block], 0, base, 0x100, 1, 0, 1, 4, 1, 4)
    out += struct.pack("<IIQQIIBB", places[b"REG"], 0, offset, 0, len(fields), 0, endian, size)
    for name, high, low in fields:
        out += struct.pack("<IIBB", places[name], 0, high, low)
    out += struct.pack("<I", 0) + b"".join(struct.pack("<I", i) for i in range(len(fields)))
    return out + pool


class Case(physmem.Case):
    def setUp(self):
        super().setUp()
        self.machine.poke(GPIO, FILL)

    def file(self, name, data):
        """A file beside the played machine; its path."""
        path = self.machine.path("files/" + name)
        self.machine.write("files/" + name, data if isinstance(data, bytes) else data.encode())
        return path

    def out(self, *args, **kwargs):
        done = self.physmem(*args, **kwargs)
        self.assertEqual(done.stderr, "", args)
        return done.stdout

    def value(self, *args, **kwargs):
        return int(self.out(*args, **kwargs), 0)

    def memory(self, at, size=4):
        return self.machine.peek(at, size)
