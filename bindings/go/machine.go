// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import "unsafe"

// ask is a call with the context.
func (c *Context) ask(call func(*C.struct_pmem_ctx, *texts) C.struct_pmemgo) (C.struct_pmemgo, error) {
	p, err := c.get()
	if err != nil {
		return C.struct_pmemgo{}, err
	}
	defer c.done()
	var t texts
	defer t.free()
	got := call(p, &t)
	return got, failure(got)
}

// text is a call that gives a text of the context; ok is false if there is none.
func (c *Context) text(call func(*C.struct_pmem_ctx) C.struct_pmemgo) (text string, ok bool, err error) {
	p, err := c.get()
	if err != nil {
		return "", false, err
	}
	defer c.done()
	got := call(p)
	return C.GoString((*C.char)(got.object)), got.object != nil, failure(got)
}

// Family is the family of the SoC, such as "bcm2837", "x86_64", or "generic".
func (c *Context) Family() (string, error) {
	text, _, err := c.text(func(p *C.struct_pmem_ctx) C.struct_pmemgo { return C.pmemgo_soc_family(p) })
	return text, err
}

// Vendor is the maker of the SoC; "" if unknown.
func (c *Context) Vendor() (string, error) {
	text, _, err := c.text(func(p *C.struct_pmem_ctx) C.struct_pmemgo { return C.pmemgo_soc_vendor(p) })
	return text, err
}

// Model is the model text of the board; "" if the machine does not tell.
func (c *Context) Model() (string, error) {
	text, _, err := c.text(func(p *C.struct_pmem_ctx) C.struct_pmemgo { return C.pmemgo_soc_model(p) })
	return text, err
}

// Compatible are the root's compatible strings, most specific first.
func (c *Context) Compatible() ([]string, error) {
	var found []string
	for {
		text, ok, err := c.text(func(p *C.struct_pmem_ctx) C.struct_pmemgo {
			return C.pmemgo_soc_compatible(p, C.size_t(len(found)))
		})
		if err != nil || !ok {
			return found, err
		}
		found = append(found, text)
	}
}

// PageSize is the bytes in a page of the running kernel; 0 after Close.
func (c *Context) PageSize() uint64 {
	p, err := c.get()
	if err != nil {
		return 0
	}
	defer c.done()
	return uint64(C.pmem_soc_page_size(p))
}

// Node tells where a device of the tree is, as the CPU sees it: path, alias, "&label" or compatible.
func (c *Context) Node(node string, index uint32) (phys, size uint64, err error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_node(p, t.c(node), C.uint32_t(index))
	})
	return uint64(got.a), uint64(got.b), err
}

// GPIO tells where the GPIO registers are that MapGPIO maps.
func (c *Context) GPIO() (phys, size uint64, err error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo { return C.pmemgo_soc_gpio(p) })
	return uint64(got.a), uint64(got.b), err
}

// NodePath is the full path of a node; nth chooses among those that have the same compatible.
func (c *Context) NodePath(node string, nth uint32) (string, error) {
	room := (*C.char)(C.malloc(4096))
	defer C.free(unsafe.Pointer(room))
	_, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_node_path(p, t.c(node), C.uint32_t(nth), room, 4096)
	})
	if err != nil {
		return "", err
	}
	return C.GoString(room), nil
}

// NodeAvailable tells whether a node and all above it are enabled.
func (c *Context) NodeAvailable(node string) (bool, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_node_available(p, t.c(node))
	})
	return got.result > 0, err
}

// BusToPhys goes from the address that a DMA master uses to the physical one; "": the general DMA engine.
func (c *Context) BusToPhys(master string, bus uint64) (uint64, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_bus_to_phys(p, t.c(master), C.uint64_t(bus))
	})
	return uint64(got.a), err
}

// PhysToBus goes from the physical address to the one that a DMA master uses, as BusToPhys.
func (c *Context) PhysToBus(master string, phys uint64) (uint64, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_phys_to_bus(p, t.c(master), C.uint64_t(phys))
	})
	return uint64(got.a), err
}

// Coherent tells whether the CPU's caches see what a DMA master writes, and the other way round.
func (c *Context) Coherent(master string) (bool, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_coherent(p, t.c(master))
	})
	return got.result > 0, err
}

// Reserved is memory that the device tree keeps back.
type Reserved struct {
	Path       string // for MapNode
	Compatible string // the first; "": none
	Phys       uint64 // AddressNone: Linux chose the place
	Size       uint64
	Flags      ReservedFlags
}

// Reserved lists the memory that the device tree keeps back.
func (c *Context) Reserved() ([]Reserved, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	got := C.pmemgo_soc_reserved_count(p)
	if err := failure(got); err != nil {
		return nil, err
	}
	all := make([]Reserved, int(got.a))
	for i := range all {
		at := C.size_t(i)
		got := C.pmemgo_soc_reserved(p, at)
		if err := failure(got); err != nil {
			return nil, err
		}
		all[i] = Reserved{C.GoString(C.pmem_soc_reserved_path(p, at)),
			C.GoString(C.pmem_soc_reserved_compatible(p, at)), uint64(got.a), uint64(got.b),
			ReservedFlags(got.result)}
	}
	return all, nil
}

// NodeReserved tells which entry of Reserved a node uses, by its memory-region: by index, or by name if that
// is not "".
func (c *Context) NodeReserved(node string, index uint32, name string) (int, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, t *texts) C.struct_pmemgo {
		return C.pmemgo_soc_node_reserved(p, t.c(node), C.uint32_t(index), t.c(name))
	})
	return int(got.a), err
}

// Backend is a way to physical memory.
type Backend struct {
	Name string
	Caps Caps
	Why  error // nil: usable here and now
}

// Backends are the ways that the library knows, in the order of preference of this SoC.
func (c *Context) Backends() ([]Backend, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	all := make([]Backend, int(C.pmem_backend_count(p)))
	for i := range all {
		at := C.size_t(i)
		all[i] = Backend{Name: C.GoString(C.pmem_backend_name(p, at)), Caps: Caps(C.pmem_backend_caps(p, at))}
		got := C.pmemgo_backend_status(p, at)
		all[i].Why = failure(got)
		if got.object != nil {
			all[i].Why = takeError((*C.struct_pmem_error)(got.object))
		}
	}
	return all, nil
}

// Heap is a dma-heap, or a buffer of u-dma-buf.
type Heap struct {
	Name  string // for AllocOptions.Heap
	Path  string
	Class HeapClass
}

// Heaps are those of this machine; the list is made once for a context.
func (c *Context) Heaps() ([]Heap, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	got := C.pmemgo_heap_count(p)
	if err := failure(got); err != nil {
		return nil, err
	}
	all := make([]Heap, int(got.a))
	for i := range all {
		at := C.size_t(i)
		all[i] = Heap{C.GoString(C.pmem_heap_name(p, at)), C.GoString(C.pmem_heap_path(p, at)),
			HeapClass(C.pmem_heap_class(p, at))}
	}
	return all, nil
}

// HeapWay tells by which way the address of the memory of heap i can be known.
func (c *Context) HeapWay(i int) (Way, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_heap_way(p, C.size_t(i))
	})
	return Way(got.a), err
}

// DmabufCPUBegin comes before the CPU touches a dma-buf that is no region of this library.
func (c *Context) DmabufCPUBegin(fd int, direction Direction) error {
	_, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_dmabuf_cpu_begin(p, C.int(fd), C.uint32_t(direction))
	})
	return err
}

// DmabufCPUEnd comes after the CPU, as DmabufCPUBegin.
func (c *Context) DmabufCPUEnd(fd int, direction Direction) error {
	_, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_dmabuf_cpu_end(p, C.int(fd), C.uint32_t(direction))
	})
	return err
}

// Firmware is one fact that only the firmware of a Raspberry Pi knows.
func (c *Context) Firmware(what Fact) (uint64, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_firmware_get(p, C.uint32_t(what))
	})
	return uint64(got.a), err
}

// FirmwareReclaim gives back firmware memory of processes that have died: how many pieces and bytes.
func (c *Context) FirmwareReclaim(flags ReclaimFlags) (count, bytes uint64, err error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_firmware_reclaim(p, C.uint32_t(flags))
	})
	return uint64(got.a), uint64(got.b), err
}

// Pagemap is the raw pagemap entry of the page that holds an address of this program; bits: Pagemap*.
func (c *Context) Pagemap(address uintptr) (uint64, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_vaddr_pagemap(p, C.uintptr_t(address))
	})
	return uint64(got.a), err
}

// PhysOf is the physical address of one byte of this program, now. Go's memory, as all that is not pinned,
// may be elsewhere a moment later.
func (c *Context) PhysOf(address uintptr) (uint64, error) {
	got, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_vaddr_phys(p, C.uintptr_t(address))
	})
	return uint64(got.a), err
}

// PhysOfPages are the physical addresses of consecutive pages, as PhysOf.
func (c *Context) PhysOfPages(address uintptr, pages int) ([]uint64, error) {
	if pages <= 0 {
		return nil, nil
	}
	phys := make([]uint64, pages)
	_, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_vaddr_phys_bulk(p, C.uintptr_t(address), C.size_t(pages),
			(*C.uint64_t)(unsafe.Pointer(&phys[0])))
	})
	if err != nil {
		return nil, err
	}
	return phys, nil
}

// PhysList are the physical addresses of bytes that lie anywhere, in their order; as PhysOf.
func (c *Context) PhysList(addresses []uintptr) ([]uint64, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	list, phys := make([]uint64, len(addresses)), make([]uint64, len(addresses))
	for i, one := range addresses {
		list[i] = uint64(one)
	}
	_, err := c.ask(func(p *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_vaddr_phys_list(p, (*C.uint64_t)(unsafe.Pointer(&list[0])),
			C.size_t(len(list)), (*C.uint64_t)(unsafe.Pointer(&phys[0])))
	})
	if err != nil {
		return nil, err
	}
	return phys, nil
}

// ExtentsOf are the physically contiguous pieces of memory of this program, now; as PhysOf. Register keeps
// them.
func (c *Context) ExtentsOf(address uintptr, length uint64) ([]Extent, error) {
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	return pieces(func(room *C.struct_pmem_extent, capacity C.size_t) C.struct_pmemgo {
		return C.pmemgo_vaddr_extents(p, C.uintptr_t(address), C.uint64_t(length), room, capacity)
	})
}
