# SPDX-License-Identifier: MIT
"""Physical memory for Python: libpmem.so.3 by ctypes, no compiler needed.

    import libpmem
    with libpmem.Context() as ctx, ctx.alloc(64 * 1024) as region:
        print(hex(region.phys))
        region.data[:] = bytes(region.size)

Whatever fails raises Error, which has errno, cause, hint and children (one for each way that was
refused). Constants are those of the headers without PMEM_: libpmem.ALLOC_CACHED. They are asked of the
library that is running. docs/bindings.md tells about threads, asyncio, fork and finalizers.
"""

from __future__ import annotations

from ctypes import byref, c_uint64
from typing import Iterator, Optional, Tuple

from ._context import Backend, Context, Heap, Reserved
from ._device import Device
from ._error import Error, call, quiet
from ._library import Extent, FirmwareOpts, PoolStats, lib
from ._pool import Object, Pool
from ._region import Region

__all__ = ["Backend", "Context", "Device", "Error", "Extent", "FirmwareOpts", "Heap", "Object", "Pool",
           "PoolStats", "Region", "Reserved", "constant", "constant_name", "io_mb", "io_read", "io_rmb",
           "io_wmb", "io_write", "version",
           "version_number"]


def version() -> str:
    """The version of the library that is running, such as "3.0.0"."""
    return lib.pmem_version().decode()


def version_number() -> int:
    """The same as a number: major * 1000000 + minor * 1000 + patch."""
    return lib.pmem_version_number()


def _constants() -> Iterator[Tuple[str, int]]:
    value, i = c_uint64(), 0
    while True:
        name = lib.pmem_constant_at(i, byref(value))
        if name is None:
            return
        yield name.decode().replace("PMEM_", "", 1), value.value
        i += 1


globals().update(_constants())


def __getattr__(name: str) -> int:
    raise AttributeError(f"libpmem {version()} has no {name}")


def constant(name: str) -> int:
    """The number of a constant, such as "PMEM_CAUSE_LOCKDOWN"."""
    value = c_uint64()
    call(lib.pmem_constant_value, name.encode(), byref(value))
    return value.value


def constant_name(prefix: str, value: int) -> Optional[str]:
    """The name of a number among the constants that begin with prefix; of flags one bit."""
    name = lib.pmem_constant_name(prefix.encode(), value)
    return None if name is None else name.decode()


def io_read(width: int, address: int) -> int:
    """One load of 8, 16, 32 or 64 bits. Checks nothing: a wrong address ends the program."""
    with quiet():
        return getattr(lib, f"pmem_io_read{width}")(address)


def io_write(width: int, address: int, value: int) -> None:
    """One store of 8, 16, 32 or 64 bits; as io_read()."""
    with quiet():
        getattr(lib, f"pmem_io_write{width}")(address, value)


def io_mb() -> None:
    """All accesses before it are done before any after it."""
    lib.pmem_io_mb()


def io_rmb() -> None:
    """Reads before it are done before reads after it."""
    lib.pmem_io_rmb()


def io_wmb() -> None:
    """Writes before it are seen by devices before writes after it."""
    lib.pmem_io_wmb()
