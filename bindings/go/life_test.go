// SPDX-License-Identifier: MIT

package pmem

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// count is how many regions of a context live.
func count(ctx *Context) int {
	ctx.book.mu.RLock()
	defer ctx.book.mu.RUnlock()
	return len(ctx.book.regions)
}

// collected waits until the collector has left that many.
func collected(ctx *Context, want int) bool {
	for i := 0; i < 200 && count(ctx) != want; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	return count(ctx) == want
}

func TestForgottenRegions(t *testing.T) {
	ctx := context(t)
	var bytes []byte
	func() {
		for i := 0; i < 10; i++ {
			region, err := ctx.Alloc(4096, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
			must(t, err)
			must(t, region.Write32(0, 7))
			if i == 3 {
				bytes = region.Bytes()
			}
		}
	}()
	if !collected(ctx, 1) {
		t.Fatalf("%d regions are left", count(ctx))
	}
	for i := 0; i < 10; i++ {
		runtime.GC()
	}
	// The one whose bytes are in use stays, and can be found.
	equal(t, bytes[0]|bytes[3], byte(7))
	region, _, err := ctx.Find(unsafe.Pointer(&bytes[9]))
	must(t, err)
	must(t, region.Close())
	equal(t, count(ctx), 0)
}

func TestFoundRegions(t *testing.T) {
	ctx := context(t)
	region, err := ctx.Alloc(8192, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
	must(t, err)
	at, err := region.At(4100, 4, 4)
	must(t, err)
	found, offset, err := ctx.Find(at)
	must(t, err)
	equal(t, offset, uint64(4100))
	equal(t, found.Same(region), true)
	equal(t, found.Size(), uint64(8192))
	must(t, found.Close())
	_, err = region.Read8(0)
	equal(t, errors.Is(err, os.ErrClosed), true)
	must(t, region.Close())
	_, _, err = ctx.Find(at)
	refused(t, err, CauseNotFound)
	_, _, err = ctx.FindPhys(0xfffffffffff)
	refused(t, err, CauseNotFound)
}

func TestAfterClose(t *testing.T) {
	ctx, err := New()
	must(t, err)
	region := memory(t, ctx, 4096)
	other, err := ctx.Ref()
	must(t, err)
	must(t, ctx.Close())
	must(t, ctx.Close())
	_, err = ctx.Family()
	equal(t, errors.Is(err, os.ErrClosed), true)
	_, err = ctx.Alloc(4096, nil)
	equal(t, errors.Is(err, os.ErrClosed), true)
	equal(t, ctx.PageSize(), uint64(0))
	_, err = other.Family()
	must(t, err)
	must(t, other.Close())
	must(t, region.Write8(1, 2)) // regions hold their context
	must(t, region.Close())
	must(t, region.Close())
	for name, call := range map[string]func() error{
		"Phys":     func() error { _, err := region.Phys(); return err },
		"At":       func() error { _, err := region.At(0, 1, 1); return err },
		"Write64":  func() error { return region.Write64(0, 1) },
		"Extents":  func() error { _, err := region.Extents(0, ToEnd, ExtentsPhys); return err },
		"FD":       func() error { _, err := region.FD(); return err },
		"CPUBegin": func() error { return region.CPUBegin(0, 1, DirRead) },
		"View":     func() error { _, err := region.View(); return err },
		"CPU":      func() error { return region.CPU(DirRead, func([]byte) error { return nil }) },
	} {
		if err := call(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if region.Bytes() != nil || region.Pointer() != nil || region.Size() != 0 || region.Attrs() != 0 ||
		region.Backend() != "" || region.String() != "closed region" {
		t.Error("something is left")
	}
	var none *Region
	var zero Region
	var noContext *Context
	must(t, none.Close())
	must(t, zero.Close())
	must(t, noContext.Close())
	_, err = zero.Read8(0)
	equal(t, errors.Is(err, os.ErrClosed), true)
}

func TestCloseWhileInUse(t *testing.T) {
	ctx := context(t)
	for round := 0; round < 50; round++ {
		region, err := ctx.Alloc(4096, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
		must(t, err)
		var wait sync.WaitGroup
		for g := 0; g < 4; g++ {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for {
					if _, err := region.Read32(64); err != nil {
						if !errors.Is(err, os.ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			}()
		}
		runtime.Gosched()
		must(t, region.Close())
		wait.Wait()
	}
}

func TestExec(t *testing.T) {
	region := memory(t, context(t), 1<<20)
	region.Bytes()[4096] = 9
	out, err := exec.Command("/bin/echo", "child").Output()
	must(t, err)
	equal(t, string(out), "child\n")
	equal(t, region.Bytes()[4096], byte(9))
	must(t, region.Write8(5, 6))
}

func TestLog(t *testing.T) {
	ctx := context(t)
	var mu sync.Mutex
	var lines []string
	must(t, ctx.SetLog(func(level Level, message string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, message)
		if level < LevelError || level > LevelDebug || ctx.PageSize() == 0 {
			lines = append(lines, "wrong")
		}
	}))
	region := memory(t, ctx, 4096)
	text := strings.Join(lines, "\n")
	if len(lines) == 0 || strings.Contains(text, "wrong") {
		t.Fatalf("messages: %q", text)
	}
	must(t, ctx.SetLog(nil))
	before := len(lines)
	must(t, region.Close())
	memory(t, ctx, 4096)
	equal(t, len(lines), before)
	logs.Range(func(key, _ interface{}) bool {
		t.Errorf("receiver %v is kept", key)
		return true
	})
}
