// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import "unsafe"

// The functions of this file check nothing: the pointer (Region.At, Region.Pointer) must be mapped and aligned
// to the width, or the program ends. No barrier is implied.

// IORead8 is exactly one load of 8 bits.
func IORead8(from unsafe.Pointer) uint8 {
	return uint8(C.pmem_io_read8(from))
}

// IOWrite8 is exactly one store of 8 bits.
func IOWrite8(to unsafe.Pointer, value uint8) {
	C.pmem_io_write8(to, C.uint8_t(value))
}

// IORead8Block loads consecutive elements, in order, one access each.
func IORead8Block(from unsafe.Pointer, to []uint8) {
	if len(to) > 0 {
		C.pmem_io_read8_block(from, (*C.uint8_t)(unsafe.Pointer(&to[0])), C.size_t(len(to)))
	}
}

// IOWrite8Block stores consecutive elements, in order, one access each.
func IOWrite8Block(to unsafe.Pointer, from []uint8) {
	if len(from) > 0 {
		C.pmem_io_write8_block(to, (*C.uint8_t)(unsafe.Pointer(&from[0])), C.size_t(len(from)))
	}
}

// IORead16 is exactly one load of 16 bits.
func IORead16(from unsafe.Pointer) uint16 {
	return uint16(C.pmem_io_read16(from))
}

// IOWrite16 is exactly one store of 16 bits.
func IOWrite16(to unsafe.Pointer, value uint16) {
	C.pmem_io_write16(to, C.uint16_t(value))
}

// IORead16Block loads consecutive elements, in order, one access each.
func IORead16Block(from unsafe.Pointer, to []uint16) {
	if len(to) > 0 {
		C.pmem_io_read16_block(from, (*C.uint16_t)(unsafe.Pointer(&to[0])), C.size_t(len(to)))
	}
}

// IOWrite16Block stores consecutive elements, in order, one access each.
func IOWrite16Block(to unsafe.Pointer, from []uint16) {
	if len(from) > 0 {
		C.pmem_io_write16_block(to, (*C.uint16_t)(unsafe.Pointer(&from[0])), C.size_t(len(from)))
	}
}

// IORead32 is exactly one load of 32 bits.
func IORead32(from unsafe.Pointer) uint32 {
	return uint32(C.pmem_io_read32(from))
}

// IOWrite32 is exactly one store of 32 bits.
func IOWrite32(to unsafe.Pointer, value uint32) {
	C.pmem_io_write32(to, C.uint32_t(value))
}

// IORead32Block loads consecutive elements, in order, one access each.
func IORead32Block(from unsafe.Pointer, to []uint32) {
	if len(to) > 0 {
		C.pmem_io_read32_block(from, (*C.uint32_t)(unsafe.Pointer(&to[0])), C.size_t(len(to)))
	}
}

// IOWrite32Block stores consecutive elements, in order, one access each.
func IOWrite32Block(to unsafe.Pointer, from []uint32) {
	if len(from) > 0 {
		C.pmem_io_write32_block(to, (*C.uint32_t)(unsafe.Pointer(&from[0])), C.size_t(len(from)))
	}
}

// IORead64 is exactly one load of 64 bits.
func IORead64(from unsafe.Pointer) uint64 {
	return uint64(C.pmem_io_read64(from))
}

// IOWrite64 is exactly one store of 64 bits.
func IOWrite64(to unsafe.Pointer, value uint64) {
	C.pmem_io_write64(to, C.uint64_t(value))
}

// IORead64Block loads consecutive elements, in order, one access each.
func IORead64Block(from unsafe.Pointer, to []uint64) {
	if len(to) > 0 {
		C.pmem_io_read64_block(from, (*C.uint64_t)(unsafe.Pointer(&to[0])), C.size_t(len(to)))
	}
}

// IOWrite64Block stores consecutive elements, in order, one access each.
func IOWrite64Block(to unsafe.Pointer, from []uint64) {
	if len(from) > 0 {
		C.pmem_io_write64_block(to, (*C.uint64_t)(unsafe.Pointer(&from[0])), C.size_t(len(from)))
	}
}

// IOCopyFrom copies bytes out of device memory: any alignment, but aligned accesses on the device's side.
func IOCopyFrom(to []byte, from unsafe.Pointer) {
	if len(to) > 0 {
		C.pmem_io_copy_from(unsafe.Pointer(&to[0]), from, C.size_t(len(to)))
	}
}

// IOCopyTo copies bytes into device memory, as IOCopyFrom.
func IOCopyTo(to unsafe.Pointer, from []byte) {
	if len(from) > 0 {
		C.pmem_io_copy_to(to, unsafe.Pointer(&from[0]), C.size_t(len(from)))
	}
}

// IOFill fills bytes of device memory, as IOCopyFrom.
func IOFill(to unsafe.Pointer, value byte, bytes int) {
	if bytes > 0 {
		C.pmem_io_fill(to, C.uint8_t(value), C.size_t(bytes))
	}
}

// IOWMB lets devices see writes before it before writes after it.
func IOWMB() {
	C.pmem_io_wmb()
}

// IORMB lets reads before it be done before reads after it.
func IORMB() {
	C.pmem_io_rmb()
}

// IOMB lets all accesses before it be done before any after it.
func IOMB() {
	C.pmem_io_mb()
}
