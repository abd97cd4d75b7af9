// SPDX-License-Identifier: MIT

package pmem

import (
	"bytes"
	"os"
	"syscall"
	"testing"
)

const loose = RegisterNoAddress | RegisterMayMove

// mapped is memory of this program that is not Go's.
func mapped(t *testing.T, size int) []byte {
	t.Helper()
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Munmap(b)) })
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func TestRegister(t *testing.T) {
	ctx := context(t)
	b := mapped(t, 5*4096)
	before := append([]byte{}, b...)
	region, err := ctx.Register(b[10:], loose)
	must(t, err)
	equal(t, region.Backend(), "registered")
	equal(t, region.Size(), uint64(len(b)-10))
	equal(t, bytes.Equal(region.Bytes(), before[10:]), true)
	equal(t, &region.Bytes()[0], &b[10])
	found, offset, err := ctx.Find(region.Pointer())
	must(t, err)
	equal(t, found.Same(region), true)
	equal(t, offset, uint64(0))
	region.Bytes()[0] = 0xee
	must(t, region.Close())
	before[10] = 0xee
	equal(t, bytes.Equal(b, before), true) // it is still there, as it was
	_, err = ctx.Register(nil, loose)
	equal(t, err != nil, true)
	_, err = ctx.Register(b, 1<<31)
	refused(t, err, CauseFlags)
}

func TestRegisterRefuses(t *testing.T) {
	b, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	must(t, err)
	defer func() { must(t, syscall.Munmap(b)) }()
	_, err = context(t).Register(b, RegisterNoAddress)
	refused(t, err, CauseWrongKind)
}

func TestRegisteredAddresses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root is told addresses")
	}
	ctx := context(t)
	b := mapped(t, 5*4096)
	region, err := ctx.Register(b, 0)
	must(t, err)
	defer region.Close()
	mine, err := region.Extents(0, ToEnd, ExtentsPhys)
	must(t, err)
	there, err := ctx.ExtentsOf(addressOf(&b[0]), uint64(len(b)))
	must(t, err)
	equal(t, len(there), len(mine))
	total := uint64(0)
	for i := range there {
		equal(t, there[i].Phys, mine[i].Phys)
		equal(t, there[i].Offset, total)
		equal(t, there[i].Bus, uint64(AddressNone))
		total += there[i].Length
	}
	equal(t, total, uint64(len(b)))
	places := []uintptr{addressOf(&b[9000]), addressOf(&b[1]), addressOf(&b[20000])}
	phys, err := ctx.PhysList(places)
	must(t, err)
	equal(t, len(phys), 3)
	for i, place := range places {
		one, err := ctx.PhysOf(place)
		must(t, err)
		equal(t, phys[i], one)
	}
}

func TestPiecesOfNothing(t *testing.T) {
	ctx := context(t)
	b := mapped(t, 4096)
	none, err := ctx.ExtentsOf(addressOf(&b[0]), 0)
	must(t, err)
	equal(t, len(none), 0)
	phys, err := ctx.PhysList(nil)
	must(t, err)
	equal(t, len(phys), 0)
	_, err = ctx.ExtentsOf(^uintptr(0)-4095, 8192)
	refused(t, err, CauseWraps)
}

// They reach the library: a node that no machine has is refused.
func TestLaterOptions(t *testing.T) {
	ctx := context(t)
	options := AllocOptions{Flags: AllocNoAddress | AllocScattered, WaitMS: 1}
	region, err := ctx.Alloc(65536, &options)
	must(t, err)
	must(t, region.Close())
	options.Node = ^uint32(0)
	_, err = ctx.Alloc(65536, &options)
	equal(t, err != nil, true)
}
