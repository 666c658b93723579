package tori

/*
#include <errno.h>
#include <fcntl.h>
#include "tori.h"

// cgo cannot call functions with variable arguments.
static int duplicate(ptrdiff_t descriptor) {
	return fcntl((int)descriptor, F_DUPFD_CLOEXEC, 0);
}
*/
import "C"

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// queue tells goroutines that something happened to their jobs. One goroutine takes the events of the library's
// completion queue out, and waits for them in Go's poller.
type queue struct {
	handle *C.tori_queue
	// A descriptor of our own for the queue's eventfd: the poller closes what it is given.
	file *os.File

	mu       sync.Mutex
	watchers map[C.uint64_t]chan struct{}
}

func newQueue() (*queue, error) {
	q := &queue{watchers: make(map[C.uint64_t]chan struct{})}
	var failure *C.tori_error
	if status := C.tori_queue_new(&q.handle, &failure); status != C.TORI_OK {
		return nil, takeError(status, failure)
	}
	descriptor, err := C.duplicate(C.tori_queue_fd(q.handle))
	if descriptor < 0 {
		C.tori_queue_free(q.handle)
		return nil, fmt.Errorf("tori: cannot duplicate the queue's descriptor: %w", err)
	}
	q.file = os.NewFile(uintptr(descriptor), "tori queue")
	ready, err := q.pollable()
	if err != nil {
		q.file.Close()
		C.tori_queue_free(q.handle)
		return nil, fmt.Errorf("tori: cannot wait for the queue's descriptor: %w", err)
	}
	go q.dispatch(ready)
	return q, nil
}

func (q *queue) pollable() (syscall.RawConn, error) {
	// Only files that are in the poller take deadlines.
	if err := q.file.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	return q.file.SyscallConn()
}

// dispatch returns when the queue is closed.
func (q *queue) dispatch(ready syscall.RawConn) {
	var event C.tori_event
	event.struct_size = C.sizeof_tori_event
	// Read calls the function, and again each time the descriptor becomes readable. The poller is edge-triggered, so
	// the queue is emptied each time; the library, not we, reads the descriptor, when it is empty.
	_ = ready.Read(func(uintptr) bool {
		for C.tori_queue_next(q.handle, 0, &event) == C.TORI_OK {
			q.wake(event.job_id)
		}
		return false
	})
	C.tori_queue_free(q.handle)
}

// watch makes the channel that tells that something happened to a job, once for any number of happenings.
func (q *queue) watch(job C.uint64_t) <-chan struct{} {
	changed := make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.watchers[job] = changed
	return changed
}

func (q *queue) forget(job C.uint64_t) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.watchers, job)
}

func (q *queue) wake(job C.uint64_t) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case q.watchers[job] <- struct{}{}:
	default:
	}
}

func (q *queue) close() {
	q.file.Close()
}
