// SPDX-License-Identifier: MIT

package pmem

// #include "shim.h"
import "C"

import (
	"os"
	"syscall"
)

// Error is why a call failed, and what to do about it.
//
// errors.Is(err, os.ErrPermission) and errors.Is(err, syscall.EPERM) work on it, as does
// errors.Is(err, os.ErrClosed) for what was closed before. os.IsPermission does not: it looks into
// no error but its own.
type Error struct {
	Errno     syscall.Errno
	Cause     Cause
	Operation string   // what was tried: "open", "mmap", "region alloc"
	Path      string   // the file concerned, or ""
	Message   string   // what is wrong, one sentence
	Hint      string   // the next step to take, or ""
	Backend   string   // the backend that refused, or ""
	Children  []*Error // where several backends, heaps or ways refused: why each did
	text      string
	closed    bool
}

// Error is all of it in one line.
func (e *Error) Error() string {
	return "pmem: " + e.text
}

// Unwrap gives the errno.
func (e *Error) Unwrap() error {
	return e.Errno
}

// Is knows os.ErrClosed; Unwrap does the rest.
func (e *Error) Is(target error) bool {
	return e.closed && target == os.ErrClosed
}

// String is the stable name of the cause, such as "driver-owned".
func (c Cause) String() string {
	return C.GoString(C.pmem_error_cause_name(C.uint32_t(c)))
}

// failure is the error of a call, nil if it worked. It frees what the call kept.
func failure(got C.struct_pmemgo) error {
	if got.result >= 0 {
		return nil
	}
	if got.error == nil { // no memory was left to keep it
		errno := syscall.Errno(-got.result)
		return &Error{Errno: errno, Cause: CauseSystem, Message: errno.Error(), text: errno.Error()}
	}
	return takeError(got.error)
}

// takeError makes a Go value of an error of C, and frees that.
func takeError(err *C.struct_pmem_error) *Error {
	defer C.pmem_error_free(err)
	return copyError(err)
}

func copyError(err *C.struct_pmem_error) *Error {
	e := &Error{
		Errno:     syscall.Errno(-C.pmem_error_code(err)),
		Cause:     Cause(C.pmem_error_cause(err)),
		Operation: C.GoString(C.pmem_error_operation(err)),
		Path:      C.GoString(C.pmem_error_path(err)),
		Message:   C.GoString(C.pmem_error_message(err)),
		Hint:      C.GoString(C.pmem_error_hint(err)),
		Backend:   C.GoString(C.pmem_error_backend(err)),
		text:      C.GoString(C.pmem_error_text(err)),
	}
	for i := C.size_t(0); i < C.pmem_error_child_count(err); i++ {
		e.Children = append(e.Children, copyError(C.pmem_error_child(err, i)))
	}
	return e
}

// errClosed is the error of a call on what was closed.
func errClosed(what string) error {
	message := "the " + what + " was closed"
	return &Error{Errno: syscall.EINVAL, Cause: CauseNullArgument, Operation: what, Message: message,
		text: message, closed: true}
}
