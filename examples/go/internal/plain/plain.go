// Package plain calls the library's simple level, which waits: the tests compare with it.
package plain

/*
#cgo CFLAGS: -I${SRCDIR}/../../../../include
#cgo LDFLAGS: -ltori
#include <stdlib.h>
#include "tori.h"
*/
import "C"

import "unsafe"

// Report is what tori_ingest_path found, read through the structs of tori.h and as JSON.
type Report struct {
	JSON     string
	Title    string
	Pages    uint64
	Concepts []Concept
	Warnings []string
}

// Concept is a tori_concept.
type Concept struct {
	Label, Category, Section string
	Score, Quality           float64
	ID                       uint64
	Occurrences, FirstPage   int
	Spans                    [][2]uint64
}

// Ingest is tori_ingest_path with timings left out of the report; message is the error's, when there is one.
func Ingest(path string) (report *Report, message string) {
	key, off := C.CString("report.timings"), C.CString("false")
	defer C.free(unsafe.Pointer(key))
	defer C.free(unsafe.Pointer(off))
	file := C.CString(path)
	defer C.free(unsafe.Pointer(file))
	config := C.tori_config_new()
	defer C.tori_config_free(config)
	C.tori_config_set(config, key, off, 5, nil)

	var engine *C.tori_engine
	var result *C.tori_result
	var failure *C.tori_error
	if C.tori_engine_new(config, &engine, &failure) != C.TORI_OK ||
		C.tori_ingest_path(engine, file, &result, &failure) != C.TORI_OK {
		message = C.GoString(C.tori_error_message(failure))
	} else {
		report = read(result)
	}
	C.tori_error_free(failure)
	C.tori_result_free(result)
	C.tori_engine_free(engine)
	return report, message
}

func read(result *C.tori_result) *Report {
	var document C.tori_document
	document.struct_size = C.sizeof_tori_document
	C.tori_result_document(result, &document)
	report := &Report{
		JSON:  C.GoString(C.tori_result_json(result, nil)),
		Title: C.GoString(document.title),
		Pages: uint64(document.pages),
	}
	for i := C.size_t(0); i < C.size_t(document.warning_count); i++ {
		report.Warnings = append(report.Warnings, C.GoString(C.tori_result_warning(result, i)))
	}
	for i := C.size_t(0); i < C.tori_result_count(result); i++ {
		var c C.tori_concept
		c.struct_size = C.sizeof_tori_concept
		C.tori_result_concept(result, i, &c)
		concept := Concept{
			Label: C.GoString(c.label), Category: C.GoString(c.category), Section: C.GoString(c.section),
			Score: float64(c.score), Quality: float64(c.quality), ID: uint64(c.concept_id),
			Occurrences: int(c.occurrences), FirstPage: int(c.first_page),
		}
		for s := C.size_t(0); s < C.size_t(c.span_count); s++ {
			var span C.tori_span
			span.struct_size = C.sizeof_tori_span
			C.tori_result_span(result, i, s, &span)
			concept.Spans = append(concept.Spans, [2]uint64{uint64(span.start), uint64(span.end)})
		}
		report.Concepts = append(report.Concepts, concept)
	}
	return report
}
