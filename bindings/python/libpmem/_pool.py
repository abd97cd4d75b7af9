# SPDX-License-Identifier: MIT
"""Many small objects in few regions."""

from __future__ import annotations

import ctypes
import weakref
from ctypes import byref, c_uint64, c_void_p
from typing import Any, Optional, Tuple

from ._error import Closable, Error, Handle, Process, call, let_go, quiet
from ._library import PoolStats, lib
from ._region import BorrowedRegion, Region


class Object:
    """A piece of a pool's memory: `with pool.alloc(64) as ring:`, or free().

    Its memory stays as long as anything looks at it: free() refuses with BufferError while slices of
    data, or arrays made of it, live. One that is forgotten is freed by the garbage collector.
    """

    def __init__(self, pool: Handle, pointer: int, size: int) -> None:
        self.address, self.size = pointer, size
        self._pool = pool
        self._generation = Process.generation
        self._held: Optional[Handle] = Handle(
            pointer, lambda value: lib.pmem_pool_free(pool, value), pool)
        self._view: Optional[memoryview] = None
        self._array: Any = lambda: None

    @property
    def _handle(self) -> Handle:
        if self._held is None:
            raise ValueError("the object is freed")
        if self._generation != Process.generation:
            raise ValueError("the object belongs to the parent of this process")
        return self._held

    def __enter__(self) -> "Object":
        return self

    def __exit__(self, *why: Any) -> None:
        self.free()

    def __repr__(self) -> str:
        return f"<libpmem.Object, {self.size} bytes at {self.address:#x}>"

    def __len__(self) -> int:
        return self.size

    def free(self) -> None:
        """Give it back, now; a second time does nothing."""
        if self._held is None:
            return
        if self._view is not None:
            self._view.release()  # BufferError if something was made of it
            self._view = None
        if self._array() is not None:
            raise BufferError("parts of the object's data are still in use")
        self._held = None

    @property
    def data(self) -> memoryview:
        """All bytes, without a copy."""
        handle = self._handle
        if self._view is None:
            array: Any = (ctypes.c_ubyte * self.size).from_address(self.address)
            array.keep = handle
            self._array = weakref.ref(array)
            self._view = memoryview(array).cast("B")
        return self._view

    def _number(self, function: Any) -> int:
        value = c_uint64()
        call(function, self._pool, self._handle, byref(value))
        return value.value

    @property
    def phys(self) -> int:
        """The physical address of the first byte; the others follow it."""
        return self._number(lib.pmem_pool_phys)

    @property
    def bus(self) -> int:
        """The address to give to the DMA master."""
        return self._number(lib.pmem_pool_bus)

    def place(self) -> Tuple[Region, int]:
        """The region that it is in, and the offset there: for cpu_begin() and cpu_end()."""
        region, offset = c_void_p(), c_uint64()
        call(lib.pmem_pool_region, self._pool, self._handle, byref(region), byref(offset))
        borrowed = BorrowedRegion(None, region.value or 0)
        borrowed._handle.keep.append(self._held)
        return borrowed, offset.value


class Pool(Closable):
    """Made by Context.pool(), closed by `with` or close(); objects keep its memory until they are gone."""

    _closed = "the pool is closed"

    def __init__(self, context: Any, handle: Handle) -> None:
        super().__init__(handle)
        self.context = context

    def close(self) -> None:
        """No more objects; its memory is given back when the last one is gone."""
        let_go(self)

    def alloc(self, size: int, align: int = 0) -> Object:
        """An object of size bytes, its content undefined."""
        handle = self._handle
        with quiet():
            ctypes.set_errno(0)
            address = lib.pmem_pool_alloc(handle, size, align)
            if address is None:
                raise Error.last(-ctypes.get_errno())
        return Object(handle, address, size)

    def add_region(self, region: Region) -> None:
        """Use a region, which stays as long as the pool."""
        handle, kept = self._handle, region._handle
        call(lib.pmem_pool_add_region, handle, kept)
        handle.keep.append(kept)

    def trim(self) -> int:
        """Give back regions that no object is in: how many bytes."""
        given = c_uint64()
        call(lib.pmem_pool_trim, self._handle, byref(given))
        return given.value

    def stats(self) -> PoolStats:
        """What it has."""
        stats = PoolStats(ctypes.sizeof(PoolStats))
        call(lib.pmem_pool_stats, self._handle, byref(stats))
        return stats
