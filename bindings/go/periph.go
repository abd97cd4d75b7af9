// SPDX-License-Identifier: MIT

package pmem

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"reflect"
	"sync"
)

// Mem is memory with a physical address, as of periph.io/x/host/v3/pmem.
type Mem interface {
	io.Closer
	// Bytes is the memory itself.
	Bytes() []byte
	// AsPOD makes a pointer or a slice point to the memory; see Slice.AsPOD.
	AsPOD(pp interface{}) error
	// PhysAddr is the physical address of the first byte.
	PhysAddr() uint64
}

// View is mapped memory or registers whose physical address is known. It need not be closed; until it
// is, it stays, whether the program still knows it or not.
type View struct {
	Slice
	region *Region
	phys   uint64
}

// MemAlloc is memory that was allocated.
type MemAlloc struct {
	View
}

var (
	_ Mem = &View{}
	_ Mem = &MemAlloc{}
)

// Close unmaps it. Closing twice is allowed. Slices and pointers that were taken from it must not be
// used afterwards: that ends the program.
func (v *View) Close() error {
	v.Slice = nil
	return v.region.Close()
}

// PhysAddr is the physical address of the first byte.
func (v *View) PhysAddr() uint64 {
	return v.phys
}

// String names it for people. Without it, fmt would read what is there: registers, perhaps.
func (v *View) String() string {
	return fmt.Sprintf("%d bytes at %#x", len(v.Slice), v.phys)
}

// Region is what periph has not: bus addresses, registers of exact width, attributes, the cache.
func (v *View) Region() *Region {
	return v.region
}

// View shows a region as periph does: its address must be known. Closing either closes both.
func (r *Region) View() (*View, error) {
	phys, err := r.Phys()
	if err != nil {
		return nil, err
	}
	return &View{Slice: r.Bytes(), region: r, phys: phys}, nil
}

// common is the context of the functions that have none.
var common struct {
	sync.Mutex
	ctx *Context
}

// Default is the context that the functions of periph use. Do not close it.
func Default() (*Context, error) {
	common.Lock()
	defer common.Unlock()
	if common.ctx != nil {
		return common.ctx, nil
	}
	ctx, err := New()
	if err == nil {
		common.ctx = ctx
	}
	return ctx, err
}

// viewOf makes a View with the common context.
func viewOf(call func(*Context) (*Region, error)) (*View, error) {
	ctx, err := Default()
	if err != nil {
		return nil, err
	}
	region, err := call(ctx)
	if err != nil {
		return nil, err
	}
	view, err := region.View()
	if err != nil {
		_ = region.Close()
	}
	return view, err
}

// Map maps physical memory, usually registers. Any base, any size.
func Map(base uint64, size int) (*View, error) {
	if size < 0 {
		return nil, fmt.Errorf("pmem: a size of %d", size)
	}
	return viewOf(func(ctx *Context) (*Region, error) { return ctx.Map(base, uint64(size), 0) })
}

// MapGPIO maps the GPIO registers. Each caller has its own View.
func MapGPIO() (*View, error) {
	return viewOf(func(ctx *Context) (*Region, error) { return ctx.MapGPIO(0) })
}

// MapAsPOD maps what is at base as that to which *i is a nil pointer. It cannot be unmapped.
func MapAsPOD(base uint64, i interface{}) error {
	target, elem, err := podTarget(i)
	if err != nil {
		return err
	}
	if target.Kind() != reflect.Ptr {
		return fmt.Errorf("pmem: %s has no size; use an array", target.Type())
	}
	view, err := Map(base, int(elem.Size()))
	if err != nil {
		return err
	}
	if err = view.AsPOD(i); err != nil {
		_ = view.Close()
	}
	return err
}

// Alloc allocates contiguous memory of any size, pinned and zeroed.
//
// Programs for periph know no cache, so memory that needs CPUBegin and CPUEnd is given only if there is
// no other: View.Region tells.
func Alloc(size int) (*MemAlloc, error) {
	if size < 0 {
		return nil, fmt.Errorf("pmem: a size of %d", size)
	}
	view, err := viewOf(func(ctx *Context) (*Region, error) {
		region, err := ctx.Alloc(uint64(size), nil)
		if err != nil || region.Attrs()&RegionNeedsSync == 0 {
			return region, err
		}
		better, none := ctx.Alloc(uint64(size), &AllocOptions{Flags: AllocUncached})
		if none != nil {
			return region, nil
		}
		_ = region.Close()
		return better, nil
	})
	if err != nil {
		return nil, err
	}
	return &MemAlloc{*view}, nil
}

// ReadPageMap is the kernel's pagemap entry for the page in which virtAddr is: the frame number and the
// bits Pagemap*.
func ReadPageMap(virtAddr uintptr) (uint64, error) {
	ctx, err := Default()
	if err != nil {
		return 0, err
	}
	return ctx.Pagemap(virtAddr)
}

// pattern is what TestCopy finds where nothing was copied.
const pattern = 0x11

// TestCopy proves a copy engine that knows only physical addresses. Two buffers are made by alloc; the
// source gets random bytes, the destination a pattern. copyMem copies size - 2*holeSize bytes from pSrc to
// pDst + holeSize. Where the buffers need it, the cache is seen to. Context.Selftest proves more.
func TestCopy(size, holeSize int, alloc func(size int) (Mem, error), copyMem func(pDst, pSrc uint64) error) error {
	if holeSize < 0 || size <= 2*holeSize {
		return fmt.Errorf("pmem: nothing is left of %d bytes with holes of %d", size, holeSize)
	}
	src, err := alloc(size)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := alloc(size)
	if err != nil {
		return err
	}
	defer dst.Close()
	if len(src.Bytes()) < size || len(dst.Bytes()) < size {
		return fmt.Errorf("pmem: alloc gave less than %d bytes", size)
	}
	sent := make([]byte, size)
	want := bytes.Repeat([]byte{pattern}, size)
	for i := range sent {
		sent[i] = byte(rand.Int31())
	}
	copy(want[holeSize:size-holeSize], sent)
	for _, fill := range []func() error{
		func() error { return touch(src, DirWrite, func(b []byte) { copy(b, sent) }) },
		func() error {
			return touch(dst, DirWrite, func(b []byte) { copy(b, bytes.Repeat([]byte{pattern}, size)) })
		},
		func() error { return copyMem(dst.PhysAddr(), src.PhysAddr()) },
	} {
		if err := fill(); err != nil {
			return err
		}
	}
	var got []byte
	if err := touch(dst, DirRead, func(b []byte) { got = append(got, b[:size]...) }); err != nil {
		return err
	}
	return difference(got, want, holeSize)
}

// touch lets the CPU touch bytes, with what the cache needs where the library knows of it.
func touch(m Mem, direction Direction, use func(b []byte)) error {
	with, ok := m.(interface{ Region() *Region })
	if !ok || with.Region() == nil {
		use(m.Bytes())
		return nil
	}
	return with.Region().CPU(direction, func(b []byte) error {
		use(b)
		return nil
	})
}

// difference tells where the bytes differ, and shows both sides.
func difference(got, want []byte, hole int) error {
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		end := i + 32
		if end > len(want) {
			end = len(want)
		}
		where := "copied bytes"
		if i < hole {
			where = "bytes before the copy"
		} else if i >= len(want)-hole {
			where = "bytes behind the copy"
		}
		return fmt.Errorf("pmem: %s are wrong at %d:\n%x, not\n%x", where, i, got[i:end], want[i:end])
	}
	return nil
}
