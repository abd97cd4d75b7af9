// SPDX-License-Identifier: MIT

package pmem

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// The functions have the signatures that programs for periph are compiled with.
var (
	_ func(uint64, int) (*View, error)                                         = Map
	_ func() (*View, error)                                                    = MapGPIO
	_ func(uint64, interface{}) error                                          = MapAsPOD
	_ func(int) (*MemAlloc, error)                                             = Alloc
	_ func(uintptr) (uint64, error)                                            = ReadPageMap
	_ func(int, int, func(int) (Mem, error), func(uint64, uint64) error) error = TestCopy
	_ func(*Slice) []uint32                                                    = (*Slice).Uint32
	_ interface {
		Mem
		Uint32() []uint32
	} = &struct{ *View }{}
)

func TestMapOfUnalignedBase(t *testing.T) {
	root := play(t)
	for _, c := range []struct{ base, size int }{{0, 16}, {1, 3}, {0xffe, 4}, {0x123, 0x1000}, {4095, 4097}} {
		v, err := Map(uint64(playedFill+c.base), c.size)
		must(t, err)
		equal(t, v.PhysAddr(), uint64(playedFill+c.base))
		equal(t, len(v.Slice), c.size)
		for i, b := range v.Bytes() {
			if b != filled(c.base+i) {
				t.Fatalf("byte %d from %#x is %d", i, c.base, b)
			}
		}
		must(t, v.Close())
	}
	v, err := Map(playedFill+8, 8)
	must(t, err)
	v.Uint32()[1] = 0xa1b2c3d4
	must(t, v.Close())
	file, err := os.Open(filepath.Join(root, "dev/mem"))
	must(t, err)
	defer file.Close()
	got := make([]byte, 8)
	_, err = file.ReadAt(got, playedFill+8)
	must(t, err)
	if native(got[4:]) != 0xa1b2c3d4 || got[3] != filled(11) {
		t.Fatalf("the file has %x", got)
	}
}

func TestMapRefuses(t *testing.T) {
	play(t)
	for _, size := range []int{0, -1} {
		if v, err := Map(0, size); v != nil || err == nil {
			t.Fatalf("a size of %d is mapped", size)
		}
	}
	v, err := Map(0x100000, 4096)
	equal(t, v == nil, true)
	e := refused(t, err, CauseSystemRam)
	equal(t, errors.Is(err, os.ErrPermission), true)
	equal(t, e.Hint != "" && strings.HasPrefix(err.Error(), "pmem: "), true)
	// What could not be opened once can be opened later.
	memory := filepath.Join(os.Getenv("LIBPMEM_ROOT"), "dev/mem")
	must(t, os.Rename(memory, memory+"2"))
	_, err = Map(playedFill, 4)
	equal(t, errors.Is(err, os.ErrNotExist), true)
	must(t, os.Rename(memory+"2", memory))
	v, err = Map(playedFill, 4)
	must(t, err)
	must(t, v.Close())
}

func TestMapGPIOIsOnesOwn(t *testing.T) {
	play(t)
	first, err := MapGPIO()
	must(t, err)
	second, err := MapGPIO()
	must(t, err)
	equal(t, first.PhysAddr(), uint64(playedGPIO))
	equal(t, fmt.Sprint(first), fmt.Sprintf("%d bytes at 0x3f200000", len(first.Slice)))
	must(t, first.Close())
	must(t, first.Close())
	equal(t, second.Bytes()[0x34], filled(0x34))
	var block *struct{ Select [6]uint32 }
	if first.Bytes() != nil || first.AsPOD(&block) == nil {
		t.Fatal("there are bytes after Close")
	}
	equal(t, errors.Is(first.Region().CPUEnd(0, 1, DirRead), os.ErrClosed), true)
	must(t, second.AsPOD(&block))
	equal(t, block.Select[1], native(second.Bytes()[4:]))
	must(t, second.Close())
}

func TestMapAsPODReads(t *testing.T) {
	play(t)
	var block *struct {
		A uint32
		B [3]uint8
		C int8
	}
	must(t, MapAsPOD(playedFill+0x40, &block))
	equal(t, block.B[2], filled(0x46))
	equal(t, block.C, int8(filled(0x47)))
	var (
		again *uint32
		many  []uint32
		size  *int
	)
	for _, bad := range []interface{}{nil, again, &many, &size, &block} {
		if MapAsPOD(playedFill, bad) == nil {
			t.Errorf("%T is taken", bad)
		}
	}
	ctx, err := Default()
	must(t, err)
	before := len(ctx.book.regions)
	if MapAsPOD(playedFill+2, &again) == nil || again != nil {
		t.Error("an unaligned register")
	}
	equal(t, len(ctx.book.regions), before) // nothing stays mapped
	refused(t, MapAsPOD(0x1000, &again), CauseSystemRam)
}

func TestViewOfNothing(t *testing.T) {
	v := View{}
	must(t, v.Close())
	equal(t, v.PhysAddr(), uint64(0))
	equal(t, len(v.Bytes()), 0)
}

func TestAllocPagemap(t *testing.T) {
	const pages = 1024
	ctx := context(t)
	page := uintptr(ctx.PageSize())
	region, err := ctx.Alloc(pages*uint64(page), &AllocOptions{Flags: AllocScattered, Backend: "pages"})
	addressed(t, err)
	defer region.Close()
	start := uintptr(region.Pointer())
	bulk, err := ctx.PhysOfPages(start+7, pages)
	must(t, err)
	seen := map[uint64]bool{}
	for i := uintptr(0); i < pages; i++ {
		entry, err := ReadPageMap(start + i*page + i)
		must(t, err)
		phys, _, err := region.ExtentAt(uint64(i * page))
		must(t, err)
		frame := (entry & PagemapPfnMask) * uint64(page)
		if entry&PagemapPresent == 0 || frame != phys || frame != bulk[i] || seen[phys] {
			t.Fatalf("page %d: entry %#x, extent %#x, bulk %#x", i, entry, phys, bulk[i])
		}
		seen[phys] = true
	}
	equal(t, len(seen), pages)
}

func TestAllocIsMem(t *testing.T) {
	m, err := Alloc(3000)
	addressed(t, err)
	var mem Mem = m
	equal(t, len(mem.Bytes()), 3000)
	equal(t, bytes.Count(mem.Bytes(), []byte{0}), 3000)
	phys, err := m.Region().Phys()
	must(t, err)
	equal(t, mem.PhysAddr(), phys)
	entry, err := ReadPageMap(uintptr(unsafe.Pointer(&m.Slice[0])))
	must(t, err)
	equal(t, (entry&PagemapPfnMask)*uint64(os.Getpagesize()), phys)
	ctx, err := Default()
	must(t, err)
	found, offset, err := ctx.FindPhys(phys + 17)
	must(t, err)
	equal(t, offset, uint64(17))
	equal(t, found.Same(m.Region()), true)
	must(t, mem.Close())
	must(t, mem.Close())
	equal(t, m.Bytes() == nil, true)
	for _, size := range []int{0, -4096} {
		if m, err := Alloc(size); m != nil || err == nil {
			t.Errorf("%d bytes are given", size)
		}
	}
	var e *Error
	if m, err := Alloc(math.MaxInt / 8192); m != nil || !errors.As(err, &e) || len(e.Children) < 2 {
		t.Errorf("no reasons: %v", err)
	}
}

// ram is Go's memory that stands for physical memory: its address is the key to it.
type ram struct {
	*View
	closed *int
}

func (r ram) Close() error {
	*r.closed++
	return nil
}

func TestTestCopy(t *testing.T) {
	const size, hole = 1000, 3
	known := map[uint64][]byte{}
	made, closed := 0, 0
	alloc := func(size int) (Mem, error) {
		made++
		v := &View{Slice: make(Slice, size), phys: uint64(made) << 12}
		known[v.phys] = v.Slice
		return ram{v, &closed}, nil
	}
	good := func(d, s uint64) error {
		copy(known[d][hole:size-hole], known[s])
		return nil
	}
	must(t, TestCopy(size, hole, alloc, good))
	equal(t, made, 2)
	equal(t, closed, 2)
	for name, spoil := range map[string]func(d []byte){
		"before": func(d []byte) { d[hole-1]++ }, "behind": func(d []byte) { d[size-hole]++ },
		"first": func(d []byte) { d[hole]++ }, "last": func(d []byte) { d[size-hole-1]++ },
		"nothing": func(d []byte) { copy(d, bytes.Repeat([]byte{pattern}, size)) },
		"shifted": func(d []byte) { copy(d[hole+1:size-hole], append([]byte{}, d[hole:]...)) },
	} {
		err := TestCopy(size, hole, alloc, func(d, s uint64) error {
			must(t, good(d, s))
			spoil(known[d])
			return nil
		})
		if err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
	oops := errors.New("oops")
	equal(t, TestCopy(size, hole, alloc, func(d, s uint64) error { return oops }), oops)
	equal(t, made, closed)
	left := 1
	fails := func(size int) (Mem, error) {
		if left--; left < 0 {
			return nil, oops
		}
		return alloc(size)
	}
	equal(t, TestCopy(size, hole, fails, good), oops)
	equal(t, TestCopy(size, hole, fails, good), oops)
	equal(t, made, closed)
	if TestCopy(6, 3, alloc, good) == nil || TestCopy(6, -1, alloc, good) == nil {
		t.Error("impossible holes")
	}
}

func TestTestCopyOfRealMemory(t *testing.T) {
	m, err := Alloc(4096)
	addressed(t, err)
	must(t, m.Close())
	ctx, err := Default()
	must(t, err)
	alloc := func(size int) (Mem, error) { return Alloc(size) }
	must(t, TestCopy(8192, 5, alloc, func(d, s uint64) error {
		dst, _, err := ctx.FindPhys(d)
		must(t, err)
		src, _, err := ctx.FindPhys(s)
		must(t, err)
		copy(dst.Bytes()[5:8192-5], src.Bytes())
		return nil
	}))
}
