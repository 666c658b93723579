package tori

/*
#include "tori.h"
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

// Result is what was found in one document. It is all Go's memory: nothing has to be freed.
type Result struct {
	Document Document `json:"document"`
	Counts   Counts   `json:"counts"`
	// Concepts are the document's concepts, best first.
	Concepts []Concept `json:"concepts"`
	// Warnings are what was passed over or looks wrong, for people.
	Warnings []string `json:"warnings"`
	// Text is the document's text, which spans count in, when the setting report.text is "true".
	Text string `json:"text"`
	// JSON is the whole report; the project's README describes it field by field.
	JSON []byte `json:"-"`
}

// Document is what was read.
type Document struct {
	// Name is the file's name without folders; "bytes" or "text" for documents in memory.
	Name string `json:"name"`
	// Kind is pdf, markdown or text, told by the content.
	Kind string `json:"kind"`
	// Bytes and SHA256 are size and hash of the input.
	Bytes  uint64 `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Pages is 1 for inputs without pages.
	Pages int `json:"pages"`
	// TextBytes is the size of the text in bytes.
	TextBytes uint64 `json:"text_bytes"`
	// Title is in one line; empty when there is none.
	Title string `json:"title"`
	// Authors are the names found below the title, Keywords the phrases of the authors' own list.
	Authors       []string  `json:"authors"`
	Keywords      []string  `json:"keywords"`
	AbstractFound bool      `json:"abstract_found"`
	Outline       []Heading `json:"outline"`
}

// Heading is a section of the document.
type Heading struct {
	Text string `json:"heading"`
	Kind string `json:"kind"`
	// Page and Level count from 1.
	Page  int `json:"page"`
	Level int `json:"level"`
}

// Counts are how many candidates there were, how many were left after the purity filter, and how many are reported.
type Counts struct {
	Raw   uint64 `json:"raw"`
	Pure  uint64 `json:"pure"`
	Final uint64 `json:"final"`
}

// Concept is one concept of a document.
type Concept struct {
	Label string `json:"label"`
	// Form is the one most used in the document: the label, or what the text calls a concept of the database.
	Form string `json:"form"`
	// Acronyms are those that the document defines for it: "SVM" in "support vector machine (SVM)".
	Acronyms []string `json:"acronyms"`
	// Score is the probability that a reader would list it among the document's keyphrases, 0 to 1.
	Score float64 `json:"score"`
	// Quality is the score with the operators' weights on it, 0 to 1; concepts are in the order of this.
	Quality float64 `json:"quality"`
	// Category is the database's; "general" for concepts not in the database.
	Category string `json:"category"`
	// Source is how it was found: statistical, database or both.
	Source string `json:"source"`
	// ID is the database's number for it; 0 for concepts not in the database.
	ID uint64 `json:"id"`
	// Section speaks most for it; Sections are all it occurs in.
	Section  string   `json:"section"`
	Sections []string `json:"sections"`
	// Occurrences are the mentions in the text that was read.
	Occurrences int `json:"occurrences"`
	// FirstPage is the page of the first mention, from 1.
	FirstPage int `json:"first_page"`
	// Spans are where it is mentioned; the setting report.spans bounds their number.
	Spans []Span `json:"spans"`
}

// Span is bytes of the document's text, Start included, End not: Text[span.Start:span.End].
type Span struct {
	Start, End uint64
}

// UnmarshalJSON reads [start, end].
func (s *Span) UnmarshalJSON(data []byte) error {
	var ends [2]uint64
	if err := json.Unmarshal(data, &ends); err != nil {
		return err
	}
	s.Start, s.End = ends[0], ends[1]
	return nil
}

// takeResult is what came of a job that has ended. cause is why it was asked to stop, if it was.
func takeResult(job *C.tori_job, cause error) (*Result, error) {
	var handle *C.tori_result
	var failure *C.tori_error
	if status := C.tori_job_result(job, &handle, &failure); status != C.TORI_OK {
		err := takeError(status, failure)
		if err.Status == ErrCancelled {
			return nil, err.because(cause)
		}
		return nil, err
	}
	defer C.tori_result_free(handle)
	var length C.size_t
	text := C.tori_result_json(handle, &length)
	result := &Result{JSON: C.GoBytes(unsafe.Pointer(text), C.int(length))}
	if err := json.Unmarshal(result.JSON, result); err != nil {
		return nil, fmt.Errorf("tori: the report is not as expected: %w", err)
	}
	return result, nil
}
