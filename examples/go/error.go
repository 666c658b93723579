package tori

/*
#include "tori.h"
*/
import "C"

import (
	"bytes"
	"encoding/json"
	"syscall"
	"unsafe"
)

// Status is what a call that failed came to. It is an error to compare with: errors.Is(err, tori.ErrEncrypted).
type Status int32

// The statuses of the library; tori.h describes them.
const (
	ErrArgument    = Status(C.TORI_E_ARGUMENT)
	ErrConfig      = Status(C.TORI_E_CONFIG)
	ErrIO          = Status(C.TORI_E_IO)
	ErrFormat      = Status(C.TORI_E_FORMAT)
	ErrEncrypted   = Status(C.TORI_E_ENCRYPTED)
	ErrLimit       = Status(C.TORI_E_LIMIT)
	ErrDatabase    = Status(C.TORI_E_DATABASE)
	ErrCancelled   = Status(C.TORI_E_CANCELLED)
	ErrTimeout     = Status(C.TORI_E_TIMEOUT)
	ErrBusy        = Status(C.TORI_E_BUSY)
	ErrShutdown    = Status(C.TORI_E_SHUTDOWN)
	ErrForked      = Status(C.TORI_E_FORKED)
	ErrUnsupported = Status(C.TORI_E_UNSUPPORTED)
	ErrABI         = Status(C.TORI_E_ABI)
	ErrPanic       = Status(C.TORI_E_PANIC)
)

// Error is the status's name, TORI_E_LIMIT.
func (s Status) Error() string {
	return C.GoString(C.tori_status_name(C.tori_status(s)))
}

// Error is what went wrong, as the library tells it.
type Error struct {
	Status Status
	// Name is the status's name, TORI_E_LIMIT.
	Name string
	// Message is one sentence for people: what it was about, what was found, what is allowed, what to do.
	Message string
	// Details are the facts of the message by name: path, page, offset, line, key, limit, found, allowed and others.
	// Numbers are json.Number.
	Details map[string]any

	cause error
}

func (e *Error) Error() string {
	return "tori: " + e.Message
}

// Is tells whether target is the error's status.
func (e *Error) Is(target error) bool {
	return target == e.Status
}

// Unwrap is why the job was cancelled, the context's error or ErrClosed; for ErrIO it is the operating system's error,
// so that errors.Is(err, fs.ErrNotExist) works; otherwise nil.
func (e *Error) Unwrap() error {
	return e.cause
}

func newError(status Status, message string) *Error {
	return &Error{Status: status, Name: status.Error(), Message: message}
}

func (e *Error) because(cause error) *Error {
	e.cause = cause
	e.Message += ": " + cause.Error()
	return e
}

// takeError makes an error of the library's, which it frees.
func takeError(status C.tori_status, failure *C.tori_error) *Error {
	defer C.tori_error_free(failure)
	e := newError(Status(status), C.GoString(C.tori_error_message(failure)))
	var length C.size_t
	text := C.tori_error_json(failure, &length)
	decoder := json.NewDecoder(bytes.NewReader(C.GoBytes(unsafe.Pointer(text), C.int(length))))
	decoder.UseNumber()
	if err := decoder.Decode(&e.Details); err != nil {
		return e
	}
	for _, field := range []string{"status", "name", "message"} {
		delete(e.Details, field)
	}
	if number, ok := e.Details["os_error"].(json.Number); ok {
		if code, err := number.Int64(); err == nil {
			e.cause = syscall.Errno(code)
		}
	}
	return e
}
