// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"sync"
	"unsafe"
)

// Pool has many small objects in few regions. Close it when none of its objects is used any more.
type Pool struct {
	handle
	mu   sync.Mutex
	kept []*Region // of Add: they stay as long as the pool
}

// PoolOptions are what a pool may be; the zero value is the default.
type PoolOptions struct {
	Flags    PoolFlags
	Align    uint64       // of each object, at least; 0: 64
	Boundary uint64       // no object crosses a multiple of it; 0: any may be crossed
	Grow     uint64       // bytes of each region that it takes; 0: 2 MiB
	Max      uint64       // bytes of all that it takes; 0: as much as there is
	Alloc    AllocOptions // how it takes them; Align and Firmware are not looked at
}

// PoolStats are what a pool has at a moment.
type PoolStats struct {
	Regions              uint32
	Bytes, FreeBytes     uint64
	Objects, ObjectBytes uint64 // that are handed out
	Cached, CachedBytes  uint64 // that threads keep
	Threads              uint64 // that keep some
}

// Pool makes a pool; nil is no option.
func (c *Context) Pool(options *PoolOptions) (*Pool, error) {
	if options == nil {
		options = &PoolOptions{}
	}
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	device, done, err := options.Alloc.Device.optional()
	if err != nil {
		return nil, err
	}
	defer done()
	var t texts
	defer t.free()
	got := C.pmemgo_pool_new(p,
		C.struct_pmem_pool_opts{
			flags:    C.uint32_t(options.Flags),
			align:    C.uint64_t(options.Align),
			boundary: C.uint64_t(options.Boundary),
			grow:     C.uint64_t(options.Grow),
			max:      C.uint64_t(options.Max),
			alloc:    nil, // the shim's
		},
		C.struct_pmem_alloc_opts{
			flags:    C.uint32_t(options.Alloc.Flags),
			max_addr: C.uint64_t(options.Alloc.MaxAddr),
			master:   t.c(options.Alloc.Master),
			backend:  t.c(options.Alloc.Backend),
			heap:     t.c(options.Alloc.Heap),
			name:     t.c(options.Alloc.Name),
			wait_ms:  C.uint32_t(options.Alloc.WaitMS),
			node:     C.uint32_t(options.Alloc.Node),
			device:   device,
		})
	if err := failure(got); err != nil {
		return nil, err
	}
	pool := &Pool{}
	pool.handle.pointer = got.object
	pool.handle.release = func(p unsafe.Pointer) error {
		return failure(C.pmemgo_pool_close((*C.struct_pmem_pool)(p)))
	}
	return pool, nil
}

func (p *Pool) get() (*C.struct_pmem_pool, error) {
	if p != nil {
		if at := p.use(); at != nil {
			return (*C.struct_pmem_pool)(at), nil
		}
	}
	return nil, errClosed("pool")
}

// call makes one call of the library with the pool.
func (p *Pool) call(one func(*C.struct_pmem_pool) C.struct_pmemgo) (C.struct_pmemgo, error) {
	at, err := p.get()
	if err != nil {
		return C.struct_pmemgo{}, err
	}
	defer p.done()
	got := one(at)
	return got, failure(got)
}

// Close gives all of it back, at once or after the calls that are under way. Closing twice is allowed.
// No object may be used afterwards: that ends the program.
func (p *Pool) Close() error {
	if p == nil {
		return nil
	}
	return p.close()
}

// Add lets the pool use a region, which is to be closed after it.
func (p *Pool) Add(region *Region) error {
	r, err := region.get()
	if err != nil {
		return err
	}
	defer region.done()
	_, err = p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_add_region(at, r)
	})
	if err == nil {
		region.learnt()
		p.mu.Lock()
		p.kept = append(p.kept, region)
		p.mu.Unlock()
	}
	return err
}

// Alloc gives an object of size bytes, at a multiple of align; 0: that of the pool. Its content is whatever
// was there. It is memory of C: the collector neither moves nor frees it.
func (p *Pool) Alloc(size int, align uint64) ([]byte, error) {
	got, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_alloc(at, C.uint64_t(size), C.uint64_t(align))
	})
	if err != nil {
		return nil, err
	}
	var bytes []byte
	*(*sliceHeader)(unsafe.Pointer(&bytes)) = sliceHeader{got.object, size, size}
	return bytes, nil
}

// Free gives an object back, by the slice that Alloc gave.
func (p *Pool) Free(object []byte) error {
	_, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_free(at, first(object))
	})
	return err
}

// first is the address of the first byte; nil if there is none.
func first(bytes []byte) unsafe.Pointer {
	if cap(bytes) == 0 {
		return nil
	}
	return unsafe.Pointer(&bytes[:1][0])
}

func where(bytes []byte) C.uintptr_t {
	return C.uintptr_t(uintptr(first(bytes)))
}

// Phys is the physical address of the first byte of a slice of an object.
func (p *Pool) Phys(bytes []byte) (uint64, error) {
	got, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_phys(at, where(bytes))
	})
	return uint64(got.a), err
}

// Bus is the address of the first byte for the DMA master.
func (p *Pool) Bus(bytes []byte) (uint64, error) {
	got, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_bus(at, where(bytes))
	})
	return uint64(got.a), err
}

// Offset is where the first byte is in its region.
func (p *Pool) Offset(bytes []byte) (uint64, error) {
	got, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_region(at, where(bytes))
	})
	return uint64(got.a), err
}

// CPUBegin is Region.CPUBegin of these bytes: before the CPU touches what a device may have written.
func (p *Pool) CPUBegin(bytes []byte, direction Direction) error {
	return p.sync(bytes, direction, 1)
}

// CPUEnd is Region.CPUEnd of these bytes: after the CPU, before a device.
func (p *Pool) CPUEnd(bytes []byte, direction Direction) error {
	return p.sync(bytes, direction, 0)
}

func (p *Pool) sync(bytes []byte, direction Direction, begin C.int) error {
	_, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo {
		return C.pmemgo_pool_sync(at, where(bytes), C.uint64_t(len(bytes)), C.uint32_t(direction),
			begin)
	})
	return err
}

// Trim gives back regions that no object is in: how many bytes.
func (p *Pool) Trim() (uint64, error) {
	got, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo { return C.pmemgo_pool_trim(at) })
	return uint64(got.a), err
}

// Stats are what it has.
func (p *Pool) Stats() (PoolStats, error) {
	var c C.struct_pmem_pool_counts
	_, err := p.call(func(at *C.struct_pmem_pool) C.struct_pmemgo { return C.pmemgo_pool_stats(at, &c) })
	return PoolStats{
		Regions: uint32(c.regions), Bytes: uint64(c.bytes), FreeBytes: uint64(c.free_bytes),
		Objects: uint64(c.objects), ObjectBytes: uint64(c.object_bytes),
		Cached: uint64(c.cached), CachedBytes: uint64(c.cached_bytes), Threads: uint64(c.threads),
	}, err
}
