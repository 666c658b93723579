//! Completion queues.

use std::ffi::c_void;

use super::error::tori_error;
use super::guard::{
    Out, Sized32, argument, borrowed, checked, fill, release, share, status, value,
};
use super::job::{status_of, tag, timeout};
use super::{TORI_PENDING, tori_status};
use crate::progress::Stage;
use crate::queue::{Queue, QueueEvent};

/// A completion queue. Used by any number of threads at once.
pub struct tori_queue {
    pub(super) queue: Queue,
}

/// tori_queue_wake was called.
pub const TORI_EVENT_WAKE: i32 = 1;
/// A job went on; several steps between two events are one.
pub const TORI_EVENT_PROGRESS: i32 = 2;
/// A job has ended; the last event of the job.
pub const TORI_EVENT_DONE: i32 = 3;

/// What happened to a job.
#[repr(C)]
pub struct tori_event {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// TORI_EVENT_WAKE, TORI_EVENT_PROGRESS or TORI_EVENT_DONE.
    pub kind: i32,
    /// The job's number; 0 for TORI_EVENT_WAKE.
    pub job_id: u64,
    /// The request's tag; NULL when it has none.
    pub tag: *const c_void,
    /// TORI_PENDING, or what the job ended with.
    pub status: tori_status,
    /// The stage as in tori_progress.
    pub stage: i32,
    /// 0 to 100.
    pub percent: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), struct_size is the first field, and all fields are numbers and pointers.
unsafe impl Sized32 for tori_event {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

/// An empty queue. The caller frees it with tori_queue_free. TORI_E_IO when no descriptor is to be had. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_queue_new(
    out: *mut *mut tori_queue,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            out.set(share(tori_queue {
                queue: Queue::new()?,
            }));
            Ok(())
        })
    }
}

/// A descriptor that is readable while there are events, and now and then once more after the last was taken, for
/// epoll, libuv, asyncio and the like; -1 for NULL. Take events until TORI_E_TIMEOUT. It belongs to the queue: do not
/// read from it or close it, and take it out of the event loop before the queue is freed. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_queue_fd(q: *mut tori_queue) -> isize {
    // SAFETY: the caller hands in NULL or a live queue.
    value(-1, || {
        Ok(unsafe { borrowed(q, "queue") }?.queue.descriptor() as isize)
    })
}

/// Takes out the next event and fills out with it; the caller sets out->struct_size before. Waits at most timeout_ms
/// milliseconds, 0 not at all, TORI_WAIT_FOREVER without limit; TORI_E_TIMEOUT when there is no event by then.
/// TORI_E_FORKED for a queue of the parent process. Each job has at most one event waiting, its latest progress or
/// its end; the end comes when the job's done callback has returned. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_queue_next(
    q: *mut tori_queue,
    timeout_ms: i64,
    out: *mut tori_event,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live queue.
        let queue = &unsafe { borrowed(q, "queue") }?.queue;
        let empty = || tori_event {
            struct_size: 0,
            kind: TORI_EVENT_WAKE,
            job_id: 0,
            tag: std::ptr::null(),
            status: TORI_PENDING,
            stage: 0,
            percent: 0,
            reserved: 0,
        };
        if out.is_null() {
            return Err(argument("out is NULL"));
        }
        // No event is taken out for a struct that cannot hold it.
        // SAFETY: the caller hands in a struct of the size it says.
        unsafe { fill(out, empty()) }?;
        let filled = match queue.next(timeout(timeout_ms)?)? {
            QueueEvent::Woken => empty(),
            QueueEvent::Progress(job, latest) => tori_event {
                kind: TORI_EVENT_PROGRESS,
                job_id: job.id(),
                tag: tag(&job),
                stage: latest.stage as i32,
                percent: latest.percent,
                ..empty()
            },
            QueueEvent::Ended(job) => {
                let latest = job.latest();
                tori_event {
                    kind: TORI_EVENT_DONE,
                    job_id: job.id(),
                    tag: tag(&job),
                    status: status_of(&job),
                    stage: latest.map_or(Stage::Init as i32, |latest| latest.stage as i32),
                    percent: latest.map_or(0, |latest| latest.percent),
                    ..empty()
                }
            }
        };
        // SAFETY: as above.
        unsafe { fill(out, filled) }
    })
}

/// Gives the next taker a TORI_EVENT_WAKE; several calls before it is taken are one. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_queue_wake(q: *mut tori_queue) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live queue.
        unsafe { borrowed(q, "queue") }?.queue.wake();
        Ok(())
    })
}

/// Frees a queue; NULL is fine. Requests that use it keep it alive; with the last of them, events that were not taken
/// are gone, and jobs go on without it. Its descriptor stays open until those jobs are gone. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_queue_free(q: *mut tori_queue) {
    // SAFETY: the caller hands in NULL or its own queue, and does not use it again.
    unsafe { release(q) };
}
