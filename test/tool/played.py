# SPDX-License-Identifier: MIT
"""A played Raspberry Pi 3, made of files, for LIBPMEM_ROOT."""

import os
import shutil
import struct
import tempfile

GPIO = 0x3f200000
UART = 0x3f201000
MEM_SIZE = 0x3f300000
FILL = bytes(range(256)) * 16  # a page in which every byte of a word differs

IOMEM = """\
00000000-3b3fffff : System RAM
  00080000-00efffff : Kernel code
3f007000-3f007eff : dma@7e007000
3f200000-3f2000b3 : gpio@7e200000
3f201000-3f2011ff : serial@7e201000
  3f201000-3f2011ff : uart-pl011
"""

MEMINFO = """\
MemTotal:         947732 kB
MemFree:          412345 kB
CmaTotal:          65536 kB
CmaFree:           61440 kB
Hugepagesize:       2048 kB
"""


def cells(*values):
    return b"".join(struct.pack(">I", value) for value in values)


def strings(*texts):
    return b"".join(text.encode() + b"\0" for text in texts)


NODES = {
    "": {"compatible": strings("raspberrypi,3-model-b", "brcm,bcm2837"),
         "model": strings("Raspberry Pi 3 Model B"),
         "#address-cells": cells(1), "#size-cells": cells(1)},
    "aliases": {"serial0": strings("/soc/serial@7e201000"), "gpio": strings("/soc/gpio@7e200000")},
    "__symbols__": {"uart1": strings("/soc/serial@7e215040")},
    "cpus": {"#address-cells": cells(1), "#size-cells": cells(0)},
    "cpus/cpu@0": {"compatible": strings("arm,cortex-a53"), "reg": cells(0)},
    "reserved-memory": {"#address-cells": cells(1), "#size-cells": cells(1), "ranges": b""},
    "reserved-memory/buffer@28000000": {"reg": cells(0x28000000, 0x100000), "no-map": b"",
                                        "phandle": cells(5)},
    "reserved-memory/linux,cma": {"size": cells(0x4000000), "reusable": b"",
                                  "compatible": strings("shared-dma-pool")},
    "soc": {"compatible": strings("simple-bus"), "#address-cells": cells(1),
            "#size-cells": cells(1),
            "ranges": cells(0x7e000000, 0x3f000000, 0x01000000,
                            0x40000000, 0x40000000, 0x00001000),
            "dma-ranges": cells(0xc0000000, 0x00000000, 0x3f000000,
                                0x7e000000, 0x3f000000, 0x01000000)},
    "soc/dma@7e007000": {"compatible": strings("brcm,bcm2835-dma"),
                         "reg": cells(0x7e007000, 0xf00), "brcm,dma-channel-mask": cells(0x7f35)},
    "soc/gpio@7e200000": {"compatible": strings("brcm,bcm2835-gpio"),
                          "reg": cells(0x7e200000, 0xb4)},
    "soc/serial@7e201000": {"compatible": strings("arm,pl011", "arm,primecell"),
                            "reg": cells(0x7e201000, 0x200), "status": strings("okay"),
                            "memory-region": cells(5), "memory-region-names": strings("frames")},
    "soc/serial@7e215040": {"compatible": strings("brcm,bcm2835-aux-uart"),
                            "reg": cells(0x7e215040, 0x40), "status": strings("disabled")},
    "soc/i2c@7e205000": {"compatible": strings("brcm,bcm2835-i2c"),
                         "reg": cells(0x7e205000, 0x200)},
    "soc/i2c@7e804000": {"compatible": strings("brcm,bcm2835-i2c"),
                         "reg": cells(0x7e804000, 0x1000)},
    "soc/hdmi@7e902000": {"compatible": strings("brcm,bcm2835-hdmi"),
                          "reg": cells(0x7e902000, 0x600, 0x7e808000, 0x100)},
}

FILES = {
    "proc/iomem": IOMEM,
    "proc/meminfo": MEMINFO,
    "sys/kernel/security/lockdown": "[none] integrity confidentiality\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "4\n",
    "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages": "3\n",
    "sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages": "0\n",
    "sys/kernel/mm/hugepages/hugepages-64kB/free_hugepages": "0\n",
    "sys/class/dma/dma0chan0/in_use": "1\n",
    "sys/class/dma/dma0chan2/in_use": "0\n",
    "sys/class/dma/dma0chan10/in_use": "0\n",
}


class Machine:
    """Its files; close() removes them."""

    def __init__(self, nodes=NODES, files=FILES, memory=True, where=None):
        self.root = tempfile.mkdtemp(prefix="played-", dir=where)
        os.chmod(self.root, 0o755)
        for name, properties in nodes.items():
            for key, value in properties.items():
                self.write(os.path.join("proc/device-tree", name, key), value)
        for path, text in files.items():
            self.write(path, text.encode())
        if memory:
            self.make_memory()

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data)

    def make_memory(self, size=MEM_SIZE):
        self.write("dev/mem", b"")
        os.truncate(self.path("dev/mem"), size)

    def poke(self, phys, data):
        with open(self.path("dev/mem"), "r+b") as file:
            file.seek(phys)
            file.write(data)

    def peek(self, phys, size):
        with open(self.path("dev/mem"), "rb") as file:
            file.seek(phys)
            return file.read(size)

    def pages(self):
        """Offsets of the pages of dev/mem that hold more than zeros. Some file systems give a page
        to a hole that is only read, so its extents say nothing."""
        found, at = [], 0
        with open(self.path("dev/mem"), "rb", buffering=0) as file:
            while True:
                try:
                    at = os.lseek(file.fileno(), at, os.SEEK_DATA)
                except OSError:
                    return found
                end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
                file.seek(at)
                for page in range(at, end, 4096):
                    if any(file.read(min(4096, end - page))):
                        found.append(page)
                at = end

    def close(self):
        shutil.rmtree(self.root)
