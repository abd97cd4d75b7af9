# SPDX-License-Identifier: MIT
"""A view of the machine, from which regions are made."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import weakref
from ctypes import byref, c_size_t, c_uint64, c_void_p, pointer
from typing import (Any, Callable, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple,
                    Union)

from ._device import Device
from ._error import Closable, Error, Handle, call, encoded, let_go, quiet, text
from ._library import (AllocFn, AllocOpts, CopyFn, DeviceOpts, Extent, FirmwareOpts, LogFn, PoolOpts, lib, u32,
                       u64)
from ._pool import Pool
from ._region import TO_END, BorrowedRegion, Region, bytes_of, made, pieces

ADDRESS_NONE = 2 ** 64 - 1


class Backend(NamedTuple):
    """A way to physical memory; refused is the reason, None if it can be used."""
    name: str
    caps: int
    refused: Optional[Error]


class Heap(NamedTuple):
    """A dma-heap, or a u-dma-buf; classes are HEAP_* bits."""
    name: str
    path: str
    classes: int


class Reserved(NamedTuple):
    """Memory that the device tree keeps back; phys None: Linux chose the place. flags are RESERVED_* bits."""
    path: str
    compatible: str
    phys: Optional[int]
    size: int
    flags: int


class Context(Closable):
    """`with libpmem.Context() as ctx:`; regions may live longer than it."""

    _closed = "the context is closed"

    def __init__(self) -> None:
        out = c_void_p()
        call(lib.pmem_ctx_new, byref(out))
        super().__init__(Handle(out.value, lib.pmem_ctx_unref))
        self._regions: Any = weakref.WeakValueDictionary()

    def close(self) -> None:
        """Give it back, when the last call and region of it are done."""
        let_go(self)

    def ref(self) -> int:
        """struct pmem_ctx * with one more reference: for another library, which calls pmem_ctx_unref()."""
        return lib.pmem_ctx_ref(self._handle)

    def set_log(self, function: Optional[Callable[[int, str], None]]) -> None:
        """Messages go to function(level, message), level is LEVEL_*; None: nowhere."""
        def log(_: Any, level: int, message: bytes) -> None:
            if function:
                function(level, message.decode(errors="replace"))
        callback, handle = LogFn(log) if function else LogFn(), self._handle
        handle.keep.append(callback)  # a call of another thread may be in the one before
        call(lib.pmem_ctx_set_log, handle, callback, None)

    def error(self) -> Optional[Error]:
        """The last failure of any call made with this context, by any thread; None: there is none.

        Error is what a call raises, whichever thread makes it; this is for those who lost it.
        """
        out = c_void_p()
        if lib.pmem_ctx_error(self._handle, byref(out)) == -errno.ENOENT:
            return None
        return Error.owned(out)

    # Regions.

    def map(self, phys: int, size: int, flags: int = 0) -> Region:
        """Map physical addresses, usually registers; flags: MAP_*."""
        return made(self, lib.pmem_region_map, self._handle, phys, size, flags)

    def map_gpio(self, flags: int = 0) -> Region:
        """Map the GPIO registers."""
        return made(self, lib.pmem_region_map_gpio, self._handle, flags)

    def map_node(self, node: str, index: int = 0, flags: int = 0) -> Region:
        """Map the registers of a device by its node: path, alias, "&label" or compatible."""
        return made(self, lib.pmem_region_map_node, self._handle, encoded(node), index, flags)

    def map_pci(self, bdf: str, bar: int, flags: int = 0) -> Region:
        """Map a base address register of a PCI device."""
        return made(self, lib.pmem_region_map_pci, self._handle, encoded(bdf), bar, flags)

    def map_file(self, path: Union[str, "os.PathLike[str]"], offset: int = 0, size: int = TO_END,
                 phys: int = ADDRESS_NONE, flags: int = 0) -> Region:
        """Map a device file, or registers that were saved in a file."""
        return made(self, lib.pmem_region_map_file, self._handle, encoded(path), offset, size, phys,
                    flags)

    def alloc(self, size: int, flags: int = 0, *, align: int = 0, max_addr: int = 0,
              master: Optional[str] = None, backend: Optional[str] = None,
              heap: Optional[str] = None, name: Optional[str] = None,
              firmware: Optional[FirmwareOpts] = None, wait_ms: int = 0, node: int = 0,
              device: Optional[Device] = None) -> Region:
        """Allocate memory that a device can reach; flags: ALLOC_*.

        wait_ms: how long one piece may be looked for; node: a NUMA node, counted from 1. 0: the defaults.
        device: one of device(), which sees it at region.bus.
        """
        held = device._handle if device else None
        opts = AllocOpts(ctypes.sizeof(AllocOpts), u32.from_param(flags), u64.from_param(align),
                         u64.from_param(max_addr), encoded(master), encoded(backend), encoded(heap),
                         encoded(name), pointer(firmware) if firmware else None, None,
                         u32.from_param(wait_ms), u32.from_param(node), held.value if held else None, None)
        return made(self, lib.pmem_region_alloc, self._handle, size, byref(opts))

    def pool(self, flags: int = 0, *, align: int = 0, boundary: int = 0, grow: int = 0,
             most: int = 0, alloc_flags: int = 0, max_addr: int = 0, master: Optional[str] = None,
             backend: Optional[str] = None, heap: Optional[str] = None,
             name: Optional[str] = None, wait_ms: int = 0, node: int = 0,
             device: Optional[Device] = None) -> Pool:
        """A pool of small objects; flags: POOL_*. The regions that it takes are as alloc() makes them."""
        held = device._handle if device else None
        alloc = AllocOpts(ctypes.sizeof(AllocOpts), u32.from_param(alloc_flags), 0,
                          u64.from_param(max_addr), encoded(master), encoded(backend),
                          encoded(heap), encoded(name), None, None,
                          u32.from_param(wait_ms), u32.from_param(node), held.value if held else None, None)
        opts = PoolOpts(ctypes.sizeof(PoolOpts), u32.from_param(flags), u64.from_param(align),
                        u64.from_param(boundary), u64.from_param(grow), u64.from_param(most),
                        pointer(alloc), None)
        out = c_void_p()
        call(lib.pmem_pool_new, self._handle, byref(opts), byref(out))
        handle = Handle(out.value, lib.pmem_pool_close, self._handle)
        handle.keep.append(held)
        return Pool(self, handle)

    def device(self, name: str, flags: int = 0, *, max_addr: int = 0, way: Optional[str] = None,
               share: Optional[Device] = None, device_fd: int = 0, group_fd: int = 0,
               iommu_fd: int = 0) -> Device:
        """Take a device: "0000:00:04.0", a platform device or a node; flags: DEVICE_MAY_BE_UNSAFE."""
        held = share._handle if share else None
        opts = DeviceOpts(ctypes.sizeof(DeviceOpts), u32.from_param(flags), u64.from_param(max_addr),
                          encoded(way), held.value if held else None, device_fd, group_fd, iommu_fd, 0)
        out = c_void_p()
        call(lib.pmem_device_open, self._handle, encoded(name), byref(opts), byref(out))
        return Device(self, Handle(out.value, lib.pmem_device_close, self._handle))

    def import_dmabuf(self, fd: int, flags: int = 0) -> Region:
        """Map a dma-buf that somebody else made; fd stays the caller's."""
        return made(self, lib.pmem_region_import, self._handle, fd, flags)

    def register(self, buffer: Any, flags: int = 0) -> Region:
        """Keep memory that the program has in place: bytearray, mmap, array, numpy; flags: REGISTER_*.

        Nothing is copied: region.data is the buffer's memory. The buffer stays exported until the region is
        closed, so it is neither freed nor moved: bytearray.append() is a BufferError meanwhile.
        """
        array = bytes_of(buffer)
        region = made(self, lib.pmem_region_register, self._handle, ctypes.addressof(array),
                      len(array), flags)
        region._handle.keep.append(array)
        return region

    def find(self, address: int) -> Tuple[Region, int]:
        """The region that an address of this program is in, and the offset."""
        return self._find(lib.pmem_region_find, address)

    def find_phys(self, phys: int) -> Tuple[Region, int]:
        """The region that holds a physical address, and the offset."""
        return self._find(lib.pmem_region_find_phys, phys)

    def _find(self, function: Any, where: int) -> Tuple[Region, int]:
        out, offset = c_void_p(), c_uint64()
        call(function, self._handle, where, byref(out), byref(offset))
        region = self._regions.get(out.value)
        if region is None or region._held is None:
            raise LookupError("the region has just been closed")
        return region, offset.value

    # The machine.

    @property
    def family(self) -> str:
        """The family of the SoC, such as "bcm2837"."""
        return text(lib.pmem_soc_family, self._handle) or ""

    @property
    def vendor(self) -> str:
        """The maker of the SoC."""
        return text(lib.pmem_soc_vendor, self._handle) or ""

    @property
    def model(self) -> str:
        """The model text of the board."""
        return text(lib.pmem_soc_model, self._handle) or ""

    @property
    def compatible(self) -> List[str]:
        """The root's compatible strings, most specific first."""
        found: List[str] = []
        while True:
            one = text(lib.pmem_soc_compatible, self._handle, len(found))
            if one is None:
                return found
            found.append(one)

    @property
    def page_size(self) -> int:
        """Bytes in a page of the running kernel."""
        return lib.pmem_soc_page_size(self._handle)

    def _numbers(self, function: Any, *args: Any, kinds: Any = (c_uint64,)) -> Any:
        values = [kind() for kind in kinds]
        call(function, self._handle, *args, *map(byref, values))
        return tuple(value.value for value in values) if len(values) > 1 else values[0].value

    def node(self, node: str, index: int = 0) -> Tuple[int, int]:
        """Where a device of the tree is: physical address and size."""
        return self._numbers(lib.pmem_soc_node, encoded(node), index, kinds=(c_uint64, c_uint64))

    def gpio(self) -> Tuple[int, int]:
        """Where the GPIO registers are: physical address and size."""
        return self._numbers(lib.pmem_soc_gpio, kinds=(c_uint64, c_uint64))

    def node_path(self, node: str, nth: int = 0) -> str:
        """The full path of a node."""
        path = ctypes.create_string_buffer(4096)
        call(lib.pmem_soc_node_path, self._handle, encoded(node), nth, path, len(path))
        return path.value.decode(errors="replace")

    def node_available(self, node: str) -> bool:
        """Is a node enabled, and all above it?"""
        return bool(call(lib.pmem_soc_node_available, self._handle, encoded(node)))

    def bus_to_phys(self, address: int, master: Optional[str] = None) -> int:
        """From the address that a DMA master uses to the physical one."""
        return self._numbers(lib.pmem_soc_bus_to_phys, encoded(master), address)

    def phys_to_bus(self, address: int, master: Optional[str] = None) -> int:
        """From the physical address to the one that a DMA master uses."""
        return self._numbers(lib.pmem_soc_phys_to_bus, encoded(master), address)

    def coherent(self, master: Optional[str] = None) -> bool:
        """Do the CPU's caches see what a DMA master writes, and the other way round?"""
        return bool(call(lib.pmem_soc_coherent, self._handle, encoded(master)))

    def reserved(self) -> List[Reserved]:
        """The memory that the device tree keeps back; map_node() maps what has an address, by its path."""
        found = []
        for i in range(self._numbers(lib.pmem_soc_reserved_count, kinds=(c_size_t,))):
            phys, size, flags = self._numbers(lib.pmem_soc_reserved, i,
                                              kinds=(c_uint64, c_uint64, ctypes.c_uint32))
            found.append(Reserved(text(lib.pmem_soc_reserved_path, self._handle, i) or "",
                                  text(lib.pmem_soc_reserved_compatible, self._handle, i) or "",
                                  None if phys == ADDRESS_NONE else phys, size, flags))
        return found

    def node_reserved(self, node: str, index: int = 0, name: Optional[str] = None) -> int:
        """Which entry of reserved() a node uses, by its memory-region: by index, or by name."""
        return self._numbers(lib.pmem_soc_node_reserved, encoded(node), index, encoded(name),
                             kinds=(c_size_t,))

    def backends(self) -> List[Backend]:
        """The ways to physical memory, and which of them this program can use."""
        found = []
        for i in range(lib.pmem_backend_count(self._handle)):
            why = c_void_p()
            with quiet():
                lib.pmem_backend_status(self._handle, i, byref(why))
            found.append(Backend(text(lib.pmem_backend_name, self._handle, i) or "",
                                 lib.pmem_backend_caps(self._handle, i),
                                 Error.owned(why) if why else None))
        return found

    def heaps(self) -> List[Heap]:
        """The dma-heaps, and the buffers of u-dma-buf; the list is made once for a context."""
        count = self._numbers(lib.pmem_heap_count, kinds=(c_size_t,))
        return [Heap(text(lib.pmem_heap_name, self._handle, i) or "",
                     text(lib.pmem_heap_path, self._handle, i) or "",
                     lib.pmem_heap_class(self._handle, i)) for i in range(count)]

    def heap_way(self, i: int) -> int:
        """By which way the address of heap i's memory can be known: WAY_*."""
        return self._numbers(lib.pmem_heap_way, i, kinds=(ctypes.c_uint32,))

    def firmware(self, what: int) -> int:
        """One fact of a Raspberry Pi's firmware: FACT_*."""
        return self._numbers(lib.pmem_firmware_get, what)

    def firmware_reclaim(self, flags: int = 0) -> Tuple[int, int]:
        """Give back firmware memory of processes that died: how many handles and bytes."""
        return self._numbers(lib.pmem_firmware_reclaim, flags, kinds=(c_size_t, c_uint64))

    # Addresses of this program, and bare descriptors.

    def pagemap(self, address: int) -> int:
        """The raw pagemap entry of the page that holds an address; bits: PAGEMAP_*."""
        return self._numbers(lib.pmem_vaddr_pagemap, address)

    def phys(self, address: int) -> int:
        """Where one byte of this program is, now. Only pinned memory stays there."""
        return self._numbers(lib.pmem_vaddr_phys, address)

    def phys_bulk(self, address: int, pages: int) -> List[int]:
        """The physical addresses of consecutive pages."""
        found = (c_uint64 * pages)()
        call(lib.pmem_vaddr_phys_bulk, self._handle, address, pages, found)
        return list(found)

    def phys_list(self, addresses: Iterable[int]) -> List[int]:
        """The physical addresses of bytes that lie anywhere, in their order."""
        listed = [u64.from_param(one).value for one in addresses]
        array, found = (c_uint64 * len(listed))(*listed), (c_uint64 * len(listed))()
        call(lib.pmem_vaddr_phys_list, self._handle, array, len(listed), found)
        return list(found)

    def vaddr_extents(self, where: Any, length: Optional[int] = None) -> Sequence[Extent]:
        """The contiguous pieces of a writable buffer, or of length bytes at an address, as they are now."""
        if isinstance(where, int):
            if length is None:
                raise TypeError("an address needs a length")
            return pieces(lib.pmem_vaddr_extents, self._handle, where, length)
        array = bytes_of(where)
        if length is not None and not 0 <= length <= len(array):
            raise ValueError(f"the buffer has {len(array)} bytes")
        return pieces(lib.pmem_vaddr_extents, self._handle, ctypes.addressof(array),
                      len(array) if length is None else length)

    @contextlib.contextmanager
    def dmabuf_cpu(self, fd: int, direction: int = 3) -> Iterator[None]:
        """Around what the CPU does with a dma-buf that is no region; direction: DIR_*."""
        call(lib.pmem_dmabuf_cpu_begin, self._handle, fd, direction)
        try:
            yield
        finally:
            call(lib.pmem_dmabuf_cpu_end, self._handle, fd, direction)

    def selftest_copy(self, size: int, hole: int = 0, src_offset: int = 0,
                      alloc: Optional[Callable[[int], Region]] = None,
                      copy: Optional[Callable[[Region, int, Region, int, int], None]] = None) -> None:
        """Prove a copy engine: copy(dst, dst_offset, src, src_offset, length) moves the bytes.

        alloc(size) makes a buffer, which becomes the self-test's. Without them the library allocates,
        and the CPU copies. What they raise comes out of here.
        """
        caught: List[BaseException] = []

        def guarded(function: Callable[[], None]) -> int:
            try:
                function()
                return 0
            except BaseException as why:  # pylint: disable=broad-except # no way through C
                caught.append(why)
                return -(getattr(why, "errno", None) or errno.EIO)

        def make(_: Any, wanted: int, out: Any) -> int:
            def function() -> None:
                assert alloc
                out[0] = alloc(wanted)._hand_over()
            return guarded(function)

        def move(_: Any, dst: int, dst_offset: int, src: int, from_: int, length: int) -> int:
            def function() -> None:
                assert copy
                with BorrowedRegion(self, dst) as to, BorrowedRegion(self, src) as source:
                    copy(to, dst_offset, source, from_, length)
            return guarded(function)

        callbacks = (AllocFn(make) if alloc else AllocFn(), CopyFn(move) if copy else CopyFn())
        try:
            call(lib.pmem_selftest_copy, self._handle, size, hole, src_offset, *callbacks, None)
        except Error:
            if caught:
                raise caught[0] from None
            raise
