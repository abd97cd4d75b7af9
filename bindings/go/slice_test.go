// SPDX-License-Identifier: MIT

package pmem

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
	"unsafe"
)

// words are bytes that begin at a multiple of 8, and count up from 1.
func words(count int) Slice {
	s := make([]uint64, (count+7)/8)
	b := unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*8)[:count]
	for i := range b {
		b[i] = byte(i + 1)
	}
	return b
}

func native(b []byte) uint32 {
	probe := uint16(1)
	if *(*byte)(unsafe.Pointer(&probe)) == 1 {
		return binary.LittleEndian.Uint32(b)
	}
	return binary.BigEndian.Uint32(b)
}

func TestSliceUint32(t *testing.T) {
	s := words(11)
	equal(t, &s.Bytes()[0], &s[0])
	equal(t, len(s.Bytes()), 11)
	v := s.Uint32()
	equal(t, len(v), 2)
	equal(t, v[1], native(s[4:]))
	v[0] = 0x01010101
	equal(t, s[3], byte(1))
	for _, bad := range []Slice{nil, s[1:9], s[2:]} {
		if bad.Uint32() != nil {
			t.Fatalf("numbers of %d bytes at %p", len(bad), &bad)
		}
	}
	short := s[:3]
	equal(t, len(short.Uint32()), 0)
}

func TestSliceAsPOD(t *testing.T) {
	s := words(24)
	var i8 *int8
	must(t, s.AsPOD(&i8))
	*i8 = -3
	equal(t, s[0], byte(0xfd))
	var whole *struct {
		A uint32
		B [2]uint16
		C struct{ D int64 }
		E float64
	}
	must(t, s.AsPOD(&whole))
	equal(t, whole.A, native(s))
	whole.E = math.Inf(-1)
	equal(t, binary.LittleEndian.Uint64(s[16:])|binary.BigEndian.Uint64(s[16:]) != 0, true)
	equal(t, unsafe.Pointer(&whole.E), unsafe.Pointer(&s[16]))
	var halves []uint16
	part := s[2:9]
	must(t, part.AsPOD(&halves))
	equal(t, len(halves), 3)
	equal(t, cap(halves), 3)
	equal(t, unsafe.Pointer(&halves[2]), unsafe.Pointer(&s[6]))
	var fixed *[6]uint32
	must(t, s.AsPOD(&fixed))
	equal(t, fixed[5], native(s[20:]))
}

func TestSliceAsPODRefuses(t *testing.T) {
	s := words(8)
	taken := new(uint32)
	number, plain := 5, struct{ A uint32 }{}
	var (
		none   *uint32
		sizes  *int
		truths []bool
		hidden *struct{ A interface{} }
		texts  *[2]string
		wide   *[9]byte
		wides  []struct{ A [3]uint32 }
		used   = []uint32{1}
		deep   ***uint32
		empty  []struct{}
	)
	for i, bad := range []interface{}{nil, 7, number, &number, plain, &plain, none, taken, &taken, &sizes, &truths,
		&hidden, &texts, &wide, &wides, &used, deep, &deep, &empty, "text", func() {}} {
		if err := s.AsPOD(bad); err == nil {
			t.Errorf("number %d, %v, is taken", i, reflect.TypeOf(bad))
		}
	}
	if wide != nil || wides != nil || sizes != nil {
		t.Error("a refusal wrote")
	}
	var word *uint32
	var words []uint16
	for _, odd := range []Slice{s[1:7], s[:3], s[:0], nil} {
		if odd.AsPOD(&word) == nil || word != nil {
			t.Errorf("a word in %d bytes at %p", len(odd), odd)
		}
	}
	odd := s[1:]
	if odd.AsPOD(&words) == nil || words != nil {
		t.Error("unaligned numbers")
	}
}
