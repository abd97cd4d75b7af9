// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

func (r *Region) read(width C.int, offset uint64) (uint64, error) {
	p, err := r.get()
	if err != nil {
		return 0, err
	}
	defer r.done()
	got := C.pmemgo_region_read(p, width, C.uint64_t(offset))
	return uint64(got.a), failure(got)
}

func (r *Region) write(width C.int, offset, value uint64) error {
	p, err := r.get()
	if err != nil {
		return err
	}
	defer r.done()
	return failure(C.pmemgo_region_write(p, width, C.uint64_t(offset), C.uint64_t(value)))
}

// Read8 is one access of 8 bits, bounds checked.
func (r *Region) Read8(offset uint64) (uint8, error) {
	value, err := r.read(8, offset)
	return uint8(value), err
}

// Read16 is one access of 16 bits, bounds and alignment checked.
func (r *Region) Read16(offset uint64) (uint16, error) {
	value, err := r.read(16, offset)
	return uint16(value), err
}

// Read32 is one access of 32 bits, bounds and alignment checked.
func (r *Region) Read32(offset uint64) (uint32, error) {
	value, err := r.read(32, offset)
	return uint32(value), err
}

// Read64 is one access of 64 bits, bounds and alignment checked.
func (r *Region) Read64(offset uint64) (uint64, error) {
	return r.read(64, offset)
}

// Write8 is one access of 8 bits, as Read8.
func (r *Region) Write8(offset uint64, value uint8) error {
	return r.write(8, offset, uint64(value))
}

// Write16 is one access of 16 bits, as Read16.
func (r *Region) Write16(offset uint64, value uint16) error {
	return r.write(16, offset, uint64(value))
}

// Write32 is one access of 32 bits, as Read32.
func (r *Region) Write32(offset uint64, value uint32) error {
	return r.write(32, offset, uint64(value))
}

// Write64 is one access of 64 bits, as Read64.
func (r *Region) Write64(offset uint64, value uint64) error {
	return r.write(64, offset, value)
}
