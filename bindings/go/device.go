// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"time"
	"unsafe"
)

// Device is one that this program drives. Close it; pools of its memory come before it.
type Device struct {
	handle
	ctx *Context
}

// DeviceOptions are how a device is opened; the zero value is the default.
type DeviceOptions struct {
	Flags    DeviceFlags // DeviceMayBeUnsafe
	MaxAddr  uint64      // highest address that the device can emit; 0: any
	Way      string      // only this way; "": choose
	Share    *Device     // be in the address space of this one
	DeviceFD int         // descriptors that somebody with more rights opened; they stay the caller's; 0: none
	GroupFD  int
	IommuFD  int
}

// Device takes a device: "0000:00:04.0", a platform device or a node. nil is no option.
func (c *Context) Device(name string, options *DeviceOptions) (*Device, error) {
	if options == nil {
		options = &DeviceOptions{}
	}
	p, err := c.get()
	if err != nil {
		return nil, err
	}
	defer c.done()
	share, done, err := options.Share.optional()
	if err != nil {
		return nil, err
	}
	defer done()
	var t texts
	defer t.free()
	got := C.pmemgo_device_open(p, t.c(name), C.struct_pmem_device_opts{
		flags:     C.uint32_t(options.Flags),
		max_addr:  C.uint64_t(options.MaxAddr),
		way:       t.c(options.Way),
		share:     share,
		device_fd: C.int(options.DeviceFD),
		group_fd:  C.int(options.GroupFD),
		iommu_fd:  C.int(options.IommuFD),
	})
	if err := failure(got); err != nil {
		return nil, err
	}
	device := &Device{ctx: c}
	device.handle.pointer = got.object
	device.handle.release = func(p unsafe.Pointer) error {
		return failure(C.pmemgo_device_close((*C.struct_pmem_device)(p)))
	}
	return device, nil
}

func (d *Device) get() (*C.struct_pmem_device, error) {
	if d != nil {
		if at := d.use(); at != nil {
			return (*C.struct_pmem_device)(at), nil
		}
	}
	return nil, errClosed("device")
}

// optional is the same of one that may be nil.
func (d *Device) optional() (*C.struct_pmem_device, func(), error) {
	if d == nil {
		return nil, func() {}, nil
	}
	p, err := d.get()
	return p, d.done, err
}

// call makes one call of the library with the device.
func (d *Device) call(one func(*C.struct_pmem_device) C.struct_pmemgo) (C.struct_pmemgo, error) {
	at, err := d.get()
	if err != nil {
		return C.struct_pmemgo{}, err
	}
	defer d.done()
	got := one(at)
	return got, failure(got)
}

// with makes one with the device and a region, whose address may be known to somebody afterwards.
func (d *Device) with(region *Region,
	one func(*C.struct_pmem_device, *C.struct_pmem_region) C.struct_pmemgo) (C.struct_pmemgo, error) {
	r, err := region.get()
	if err != nil {
		return C.struct_pmemgo{}, err
	}
	defer region.done()
	region.learnt()
	return d.call(func(at *C.struct_pmem_device) C.struct_pmemgo { return one(at, r) })
}

// Close gives it back, at once or after the calls that are under way. Closing twice is allowed.
func (d *Device) Close() error {
	if d == nil {
		return nil
	}
	return d.close()
}

// Name is such as "0000:00:04.0"; "" after Close.
func (d *Device) Name() string {
	at, err := d.get()
	if err != nil {
		return ""
	}
	defer d.done()
	return C.GoString(C.pmem_device_name(at))
}

// Way is that by which it was opened, such as "vfio".
func (d *Device) Way() string {
	at, err := d.get()
	if err != nil {
		return ""
	}
	defer d.done()
	return C.GoString(C.pmem_device_way(at))
}

// Attrs are what it is: DeviceTranslated and others.
func (d *Device) Attrs() DeviceFlags {
	at, err := d.get()
	if err != nil {
		return 0
	}
	defer d.done()
	return DeviceFlags(C.pmem_device_attrs(at))
}

// MapCount is how many places for maps there are.
func (d *Device) MapCount() uint32 {
	at, err := d.get()
	if err != nil {
		return 0
	}
	defer d.done()
	return uint32(C.pmem_device_map_count(at))
}

// MapSize is the bytes of a map.
func (d *Device) MapSize(index uint32) (uint64, error) {
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_map_size(at, C.uint32_t(index))
	})
	return uint64(got.a), err
}

// Map maps registers: BAR of PCI, else the number of the map.
func (d *Device) Map(index uint32, flags MapFlags) (*Region, error) {
	at, err := d.get()
	if err != nil {
		return nil, err
	}
	defer d.done()
	return d.ctx.make(func(_ *C.struct_pmem_ctx, _ *texts) C.struct_pmemgo {
		return C.pmemgo_device_map(at, C.uint32_t(index), C.uint32_t(flags))
	})
}

// ConfigRead is one read of the configuration space, of 1, 2 or 4 bytes.
func (d *Device) ConfigRead(offset, width uint32) (uint32, error) {
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_config_read(at, C.uint32_t(offset), C.uint32_t(width))
	})
	return uint32(got.a), err
}

// ConfigWrite is one write.
func (d *Device) ConfigWrite(offset, width, value uint32) error {
	_, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_config_write(at, C.uint32_t(offset), C.uint32_t(width), C.uint32_t(value))
	})
	return err
}

// Enable switches parts on.
func (d *Device) Enable(parts Parts) error {
	_, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_enable(at, C.uint32_t(parts))
	})
	return err
}

// Disable switches parts off.
func (d *Device) Disable(parts Parts) error {
	_, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_disable(at, C.uint32_t(parts))
	})
	return err
}

// Reset resets it.
func (d *Device) Reset() error {
	_, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo { return C.pmemgo_device_reset(at) })
	return err
}

// IRQCount is how many interrupts of a kind it has.
func (d *Device) IRQCount(kind IRQ) (uint32, error) {
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_irq_count(at, C.uint32_t(kind))
	})
	return uint32(got.a), err
}

// IRQFD switches one on: a descriptor for poll, which the device closes.
func (d *Device) IRQFD(kind IRQ, index uint32) (int, error) {
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_irq_fd(at, C.uint32_t(kind), C.uint32_t(index))
	})
	return int(got.result), err
}

// milliseconds are never fewer than the timeout has: what is too long for them, or negative, is for ever.
func milliseconds(timeout time.Duration) uint32 {
	const forever = 1<<32 - 1
	ms := timeout.Milliseconds()
	if timeout%time.Millisecond > 0 {
		ms++
	}
	if timeout < 0 || ms > forever {
		return forever
	}
	return uint32(ms)
}

// IRQWait waits for one; a negative timeout is for ever. How often it fired. The thread is blocked
// meanwhile, and Close waits for it.
func (d *Device) IRQWait(kind IRQ, index uint32, timeout time.Duration) (uint64, error) {
	ms := C.uint32_t(milliseconds(timeout))
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_irq_wait(at, C.uint32_t(kind), C.uint32_t(index), ms)
	})
	return uint64(got.a), err
}

// IRQUnmask lets a line fire again.
func (d *Device) IRQUnmask(kind IRQ, index uint32) error {
	_, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_irq_unmask(at, C.uint32_t(kind), C.uint32_t(index))
	})
	return err
}

// Attach lets it see a region: the address of the first byte for it.
func (d *Device) Attach(region *Region, direction DMA) (uint64, error) {
	got, err := d.with(region, func(at *C.struct_pmem_device, r *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_device_attach(at, r, C.uint32_t(direction))
	})
	return uint64(got.a), err
}

// Detach undoes one Attach.
func (d *Device) Detach(region *Region) error {
	_, err := d.with(region, func(at *C.struct_pmem_device, r *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_device_detach(at, r)
	})
	return err
}

// Bus is the address of a region that it sees.
func (d *Device) Bus(region *Region) (uint64, error) {
	got, err := d.with(region, func(at *C.struct_pmem_device, r *C.struct_pmem_region) C.struct_pmemgo {
		return C.pmemgo_device_bus(at, r)
	})
	return uint64(got.a), err
}

// Dmabuf is a part of a BAR as a dma-buf: a descriptor, the caller's to close. length may be ToEnd.
func (d *Device) Dmabuf(index uint32, offset, length uint64) (int, error) {
	got, err := d.call(func(at *C.struct_pmem_device) C.struct_pmemgo {
		return C.pmemgo_device_dmabuf(at, C.uint32_t(index), C.uint64_t(offset), C.uint64_t(length))
	})
	return int(got.result), err
}
