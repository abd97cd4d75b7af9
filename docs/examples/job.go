// SPDX-License-Identifier: MIT

// The main job, with errors; what job.c does, by the package pmem.
//
// usage: job SIZE [BACKEND]
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"libpmem/pmem"
)

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// fillAndAdd gives each byte its place modulo 251, and adds up what is read back.
func fillAndAdd(bytes []byte) (sum uint64) {
	for i := range bytes {
		bytes[i] = byte(i % 251)
	}
	for _, b := range bytes {
		sum += uint64(b)
	}
	return sum
}

func job(ctx *pmem.Context, region *pmem.Region) error {
	fmt.Println("size", region.Size())
	fmt.Println("contiguous", yes(region.Attrs()&pmem.RegionContiguous != 0))
	_, err := region.Phys()
	fmt.Println("address", yes(err == nil))
	if err = region.Write32(8, 0x12345678); err != nil {
		return err
	}
	word, err := region.Read32(8)
	if err != nil {
		return err
	}
	fmt.Printf("word 0x%08x\n", word)
	err = region.CPU(pmem.DirBoth, func(bytes []byte) error {
		fmt.Println("sum", fillAndAdd(bytes))
		return nil
	})
	if err != nil {
		return err
	}
	pieces, err := region.Extents(0, pmem.ToEnd, pmem.ExtentsPhys)
	if err != nil {
		return err
	}
	var all uint64
	for _, piece := range pieces {
		all += piece.Length
	}
	fmt.Println("pieces", all)
	_, offset, err := ctx.Find(unsafe.Add(region.Pointer(), region.Size()/16))
	if err != nil {
		return err
	}
	fmt.Println("found", offset)
	if err = ctx.Selftest(region.Size(), 0, 0, nil, nil); err != nil {
		return err
	}
	fmt.Println("copy ok")
	return nil
}

func run(size uint64, options *pmem.AllocOptions) error {
	ctx, err := pmem.New()
	if err != nil {
		return err
	}
	defer ctx.Close()
	region, err := ctx.Alloc(size, options)
	if err != nil {
		return err
	}
	defer region.Close()
	return job(ctx, region)
}

// explain tells why a call failed; where several backends were asked, why each refused.
func explain(err error) {
	var why *pmem.Error
	if !errors.As(err, &why) {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println("refused", int(why.Errno), why.Cause)
	for _, child := range why.Children {
		fmt.Println("child", child.Backend, child.Cause)
	}
	fmt.Fprintln(os.Stderr, why.Message)
	fmt.Fprintln(os.Stderr, why.Hint)
}

func main() {
	var options *pmem.AllocOptions
	var size uint64
	err := errors.New("wrong number of arguments")
	if len(os.Args) == 2 || len(os.Args) == 3 {
		size, err = strconv.ParseUint(os.Args[1], 10, 64)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "usage: job SIZE [BACKEND]")
		os.Exit(2)
	}
	if len(os.Args) == 3 {
		options = &pmem.AllocOptions{Backend: os.Args[2]}
	}
	if err = run(size, options); err != nil {
		explain(err)
		os.Exit(1)
	}
}
