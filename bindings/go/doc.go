// SPDX-License-Identifier: MIT

// Package pmem gives a Linux program physical memory: it maps registers, allocates memory that a device
// can reach by DMA, and says where a page really is. It is libpmem.so.3 for Go.
//
//	ctx, err := pmem.New()
//	region, err := ctx.Alloc(64*1024, nil)
//	defer region.Close()
//	phys, err := region.Phys()
//
// Beside Context and Region it has all of periph.io/x/host/v3/pmem, with the same names: Mem, View,
// Slice, MemAlloc, Map, MapGPIO, MapAsPOD, Alloc, ReadPageMap, TestCopy.
//
// # Errors
//
// What the library refuses is an *Error: errno, cause, hint, and one child for each way that was
// refused. It is taken by the same call into C that failed, so goroutines may change threads.
//
// # Memory
//
// What Bytes, AsPOD and At give is not Go's memory. It goes with Close, and a slice that is used
// afterwards ends the program. So that no slice and no device is surprised, the garbage collector
// closes a forgotten Region only if nothing was learnt of it that can outlive it: neither its bytes nor
// an address nor a descriptor. Everything else stays until Close, or the end of the program.
package pmem

/*
#cgo pkg-config: libpmem-3
#include "shim.h"
*/
import "C"

import "unsafe"

// LibraryVersion is the version of the library that is running: as text, and as the number
// major*1000000 + minor*1000 + patch. VersionNumber is what this package was written for.
func LibraryVersion() (string, uint32) {
	return C.GoString(C.pmem_version()), uint32(C.pmem_version_number())
}

// Constant is the number of a constant of the headers, such as "PMEM_CAUSE_LOCKDOWN".
func Constant(name string) (uint64, error) {
	var t texts
	defer t.free()
	got := C.pmemgo_constant_value(t.c(name))
	return uint64(got.a), failure(got)
}

// ConstantName is the name of a number among the constants that begin with prefix, for flags of one
// bit; "" if none has it.
func ConstantName(prefix string, value uint64) string {
	var t texts
	defer t.free()
	return C.GoString(C.pmem_constant_name(t.c(prefix), C.uint64_t(value)))
}

// Constants are all that the running library has.
func Constants() map[string]uint64 {
	all := map[string]uint64{}
	for i := C.size_t(0); ; i++ {
		got := C.pmemgo_constant_at(i)
		if got.object == nil {
			return all
		}
		all[C.GoString((*C.char)(got.object))] = uint64(got.a)
	}
}

// texts are copies of strings for one call.
type texts []*C.char

// c is s for C; "" is NULL. What has a NUL in it exists nowhere, and must not be cut to a name that does.
func (t *texts) c(s string) *C.char {
	if s == "" {
		return nil
	}
	copied := []byte(s)
	for i, b := range copied {
		if b == 0 {
			copied[i] = 0xff
		}
	}
	made := C.CString(string(copied))
	*t = append(*t, made)
	return made
}

func (t *texts) free() {
	for _, one := range *t {
		C.free(unsafe.Pointer(one))
	}
}
