// SPDX-License-Identifier: MIT

package pmem

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

func TestMemory(t *testing.T) {
	region := memory(t, context(t), 100000)
	b := region.Bytes()
	equal(t, len(b), 100000)
	equal(t, bytes.Count(b, []byte{0}), 100000)
	equal(t, region.Size(), uint64(100000))
	equal(t, region.Backend(), "pages")
	equal(t, region.String(), "100000 bytes by pages")
	equal(t, unsafe.Pointer(&b[0]), region.Pointer())
	must(t, region.CPU(DirBoth, func(b []byte) error {
		b[99999] = 1
		return nil
	}))
	equal(t, errors.Is(region.CPU(DirRead, func([]byte) error { return syscall.EIO }), syscall.EIO), true)
	refused(t, region.CPUBegin(100000, 1, DirRead), CauseBounds)
	refused(t, region.CPUEnd(0, 1, 0), CauseFlags)
	at, err := region.At(99999, 1, 1)
	must(t, err)
	equal(t, *(*byte)(at), byte(1))
	_, err = region.At(99999, 2, 1)
	refused(t, err, CauseBounds)
	_, err = region.At(99999, 1, 2)
	refused(t, err, CauseAlignment)
	var numbers []uint64
	must(t, region.AsPOD(&numbers))
	equal(t, len(numbers), 12500)
	_, err = region.FD()
	equal(t, errors.Is(err, syscall.EOPNOTSUPP), true)
	_, err = region.DupFD()
	equal(t, errors.Is(err, syscall.EOPNOTSUPP), true)
}

func TestWidths(t *testing.T) {
	region := memory(t, context(t), 4096)
	must(t, region.Write8(64, 0xf1))
	must(t, region.Write16(66, 0xf2f1))
	must(t, region.Write32(68, 0xf4f3f2f1))
	must(t, region.Write64(72, 0xf8f7f6f5f4f3f2f1))
	v8, err := region.Read8(64)
	must(t, err)
	v16, err := region.Read16(66)
	must(t, err)
	v32, err := region.Read32(68)
	must(t, err)
	v64, err := region.Read64(72)
	must(t, err)
	equal(t, v8 == 0xf1 && v16 == 0xf2f1 && v32 == 0xf4f3f2f1 && v64 == 0xf8f7f6f5f4f3f2f1, true)
	at, err := region.At(64, 16, 8)
	must(t, err)
	equal(t, IORead8(at), v8)
	equal(t, IORead16(unsafe.Add(at, 2)), v16)
	equal(t, IORead32(unsafe.Add(at, 4)), v32)
	equal(t, IORead64(unsafe.Add(at, 8)), v64)
	equal(t, region.Bytes()[65], byte(0))
	for offset, call := range map[uint64]func(uint64) error{
		4096: func(o uint64) error { return region.Write8(o, 1) },
		4095: func(o uint64) error { _, err := region.Read16(o); return err },
		4093: func(o uint64) error { return region.Write32(o, 1) },
		4092: func(o uint64) error { _, err := region.Read64(o); return err },
	} {
		if call(offset) == nil {
			t.Errorf("an access at %d", offset)
		}
	}
}

func TestIO(t *testing.T) {
	region := memory(t, context(t), 4096)
	at := region.Pointer()
	IOWrite8(at, 1)
	IOWrite16(unsafe.Add(at, 2), 0x0202)
	IOWrite32(unsafe.Add(at, 4), 0x03030303)
	IOWrite64(unsafe.Add(at, 8), 0x0404040404040404)
	equal(t, bytes.Equal(region.Bytes()[:9], []byte{1, 0, 2, 2, 3, 3, 3, 3, 4}), true)
	IOWrite8Block(at, []uint8{1, 2, 3})
	IOWrite16Block(unsafe.Add(at, 16), []uint16{4, 5})
	IOWrite32Block(unsafe.Add(at, 32), []uint32{6, 7})
	IOWrite64Block(unsafe.Add(at, 64), []uint64{8, 9})
	IOWrite64Block(unsafe.Add(at, 64), nil)
	b8, b16, b32, b64 := make([]uint8, 3), make([]uint16, 2), make([]uint32, 2), make([]uint64, 3)
	IORead8Block(at, b8)
	IORead16Block(unsafe.Add(at, 16), b16)
	IORead32Block(unsafe.Add(at, 32), b32)
	IORead64Block(unsafe.Add(at, 64), b64)
	IORead8Block(at, nil)
	IORead16Block(at, nil)
	equal(t, b8[2] == 3 && b16[1] == 5 && b32[1] == 7 && b64[1] == 9 && b64[2] == 0, true)
	IOFill(unsafe.Add(at, 101), 0xaa, 7)
	IOFill(unsafe.Add(at, 101), 0xbb, 0)
	IOCopyTo(unsafe.Add(at, 203), []byte("hello"))
	got := make([]byte, 5)
	IOCopyFrom(got, unsafe.Add(at, 203))
	equal(t, string(got), "hello")
	equal(t, bytes.Count(region.Bytes()[:200], []byte{0xaa}), 7)
	IOWMB()
	IORMB()
	IOMB()
}

func TestAddresses(t *testing.T) {
	ctx := context(t)
	page := ctx.PageSize()
	region, err := ctx.Alloc(2*page, &AllocOptions{Align: 2 * page, Name: "go", Flags: AllocNoMaster})
	addressed(t, err)
	defer region.Close()
	phys, err := region.Phys()
	must(t, err)
	equal(t, phys%(2*page), uint64(0))
	equal(t, region.Attrs()&(RegionContiguous|RegionPinned), RegionContiguous|RegionPinned)
	one, length, err := region.ExtentAt(page + 1)
	must(t, err)
	equal(t, one == phys+page+1 && length == page-1, true)
	pieces, err := region.Extents(4, ToEnd, ExtentsPhys)
	must(t, err)
	if len(pieces) != 1 || pieces[0] != (Extent{4, 2*page - 4, phys + 4, AddressNone}) {
		t.Error(pieces)
	}
	pieces, err = region.Extents(0, 0, ExtentsPhys)
	equal(t, err == nil && len(pieces) == 0, true)
	_, err = region.Extents(0, 1, 0)
	refused(t, err, CauseFlags)
	where, err := ctx.PhysOf(uintptr(region.Pointer()) + 5)
	must(t, err)
	equal(t, where, phys+5)
	_, err = ctx.PhysOfPages(0, 1)
	equal(t, err != nil, true)
	none, err := ctx.PhysOfPages(0, 0)
	equal(t, err == nil && none == nil, true)
	for _, call := range []func() (uint64, error){region.Bus, func() (uint64, error) { return region.BusFor("") }} {
		if bus, err := call(); err == nil && bus == AddressNone {
			t.Error("a bus address that is none")
		}
	}
	_, err = region.BusFor("no,such")
	equal(t, err != nil, true)
}

// Each option reaches the library: what it says of a value that cannot be is of that option.
func TestOptions(t *testing.T) {
	play(t)
	ctx := context(t)
	for _, c := range []struct {
		options AllocOptions
		cause   Cause
	}{
		{AllocOptions{Flags: 1 << 30}, CauseFlags},
		{AllocOptions{Align: 3}, CauseAlignment},
		{AllocOptions{MaxAddr: 1, Backend: "pages"}, CauseAddressLimit},
		{AllocOptions{Master: "no,such"}, CauseNotFound},
		{AllocOptions{Backend: "no-such"}, CauseNotFound},
		{AllocOptions{Heap: "no-such", Backend: "pages"}, CauseNotFound},
		{AllocOptions{Firmware: &FirmwareOptions{Flags: 1 << 30}}, CauseFlags},
	} {
		_, err := ctx.Alloc(4096, &c.options)
		var e *Error
		if !errors.As(err, &e) || e.Cause != c.cause {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
}

func TestMapFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump")
	data := make([]byte, 5000)
	for i := range data {
		data[i] = filled(i)
	}
	must(t, os.WriteFile(path, data, 0o600))
	ctx := context(t)
	region, err := ctx.MapFile(path, 4099, ToEnd, 0x1000003, 0)
	must(t, err)
	equal(t, bytes.Equal(region.Bytes(), data[4099:]), true)
	view, err := region.View()
	must(t, err)
	equal(t, view.PhysAddr(), uint64(0x1000003))
	found, offset, err := ctx.FindPhys(0x1000013)
	must(t, err)
	equal(t, offset == 0x10 && found.Same(region), true)
	view.Slice[0] = 99
	must(t, view.Close())
	after, err := os.ReadFile(path)
	must(t, err)
	equal(t, after[4099], byte(99))
	region, err = ctx.MapFile(path, 0, 4, AddressNone, MapReadonly)
	must(t, err)
	defer region.Close()
	_, err = region.Phys()
	refused(t, err, CauseAddressUnknown)
	_, err = region.View()
	refused(t, err, CauseAddressUnknown)
	_, err = ctx.MapFile(path, 5000, 1, AddressNone, 0)
	refused(t, err, CauseBounds)
}
