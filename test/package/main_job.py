#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job from Python: 64 KiB of pinned contiguous memory with its physical address.

With --refused (an ordinary user) the library must refuse, and say why.
"""

import ctypes
import sys

SIZE = 64 * 1024
# Numbers of <pmem/region.h>.
PINNED, CONTIGUOUS = 1 << 2, 1 << 3


def library():
    # The full name: libpmem.so is another library on many machines.
    lib = ctypes.CDLL("libpmem.so.3", use_errno=True)
    lib.pmem_version.restype = ctypes.c_char_p
    for name in ("pmem_error_last", "pmem_region_data"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.pmem_error_text.argtypes = [ctypes.c_void_p]
    lib.pmem_error_text.restype = ctypes.c_char_p
    lib.pmem_ctx_new.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
    lib.pmem_ctx_unref.argtypes = [ctypes.c_void_p]
    lib.pmem_region_alloc.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p,
                                      ctypes.POINTER(ctypes.c_void_p)]
    for name in ("pmem_region_data", "pmem_region_size", "pmem_region_attrs", "pmem_region_close"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    lib.pmem_region_size.restype = ctypes.c_uint64
    lib.pmem_region_attrs.restype = ctypes.c_uint32
    lib.pmem_region_phys.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint64)]
    lib.pmem_vaddr_phys.argtypes = [ctypes.c_void_p, ctypes.c_void_p,
                                    ctypes.POINTER(ctypes.c_uint64)]
    return lib


def main_job(lib, ctx, region):
    phys, again = ctypes.c_uint64(), ctypes.c_uint64()
    data = lib.pmem_region_data(region)
    assert lib.pmem_region_size(region) == SIZE
    assert lib.pmem_region_attrs(region) & (PINNED | CONTIGUOUS) == PINNED | CONTIGUOUS
    assert lib.pmem_region_phys(region, ctypes.byref(phys)) == 0
    memory = (ctypes.c_ubyte * SIZE).from_address(data)
    assert not any(memory), "not zeroed"
    memory[:] = bytes(i % 251 for i in range(SIZE))
    if lib.pmem_vaddr_phys(ctx, data + SIZE - 1, ctypes.byref(again)) == 0:
        assert again.value == phys.value + SIZE - 1, "not where it is said to be"
    assert bytes(memory) == bytes(i % 251 for i in range(SIZE))
    print(f"libpmem {lib.pmem_version().decode()}: {SIZE} bytes at {phys.value:#x}")


def main():
    lib = library()
    ctx, region = ctypes.c_void_p(), ctypes.c_void_p()
    assert lib.pmem_ctx_new(ctypes.byref(ctx)) == 0
    got = lib.pmem_region_alloc(ctx, SIZE, None, ctypes.byref(region))
    if got:
        text = lib.pmem_error_text(lib.pmem_error_last()).decode()
        print(text)
        assert ctypes.get_errno() == -got and len(text) > 20
        lib.pmem_ctx_unref(ctx)
        return 0 if "--refused" in sys.argv else 1
    main_job(lib, ctx, region)
    assert lib.pmem_region_close(region) == 0
    lib.pmem_ctx_unref(ctx)
    return 0


sys.exit(main())
