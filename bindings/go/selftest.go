// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"errors"
	"runtime"
	"runtime/cgo"
	"syscall"
	"unsafe"
)

// SelftestAlloc makes one buffer of at least size bytes. It becomes the self-test's, which closes it.
type SelftestAlloc func(size uint64) (*Region, error)

// SelftestCopy is a copy engine: it returns when length bytes are there. The regions are lent for this call.
type SelftestCopy func(dst *Region, dstOffset uint64, src *Region, srcOffset, length uint64) error

// selftest is what the callbacks need.
type selftest struct {
	ctx      *Context
	alloc    SelftestAlloc
	copy     SelftestCopy
	err      error       // what a callback returned
	panicked interface{} // what it panicked with
	exited   bool        // it called runtime.Goexit, as testing.T.FailNow does
}

// Selftest proves a copy engine: that it copies every byte it should and none it should not. It fills a source with
// random bytes and a destination with a pattern, has size - 2*hole bytes copied from srcOffset to hole, and
// compares. alloc nil: Alloc without options. copy nil: the CPU copies. An error of a callback is the
// result, a panic comes out of this call.
func (c *Context) Selftest(size, hole, srcOffset uint64, alloc SelftestAlloc, copy SelftestCopy) error {
	p, err := c.get()
	if err != nil {
		return err
	}
	defer c.done()
	test := &selftest{ctx: c, alloc: alloc, copy: copy}
	h := cgo.NewHandle(test)
	defer h.Delete()
	err = failure(C.pmemgo_selftest_copy(p, C.uint64_t(size), C.uint64_t(hole), C.uint64_t(srcOffset),
		truth(alloc != nil), truth(copy != nil), C.uintptr_t(h)))
	if test.panicked != nil {
		panic(test.panicked)
	}
	if test.exited {
		runtime.Goexit()
	}
	if test.err != nil {
		return test.err
	}
	return err
}

func truth(is bool) C.int {
	if is {
		return 1
	}
	return 0
}

// run calls a callback in a goroutine of its own, since nothing may unwind through C.
func (t *selftest) run(call func() error) C.int {
	done := make(chan error)
	go func() {
		err := error(syscall.ECANCELED)
		finished := false
		defer func() {
			if !finished {
				t.panicked = recover()
				t.exited = t.panicked == nil
			}
			done <- err
		}()
		err = call()
		t.err = err
		finished = true
	}()
	return negative(<-done)
}

// negative is the errno of an error as C returns it.
func negative(err error) C.int {
	if err == nil {
		return 0
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && errno > 0 && errno < 4096 {
		return -C.int(errno)
	}
	return -C.int(syscall.EIO)
}

//export pmemgoSelftestAlloc
func pmemgoSelftestAlloc(h C.uintptr_t, size C.uint64_t, out **C.struct_pmem_region) C.int {
	t := cgo.Handle(h).Value().(*selftest)
	return t.run(func() error {
		region, err := t.alloc(uint64(size))
		if err != nil {
			return err
		}
		p := region.handOver()
		if p == nil {
			return errClosed("region that a self-test was given")
		}
		*out = p
		return nil
	})
}

//export pmemgoSelftestCopy
func pmemgoSelftestCopy(h C.uintptr_t, dst *C.struct_pmem_region, dstOffset C.uint64_t,
	src *C.struct_pmem_region, srcOffset, length C.uint64_t) C.int {
	t := cgo.Handle(h).Value().(*selftest)
	to, from := lent(unsafe.Pointer(dst)), lent(unsafe.Pointer(src))
	defer to.close()
	defer from.close()
	return t.run(func() error {
		return t.copy(to, uint64(dstOffset), from, uint64(srcOffset), uint64(length))
	})
}

// lent is a region that somebody else closes; Close only ends its use.
func lent(pointer unsafe.Pointer) *Region {
	c := &core{}
	c.handle.pointer = pointer
	return &Region{c}
}
