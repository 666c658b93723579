//! Jobs.

use super::engine::{engine_or_shared, tori_engine};
use super::error::tori_error;
use super::guard::{
    Out, Sized32, argument, borrowed, checked, fill, release, share, shared_again, status, value,
};
use super::hooks::stage_name;
use super::request::{Tag, tori_request};
use super::result::tori_result;
use super::{TORI_OK, TORI_PENDING, tori_progress, tori_status};
use crate::error::Result;
use crate::job::Job;

/// A document being worked on. Used by any number of threads at once.
pub struct tori_job {
    pub(super) job: Job,
}

impl tori_job {
    pub(super) fn new(job: Job) -> Self {
        tori_job { job }
    }
}

/// The host's pointer that goes with a job.
pub(super) fn tag(job: &Job) -> *const std::ffi::c_void {
    let tag = job.tag().and_then(|tag| tag.downcast_ref::<Tag>());
    tag.map_or(std::ptr::null(), |tag| tag.0)
}

// SAFETY: repr(C), struct_size is the first field, and all fields are numbers and pointers.
unsafe impl Sized32 for tori_progress {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

/// A timeout as the interface counts it: milliseconds, -1 for none.
pub(super) fn timeout(ms: i64) -> Result<Option<std::time::Duration>> {
    match ms {
        -1 => Ok(None),
        ms => u64::try_from(ms)
            .map(|ms| Some(std::time::Duration::from_millis(ms)))
            .map_err(|_| argument("timeout_ms is negative")),
    }
}

/// Takes a request's document in without waiting; e NULL uses the process's default engine. out (may be NULL: the
/// job then goes on without a handle) receives the job, to be freed with tori_job_free. Never blocks unless
/// jobs.patience_ms allows it to; TORI_E_BUSY when jobs.waiting jobs wait already. What goes wrong with the
/// document is told by the job. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_submit(
    e: *const tori_engine,
    r: *const tori_request,
    out: *mut *mut tori_job,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            let request = borrowed(r, "request")?.complete()?;
            let job = engine_or_shared(e)?.submit(request)?;
            if out.check().is_ok() {
                out.set(share(tori_job::new(job)));
            }
            Ok(())
        })
    }
}

/// Takes the documents of count requests in without waiting: all of them or, when there is not room for all, none
/// (TORI_E_BUSY). jobs (may be NULL) is an array of count places for the jobs. Otherwise as tori_submit. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_submit_batch(
    e: *const tori_engine,
    requests: *const *const tori_request,
    count: usize,
    jobs: *mut *mut tori_job,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone; the
    // arrays are count long.
    unsafe {
        checked(err, || {
            if count == 0 {
                return Ok(());
            }
            if requests.is_null() {
                return Err(argument("requests is NULL"));
            }
            if count > 1_000_000 {
                return Err(argument(format!(
                    "count is {count}, expected at most 1000000"
                )));
            }
            if !jobs.is_null() {
                (0..count).for_each(|index| jobs.add(index).write(std::ptr::null_mut()));
            }
            let complete = (0..count).map(|index| {
                borrowed(requests.add(index).read(), &format!("requests[{index}]"))?.complete()
            });
            let complete = complete.collect::<Result<Vec<_>>>()?;
            let started = engine_or_shared(e)?.submit_all(complete)?;
            if !jobs.is_null() {
                for (index, job) in started.into_iter().enumerate() {
                    jobs.add(index).write(share(tori_job::new(job)));
                }
            }
            Ok(())
        })
    }
}

/// The job's number: unique in the process, from 1; 0 for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_id(j: *const tori_job) -> u64 {
    // SAFETY: the caller hands in NULL or a live job.
    value(0, || Ok(unsafe { borrowed(j, "job") }?.job.id()))
}

/// Whether the job has ended: TORI_PENDING, or else the status tori_job_result gives. latest (may be NULL; the caller
/// sets latest->struct_size before) receives the last progress event; its stage_name is valid for ever, its message
/// is NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_poll(
    j: *const tori_job,
    latest: *mut tori_progress,
) -> tori_status {
    let mut pending = false;
    let ended = status(|| {
        // SAFETY: the caller hands in NULL or a live job.
        let job = &unsafe { borrowed(j, "job") }?.job;
        // Before the last progress, so that a job that has succeeded is at 100 percent.
        let outcome = job.outcome();
        if !latest.is_null() {
            let now = job.latest();
            let filled = tori_progress {
                struct_size: 0,
                stage: now.map_or(0, |now| now.stage as i32),
                percent: now.map_or(0, |now| now.percent),
                reserved: 0,
                job_id: job.id(),
                units_done: now.map_or(0, |now| now.units_done),
                units_total: now.map_or(0, |now| now.units_total),
                stage_name: now.map_or(c"init".as_ptr(), |now| stage_name(now.stage).as_ptr()),
                message: std::ptr::null(),
                tag: tag(job),
            };
            // SAFETY: the caller hands in a struct of the size it says.
            unsafe { fill(latest, filled) }?;
        }
        match outcome {
            None => {
                pending = true;
                Ok(())
            }
            Some(outcome) => outcome.map(drop),
        }
    });
    if pending { TORI_PENDING } else { ended }
}

/// Waits until the job has ended and its callback has returned, at most timeout_ms milliseconds, TORI_WAIT_FOREVER
/// for no limit. TORI_OK when it has ended, whatever came of it; TORI_E_TIMEOUT; TORI_E_BUSY from inside the job's
/// own progress callback; TORI_E_FORKED for a job of the parent process. Inside callbacks on the library's threads it
/// works on other jobs meanwhile. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_wait(j: *const tori_job, timeout_ms: i64) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live job.
        let job = &unsafe { borrowed(j, "job") }?.job;
        job.wait(timeout(timeout_ms)?)
    })
}

/// Ends the job as cancelled, at once; a thread that is at it stops soon. TORI_OK also when the job had ended
/// before. Any thread, also inside callbacks. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_cancel(j: *const tori_job) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live job.
        unsafe { borrowed(j, "job") }?.job.cancel();
        Ok(())
    })
}

/// What came of the job: TORI_PENDING while it has not ended; TORI_OK and its result, a reference of the caller's
/// own; or the status and error it ended with. May be called any number of times. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_result(
    j: *const tori_job,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    let mut pending = false;
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    let ended = unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            match borrowed(j, "job")?.job.outcome() {
                None => pending = true,
                Some(outcome) => out.set(share(tori_result::new(outcome?))),
            }
            Ok(())
        })
    };
    if pending { TORI_PENDING } else { ended }
}

/// One more reference to the same job, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_ref(j: *mut tori_job) -> *mut tori_job {
    // SAFETY: the caller hands in NULL or a live job.
    unsafe { shared_again(j) }
}

/// Frees one reference to a job; NULL is fine. The job goes on; never waits for it. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_job_free(j: *mut tori_job) {
    // SAFETY: the caller hands in NULL or its own reference, and does not use it again.
    unsafe { release(j) };
}

/// The status a job ended with, for its last event.
pub(super) fn status_of(job: &Job) -> tori_status {
    match job.outcome() {
        None => TORI_PENDING,
        Some(Ok(_)) => TORI_OK,
        Some(Err(error)) => error.kind().status(),
    }
}
