// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// Region is registers or memory, mapped into this program, with a known place. Whoever made it closes it.
type Region struct {
	*core
}

// core is what all Regions for one piece share: that of whoever made it, and those that Find gave.
type core struct {
	handle
	book   *book
	life   sync.Mutex
	owners int  // Regions that the program has
	known  bool // something was learnt of it that may outlive them
}

// region makes the Region of what was just made.
func (b *book) region(pointer unsafe.Pointer) *Region {
	c := &core{book: b}
	c.handle.pointer = pointer
	c.handle.release = func(p unsafe.Pointer) error {
		return failure(C.pmemgo_region_close((*C.struct_pmem_region)(p)))
	}
	b.mu.Lock()
	b.regions[pointer] = c
	b.mu.Unlock()
	return c.region()
}

// region is one more Region of it.
func (c *core) region() *Region {
	r := &Region{c}
	c.life.Lock()
	c.owners++
	c.life.Unlock()
	runtime.SetFinalizer(r, (*Region).forgotten)
	return r
}

// forgotten is called by the garbage collector. What was learnt of the region may be in use still: by a
// slice, or by a device, of which the collector knows nothing.
func (r *Region) forgotten() {
	r.life.Lock()
	r.owners--
	unknown := r.owners == 0 && !r.known
	r.life.Unlock()
	if unknown {
		_ = r.Close()
	}
}

func (r *Region) learnt() {
	r.life.Lock()
	r.known = true
	r.life.Unlock()
}

func (r *Region) get() (*C.struct_pmem_region, error) {
	if r != nil && r.core != nil {
		if p := r.use(); p != nil {
			return (*C.struct_pmem_region)(p), nil
		}
	}
	return nil, errClosed("region")
}

// Close unmaps and gives back, at once or after the calls that are under way. Closing twice is allowed.
// No slice of Bytes and no pointer may be used afterwards: that ends the program.
func (r *Region) Close() error {
	if r == nil || r.core == nil {
		return nil
	}
	r.leaveBook()
	return r.close()
}

func (c *core) leaveBook() {
	if c.book == nil {
		return
	}
	c.book.mu.Lock()
	if c.book.regions[c.pointer] == c {
		delete(c.book.regions, c.pointer)
	}
	c.book.mu.Unlock()
}

// handOver gives the region to C, which closes it; nil if it is closed or in use.
func (r *Region) handOver() *C.struct_pmem_region {
	if r == nil || r.core == nil {
		return nil
	}
	r.leaveBook()
	return (*C.struct_pmem_region)(r.take())
}

// Same tells whether both are the same piece: Find gives a Region of its own.
func (r *Region) Same(other *Region) bool {
	return r != nil && other != nil && r.core == other.core
}

// Size is the bytes of the region, as asked for; 0 after Close.
func (r *Region) Size() uint64 {
	p, err := r.get()
	if err != nil {
		return 0
	}
	defer r.done()
	return uint64(C.pmem_region_size(p))
}

// Attrs are what the region is; 0 after Close.
func (r *Region) Attrs() Attrs {
	p, err := r.get()
	if err != nil {
		return 0
	}
	defer r.done()
	return Attrs(C.pmem_region_attrs(p))
}

// Backend is the name of the backend that made it; "" after Close.
func (r *Region) Backend() string {
	p, err := r.get()
	if err != nil {
		return ""
	}
	defer r.done()
	return C.GoString(C.pmem_region_backend(p))
}

// Pointer is where the region begins; nil if it is not mapped, or closed.
func (r *Region) Pointer() unsafe.Pointer {
	p, err := r.get()
	if err != nil {
		return nil
	}
	defer r.done()
	r.learnt()
	return C.pmem_region_data(p)
}

// Bytes is the memory itself; nil if it is not mapped, or closed. It ends with Close. Of registers
// (RegionDevice), use Read32 and its like: Go may access a slice twice, or in pieces.
func (r *Region) Bytes() []byte {
	data, size := r.Pointer(), r.Size()
	if data == nil || size > uint64(^uint(0)>>1) {
		return nil
	}
	var bytes []byte
	*(*sliceHeader)(unsafe.Pointer(&bytes)) = sliceHeader{data, int(size), int(size)}
	return bytes
}

// AsPOD makes a pointer or a slice point to the region; see Slice.AsPOD.
func (r *Region) AsPOD(pp interface{}) error {
	s := Slice(r.Bytes())
	return s.AsPOD(pp)
}

// At is a checked pointer to size bytes, a multiple of align.
func (r *Region) At(offset, size, align uint64) (unsafe.Pointer, error) {
	p, err := r.get()
	if err != nil {
		return nil, err
	}
	defer r.done()
	r.learnt()
	got := C.pmemgo_region_at(p, C.uint64_t(offset), C.uint64_t(size), C.uint64_t(align))
	return got.object, failure(got)
}

// number is a call that gives a number.
func (r *Region) number(call func(*C.struct_pmem_region) C.struct_pmemgo) (uint64, error) {
	p, err := r.get()
	if err != nil {
		return 0, err
	}
	defer r.done()
	got := call(p)
	return uint64(got.a), failure(got)
}

// Phys is the physical address of the first byte. From now on only Close gives the region back.
func (r *Region) Phys() (uint64, error) {
	return r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		r.learnt()
		return C.pmemgo_region_phys(p)
	})
}

// Bus is the address of the first byte for the region's DMA master.
func (r *Region) Bus() (uint64, error) {
	return r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		r.learnt()
		return C.pmemgo_region_bus(p)
	})
}

// BusFor is the address of the first byte for another DMA master; "": the general DMA engine.
func (r *Region) BusFor(master string) (uint64, error) {
	return r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		r.learnt()
		var t texts
		defer t.free()
		return C.pmemgo_region_bus_for(p, t.c(master))
	})
}

// Extent is a piece of a region.
type Extent struct {
	Offset, Length uint64 // in the region
	Phys, Bus      uint64 // AddressNone: not asked for
}

// ExtentAt is the physical address of one byte, and how many bytes follow it in the same piece.
func (r *Region) ExtentAt(offset uint64) (phys, length uint64, err error) {
	p, err := r.get()
	if err != nil {
		return 0, 0, err
	}
	defer r.done()
	r.learnt()
	got := C.pmemgo_region_extent(p, C.uint64_t(offset))
	return uint64(got.a), uint64(got.b), failure(got)
}

// Extents are all pieces of a part of the region; length may be ToEnd.
func (r *Region) Extents(offset, length uint64, need Need) ([]Extent, error) {
	p, err := r.get()
	if err != nil {
		return nil, err
	}
	defer r.done()
	r.learnt()
	return pieces(func(room *C.struct_pmem_extent, capacity C.size_t) C.struct_pmemgo {
		return C.pmemgo_region_extents(p, C.uint64_t(offset), C.uint64_t(length),
			C.uint32_t(need), room, capacity)
	})
}

// pieces are what a call tells that counts them first. There may be others by the second call.
func pieces(ask func(*C.struct_pmem_extent, C.size_t) C.struct_pmemgo) ([]Extent, error) {
	for {
		got := ask(nil, 0)
		if err := failure(got); err != nil {
			return nil, err
		}
		if got.a == 0 {
			return []Extent{}, nil
		}
		room := make([]C.struct_pmem_extent, int(got.a))
		got = ask(&room[0], C.size_t(len(room)))
		if err := failure(got); errors.Is(err, syscall.ENOSPC) {
			continue
		} else if err != nil {
			return nil, err
		}
		found := make([]Extent, int(got.a))
		for i := range found {
			one := room[i]
			found[i] = Extent{uint64(one.offset), uint64(one.length), uint64(one.phys), uint64(one.bus)}
		}
		return found, nil
	}
}

// CPUBegin makes the CPU's view true before it touches bytes that a device may have written.
func (r *Region) CPUBegin(offset, length uint64, direction Direction) error {
	_, err := r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_region_cpu_begin(p, C.uint64_t(offset), C.uint64_t(length), C.uint32_t(direction))
	})
	return err
}

// CPUEnd follows the CPU, before a device touches the bytes.
func (r *Region) CPUEnd(offset, length uint64, direction Direction) error {
	_, err := r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_region_cpu_end(p, C.uint64_t(offset), C.uint64_t(length), C.uint32_t(direction))
	})
	return err
}

// CPU does CPUBegin, touch with the bytes, CPUEnd.
func (r *Region) CPU(direction Direction, touch func(bytes []byte) error) error {
	if err := r.CPUBegin(0, ToEnd, direction); err != nil {
		return err
	}
	err := touch(r.Bytes())
	if ended := r.CPUEnd(0, ToEnd, direction); err == nil {
		err = ended
	}
	return err
}

// FD is the dma-buf descriptor, for a system call. It lives as long as the region: do not close it, and
// make no os.File of it.
func (r *Region) FD() (int, error) {
	return r.descriptor(func(p *C.struct_pmem_region) C.struct_pmemgo {
		r.learnt()
		return C.pmemgo_region_fd(p)
	})
}

// DupFD is a descriptor of its own, which the caller closes.
func (r *Region) DupFD() (int, error) {
	return r.descriptor(func(p *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_region_dup_fd(p)
	})
}

func (r *Region) descriptor(call func(*C.struct_pmem_region) C.struct_pmemgo) (int, error) {
	fd := -1
	_, err := r.number(func(p *C.struct_pmem_region) C.struct_pmemgo {
		got := call(p)
		if got.result >= 0 {
			fd = int(got.result)
		}
		return got
	})
	return fd, err
}

// String names it for people.
func (r *Region) String() string {
	if _, err := r.get(); err != nil {
		return "closed region"
	}
	defer r.done()
	return fmt.Sprintf("%d bytes by %s", r.Size(), r.Backend())
}
