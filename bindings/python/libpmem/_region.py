# SPDX-License-Identifier: MIT
"""A piece of physical memory in this program."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import weakref
from ctypes import byref, c_uint64, c_void_p
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from ._error import Closable, Error, Handle, Process, call, encoded, let_go, quiet
from ._library import Extent, lib

TO_END = 2 ** 64 - 1
_DEVICE, _READONLY = 1 << 4, 1 << 5


class Region(Closable):
    """Registers or memory with a known place; made by a Context, closed by `with` or close().

    Its memory stays as long as anything looks at it: close() refuses with BufferError while slices
    of data, or arrays made of it, live. A region that is forgotten is closed by the garbage collector.
    """

    _closed = "the region is closed"

    def __init__(self, context: Any, handle: Handle) -> None:
        super().__init__(handle)
        self.context = context
        self._generation = Process.generation
        self._inherited = True
        self._view: Optional[memoryview] = None
        self._array: Any = lambda: None

    @property
    def _here(self) -> Handle:
        """For what touches memory: a child has not that of its parent, and would be killed."""
        handle = self._handle
        if self._generation != Process.generation and not (self._inherited and self.attrs & _DEVICE):
            raise ValueError("the region belongs to the parent of this process")
        return handle

    def __repr__(self) -> str:
        if self._held is None:
            return "<libpmem.Region, closed>"
        return f"<libpmem.Region, {self.size} bytes by {self.backend}>"

    def __len__(self) -> int:
        return self.size

    def _release_views(self) -> None:
        if self._view is not None:
            self._view.release()  # BufferError if something was made of it
            self._view = None
        if self._array() is not None:
            raise BufferError("parts of the region's data are still in use")

    def close(self) -> None:
        """Unmap and give back, now; a second time does nothing.

        A call that another thread makes with the region meanwhile is finished first.
        """
        if self._held is None:
            return
        self._release_views()
        let_go(self)

    def _hand_over(self) -> int:
        """The pointer, for a callee that closes it."""
        if len(self._handle.keep) > 1:  # who closes it could not let go of the buffer
            raise ValueError("the region's memory is that of a buffer")
        self._release_views()
        handle, self._held = self._handle, None
        if handle.finalizer is None:
            raise ValueError("the region is not the program's own")
        handle.finalizer.detach()
        return handle.value

    @property
    def size(self) -> int:
        """Bytes, as asked for."""
        return lib.pmem_region_size(self._handle)

    @property
    def attrs(self) -> int:
        """REGION_* bits."""
        return lib.pmem_region_attrs(self._handle)

    @property
    def backend(self) -> str:
        """The name of the backend that made it."""
        return lib.pmem_region_backend(self._handle).decode()

    @property
    def address(self) -> Optional[int]:
        """Where it begins in this program; None if it is not mapped."""
        return lib.pmem_region_data(self._handle)

    @property
    def data(self) -> memoryview:
        """All bytes, without a copy. Registers have no such view: use read32() and its like."""
        if self.attrs & _DEVICE:
            raise TypeError("registers have no view: use read32() and its like, read() or write()")
        handle = self._here
        if self._view is None:
            array: Any = (ctypes.c_ubyte * self.size).from_address(self.at(0, self.size))
            array.keep = handle
            self._array = weakref.ref(array)
            view = memoryview(array).cast("B")
            self._view = view.toreadonly() if self.attrs & _READONLY else view
        return self._view

    def __buffer__(self, flags: int) -> memoryview:
        return self.data  # Python 3.12: memoryview(region), numpy.frombuffer(region)

    def __bytes__(self) -> bytes:
        return self.read(0, self.size)

    @property
    def phys(self) -> int:
        """The physical address of the first byte."""
        return self._number(lib.pmem_region_phys)

    @property
    def bus(self) -> int:
        """The address to give to the region's DMA master."""
        return self._number(lib.pmem_region_bus)

    def _number(self, function: Any, *args: Any, kind: Any = c_uint64) -> int:
        value = kind()
        call(function, self._handle, *args, byref(value))
        return value.value

    def bus_for(self, master: Optional[str]) -> int:
        """The address to give to another DMA master."""
        return self._number(lib.pmem_region_bus_for, encoded(master))

    def extent(self, offset: int) -> Tuple[int, int]:
        """The physical address of one byte, and how many bytes follow it in one piece."""
        phys, length = c_uint64(), c_uint64()
        call(lib.pmem_region_extent, self._handle, offset, byref(phys), byref(length))
        return phys.value, length.value

    def extents(self, offset: int = 0, length: int = TO_END, need: int = 1) -> Sequence[Extent]:
        """All pieces; need: EXTENTS_PHYS, EXTENTS_BUS or both."""
        return pieces(lib.pmem_region_extents, self._handle, offset, length, need)

    def at(self, offset: int, size: int, align: int = 1) -> int:
        """A checked address of this program: size bytes at offset are inside."""
        with quiet():
            ctypes.set_errno(0)
            address = lib.pmem_region_at(self._here, offset, size, align)
            if address is None:
                raise Error.last(-ctypes.get_errno())
        return address

    def cpu_begin(self, direction: int, offset: int = 0, length: int = TO_END) -> None:
        """Before the CPU touches bytes that a device may have written; direction: DIR_*."""
        call(lib.pmem_region_cpu_begin, self._here, offset, length, direction)

    def cpu_end(self, direction: int, offset: int = 0, length: int = TO_END) -> None:
        """After the CPU, before a device touches them."""
        call(lib.pmem_region_cpu_end, self._here, offset, length, direction)

    @contextlib.contextmanager
    def cpu(self, direction: int = 3, offset: int = 0, length: int = TO_END) -> Iterator[memoryview]:
        """`with region.cpu(libpmem.DIR_WRITE) as bytes:` cpu_begin(), these bytes, cpu_end()."""
        self.cpu_begin(direction, offset, length)
        try:
            end = None if length == TO_END else offset + length
            with self.data[offset:end] as view:
                yield view
        finally:
            self.cpu_end(direction, offset, length)

    @property
    def fd(self) -> int:
        """The dma-buf descriptor, borrowed: do not close it."""
        return call(lib.pmem_region_fd, self._handle)

    def fileno(self) -> int:
        """As fd, for fcntl.ioctl(region, ...)."""
        return self.fd

    def dup_fd(self) -> int:
        """A dma-buf descriptor of the caller's own: os.close() it."""
        return call(lib.pmem_region_dup_fd, self._handle)

    # Exactly one access of that width, bounds and alignment checked.

    def read8(self, offset: int) -> int:
        return self._read(lib.pmem_region_read8, offset, ctypes.c_uint8)

    def read16(self, offset: int) -> int:
        return self._read(lib.pmem_region_read16, offset, ctypes.c_uint16)

    def read32(self, offset: int) -> int:
        return self._read(lib.pmem_region_read32, offset, ctypes.c_uint32)

    def read64(self, offset: int) -> int:
        return self._read(lib.pmem_region_read64, offset, c_uint64)

    def write8(self, offset: int, value: int) -> None:
        call(lib.pmem_region_write8, self._here, offset, value)

    def write16(self, offset: int, value: int) -> None:
        call(lib.pmem_region_write16, self._here, offset, value)

    def write32(self, offset: int, value: int) -> None:
        call(lib.pmem_region_write32, self._here, offset, value)

    def write64(self, offset: int, value: int) -> None:
        call(lib.pmem_region_write64, self._here, offset, value)

    def _read(self, function: Any, offset: int, kind: Any) -> int:
        value = kind()
        call(function, self._here, offset, byref(value))
        return value.value

    def read_block(self, width: int, offset: int, count: int) -> List[int]:
        """count elements of 8, 16, 32 or 64 bits, one access each, in order."""
        kind = getattr(ctypes, f"c_uint{width}")
        function, handle = getattr(lib, f"pmem_io_read{width}_block"), self._here
        values = (kind * count)()
        function(self.at(offset, ctypes.sizeof(values), width // 8), values, count)
        del handle
        return list(values)

    def write_block(self, width: int, offset: int, values: Sequence[int]) -> None:
        """As read_block()."""
        kind = getattr(ctypes, f"c_uint{width}")
        function, handle = getattr(lib, f"pmem_io_write{width}_block"), self._here
        if any(not 0 <= value < 1 << width for value in values):
            raise OverflowError(f"a value does not fit into {width} bits")
        array = (kind * len(values))(*values)
        function(self._writable(offset, ctypes.sizeof(array), width // 8), array, len(values))
        del handle

    def read(self, offset: int = 0, length: Optional[int] = None) -> bytes:
        """A copy of bytes, of registers too: only aligned accesses there."""
        length, handle = self.size - offset if length is None else length, self._here
        buffer = ctypes.create_string_buffer(max(length, 0))
        lib.pmem_io_copy_from(buffer, self.at(offset, length), length)
        del handle
        return buffer.raw

    def write(self, offset: int, data: Any) -> None:
        """Bytes into the region; as read()."""
        text, handle = bytes(data), self._here
        lib.pmem_io_copy_to(self._writable(offset, len(text)), text, len(text))
        del handle

    def fill(self, value: int = 0, offset: int = 0, length: Optional[int] = None) -> None:
        """The same byte everywhere."""
        length, handle = self.size - offset if length is None else length, self._here
        with quiet():
            lib.pmem_io_fill(self._writable(offset, length), value, length)
        del handle

    def _writable(self, offset: int, size: int, align: int = 1) -> int:
        if self.attrs & _READONLY:
            raise TypeError("the region is read-only")
        return self.at(offset, size, align)


class BorrowedRegion(Region):
    """One that somebody else closes: the self-test's buffers."""

    def __init__(self, context: Any, value: int) -> None:
        super().__init__(context, Handle(value, None))

    def close(self) -> None:
        """Nothing more can be done with it; the memory stays."""
        if self._held is not None:
            self._release_views()
            self._held = None


def bytes_of(buffer: Any) -> Any:
    """The bytes of a writable buffer, exported as long as this lives; TypeError if it is not writable."""
    with memoryview(buffer) as view:
        length = view.nbytes
    return (ctypes.c_ubyte * length).from_buffer(buffer)


def pieces(function: Any, *where: Any) -> Sequence[Extent]:
    """What a function tells that counts pieces first; there may be others by the second call."""
    count = ctypes.c_size_t()
    while True:
        call(function, *where, None, 0, byref(count))
        found = (Extent * count.value)()
        try:
            call(function, *where, found, len(found), byref(count))
        except Error as why:
            if why.errno == errno.ENOSPC:
                continue
            raise
        return list(found[:count.value])


def made(context: Any, function: Any, *args: Any) -> Region:
    """The region that a function of the library makes."""
    out = c_void_p()
    call(function, *args, byref(out))
    region = Region(context, Handle(out.value, lib.pmem_region_close, context._handle))
    context._regions[out.value] = region
    return region
