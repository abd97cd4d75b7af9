// SPDX-License-Identifier: MIT

package pmem

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestErrorHasAll(t *testing.T) {
	ctx := context(t)
	_, err := ctx.MapFile("/no/such/file", 0, ToEnd, AddressNone, 0)
	e := refused(t, err, CauseNoDevice)
	equal(t, e.Errno, syscall.ENOENT)
	equal(t, e.Path, "/no/such/file")
	equal(t, errors.Is(err, os.ErrNotExist) && errors.Is(err, syscall.ENOENT), true)
	equal(t, errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrClosed), false)
	if e.Operation == "" || e.Message == "" || e.Backend != "" || len(e.Children) != 0 {
		t.Errorf("%+v", e)
	}
	last, err := ctx.Err()
	must(t, err)
	equal(t, last.Error(), e.Error())
	fresh := context(t)
	last, err = fresh.Err()
	equal(t, last == nil && err == nil, true)
	_, err = ctx.Alloc(4096, &AllocOptions{Backend: "no-such"})
	equal(t, refused(t, err, CauseNotFound).Errno, syscall.ENOENT)
	equal(t, CauseNoMemory.String(), "no-memory")
	equal(t, Cause(9999).String(), "unknown")
}

func TestErrorChildren(t *testing.T) {
	ctx := context(t)
	_, err := ctx.Alloc(1<<60, nil)
	var e *Error
	if !errors.As(err, &e) || len(e.Children) < 3 {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, child := range e.Children {
		names[child.Backend] = true
		if child.Errno == 0 || child.Cause == CauseNone || child.Message == "" {
			t.Errorf("%+v", child)
		}
	}
	if !names["pages"] || !names["vcsm"] || len(names) != len(e.Children) {
		t.Error(names)
	}
}

// Each goroutine has an error of its own, whichever thread it runs in.
func TestErrorsOfGoroutines(t *testing.T) {
	const goroutines, each = 8, 12500
	ctx := context(t)
	region := memory(t, ctx, 4096)
	var wait sync.WaitGroup
	wrong := make(chan string, goroutines)
	for g := 0; g < goroutines; g++ {
		wait.Add(1)
		go func(g int) {
			defer wait.Done()
			for i := 0; i < each; i++ {
				if text := failOnce(ctx, region, g, i); text != "" {
					wrong <- text
					return
				}
				if i%64 == 0 {
					runtime.Gosched()
				}
			}
		}(g)
	}
	wait.Wait()
	close(wrong)
	for text := range wrong {
		t.Error(text)
	}
}

// failOnce makes the failure that belongs to a goroutine, and tells what is wrong with it.
func failOnce(ctx *Context, region *Region, g, i int) string {
	var err error
	var cause Cause
	var path string
	switch g % 4 {
	case 0:
		path, cause = fmt.Sprintf("/no-such-%d-%d", g, i), CauseNoDevice
		_, err = ctx.MapFile(path, 0, ToEnd, AddressNone, 0)
	case 1:
		_, err = region.Read32(uint64(4096 + 4*i))
		cause = CauseBounds
	case 2:
		_, err = region.Read64(uint64(i%500)*8 + 1)
		cause = CauseAlignment
	default:
		_, err = ctx.Map(uint64(g), 0, 0)
		cause = CauseZeroSize
	}
	var e *Error
	if !errors.As(err, &e) || e.Cause != cause || e.Path != path {
		return fmt.Sprintf("goroutine %d, call %d: %v", g, i, err)
	}
	return ""
}

func TestSuccessIsNoError(t *testing.T) {
	ctx := context(t)
	region := memory(t, ctx, 4096)
	if _, err := region.Read8(4096); err == nil {
		t.Fatal("beyond the end")
	}
	if _, err := region.Read8(4095); err != nil {
		t.Fatal(err)
	}
}

// resident is the memory of this program, of C's and of Go's.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(text), &size, &pages)
	must(t, err)
	return pages * os.Getpagesize()
}

func TestErrorsAreFreed(t *testing.T) {
	ctx := context(t)
	long := "/" + strings.Repeat("x", 8000)
	fail := func() {
		for i := 0; i < 5000; i++ {
			if _, err := ctx.MapFile(long, 0, ToEnd, AddressNone, 0); err == nil {
				t.Fatal("there is such a file")
			}
		}
	}
	fail()
	before := resident(t)
	for i := 0; i < 4; i++ {
		fail()
	}
	if more := resident(t) - before; more > 24<<20 {
		t.Errorf("20000 failures took %d bytes", more)
	}
}

// What the self-test has is not this program's to find, and no crash.
func TestFindElsewhere(t *testing.T) {
	ctx := context(t)
	alloc := func(size uint64) (*Region, error) {
		return ctx.Alloc(size, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
	}
	must(t, ctx.Selftest(4096, 0, 0, alloc, func(d *Region, a uint64, s *Region, b, n uint64) error {
		_, _, err := ctx.Find(d.Pointer())
		refused(t, err, CauseNotFound)
		return engine(d, a, s, b, n)
	}))
}

func TestNamesWithNUL(t *testing.T) {
	ctx := context(t)
	_, err := ctx.MapFile("/dev/zero\x00x", 0, 4096, AddressNone, 0)
	equal(t, errors.Is(err, os.ErrNotExist), true)
	_, err = ctx.MapFile("", 0, 4096, AddressNone, 0)
	refused(t, err, CauseNullArgument)
}
