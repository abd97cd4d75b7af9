// SPDX-License-Identifier: MIT

package pmem

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// engine copies by the regions' bytes.
func engine(dst *Region, dstOffset uint64, src *Region, srcOffset, length uint64) error {
	copy(dst.Bytes()[dstOffset:dstOffset+length], src.Bytes()[srcOffset:])
	return nil
}

func TestSelftest(t *testing.T) {
	ctx := context(t)
	alloc := func(size uint64) (*Region, error) {
		return ctx.Alloc(size, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
	}
	must(t, ctx.Selftest(20478, 4093, 8185, alloc, nil))
	must(t, ctx.Selftest(8190, 3, 1, alloc, engine))
	equal(t, count(ctx), 0)
	err := ctx.Selftest(8190, 3, 1, alloc, func(dst *Region, at uint64, src *Region, from, length uint64) error {
		must(t, engine(dst, at, src, from, length))
		return dst.Write8(at+length, dst.Bytes()[at+length]^1)
	})
	equal(t, refused(t, err, CauseMismatch).Errno, syscall.EILSEQ)
	err = ctx.Selftest(10, 5, 0, alloc, engine)
	equal(t, errors.Is(err, syscall.EINVAL), true)
}

func TestSelftestErrors(t *testing.T) {
	ctx := context(t)
	oops := fmt.Errorf("engine: %w", syscall.EBUSY)
	alloc := func(size uint64) (*Region, error) {
		return ctx.Alloc(size, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
	}
	fails := func(*Region, uint64, *Region, uint64, uint64) error { return oops }
	equal(t, ctx.Selftest(4096, 0, 0, alloc, fails), oops)
	equal(t, ctx.Selftest(4096, 0, 0, func(uint64) (*Region, error) { return nil, oops }, nil), oops)
	closed := func(size uint64) (*Region, error) {
		region, err := alloc(size)
		must(t, err)
		return region, region.Close()
	}
	equal(t, errors.Is(ctx.Selftest(4096, 0, 0, closed, nil), os.ErrClosed), true)
	none := func(size uint64) (*Region, error) { return nil, nil }
	equal(t, errors.Is(ctx.Selftest(4096, 0, 0, none, nil), os.ErrClosed), true)
	var kept *Region
	must(t, ctx.Selftest(4096, 0, 0, alloc, func(d *Region, a uint64, s *Region, b, l uint64) error {
		kept = d
		return engine(d, a, s, b, l)
	}))
	_, err := kept.Read8(0) // lent for the call only
	equal(t, errors.Is(err, os.ErrClosed), true)
	equal(t, count(ctx), 0)
}

func TestSelftestPanics(t *testing.T) {
	ctx := context(t)
	alloc := func(size uint64) (*Region, error) {
		return ctx.Alloc(size, &AllocOptions{Flags: AllocNoAddress | AllocScattered})
	}
	func() {
		defer func() { equal(t, recover(), "boo") }()
		_ = ctx.Selftest(4096, 0, 0, alloc, func(*Region, uint64, *Region, uint64, uint64) error { panic("boo") })
		t.Error("no panic")
	}()
	done, came := make(chan struct{}), false
	go func() {
		defer close(done)
		_ = ctx.Selftest(4096, 0, 0, alloc, func(*Region, uint64, *Region, uint64, uint64) error {
			runtime.Goexit()
			return nil
		})
		came = true
	}()
	<-done
	equal(t, came, false)
	must(t, ctx.Selftest(4096, 0, 0, alloc, engine))
	equal(t, count(ctx), 0)
}
