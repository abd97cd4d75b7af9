// SPDX-License-Identifier: MIT

package pmem

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// edu makes a device of files, and a context of the machine that has it.
func edu(t *testing.T) *Context {
	t.Helper()
	root := t.TempDir()
	folder := filepath.Join(root, "sys/bus/pci/devices/0000:00:04.0")
	must(t, os.MkdirAll(folder, 0o755))
	must(t, os.WriteFile(filepath.Join(folder, "config"), []byte("\x34\x12\xe8\x11\x00\x05\x10\x00"), 0o644))
	must(t, os.WriteFile(filepath.Join(folder, "resource0"), make([]byte, 1<<20), 0o644))
	must(t, os.WriteFile(filepath.Join(folder, "resource"),
		[]byte("0x00000000fea00000 0x00000000feafffff 0x0000000000040200\n"), 0o644))
	must(t, os.Setenv("LIBPMEM_ROOT", root))
	t.Cleanup(func() { must(t, os.Unsetenv("LIBPMEM_ROOT")) })
	ctx, err := New()
	must(t, err)
	t.Cleanup(func() { must(t, ctx.Close()) })
	return ctx
}

func TestDevice(t *testing.T) {
	ctx := edu(t)
	_, err := ctx.Device("0000:00:04.0", nil)
	refused(t, err, CauseUnsupported)
	device, err := ctx.Device("00:04.0", &DeviceOptions{Flags: DeviceMayBeUnsafe})
	must(t, err)
	equal(t, device.Name(), "0000:00:04.0")
	equal(t, device.Way(), "sysfs")
	equal(t, device.Attrs(), DeviceUnsafe|DevicePci)
	equal(t, device.MapCount(), uint32(6))
	size, err := device.MapSize(0)
	must(t, err)
	equal(t, size, uint64(1<<20))
	bar, err := device.Map(0, 0)
	must(t, err)
	must(t, bar.Write32(8, 7))
	must(t, device.Enable(EnableMemory|EnableMaster))
	must(t, device.Disable(EnableMaster))
	command, err := device.ConfigRead(4, 2)
	must(t, err)
	equal(t, command, uint32(0x502))
	must(t, device.ConfigWrite(6, 2, 0x1234))
	refused(t, device.Reset(), CauseUnsupported)
	count, err := device.IRQCount(IrqMsi)
	must(t, err)
	equal(t, count, uint32(0))
	_, err = device.IRQFD(IrqMsi, 0)
	refused(t, err, CauseNotFound)
	_, err = device.IRQWait(IrqAny, 0, time.Second)
	refused(t, err, CauseNotFound)
	must(t, device.IRQUnmask(IrqIntx, 0))
	_, err = device.Dmabuf(0, 0, ToEnd)
	refused(t, err, CauseUnsupported)
	must(t, bar.Close())
	must(t, device.Close())
	must(t, device.Close())
	equal(t, device.Name(), "")
	_, err = device.ConfigRead(0, 4)
	equal(t, err != nil, true)
	_, err = ctx.Alloc(4096, &AllocOptions{Device: device})
	equal(t, err != nil, true)
}

func TestDeviceMemory(t *testing.T) {
	ctx := edu(t)
	device, err := ctx.Device("00:04.0", &DeviceOptions{Flags: DeviceMayBeUnsafe})
	must(t, err)
	region, err := ctx.MapFile("/sys/bus/pci/devices/0000:00:04.0/resource0", 0, 4096, 0x1000, 0)
	must(t, err)
	_, err = device.Attach(region, DmaBoth)
	refused(t, err, CauseNotPinned)
	_, err = device.Bus(region)
	refused(t, err, CauseNotFound)
	refused(t, device.Detach(region), CauseNotFound)
	_, err = ctx.Alloc(4096, &AllocOptions{Device: device, Master: "/"})
	refused(t, err, CauseFlags)
	_, err = ctx.Pool(&PoolOptions{Alloc: AllocOptions{Device: device, Master: "/"}})
	refused(t, err, CauseFlags)
	must(t, region.Close())
	must(t, device.Close())
}

func TestMilliseconds(t *testing.T) {
	for timeout, ms := range map[time.Duration]uint32{
		-1: 1<<32 - 1, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000,
		50 * 24 * time.Hour: 1<<32 - 1, 1<<63 - 1: 1<<32 - 1,
	} {
		equal(t, milliseconds(timeout), ms)
	}
}
