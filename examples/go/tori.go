// Package tori turns documents into ranked, scored and located concepts, by libtori.
//
//	engine, err := tori.New(nil)
//	...
//	defer engine.Close()
//	result, err := engine.Ingest(ctx, tori.File("paper.pdf"))
//	...
//	for _, concept := range result.Concepts {
//		fmt.Printf("%.3f  %s (page %d)\n", concept.Quality, concept.Label, concept.FirstPage)
//	}
//
// Everything may be used by any number of goroutines at once. A goroutine in Ingest holds no thread of the operating
// system while the library works: it waits in Go's scheduler, and the end of its job wakes it through Go's poller.
package tori

/*
#cgo CFLAGS: -I${SRCDIR}/../../include
#cgo LDFLAGS: -ltori
#include "tori.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// ErrClosed is the error of a call on an engine that is closed, and of one that Close ended.
var ErrClosed = errors.New("tori: the engine is closed")

// Version is the version of the library that runs.
func Version() string {
	return C.GoString(C.tori_version())
}

// Engine is settings and a concept database, ready to take documents.
type Engine struct {
	// The finalizer is on this outer struct, which the goroutine of the queue does not know.
	*engine
}

type engine struct {
	handle *C.tori_engine
	queue  *queue

	mu      sync.Mutex
	calls   int
	closed  bool
	closing chan struct{}
}

// New makes an engine. Settings it is not given have their defaults; nil is all defaults. The error of an unknown
// setting or a value out of its range is ErrConfig; ErrDatabase when no concept database can be loaded.
func New(settings Settings) (*Engine, error) {
	if C.tori_check_abi(C.TORI_ABI) != C.TORI_OK {
		return nil, newError(ErrABI, fmt.Sprintf("libtori %s is not the one this program was compiled for", Version()))
	}
	config := C.tori_config_new()
	defer C.tori_config_free(config)
	if err := settings.configure(config); err != nil {
		return nil, err
	}
	e := &engine{closing: make(chan struct{})}
	var failure *C.tori_error
	if status := C.tori_engine_new(config, &e.handle, &failure); status != C.TORI_OK {
		return nil, takeError(status, failure)
	}
	queue, err := newQueue()
	if err != nil {
		C.tori_engine_free(e.handle)
		return nil, err
	}
	e.queue = queue
	outer := &Engine{e}
	runtime.SetFinalizer(outer, (*Engine).Close)
	return outer, nil
}

// Close ends the calls of Ingest that are under way, with ErrClosed, and makes later ones fail with it. It does not
// wait for them, so it may be called from anywhere, a progress function included; the last of them to return takes
// the engine's goroutine and handles with it. Always nil; closing again does nothing.
func (e *Engine) Close() error {
	runtime.SetFinalizer(e, nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	close(e.closing)
	if e.calls == 0 {
		e.release()
	}
	return nil
}

func (e *engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.calls++
	return true
}

func (e *engine) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls--
	if e.closed && e.calls == 0 {
		e.release()
	}
}

func (e *engine) release() {
	e.queue.close()
	C.tori_engine_free(e.handle)
}

// Ingest takes one document through the whole pipeline and waits for it.
//
// When ctx is cancelled or its deadline passes, the job is cancelled and Ingest returns at once, with an error that
// wraps ctx.Err(). What else goes wrong is an *Error; errors.Is compares it with ErrEncrypted, ErrLimit and so on.
// ErrBusy when as many jobs wait already as the setting jobs.waiting allows: Ingest does not wait for room.
func (e *Engine) Ingest(ctx context.Context, source Source, options ...Option) (*Result, error) {
	defer runtime.KeepAlive(e)
	if err := ctx.Err(); err != nil {
		return nil, newError(ErrCancelled, "the document was not begun").because(err)
	}
	if !e.enter() {
		return nil, ErrClosed
	}
	defer e.leave()

	request := newRequest(options)
	job, err := request.submit(e.engine, source)
	if err != nil {
		return nil, err
	}
	defer C.tori_job_free(job)
	// For a progress function that panics; a job that has ended is not changed by it.
	defer C.tori_job_cancel(job)

	// The queue may have told of the job before this; polling first makes up for it.
	changed := e.queue.watch(C.tori_job_id(job))
	defer e.queue.forget(C.tori_job_id(job))

	var cause error
	cancelled, closing := ctx.Done(), e.closing
	for {
		// Asked before progress is: that of a job that has ended then is its last.
		status := C.tori_job_poll(job, nil)
		request.report(job)
		if status != C.TORI_PENDING {
			return takeResult(job, cause)
		}
		select {
		case <-changed:
			continue
		case <-cancelled:
			cause = ctx.Err()
		case <-closing:
			cause = ErrClosed
		}
		// Ends the job at once, unless it is just about to succeed; its end then comes through the queue.
		C.tori_job_cancel(job)
		cancelled, closing = nil, nil
	}
}
