// SPDX-License-Identifier: MIT

package pmem

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"
)

// What the played machine has: a Raspberry Pi 3, made of files. FILL is where bytes of known value are.
const (
	playedGPIO = 0x3f200000
	playedFill = 0x3f007000
	playedSize = 0x3f300000
)

// filled is the byte at an offset of the filled page: in each word they differ.
func filled(i int) byte {
	return byte(i)*7 + byte(i>>8)
}

func cells(values ...uint32) string {
	var b strings.Builder
	for _, v := range values {
		var be [4]byte
		binary.BigEndian.PutUint32(be[:], v)
		b.Write(be[:])
	}
	return b.String()
}

// play makes the machine, and the functions without a context use it. It returns the folder.
func play(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"compatible": "raspberrypi,3-model-b\x00brcm,bcm2837\x00", "model": "Raspberry Pi 3 Model B\x00",
		"#address-cells": cells(1), "#size-cells": cells(1),
		"soc/compatible": "simple-bus\x00", "soc/#address-cells": cells(1), "soc/#size-cells": cells(1),
		"soc/ranges":                      cells(0x7e000000, 0x3f000000, 0x1000000),
		"soc/dma-ranges":                  cells(0xc0000000, 0, 0x3f000000),
		"soc/dma@7e007000/compatible":     "brcm,bcm2835-dma\x00",
		"soc/dma@7e007000/reg":            cells(0x7e007000, 0xf00),
		"soc/gpio@7e200000/compatible":    "brcm,bcm2835-gpio\x00",
		"soc/gpio@7e200000/reg":           cells(0x7e200000, 0xb4),
		"soc/serial@7e215040/compatible":  "brcm,bcm2835-aux-uart\x00",
		"soc/serial@7e215040/reg":         cells(0x7e215040, 0x40),
		"soc/serial@7e215040/status":      "disabled\x00",
		"soc/gpio@7e200000/memory-region": cells(7),
		"reserved-memory/#address-cells":  cells(1), "reserved-memory/#size-cells": cells(1),
		"reserved-memory/ranges":                  "",
		"reserved-memory/buffer@20000000/reg":     cells(0x20000000, 0x100000),
		"reserved-memory/buffer@20000000/no-map":  "",
		"reserved-memory/buffer@20000000/phandle": cells(7),
		"../iomem":                           "00000000-3b3fffff : System RAM\n3f200000-3f2000b3 : gpio@7e200000\n",
		"../../sys/kernel/security/lockdown": "[none] integrity confidentiality\n",
	} {
		path := filepath.Join(root, "proc/device-tree", name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	must(t, os.MkdirAll(filepath.Join(root, "dev"), 0o755))
	memory, err := os.Create(filepath.Join(root, "dev/mem"))
	must(t, err)
	defer memory.Close()
	must(t, memory.Truncate(playedSize))
	page := make([]byte, 8192)
	for i := range page {
		page[i] = filled(i)
	}
	for _, at := range []int64{playedFill, playedGPIO} {
		_, err = memory.WriteAt(page, at)
		must(t, err)
	}
	t.Setenv("LIBPMEM_ROOT", root)
	forget := func() { common.ctx = nil }
	forget()
	t.Cleanup(forget)
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, got, want interface{}) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// refused is the error of a call that must fail for that cause.
func refused(t *testing.T, err error, cause Cause) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Cause != cause {
		t.Fatalf("got %v, want the cause %v", err, cause)
	}
	return e
}

func context(t *testing.T) *Context {
	t.Helper()
	ctx, err := New()
	must(t, err)
	t.Cleanup(func() { must(t, ctx.Close()) })
	return ctx
}

// memory is what any user gets: where it is does not matter.
func memory(t *testing.T, ctx *Context, size uint64) *Region {
	t.Helper()
	region, err := ctx.Alloc(size, &AllocOptions{Flags: AllocNoAddress | AllocScattered, Backend: "pages"})
	must(t, err)
	t.Cleanup(func() { must(t, region.Close()) })
	return region
}

// addressed skips on machines whose kernel hides addresses from this user.
func addressed(t *testing.T, err error) {
	t.Helper()
	var e *Error
	if errors.As(err, &e) && (e.Cause == CauseCapability || e.Cause == CauseNotPinned) {
		t.Skip(err)
	}
	must(t, err)
}

func addressOf(b *byte) uintptr {
	return uintptr(unsafe.Pointer(b))
}
