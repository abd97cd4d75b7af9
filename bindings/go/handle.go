// SPDX-License-Identifier: MIT

package pmem

import (
	"sync"
	"unsafe"
)

// handle is a pointer of the library. Calls that are under way hold off its release, so a Close that
// comes too early is an error of the next call and no crash of this one.
type handle struct {
	mu      sync.Mutex
	pointer unsafe.Pointer
	users   int
	closed  bool
	release func(unsafe.Pointer) error // nil: somebody else's
}

// use is the pointer for a call, nil after Close; done ends the call.
func (h *handle) use() unsafe.Pointer {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.users++
	return h.pointer
}

func (h *handle) done() {
	h.mu.Lock()
	h.users--
	last := h.closed && h.users == 0
	h.mu.Unlock()
	if last {
		_ = h.free()
	}
}

// close releases at once, or after the last call that is under way. Once is enough: later ones do nothing.
func (h *handle) close() error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	now := first && h.users == 0
	h.mu.Unlock()
	if !now {
		return nil
	}
	return h.free()
}

func (h *handle) free() error {
	if h.release == nil {
		return nil
	}
	return h.release(h.pointer)
}

// take is the pointer for somebody who releases it from now on; nil if it is in use or closed.
func (h *handle) take() unsafe.Pointer {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.users > 0 {
		return nil
	}
	h.closed = true
	return h.pointer
}
