# SPDX-License-Identifier: MIT
"""Machines for physmem map: a PC by its /proc/iomem, and boards by a device tree blob.

    boards.py DTB FOLDER    the blob's nodes as folders, as /proc/device-tree has them
"""

import os
import struct
import sys

import played

FDT_MAGIC, BEGIN, END, PROPERTY, NOP = 0xd00dfeed, 1, 2, 3, 4


def nodes_of(blob):
    """{"soc/gpio@7e200000": {property: bytes}} of a flattened device tree (its specification, chapter 5)."""
    magic, _, at, strings = struct.unpack_from(">4I", blob)
    if magic != FDT_MAGIC:
        raise ValueError("no device tree blob")
    nodes, path = {}, []
    while True:
        token, = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            nodes["/".join(path[1:])] = {}
            at = (end + 4) & ~3
        elif token == END:
            path.pop()
        elif token == PROPERTY:
            length, name = struct.unpack_from(">2I", blob, at)
            key = blob[strings + name:blob.index(b"\0", strings + name)].decode()
            nodes["/".join(path[1:])][key] = blob[at + 8:at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token != NOP:
            return nodes


def cells64(*values):
    return b"".join(struct.pack(">Q", value) for value in values)


IOMEM_PC = """\
00000000-00000fff : Reserved
00001000-0009fbff : System RAM
0009fc00-0009ffff : Reserved
000a0000-000bffff : PCI Bus 0000:00
000f0000-000fffff : System ROM
00100000-7ffd7fff : System RAM
  01000000-01ffffff : Kernel code
  02000000-029a5fff : Kernel rodata
  02a00000-02d4ffff : Kernel data
  58000000-67ffffff : Crash kernel
7ffd8000-7fffffff : Reserved
80000000-afffffff : PCI Bus 0000:00
b0000000-bfffffff : PCI MMCONFIG 0000 [bus 00-ff]
  b0000000-bfffffff : Reserved
c0000000-febfffff : PCI Bus 0000:00
  fd000000-fdffffff : 0000:00:01.0
    fd000000-fdffffff : bochs-drm
  fea00000-feafffff : 0000:00:02.0
  feb80000-feb9ffff : 0000:00:03.0
    feb80000-feb9ffff : e1000e
fec00000-fec003ff : IOAPIC 0
fed00000-fed003ff : HPET 0
fee00000-fee00fff : Local APIC
fffc0000-ffffffff : Reserved
100000000-27fffffff : System RAM
380000000000-3807ffffffff : PCI Bus 0000:00
"""

# Of a Raspberry Pi 4 with 4 GiB and 76 MiB for its firmware, as Linux 6.12 shows it.
IOMEM_PI4 = """\
00000000-3b3fffff : System RAM
  00210000-0174ffff : Kernel code
  01750000-01d2ffff : reserved
  01d30000-0215ffff : Kernel data
40000000-fbffffff : System RAM
"""

IOMEM_IMX8 = """\
40000000-bfffffff : System RAM
  40210000-4174ffff : Kernel code
  41d30000-4215ffff : Kernel data
"""

# name: (blob below the package's folder, memory, /proc/iomem, CMA: first page and pages)
TREES = {
    "pi4": ("broadcom/bcm2711-rpi-4-b.dtb", cells64(0, 0x3b400000, 0x40000000, 0xbc000000), IOMEM_PI4,
            (0x37400, 0x4000)),
    "imx8mm": ("freescale/imx8mm-evk.dtb", cells64(0x40000000, 0x80000000), IOMEM_IMX8, (0x98000, 0x28000)),
}


def pc():
    """A PC without a device tree."""
    machine = played.Machine(nodes={}, files={"proc/iomem": IOMEM_PC}, memory=False)
    for bdf, resource, driver in (("0000:00:01.0", "0xfd000000 0xfdffffff 0x42208", "bochs-drm"),
                                  ("0000:00:03.0", "0xfeb80000 0xfeb9ffff 0x40200", "e1000e")):
        machine.write(f"sys/bus/pci/devices/{bdf}/resource", (resource + "\n").encode())
        machine.write(f"sys/bus/pci/drivers/{driver}/module", b"")
        os.symlink(f"../../drivers/{driver}", machine.path(f"sys/bus/pci/devices/{bdf}/driver"))
    return machine


def board(name, folder):
    """A board by its blob: what firmware and kernel would add is put in."""
    blob, memory, iomem, cma = TREES[name]
    with open(os.path.join(folder, blob), "rb") as file:
        nodes = nodes_of(file.read())
    node = next(path for path in nodes if path.split("@")[0] == "memory")
    cells = [struct.unpack(">I", nodes[""][key])[0] for key in ("#address-cells", "#size-cells")]
    if cells != [2, 2]:  # a Pi 4 has sizes of one cell
        pairs = struct.unpack(f">{len(memory) // 8}Q", memory)
        memory = b"".join(struct.pack(">QI", *pairs[i:i + 2]) for i in range(0, len(pairs), 2))
    nodes[node]["reg"] = memory
    return played.Machine(nodes=nodes, memory=False, files={
        "proc/iomem": iomem,
        "sys/kernel/debug/cma/linux,cma/base_pfn": f"{cma[0]}\n",
        "sys/kernel/debug/cma/linux,cma/count": f"{cma[1]}\n"})


def main(blob, folder):
    with open(blob, "rb") as file:
        for path, properties in nodes_of(file.read()).items():
            os.makedirs(os.path.join(folder, path), exist_ok=True)
            for key, value in properties.items():
                with open(os.path.join(folder, path, key), "wb") as out:
                    out.write(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
