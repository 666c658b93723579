package tori

/*
#include <stdlib.h>
#include "tori.h"

// The library copies the strings before these return: no pointer to Go's memory is kept.
static tori_status request_text(tori_request *request, _GoString_ text) {
	return tori_request_text(request, _GoStringPtr(text), _GoStringLen(text));
}

static tori_status request_set(tori_request *request, const char *key, _GoString_ value, tori_error **err) {
	return tori_request_set(request, key, _GoStringPtr(value), _GoStringLen(value), err);
}

static tori_status config_set(tori_config *config, const char *key, _GoString_ value, tori_error **err) {
	return tori_config_set(config, key, _GoStringPtr(value), _GoStringLen(value), err);
}
*/
import "C"

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Settings are keys of the library's settings with their values as text: whole numbers in decimal, numbers with a
// decimal point, "true" or "false", texts as they are.
type Settings map[string]string

// Source is a document: File, Bytes or Text.
type Source interface {
	give(*C.tori_request) error
}

type (
	fileSource  string
	bytesSource []byte
	textSource  string
)

// File is the document at path, which is opened when a worker begins with it.
func File(path string) Source { return fileSource(path) }

// Bytes is a document of any supported kind in memory. Ingest copies it before the work begins.
func Bytes(data []byte) Source { return bytesSource(data) }

// Text is plain text or Markdown in UTF-8.
func Text(text string) Source { return textSource(text) }

// Option is something that holds for one call of Ingest.
type Option func(*request)

// Set overrides a setting of the engine. Those that begin with "database." belong to the engine and are refused.
func Set(key, value string) Option {
	return func(r *request) { r.settings[key] = value }
}

// OnProgress has f called with the progress of the job, by the goroutine that called Ingest: one call at a time, and
// none after Ingest has returned. A slow f misses steps and holds nothing up but its own call of Ingest.
func OnProgress(f func(Progress)) Option {
	return func(r *request) { r.progress = f }
}

// Progress is how far a job is. It never goes back, and Percent is 100 only on success.
type Progress struct {
	// Stage is init, document, structure, concepts, database, analysis, pruning, finalize or complete.
	Stage   string
	Percent int
	// UnitsDone of UnitsTotal pages or chunks of the stage are finished; UnitsTotal is 0 when it has none.
	UnitsDone, UnitsTotal uint64
}

// request is one call of Ingest.
type request struct {
	settings Settings
	progress func(Progress)
	reported Progress
}

func newRequest(options []Option) *request {
	r := &request{settings: Settings{}}
	for _, option := range options {
		option(r)
	}
	return r
}

func (r *request) submit(e *engine, source Source) (*C.tori_job, error) {
	handle := C.tori_request_new()
	defer C.tori_request_free(handle)
	if source != nil {
		if err := source.give(handle); err != nil {
			return nil, err
		}
	}
	err := r.settings.each(func(key *C.char, value string, failure **C.tori_error) C.tori_status {
		return C.request_set(handle, key, value, failure)
	})
	if err != nil {
		return nil, err
	}
	C.tori_request_queue(handle, e.queue.handle)
	var job *C.tori_job
	var failure *C.tori_error
	if status := C.tori_submit(e.handle, handle, &job, &failure); status != C.TORI_OK {
		return nil, takeError(status, failure)
	}
	return job, nil
}

// report tells of what is new since it last did.
func (r *request) report(job *C.tori_job) {
	if r.progress == nil {
		return
	}
	var latest C.tori_progress
	latest.struct_size = C.sizeof_tori_progress
	C.tori_job_poll(job, &latest)
	progress := Progress{
		Stage:      C.GoString(latest.stage_name),
		Percent:    int(latest.percent),
		UnitsDone:  uint64(latest.units_done),
		UnitsTotal: uint64(latest.units_total),
	}
	if progress != r.reported {
		r.reported = progress
		r.progress(progress)
	}
}

func (s Settings) configure(config *C.tori_config) error {
	return s.each(func(key *C.char, value string, failure **C.tori_error) C.tori_status {
		return C.config_set(config, key, value, failure)
	})
}

func (s Settings) each(set func(*C.char, string, **C.tori_error) C.tori_status) error {
	for key, value := range s {
		name, err := cString("the key of a setting", key)
		if err != nil {
			return err
		}
		var failure *C.tori_error
		status := set(name, value, &failure)
		C.free(unsafe.Pointer(name))
		if status != C.TORI_OK {
			return takeError(status, failure)
		}
	}
	return nil
}

func (path fileSource) give(request *C.tori_request) error {
	if path == "" {
		return newError(ErrArgument, "the path is empty")
	}
	name, err := cString("the path", string(path))
	if err != nil {
		return err
	}
	defer C.free(unsafe.Pointer(name))
	return refused(C.tori_request_path(request, name), "the path was not taken")
}

func (data bytesSource) give(request *C.tori_request) error {
	var first unsafe.Pointer
	if len(data) > 0 {
		first = unsafe.Pointer(&data[0])
	}
	status := C.tori_request_bytes(request, first, C.size_t(len(data)))
	return refused(status, fmt.Sprintf("there is no memory for a copy of %d bytes", len(data)))
}

func (text textSource) give(request *C.tori_request) error {
	if offset, valid := validUTF8(string(text)); !valid {
		return newError(ErrArgument, fmt.Sprintf("the text is not UTF-8: byte 0x%02x at offset %d", text[offset], offset))
	}
	return refused(C.request_text(request, string(text)), "the text was not taken")
}

// cString is a copy for C, to be freed, of a string that C can see all of.
func cString(what, s string) (*C.char, error) {
	if offset := strings.IndexByte(s, 0); offset >= 0 {
		return nil, newError(ErrArgument, fmt.Sprintf("%s %q has a NUL at offset %d", what, s, offset))
	}
	return C.CString(s), nil
}

// refused is the error of a call that gives none of its own; nil when it went well.
func refused(status C.tori_status, message string) error {
	if status == C.TORI_OK {
		return nil
	}
	return newError(Status(status), message)
}

// validUTF8 tells whether text is UTF-8, and the offset of the first byte that is not.
func validUTF8(text string) (int, bool) {
	if utf8.ValidString(text) {
		return 0, true
	}
	for offset, letter := range text {
		if letter == utf8.RuneError && !strings.HasPrefix(text[offset:], string(utf8.RuneError)) {
			return offset, false
		}
	}
	return 0, true
}
