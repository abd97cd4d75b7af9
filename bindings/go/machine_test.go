// SPDX-License-Identifier: MIT

package pmem

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestPlayedMachine(t *testing.T) {
	play(t)
	ctx := context(t)
	family, err := ctx.Family()
	must(t, err)
	equal(t, family, "bcm2837")
	vendor, err := ctx.Vendor()
	must(t, err)
	equal(t, vendor, "Broadcom")
	model, err := ctx.Model()
	must(t, err)
	equal(t, model, "Raspberry Pi 3 Model B")
	names, err := ctx.Compatible()
	must(t, err)
	equal(t, strings.Join(names, " "), "raspberrypi,3-model-b brcm,bcm2837")
	phys, size, err := ctx.Node("brcm,bcm2835-dma", 0)
	must(t, err)
	equal(t, phys == 0x3f007000 && size == 0xf00, true)
	phys, size, err = ctx.GPIO()
	must(t, err)
	equal(t, phys == playedGPIO && size >= 0xb4, true)
	path, err := ctx.NodePath("brcm,bcm2835-gpio", 0)
	must(t, err)
	equal(t, path, "/soc/gpio@7e200000")
	for node, want := range map[string]bool{"brcm,bcm2835-gpio": true, "brcm,bcm2835-aux-uart": false} {
		is, err := ctx.NodeAvailable(node)
		must(t, err)
		equal(t, is, want)
	}
	bus, err := ctx.PhysToBus("brcm,bcm2835-dma", 0x1234)
	must(t, err)
	equal(t, bus, uint64(0xc0001234))
	phys, err = ctx.BusToPhys("", bus)
	must(t, err)
	equal(t, phys, uint64(0x1234))
	coherent, err := ctx.Coherent("")
	must(t, err)
	equal(t, coherent, false)
	all, err := ctx.Reserved()
	must(t, err)
	equal(t, len(all), 1)
	equal(t, all[0], Reserved{"/reserved-memory/buffer@20000000", "", 0x20000000, 0x100000, ReservedNoMap})
	at, err := ctx.NodeReserved("brcm,bcm2835-gpio", 0, "")
	must(t, err)
	equal(t, at, 0)
	_, err = ctx.NodeReserved("brcm,bcm2835-gpio", 0, "frames")
	refused(t, err, CauseNotFound)
	_, _, err = ctx.Node("no,such", 0)
	refused(t, err, CauseNotFound)
	_, err = ctx.NodePath("no,such", 0)
	refused(t, err, CauseNotFound)
	_, err = ctx.Firmware(FactRevision)
	equal(t, err != nil, true)
	_, _, err = ctx.FirmwareReclaim(ReclaimDryRun)
	equal(t, err != nil, true)
	_, err = ctx.Heaps()
	refused(t, err, CauseNoDevice)
	_, err = ctx.HeapWay(0)
	equal(t, err != nil, true)
	dma, err := ctx.MapNode("brcm,bcm2835-dma", 0, MapReadonly)
	must(t, err)
	defer dma.Close()
	equal(t, dma.Size(), uint64(0xf00))
	word, err := dma.Read32(0x20)
	must(t, err)
	page := make([]byte, 4)
	for i := range page {
		page[i] = filled(0x20 + i)
	}
	equal(t, word, native(page))
	refused(t, dma.Write32(0, 1), CauseReadonly)
	_, err = ctx.MapPCI("0000:00:04.0", 0, 0)
	equal(t, errors.Is(err, os.ErrNotExist), true)
}

func TestBackends(t *testing.T) {
	ctx := context(t)
	all, err := ctx.Backends()
	must(t, err)
	found := map[string]Backend{}
	for _, one := range all {
		found[one.Name] = one
	}
	equal(t, found["pages"].Caps&BackendAlloc, BackendAlloc)
	refused(t, found["vcsm"].Why, CauseUnsupported)
	if len(all) < 5 {
		t.Error(all)
	}
	if err := ctx.DmabufCPUBegin(-1, DirRead); !errors.Is(err, syscall.EBADF) {
		t.Error(err)
	}
	refused(t, ctx.DmabufCPUEnd(0, 0), CauseFlags)
	_, err = ctx.Import(-1, 0)
	equal(t, errors.Is(err, syscall.EBADF), true)
}

// goName is the name here of a constant of the headers.
func goName(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_")[1:] {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}

func TestConstants(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "constants.go", nil, 0)
	must(t, err)
	config := types.Config{Importer: importer.Default()}
	pkg, err := config.Check("pmem", files, []*ast.File{file}, nil)
	must(t, err)
	running := Constants()
	for name, value := range running {
		got, ok := pkg.Scope().Lookup(goName(name)).(*types.Const)
		if !ok || got.Val().ExactString() != strconv.FormatUint(value, 10) {
			t.Errorf("%s is %v here, %d in the library", name, got, value)
		}
		again, err := Constant(name)
		must(t, err)
		equal(t, again, value)
	}
	if len(running) < 100 {
		t.Errorf("%d constants", len(running))
	}
	_, err = Constant("PMEM_NO_SUCH")
	refused(t, err, CauseNotFound)
	equal(t, ConstantName("PMEM_CAUSE_", uint64(CauseLockdown)), "PMEM_CAUSE_LOCKDOWN")
	equal(t, ConstantName("PMEM_CAUSE_", 9999), "")
	text, number := LibraryVersion()
	equal(t, number >= VersionNumber && strings.HasPrefix(text, "3."), true)
}
