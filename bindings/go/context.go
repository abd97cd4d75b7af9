// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// Context is one view of the machine. Any number of goroutines may share one. Regions hold their
// context, so the order of closing does not matter.
type Context struct {
	*handle
	book *book
}

// book is what all references to one context share.
type book struct {
	mu       sync.RWMutex
	regions  map[unsafe.Pointer]*core
	contexts int
	log      uintptr
}

// New makes a context. The environment (LIBPMEM_ROOT, LIBPMEM_BACKEND ...) is read here, once.
func New() (*Context, error) {
	got := C.pmemgo_ctx_new()
	if err := failure(got); err != nil {
		return nil, err
	}
	return newContext(got.object, &book{regions: map[unsafe.Pointer]*core{}}), nil
}

func newContext(pointer unsafe.Pointer, b *book) *Context {
	b.mu.Lock()
	b.contexts++
	b.mu.Unlock()
	c := &Context{&handle{pointer: pointer, release: func(p unsafe.Pointer) error {
		b.closed()
		C.pmem_ctx_unref((*C.struct_pmem_ctx)(p))
		return nil
	}}, b}
	runtime.SetFinalizer(c, func(c *Context) { _ = c.close() })
	return c
}

// closed counts the references; without one, messages have nowhere to go.
func (b *book) closed() {
	b.mu.Lock()
	b.contexts--
	id := b.log
	last := b.contexts == 0
	b.mu.Unlock()
	if last {
		logs.Delete(id)
	}
}

func (c *Context) get() (*C.struct_pmem_ctx, error) {
	if c != nil {
		if p := c.use(); p != nil {
			return (*C.struct_pmem_ctx)(p), nil
		}
	}
	return nil, errClosed("context")
}

// Close gives the context back. Its regions stay. Closing twice is allowed.
func (c *Context) Close() error {
	if c == nil {
		return nil
	}
	return c.close()
}

// Ref is one more reference to the same context, to be closed on its own.
func (c *Context) Ref() (*Context, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	return newContext(unsafe.Pointer(C.pmem_ctx_ref(p)), c.book), nil
}

// Err is the last failure of a call with this context or its regions, by any goroutine; nil if none has
// failed. Each call returns its own error: this is for programs that share a context with C.
func (c *Context) Err() (*Error, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	got := C.pmemgo_ctx_error(p)
	if got.object != nil {
		return takeError((*C.struct_pmem_error)(got.object)), nil
	}
	if err := failure(got).(*Error); err.Cause != CauseNotFound {
		return nil, err
	}
	return nil, nil
}

// logs are the receivers of messages by number; one that is gone is no error.
var logs sync.Map

var logCount struct {
	sync.Mutex
	last uintptr
}

// SetLog sends the library's messages to receive, until the context is closed or receive is nil. Set it
// before other goroutines use the context. A panic of receive ends the program.
func (c *Context) SetLog(receive func(level Level, message string)) error {
	p, err := c.get()
	if err != nil {
		return err
	}
	defer c.done()
	var id uintptr
	if receive != nil {
		logCount.Lock()
		logCount.last++
		id = logCount.last
		logCount.Unlock()
		logs.Store(id, receive)
	}
	err = failure(C.pmemgo_ctx_set_log(p, C.uintptr_t(id)))
	c.book.mu.Lock()
	if err == nil {
		id, c.book.log = c.book.log, id
	}
	c.book.mu.Unlock()
	logs.Delete(id)
	return err
}

//export pmemgoLog
func pmemgoLog(id C.uintptr_t, level C.uint32_t, message *C.char) {
	receive, ok := logs.Load(uintptr(id))
	if !ok {
		return
	}
	text := C.GoString(message)
	// A goroutine of its own: what it does to itself does not pass through the library.
	done := make(chan struct{})
	go func() {
		defer close(done)
		receive.(func(Level, string))(Level(level), text)
	}()
	<-done
}

// AllocOptions are what an allocation may ask for; the zero value is the default.
type AllocOptions struct {
	Flags    AllocFlags
	Align    uint64 // of the physical address: a power of two
	MaxAddr  uint64 // highest physical address allowed; 0: any
	Master   string // the device: node path, alias, "&label" or compatible; "": the general DMA engine
	Backend  string // only this backend; "": choose
	Heap     string // only this heap; "": choose
	Name     string // shown by the kernel's lists of dma-bufs
	Firmware *FirmwareOptions
	WaitMS   uint32  // how long one piece of ordinary memory may be looked for; 0: the default
	Node     uint32  // memory of this NUMA node, counted from 1; 0: any
	Device   *Device // who will use it, instead of Master; Align and MaxAddr are of its addresses then
}

// FirmwareOptions are what an allocation may ask for of firmware memory.
type FirmwareOptions struct {
	Flags       FirmwareFlags
	DMAChannels uint32 // bit n: DMA channel n may write here, and is stopped before the memory is taken back
}

// Alloc allocates memory that a device can reach: contiguous, zeroed, pinned, its address known, coherent
// or syncable. Options narrow or widen that; nil is none.
func (c *Context) Alloc(size uint64, options *AllocOptions) (*Region, error) {
	if options == nil {
		options = &AllocOptions{}
	}
	firmware := FirmwareOptions{}
	if options.Firmware != nil {
		firmware = *options.Firmware
	}
	device, done, err := options.Device.optional()
	if err != nil {
		return nil, err
	}
	defer done()
	return c.make(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_region_alloc(p, C.uint64_t(size),
			C.struct_pmem_alloc_opts{
				flags:    C.uint32_t(options.Flags),
				align:    C.uint64_t(options.Align),
				max_addr: C.uint64_t(options.MaxAddr),
				master:   t.c(options.Master),
				backend:  t.c(options.Backend),
				heap:     t.c(options.Heap),
				name:     t.c(options.Name),
				wait_ms:  C.uint32_t(options.WaitMS),
				node:     C.uint32_t(options.Node),
				device:   device,
			},
			C.struct_pmem_firmware_opts{
				flags:        C.uint32_t(firmware.Flags),
				dma_channels: C.uint32_t(firmware.DMAChannels),
			})
	})
}

// Map maps physical addresses, usually registers. Any base and any size.
func (c *Context) Map(phys, size uint64, flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_region_map(p, C.uint64_t(phys), C.uint64_t(size), C.uint32_t(flags))
	})
}

// MapGPIO maps the GPIO registers, without root where /dev/gpiomem exists.
func (c *Context) MapGPIO(flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_region_map_gpio(p, C.uint32_t(flags))
	})
}

// MapNode maps the registers of a device by its node: path, alias, "&label" or compatible. index says
// which entry of reg.
func (c *Context) MapNode(node string, index uint32, flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_region_map_node(p, t.c(node), C.uint32_t(index), C.uint32_t(flags))
	})
}

// MapPCI maps a base address register of a PCI device, such as "0000:00:04.0".
func (c *Context) MapPCI(bdf string, bar uint32, flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_region_map_pci(p, t.c(bdf), C.uint32_t(bar), C.uint32_t(flags))
	})
}

// MapFile maps a device file, or registers that were saved in a file. size may be ToEnd. phys is the
// address that the first byte stands for; AddressNone: unknown.
func (c *Context) MapFile(path string, offset, size, phys uint64, flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_region_map_file(p, t.c(path), C.uint64_t(offset), C.uint64_t(size),
			C.uint64_t(phys), C.uint32_t(flags))
	})
}

// Import maps a dma-buf that somebody else made. fd stays the caller's.
func (c *Context) Import(fd int, flags MapFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_region_import(p, C.int(fd), C.uint32_t(flags))
	})
}

// Register keeps memory that the program already has in place, and tells where it is. Nothing is copied, and
// Close lets it go unchanged; until then it must be there, unmapped by nobody.
//
// Memory of C only: C.malloc, syscall.Mmap, a memory file, a Region's. The library keeps the address after
// the call, which cgo forbids for what Go allocated: such memory is the collector's, who may give it to
// somebody else while a device still writes to it. The slice's array is not kept alive by the Region.
func (c *Context) Register(memory []byte, flags RegisterFlags) (*Region, error) {
	return c.make(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_region_register(p, where(memory), C.uint64_t(len(memory)), C.uint32_t(flags))
	})
}

// make makes a region by one call.
func (c *Context) make(call func(*C.struct_pmem_ctx, *texts) C.struct_pmemgo) (*Region, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	var t texts
	defer t.free()
	got := call(p, &t)
	if err := failure(got); err != nil {
		return nil, err
	}
	return c.book.region(got.object), nil
}

// Find is the region that a pointer points into, and the offset in it.
func (c *Context) Find(pointer unsafe.Pointer) (*Region, uint64, error) {
	return c.find(func(p *C.struct_pmem_ctx) C.struct_pmemgo {
		return C.pmemgo_region_find(p, C.uintptr_t(uintptr(pointer)))
	})
}

// FindPhys is the region that holds a physical address, and the offset in it.
func (c *Context) FindPhys(phys uint64) (*Region, uint64, error) {
	return c.find(func(p *C.struct_pmem_ctx) C.struct_pmemgo {
		return C.pmemgo_region_find_phys(p, C.uint64_t(phys))
	})
}

func (c *Context) find(call func(*C.struct_pmem_ctx) C.struct_pmemgo) (*Region, uint64, error) {
	p, err := c.get()
	if err != nil {
		return nil, 0, err
	}
	defer c.done()
	// No region enters the book in between, so what is found there is the one that C found.
	c.book.mu.RLock()
	got := call(p)
	found := c.book.regions[got.object]
	c.book.mu.RUnlock()
	if err := failure(got); err != nil {
		return nil, 0, err
	}
	if found != nil {
		if r := found.region(); r != nil {
			return r, uint64(got.a), nil
		}
	}
	message := "the region that is there was not made by this package, or is just being closed"
	return nil, 0, &Error{Errno: syscall.ENOENT, Cause: CauseNotFound, Operation: "find", Message: message,
		text: message}
}
