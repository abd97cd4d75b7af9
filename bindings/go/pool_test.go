// SPDX-License-Identifier: MIT

package pmem

import (
	"sync"
	"testing"
)

// small makes a pool of memory that any user gets.
func small(t *testing.T, options PoolOptions) *Pool {
	t.Helper()
	options.Alloc = AllocOptions{Flags: AllocNoAddress | AllocScattered, Backend: "pages"}
	pool, err := context(t).Pool(&options)
	must(t, err)
	t.Cleanup(func() { must(t, pool.Close()) })
	return pool
}

func TestPool(t *testing.T) {
	pool := small(t, PoolOptions{Boundary: 4096})
	one, err := pool.Alloc(100, 0)
	must(t, err)
	two, err := pool.Alloc(4096, 4096)
	must(t, err)
	equal(t, len(one), 100)
	one[99], two[4095] = 1, 2
	must(t, pool.CPUEnd(two, DirWrite))
	must(t, pool.CPUBegin(two, DirRead))
	offset, err := pool.Offset(two)
	must(t, err)
	next, err := pool.Offset(two[1:])
	must(t, err)
	equal(t, next, offset+1)
	stats, err := pool.Stats()
	must(t, err)
	equal(t, stats.Objects, uint64(2))
	refused(t, pool.Free(two[1:]), CauseWrongKind)
	must(t, pool.Free(two))
	refused(t, pool.Free(two), CauseNotFound)
	must(t, pool.Free(one))
	must(t, pool.Free(nil))
	_, err = pool.Alloc(5000, 0)
	refused(t, err, CauseAlignment)
	_, err = pool.Alloc(0, 0)
	refused(t, err, CauseZeroSize)
	bytes, err := pool.Trim()
	must(t, err)
	equal(t, bytes > 0, true)
}

func TestPoolOfARegion(t *testing.T) {
	ctx := context(t)
	region := memory(t, ctx, 65536)
	pool, err := ctx.Pool(&PoolOptions{Flags: PoolNoGrow})
	must(t, err)
	must(t, pool.Add(region))
	refused(t, pool.Add(region), CauseBusy)
	one, err := pool.Alloc(64, 0)
	must(t, err)
	_, err = pool.Bus(one)
	if err != nil { // its memory's address was not asked for
		_, err = pool.Phys(one)
		equal(t, err != nil, true)
	}
	_, err = pool.Alloc(1<<20, 0)
	refused(t, err, CauseLimit)
	must(t, pool.Close())
	must(t, pool.Close())
	_, err = pool.Alloc(1, 0)
	equal(t, err != nil, true)
}

func TestPoolOfGoroutines(t *testing.T) {
	pool := small(t, PoolOptions{})
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(mark byte) {
			defer group.Done()
			for k := 0; k < 500; k++ {
				one, err := pool.Alloc(64, 0)
				must(t, err)
				one[0] = mark
				equal(t, one[0], mark)
				must(t, pool.Free(one))
			}
		}(byte(i))
	}
	group.Wait()
	stats, err := pool.Stats()
	must(t, err)
	equal(t, stats.Objects, uint64(0))
}
