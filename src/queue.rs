//! The completion queue: progress and ends of jobs as events, for hosts with an event loop of their own.
//!
//! A queue's descriptor is readable while there are events, and fits epoll, kqueue, libuv, asyncio and Go's
//! poller. Each job is in the queue at most once: what happened to it since it was last taken out is one event,
//! its latest progress or its end. A slow host is not flooded, and the end is never lost.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::job::{Job, Latest};
use crate::pool;

/// What happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum QueueEvent {
    /// A job went on.
    Progress(Job, Latest),
    /// A job has ended and its callback has returned; [`Job::outcome`] tells how. The last event of the job.
    Ended(Job),
    /// [`Queue::wake`] was called.
    Woken,
}

/// A completion queue. Clones are the same queue. Used by any number of threads at once.
#[derive(Clone)]
pub struct Queue(Arc<Handle>);

/// The side of those who may take events. When the last of them is gone the events are, too: they hold jobs, which
/// hold the queue.
struct Handle(Sink);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The side of the jobs.
#[derive(Clone)]
pub(crate) struct Sink(Arc<Inner>);

struct Inner {
    signal: Signal,
    generation: u64,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    woken: bool,
    closed: bool,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue(descriptor {})", self.descriptor())
    }
}

impl Queue {
    /// An empty queue.
    ///
    /// # Errors
    /// `Io` when no descriptor is to be had.
    pub fn new() -> Result<Self> {
        let signal = Signal::new().map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!("cannot make the descriptor of a queue: {error}"),
            )
            .with("os_error", error.raw_os_error().unwrap_or(0))
        })?;
        Ok(Queue(Arc::new(Handle(Sink(Arc::new(Inner {
            signal,
            generation: pool::generation(),
            state: Mutex::default(),
            filled: Condvar::new(),
        }))))))
    }

    /// A descriptor that is readable while there are events, and now and then once more after the last was taken.
    /// Belongs to the queue: do not read from it, do not close it, and take it out of the event loop before the queue
    /// is dropped.
    pub fn descriptor(&self) -> i32 {
        self.inner().signal.descriptor()
    }

    /// Takes out the next event; waits for one at most `timeout`, `None` is no limit, zero does not wait.
    ///
    /// # Errors
    /// `Timeout` when there is none by then; `Forked` when the queue belongs to the parent process.
    pub fn next(&self, timeout: Option<Duration>) -> Result<QueueEvent> {
        let inner = self.inner();
        if inner.generation != pool::generation() {
            return Err(Error::new(
                ErrorKind::Forked,
                "the queue belongs to the process this one was forked from",
            ));
        }
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let none = || Error::new(ErrorKind::Timeout, "there was no event in the time given");
        if timeout.is_some_and(|timeout| timeout.is_zero()) {
            return inner.take().ok_or_else(none);
        }
        let pause = |left: Option<Duration>| {
            let state = inner.locked();
            if !state.jobs.is_empty() || state.woken {
                return;
            }
            match left {
                Some(left) => drop(inner.filled.wait_timeout(state, left)),
                None => drop(inner.filled.wait(state)),
            }
        };
        pool::wait_until(deadline, || inner.take(), pause).ok_or_else(none)
    }

    /// Gives the next taker a [`QueueEvent::Woken`]. Several calls before it is taken are one.
    pub fn wake(&self) {
        let inner = self.inner();
        inner.locked().woken = true;
        inner.tell();
    }

    /// What the jobs of this queue hold.
    pub(crate) fn sink(&self) -> Sink {
        self.0.0.clone()
    }

    fn inner(&self) -> &Inner {
        &self.0.0.0
    }
}

impl Sink {
    /// Puts a job in that something happened to.
    pub(crate) fn put(&self, job: &Job) {
        let mut state = self.0.locked();
        let enters = !state.closed && job.enter_queue();
        if enters {
            state.jobs.push_back(job.clone());
        }
        drop(state);
        if enters {
            self.0.tell();
        }
    }

    fn close(&self) {
        if self.0.generation != pool::generation() {
            // A forked child: the lock may have been taken for ever, and the jobs are the parent's.
            return;
        }
        let mut state = self.0.locked();
        state.closed = true;
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        // Not under the lock: the last reference to a job calls the host's drop.
        drop(jobs);
    }
}

impl Inner {
    // Not under the lock: the descriptor wakes a host, often in this thread's place, and the host would wait for a
    // lock whose holder has no core. A taker that is faster leaves the descriptor readable; the next one clears it.
    fn tell(&self) {
        self.signal.set();
        self.filled.notify_one();
    }

    fn take(&self) -> Option<QueueEvent> {
        let mut state = self.locked();
        let event = if std::mem::take(&mut state.woken) {
            Some(QueueEvent::Woken)
        } else {
            // A job that ended twice over between two events has nothing more to tell.
            std::iter::from_fn(|| state.jobs.pop_front()).find_map(|job| job.leave_queue())
        };
        if state.jobs.is_empty() && !state.woken {
            self.signal.clear();
        }
        event
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(target_os = "linux")]
use eventfd::Signal;

#[cfg(target_os = "linux")]
mod eventfd {
    use std::io::{Error, Result};
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    /// An eventfd: one descriptor, readable while its count is not zero.
    pub(super) struct Signal(OwnedFd);

    impl Signal {
        pub(super) fn new() -> Result<Self> {
            #[allow(unsafe_code)]
            // SAFETY: the call takes two numbers; what it returns, unless negative, is a descriptor of ours.
            unsafe {
                match libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) {
                    -1 => Err(Error::last_os_error()),
                    descriptor => Ok(Signal(OwnedFd::from_raw_fd(descriptor))),
                }
            }
        }

        pub(super) fn descriptor(&self) -> i32 {
            self.0.as_raw_fd()
        }

        pub(super) fn set(&self) {
            let one = 1_u64;
            #[allow(unsafe_code)]
            // SAFETY: the descriptor is open and the eight bytes are readable. It fails only when the count is at
            // its end, and the descriptor readable then.
            unsafe {
                libc::write(self.0.as_raw_fd(), (&raw const one).cast(), 8);
            }
        }

        pub(super) fn clear(&self) {
            let mut count = 0_u64;
            #[allow(unsafe_code)]
            // SAFETY: the descriptor is open and the eight bytes are writable. It fails only when the count is
            // zero already.
            unsafe {
                libc::read(self.0.as_raw_fd(), (&raw mut count).cast(), 8);
            }
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
use pipe::Signal;

#[cfg(all(unix, not(target_os = "linux")))]
mod pipe {
    use std::io::{PipeReader, PipeWriter};
    use std::io::{Read, Result, Write, pipe};
    use std::os::fd::AsRawFd;
    use std::sync::Mutex;

    /// A pipe: readable while there is a byte in it, and there is one at most.
    pub(super) struct Signal {
        reader: PipeReader,
        writer: PipeWriter,
        set: Mutex<bool>,
    }

    impl Signal {
        pub(super) fn new() -> Result<Self> {
            let (reader, writer) = pipe()?;
            Ok(Signal {
                reader,
                writer,
                set: Mutex::new(false),
            })
        }

        pub(super) fn descriptor(&self) -> i32 {
            self.reader.as_raw_fd()
        }

        pub(super) fn set(&self) {
            let mut set = self
                .set
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if !*set {
                *set = (&self.writer).write(&[1]).is_ok_and(|written| written == 1);
            }
        }

        pub(super) fn clear(&self) {
            let mut set = self
                .set
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if *set {
                *set = (&self.reader).read(&mut [0]).is_err();
            }
        }
    }
}
