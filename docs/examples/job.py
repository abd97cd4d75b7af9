# SPDX-License-Identifier: MIT
"""The main job, with errors; what job.c does, by the module libpmem.

usage: job.py SIZE [BACKEND]
"""

import re
import sys

import libpmem


def job(ctx, region):
    print("size", region.size)
    print("contiguous", "yes" if region.attrs & libpmem.REGION_CONTIGUOUS else "no")
    try:
        address = region.phys
    except libpmem.Error:
        address = None
    print("address", "no" if address is None else "yes")
    region.write32(8, 0x12345678)
    print(f"word 0x{region.read32(8):08x}")
    with region.cpu() as view:
        view[:] = (bytes(range(251)) * (region.size // 251 + 1))[:region.size]
        print("sum", sum(view))
    print("pieces", sum(piece.length for piece in region.extents()))
    _, offset = ctx.find(region.address + region.size // 16)
    print("found", offset)
    ctx.selftest_copy(region.size)
    print("copy ok")


def main(args):
    if len(args) not in (1, 2) or not re.fullmatch("[0-9]+", args[0]) or int(args[0]) >= 1 << 64:
        print("usage: job.py SIZE [BACKEND]", file=sys.stderr)
        return 2
    size, backend = int(args[0]), (args[1:] or [None])[0]
    try:
        with libpmem.Context() as ctx, ctx.alloc(size, backend=backend) as region:
            job(ctx, region)
    except libpmem.Error as why:
        print("refused", why.errno, why.cause_name)
        for child in why.children:
            print("child", child.backend, child.cause_name)
        print(why.message, why.hint, sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
