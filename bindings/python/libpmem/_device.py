# SPDX-License-Identifier: MIT
"""A device that the program drives."""

from __future__ import annotations

import math
from ctypes import byref, c_uint32, c_uint64
from typing import Any, Optional

from ._error import Closable, Handle, call
from ._library import lib, u32
from ._region import TO_END, Region, made

_FOREVER = 2 ** 32 - 1


class Device(Closable):
    """Made by Context.device(), closed by `with` or close(). Memory that was allocated for it stays, without
    an address; maps of its registers stay as they are."""

    _closed = "the device is closed"

    def __init__(self, context: Any, handle: Handle) -> None:
        super().__init__(handle)
        self.context = context

    def __repr__(self) -> str:
        return f"<libpmem.Device {self.name} by {self.way}>" if self._held else "<libpmem.Device, closed>"

    @property
    def name(self) -> str:
        """Such as "0000:00:04.0"."""
        return lib.pmem_device_name(self._handle).decode()

    @property
    def way(self) -> str:
        """By which way it was opened, such as "vfio"."""
        return lib.pmem_device_way(self._handle).decode()

    @property
    def attrs(self) -> int:
        """DEVICE_* bits."""
        return lib.pmem_device_attrs(self._handle)

    @property
    def map_count(self) -> int:
        """Places for maps."""
        return lib.pmem_device_map_count(self._handle)

    def map_size(self, index: int) -> int:
        """Bytes of a map."""
        size = c_uint64()
        call(lib.pmem_device_map_size, self._handle, index, byref(size))
        return size.value

    def map(self, index: int, flags: int = 0) -> Region:
        """Map registers: BAR of PCI, else the number of the map. A child of fork does not have it."""
        region = made(self.context, lib.pmem_device_map, self._handle, index, flags)
        region._inherited = False
        return region

    def config_read(self, offset: int, width: int) -> int:
        """One read of the configuration space, of 1, 2 or 4 bytes."""
        value = c_uint32()
        call(lib.pmem_device_config_read, self._handle, offset, width, byref(value))
        return value.value

    def config_write(self, offset: int, width: int, value: int) -> None:
        """One write to the configuration space."""
        call(lib.pmem_device_config_write, self._handle, offset, width, value)

    def enable(self, parts: int) -> None:
        """Switch on ENABLE_*."""
        call(lib.pmem_device_enable, self._handle, parts)

    def disable(self, parts: int) -> None:
        """Switch off ENABLE_*."""
        call(lib.pmem_device_disable, self._handle, parts)

    def reset(self) -> None:
        """Reset it."""
        call(lib.pmem_device_reset, self._handle)

    def irq_count(self, kind: int = 0) -> int:
        """How many interrupts of a kind (IRQ_*) it has."""
        count = c_uint32()
        call(lib.pmem_device_irq_count, self._handle, kind, byref(count))
        return count.value

    def irq_fd(self, kind: int = 0, index: int = 0) -> int:
        """Switch one on: a descriptor for poll(), selectors and asyncio, which is the device's to close."""
        return call(lib.pmem_device_irq_fd, self._handle, kind, index)

    def irq_wait(self, kind: int = 0, index: int = 0, timeout: Optional[float] = None) -> int:
        """Wait for one, so many seconds; None: for ever. How often it fired; an Error of ETIMEDOUT."""
        count = c_uint64()
        ms = _FOREVER if timeout is None else u32.from_param(math.ceil(timeout * 1000)).value
        call(lib.pmem_device_irq_wait, self._handle, kind, index, ms, byref(count))
        return count.value

    def irq_unmask(self, kind: int = 0, index: int = 0) -> None:
        """Let a line fire again."""
        call(lib.pmem_device_irq_unmask, self._handle, kind, index)

    def attach(self, region: Region, direction: int) -> int:
        """Let it see a region (DMA_*): the address of the first byte for it."""
        bus = c_uint64()
        call(lib.pmem_device_attach, self._handle, region._handle, direction, byref(bus))
        return bus.value

    def detach(self, region: Region) -> None:
        """Undo one attach()."""
        call(lib.pmem_device_detach, self._handle, region._handle)

    def bus(self, region: Region) -> int:
        """The address of a region that it sees."""
        bus = c_uint64()
        call(lib.pmem_device_bus, self._handle, region._handle, byref(bus))
        return bus.value

    def dmabuf(self, index: int, offset: int = 0, length: int = TO_END) -> int:
        """A BAR as a dma-buf: a descriptor, the caller's to close."""
        return call(lib.pmem_device_dmabuf, self._handle, index, offset, length)
