// SPDX-License-Identifier: MIT

// What a program for periph.io does on a Raspberry Pi 3, with the Go package: registers as structures, the
// DMA engine by physical addresses, each proved by what the machine then does. Registers and control block:
// BCM2835 ARM Peripherals, chapters 4 and 6.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"libpmem/pmem"
)

const (
	gpioBase = 0x3f200000
	dmaBase  = 0x3f007500 // channel 5, in the middle of a page
	alias    = 0xc0000000 // what periph's drivers add to a physical address
	pin      = 17
)

// gpioMap is the GPIO block as far as it is used.
type gpioMap struct {
	Select [6]uint32
	_      uint32
	Set    [2]uint32
	_      uint32
	Clear  [2]uint32
	_      uint32
	Level  [2]uint32
}

// dmaChannel is one channel of the engine. Its address must not be taken, nor that of a member: Go then looks with a
// load of one byte whether the pointer is nil, and the engine answers no such access.
type dmaChannel struct {
	Control uint32
	Block   uint32
	_       [6]uint32
	Debug   uint32
}

const (
	active, end, failed, reset   = 1 << 0, 1 << 1, 1 << 8, 1 << 31
	waitAnswer, toNext, fromNext = 1 << 3, 1 << 4, 1 << 8
)

var runs, failures int

func check(name string, err error) {
	runs++
	if err == nil {
		fmt.Printf("CHECK %s ok\n", name)
		return
	}
	failures++
	fmt.Printf("CHECK %s FAIL %q\n", name, err.Error())
}

func same(name string, got, want interface{}) {
	if got != want {
		check(name, fmt.Errorf("it is %v, not %v", got, want))
		return
	}
	check(name, nil)
}

// engine copies by DMA: its registers, and the control block.
type engine struct {
	channel *dmaChannel
	block   *pmem.MemAlloc
	words   *[8]uint32
	copies  int
}

func (e *engine) open() (err error) {
	if err = pmem.MapAsPOD(dmaBase, &e.channel); err != nil {
		return err
	}
	e.channel.Control = reset
	if e.block, err = pmem.Alloc(4096); err != nil {
		return err
	}
	return e.block.AsPOD(&e.words)
}

// run copies between two addresses of the engine's view.
func (e *engine) run(to, from uint64, length int) error {
	e.copies++
	err := e.block.Region().CPU(pmem.DirWrite, func([]byte) error {
		*e.words = [8]uint32{waitAnswer | toNext | fromNext, uint32(from), uint32(to), uint32(length)}
		return nil
	})
	if err != nil {
		return err
	}
	pmem.IOWMB()
	e.channel.Block = uint32(e.block.PhysAddr() + alias)
	e.channel.Control = active
	for i := 0; i < 5000; i++ {
		control := e.channel.Control
		if control&failed != 0 {
			return syscall.EIO
		}
		if control&end != 0 && control&active == 0 {
			e.channel.Control = end
			pmem.IORMB()
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return syscall.ETIMEDOUT
}

// gpio drives a pin through one mapping and looks at it through another.
func gpio() {
	drive, err := pmem.MapGPIO()
	check("map-gpio", err)
	if err != nil {
		return
	}
	same("gpio-address", drive.PhysAddr(), uint64(gpioBase))
	var out, in *gpioMap
	check("gpio-as-pod", drive.AsPOD(&out))
	check("map-as-pod", pmem.MapAsPOD(gpioBase, &in))
	if out == nil || in == nil {
		return
	}
	select_ := out.Select[1]
	word, err := drive.Region().Read32(4)
	check("register", err)
	same("register-by-both", word, select_)
	out.Select[1] = select_&^(7<<21) | 1<<21
	same("output", in.Select[1]>>21&7, uint32(1))
	out.Set[0] = 1 << pin
	same("pin-high", in.Level[0]>>pin&1, uint32(1))
	out.Clear[0] = 1 << pin
	same("pin-low", in.Level[0]>>pin&1, uint32(0))
	one, err := pmem.Map(gpioBase+uint64(unsafe.Offsetof(out.Level)), 4)
	check("map-one-register", err)
	if err == nil {
		out.Set[0] = 1 << pin
		same("one-register", one.Uint32()[0]>>pin&1, uint32(1))
		check("close-one-register", one.Close())
	}
	check("close-gpio", drive.Close())
}

// periph proves the engine as periph does: it knows physical addresses only.
func periph(e *engine) {
	alloc := func(size int) (pmem.Mem, error) { return pmem.Alloc(size) }
	for _, c := range []struct {
		name       string
		size, hole int
	}{{"whole", 4096, 0}, {"pages", 12288, 4096}, {"misaligned", 8190, 3}, {"one-word", 66, 31}} {
		check("copy-"+c.name, pmem.TestCopy(c.size, c.hole, alloc, func(to, from uint64) error {
			return e.run(to+alias+uint64(c.hole), from+alias, c.size-2*c.hole)
		}))
	}
	err := pmem.TestCopy(8190, 3, alloc, func(to, from uint64) error {
		return e.run(to+alias+3, from+alias, 8188)
	})
	if err == nil {
		check("too-far-is-found", errors.New("it is not"))
	} else {
		check("too-far-is-found", nil)
	}
}

// selftest proves it by the library's self-test, with bus addresses.
func selftest(ctx *pmem.Context, e *engine) {
	move := func(dst *pmem.Region, at uint64, src *pmem.Region, from, length uint64) error {
		to, err := dst.Bus()
		if err != nil {
			return err
		}
		source, err := src.Bus()
		if err != nil {
			return err
		}
		return e.run(to+at, source+from, int(length))
	}
	check("selftest", ctx.Selftest(8190, 3, 1, nil, move))
	err := ctx.Selftest(4096, 16, 0, nil, func(dst *pmem.Region, at uint64, src *pmem.Region, from, n uint64) error {
		return move(dst, at, src, from, n+4)
	})
	var why *pmem.Error
	if errors.As(err, &why) && why.Cause == pmem.CauseMismatch {
		err = nil
	} else {
		err = fmt.Errorf("a copy that is too long: %v", err)
	}
	check("selftest-too-far", err)
}

// pages looks where many pages are, by the kernel and by the library.
func pages(ctx *pmem.Context) {
	const count = 1024
	region, err := ctx.Alloc(count*4096, &pmem.AllocOptions{Backend: "pages", Flags: pmem.AllocScattered})
	check("pages", err)
	if err != nil {
		return
	}
	for i := 0; i < count && err == nil; i++ {
		var entry, phys uint64
		at := uintptr(region.Pointer()) + uintptr(i)*4096
		if entry, err = pmem.ReadPageMap(at); err == nil {
			phys, _, err = region.ExtentAt(uint64(i) * 4096)
		}
		if err == nil && entry&pmem.PagemapPfnMask*4096 != phys {
			err = fmt.Errorf("page %d: %#x and %#x", i, entry, phys)
		}
	}
	check("pagemap", err)
	check("close-pages", region.Close())
}

func main() {
	ctx, err := pmem.Default()
	check("context", err)
	family, err := ctx.Family()
	check("family", err)
	same("family-name", family, "bcm2837")
	gpio()
	pages(ctx)
	var e engine
	if err = e.open(); err == nil {
		bus, err := e.block.Region().Bus()
		check("bus", err)
		same("bus-alias", bus-e.block.PhysAddr(), uint64(alias))
		fmt.Println("memory by", e.block.Region().Backend())
		periph(&e)
		selftest(ctx, &e)
		same("copies", e.copies, 7)
		check("close", e.block.Close())
	}
	check("engine", err)
	if failures > 0 || runs < 30 {
		os.Exit(1)
	}
}
