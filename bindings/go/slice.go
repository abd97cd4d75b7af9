// SPDX-License-Identifier: MIT

package pmem

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Slice is bytes that can be seen as numbers or as a structure. It knows nothing of what it is a part of.
type Slice []byte

// Bytes is the slice itself.
func (s *Slice) Bytes() []byte {
	return *s
}

// Uint32 is the same memory as numbers of 32 bits, as many as are whole; nil if it does not begin at a
// multiple of 4.
func (s *Slice) Uint32() []uint32 {
	start := s.start()
	if start == nil || uintptr(start)%4 != 0 {
		return nil
	}
	var numbers []uint32
	*(*sliceHeader)(unsafe.Pointer(&numbers)) = sliceHeader{start, len(*s) / 4, cap(*s) / 4}
	return numbers
}

// AsPOD makes a pointer or a slice point to this memory. pp is a pointer to what is nil before: a pointer to
// a sized number, an array or a structure of such, or a slice of any of these. A slice gets as many elements
// as are whole. What does not fit, or would not be aligned, is an error.
func (s *Slice) AsPOD(pp interface{}) error {
	target, elem, err := podTarget(pp)
	if err != nil {
		return err
	}
	size, start := elem.Size(), s.start()
	if size > uintptr(len(*s)) || start == nil {
		return fmt.Errorf("pmem: %s has %d bytes, and there are %d", elem, size, len(*s))
	}
	if uintptr(start)%uintptr(elem.Align()) != 0 {
		return fmt.Errorf("pmem: %s must be at a multiple of %d, not at %p", elem, elem.Align(), start)
	}
	if target.Kind() == reflect.Ptr {
		target.Set(reflect.NewAt(elem, start))
		return nil
	}
	if size == 0 {
		return fmt.Errorf("pmem: %s has no bytes", elem)
	}
	count := len(*s) / int(size)
	*(*sliceHeader)(unsafe.Pointer(target.UnsafeAddr())) = sliceHeader{start, count, count}
	return nil
}

// sliceHeader is how Go keeps a slice, with a pointer that the collector sees. unsafe.Slice does the same in
// modules for Go 1.17 and later; this package is built as a part of older ones, too (docs/periph.md).
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

func (s *Slice) start() unsafe.Pointer {
	if len(*s) == 0 {
		return nil
	}
	return unsafe.Pointer(&(*s)[0])
}

// podTarget is what pp points to, a nil pointer or slice, and the type of its elements.
func podTarget(pp interface{}) (reflect.Value, reflect.Type, error) {
	outer := reflect.ValueOf(pp)
	if outer.Kind() != reflect.Ptr || outer.IsNil() {
		return outer, nil, fmt.Errorf("pmem: a pointer to a pointer or slice is needed, not %T", pp)
	}
	target := outer.Elem()
	if k := target.Kind(); k != reflect.Ptr && k != reflect.Slice {
		return target, nil, fmt.Errorf("pmem: a pointer to a pointer or slice is needed, not to %s", k)
	}
	if !target.IsNil() {
		return target, nil, fmt.Errorf("pmem: the %s must be nil before", target.Type())
	}
	elem := target.Type().Elem()
	return target, elem, checkPOD(elem)
}

// checkPOD refuses types whose size differs between machines, and those that the collector looks into.
func checkPOD(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return nil
	case reflect.Array:
		return checkPOD(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if err := checkPOD(t.Field(i).Type); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("pmem: %s is no plain data of fixed size", t)
}
