# SPDX-License-Identifier: MIT
"""The functions of libpmem.so.3, declared for ctypes."""

from __future__ import annotations

import ctypes
import operator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_void_p
from typing import Any


def checked(base: Any) -> Any:
    """The type as an argument that is refused, not cut, where it does not fit."""
    most = (1 << 8 * ctypes.sizeof(base)) - 1

    def from_param(cls: Any, value: Any) -> Any:
        number = operator.index(value)
        if not 0 <= number <= most:
            raise OverflowError(f"{number} is not between 0 and {most:#x}")
        return base(number)
    return type(f"checked_{base.__name__}", (base,), {"from_param": classmethod(from_param)})


u8, u16, u32, u64 = map(checked, (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32,
                                       ctypes.c_uint64))
size_t = checked(ctypes.c_size_t)


class FirmwareOpts(Structure):
    """struct pmem_firmware_opts: what an allocation may ask for of firmware memory."""
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("dma_channels", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]

    def __init__(self, flags: int = 0, dma_channels: int = 0) -> None:
        super().__init__(ctypes.sizeof(self), u32.from_param(flags), u32.from_param(dma_channels))


class AllocOpts(Structure):
    """struct pmem_alloc_opts, made by Context.alloc()."""
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("align", ctypes.c_uint64), ("max_addr", ctypes.c_uint64),
                ("master", c_char_p), ("backend", c_char_p), ("heap", c_char_p),
                ("name", c_char_p), ("firmware", POINTER(FirmwareOpts)), ("reserved", c_void_p),
                ("wait_ms", ctypes.c_uint32), ("node", ctypes.c_uint32), ("device", c_void_p),
                ("reserved2", c_void_p)]


class DeviceOpts(Structure):
    """struct pmem_device_opts, made by Context.device()."""
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("max_addr", ctypes.c_uint64),
                ("way", c_char_p), ("share", c_void_p), ("device_fd", c_int), ("group_fd", c_int),
                ("iommu_fd", c_int), ("reserved", ctypes.c_uint32)]


class Extent(Structure):
    """struct pmem_extent: a piece of a region."""
    _fields_ = [(name, ctypes.c_uint64) for name in ("offset", "length", "phys", "bus")]

    offset: int
    length: int
    phys: int
    bus: int


class PoolOpts(Structure):
    """struct pmem_pool_opts, made by Context.pool()."""
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("align", ctypes.c_uint64), ("boundary", ctypes.c_uint64),
                ("grow", ctypes.c_uint64), ("max", ctypes.c_uint64),
                ("alloc", POINTER(AllocOpts)), ("reserved", c_void_p)]


class PoolStats(Structure):
    """struct pmem_pool_counts: what a pool has."""
    _fields_ = [("size", ctypes.c_uint32), ("regions", ctypes.c_uint32)] + [
        (name, ctypes.c_uint64) for name in ("bytes", "free_bytes", "objects", "object_bytes",
                                             "cached", "cached_bytes", "threads")]

    regions: int
    bytes: int
    free_bytes: int
    objects: int
    object_bytes: int
    cached: int
    cached_bytes: int
    threads: int


LogFn: Any = CFUNCTYPE(None, c_void_p, ctypes.c_uint32, c_char_p)
AllocFn: Any = CFUNCTYPE(c_int, c_void_p, ctypes.c_uint64, POINTER(c_void_p))
CopyFn: Any = CFUNCTYPE(c_int, c_void_p, c_void_p, ctypes.c_uint64, c_void_p, ctypes.c_uint64,
                    ctypes.c_uint64)

_TYPES = {"v": None, "i": c_int, "s": c_char_p, "p": c_void_p, "8": u8, "16": u16, "32": u32,
          "64": u64, "z": size_t, "L": LogFn, "F": AllocFn, "C": CopyFn,
          "8*": POINTER(ctypes.c_uint8), "16*": POINTER(ctypes.c_uint16),
          "32*": POINTER(ctypes.c_uint32), "64*": POINTER(ctypes.c_uint64),
          "z*": POINTER(ctypes.c_size_t), "p*": POINTER(c_void_p), "A*": POINTER(AllocOpts),
          "E*": POINTER(Extent), "O*": POINTER(PoolOpts), "S*": POINTER(PoolStats),
          "D*": POINTER(DeviceOpts)}

# Each function: its name, what it returns, what it takes. v nothing, i int, s text, p a pointer or
# handle, numbers are widths, z size_t, * an address of such. The tests compare this with api.json.
_DECLARED = """
version s | version_number 32 | constant_at s z 64* | constant_name s s 64 | constant_value i s 64*
ctx_new i p* | ctx_ref p p | ctx_unref v p | ctx_set_log i p L p | ctx_error i p p*
error_last p | error_code i p | error_cause 32 p | error_operation s p | error_path s p
error_message s p | error_hint s p | error_text s p | error_backend s p | error_child_count z p
error_child p p z | error_cause_name s 32 | error_dup i p p* | error_free v p
backend_count z p | backend_name s p z | backend_caps 32 p z | backend_status i p z p*
dmabuf_cpu_begin i p i 32 | dmabuf_cpu_end i p i 32
heap_count i p z* | heap_name s p z | heap_path s p z | heap_class 32 p z | heap_way i p z 32*
firmware_get i p 32 64* | firmware_reclaim i p 32 z* 64*
io_mb v | io_rmb v | io_wmb v | io_copy_from v p p z | io_copy_to v p p z | io_fill v p 8 z
io_read8 8 p | io_read16 16 p | io_read32 32 p | io_read64 64 p
io_write8 v p 8 | io_write16 v p 16 | io_write32 v p 32 | io_write64 v p 64
io_read8_block v p 8* z | io_read16_block v p 16* z | io_read32_block v p 32* z
io_read64_block v p 64* z | io_write8_block v p 8* z | io_write16_block v p 16* z
io_write32_block v p 32* z | io_write64_block v p 64* z
region_map i p 64 64 32 p* | region_map_gpio i p 32 p* | region_map_node i p s 32 32 p*
region_map_pci i p s 32 32 p* | region_map_file i p s 64 64 64 32 p* | region_alloc i p 64 A* p*
region_import i p i 32 p* | region_register i p p 64 32 p* | region_close i p | region_data p p | region_size 64 p
region_phys i p 64* | region_bus i p 64* | region_bus_for i p s 64* | region_extent i p 64 64* 64*
region_extents i p 64 64 32 E* z z* | region_find i p p p* 64* | region_find_phys i p 64 p* 64*
region_attrs 32 p | region_backend s p | region_at p p 64 64 64
region_cpu_begin i p 64 64 32 | region_cpu_end i p 64 64 32 | region_fd i p | region_dup_fd i p
region_read8 i p 64 8* | region_read16 i p 64 16* | region_read32 i p 64 32* | region_read64 i p 64 64*
region_write8 i p 64 8 | region_write16 i p 64 16 | region_write32 i p 64 32 | region_write64 i p 64 64
pool_new i p O* p* | pool_close i p | pool_add_region i p p | pool_alloc p p 64 64 | pool_free i p p
pool_phys i p p 64* | pool_bus i p p 64* | pool_region i p p p* 64* | pool_trim i p 64* | pool_stats i p S*
device_open i p s D* p* | device_close i p | device_name s p | device_way s p | device_attrs 32 p
device_map_count 32 p | device_map_size i p 32 64* | device_map i p 32 32 p*
device_config_read i p 32 32 32* | device_config_write i p 32 32 32
device_enable i p 32 | device_disable i p 32 | device_reset i p
device_irq_count i p 32 32* | device_irq_fd i p 32 32 | device_irq_wait i p 32 32 32 64* | device_irq_unmask i p 32 32
device_attach i p p 32 64* | device_detach i p p | device_bus i p p 64* | device_dmabuf i p 32 64 64
selftest_copy i p 64 64 64 F C p
soc_family s p | soc_vendor s p | soc_model s p | soc_compatible s p z | soc_page_size 64 p
soc_node i p s 32 64* 64* | soc_gpio i p 64* 64* | soc_node_path i p s 32 s z
soc_node_available i p s | soc_bus_to_phys i p s 64 64* | soc_phys_to_bus i p s 64 64*
soc_coherent i p s | soc_reserved_count i p z* | soc_reserved i p z 64* 64* 32*
soc_reserved_path s p z | soc_reserved_compatible s p z | soc_node_reserved i p s 32 s z*
vaddr_pagemap i p p 64* | vaddr_phys i p p 64* | vaddr_phys_bulk i p p z 64*
vaddr_phys_list i p 64* z 64* | vaddr_extents i p p 64 E* z z*
"""


def _load() -> Any:
    # The full name: libpmem.so, and libpmem.so.1, are another library on many machines.
    lib = ctypes.CDLL("libpmem.so.3", use_errno=True)
    for line in _DECLARED.strip().replace("\n", " | ").split(" | "):
        name, returns, *takes = line.split()
        function = getattr(lib, f"pmem_{name}")
        result = _TYPES[returns]
        # A subclass of a simple type would come back as an object; its base comes back as a number.
        function.restype = result.__base__ if hasattr(result, "from_param") and \
            result.__name__.startswith("checked_") else result
        function.argtypes = [_TYPES[word] for word in takes]
    return lib


lib = _load()
