//! Jobs: documents that are worked on while the caller goes on.
//!
//! A job waits in the process's list, runs on a worker, and ends exactly once: finished, failed, cancelled, out
//! of time, or refused by a shutdown. Whoever ends it first wins; what comes later is thrown away. A worker
//! that runs a long document looks, between two units of its work, whether others wait, and runs one of them
//! first: short documents get through even with one worker.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::panics;
use crate::pool::{self, PerProcess};
use crate::progress::Stage;
use crate::queue::{Queue, QueueEvent};
use crate::report::Report;

/// Called once for each job, when it has ended and before those who wait for it go on, on any thread. May call
/// everything but [`shutdown`].
pub type DoneFn = dyn Fn(&Job) + Send + Sync;

/// What a worker does for a job.
pub(crate) type Work = Box<dyn FnOnce(&Job) -> Result<Arc<Report>> + Send>;

/// A document being worked on. Clones are the same job; dropping them all does not end it.
#[derive(Clone)]
pub struct Job(Arc<Shared>);

struct Shared {
    id: u64,
    generation: u64,
    tag: Option<Arc<dyn Any + Send + Sync>>,
    state: Mutex<State>,
    ended: Condvar,
    stop: AtomicBool,
    submitted: Instant,
    deadline: Option<Duration>,
    room: Arc<Room>,
    queue: Option<Queue>,
}

struct State {
    work: Option<Work>,
    done: Option<Arc<DoneFn>>,
    /// The worker that runs it.
    runner: Option<ThreadId>,
    latest: Option<Latest>,
    /// Whether a report is ready and the last progress event on its way: too late to cancel.
    finishing: bool,
    outcome: Option<Result<Arc<Report>>>,
    /// The thread that tells of the end, and whether it has done so.
    teller: Option<ThreadId>,
    settled: bool,
    /// Whether the job is in its queue now, and whether its end was taken out of it.
    queued: bool,
    told: bool,
}

/// The last progress event of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latest {
    /// The stage under way.
    pub stage: Stage,
    /// 0 to 100.
    pub percent: u32,
    /// Units of the stage finished.
    pub units_done: u64,
    /// Units of the stage in all, 0 when it has none.
    pub units_total: u64,
}

/// What a job is made of.
pub(crate) struct Plan {
    pub(crate) work: Work,
    pub(crate) done: Option<Arc<DoneFn>>,
    pub(crate) tag: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) queue: Option<Queue>,
    pub(crate) deadline: Option<Duration>,
}

/// How many jobs of one engine wait to be run, in the process of a generation.
#[derive(Default)]
pub(crate) struct Room {
    waiting: AtomicU64,
    generation: AtomicU64,
}

/// The jobs of the process that wait for a worker, oldest first.
#[derive(Default)]
struct Waiting {
    jobs: Mutex<VecDeque<Job>>,
}

static WAITING: PerProcess<Waiting> = PerProcess::new();

/// How deep a worker may go from one document into another.
const DEEPEST: u32 = 4;
/// How long a document is worked on before others are looked at.
const TURN: Duration = Duration::from_millis(10);
/// How long a worker that waits sleeps when there is nothing to help with.
const NAP: Duration = Duration::from_micros(500);

std::thread_local! {
    /// How many documents this worker is inside of, and since when it has been at the innermost.
    static INSIDE: Cell<(u32, Option<Instant>)> = const { Cell::new((0, None)) };
}

fn waiting() -> &'static Waiting {
    WAITING.get(|_| Waiting::default())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.id())
    }
}

/// Puts jobs in the list: all or none.
///
/// # Errors
/// `Busy` when the engine's room of `most` jobs is full, and stays so for `patience`; `Shutdown`, `Io`.
pub(crate) fn submit(
    plans: Vec<Plan>,
    room: &Arc<Room>,
    most: u64,
    patience: Duration,
) -> Result<Vec<Job>> {
    static LAST: AtomicU64 = AtomicU64::new(0);

    pool::ready()?;
    room.take(plans.len() as u64, most, patience)?;
    let submitted = Instant::now();
    let jobs: Vec<Job> = plans
        .into_iter()
        .map(|plan| {
            Job(Arc::new(Shared {
                id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
                generation: pool::generation(),
                tag: plan.tag,
                state: Mutex::new(State {
                    work: Some(plan.work),
                    done: plan.done,
                    runner: None,
                    latest: None,
                    finishing: false,
                    outcome: None,
                    teller: None,
                    settled: false,
                    queued: false,
                    told: false,
                }),
                ended: Condvar::new(),
                stop: AtomicBool::new(false),
                submitted,
                deadline: plan.deadline,
                room: Arc::clone(room),
                queue: plan.queue,
            }))
        })
        .collect();
    locked(&waiting().jobs).extend(jobs.iter().cloned());
    for job in &jobs {
        if let Err(error) = pool::spawn(|| {
            run_one();
        }) {
            job.end(Err(error));
        }
    }
    Ok(jobs)
}

/// Runs the oldest waiting job on this thread; whether there was one.
fn run_one() -> bool {
    let Some(job) = locked(&waiting().jobs).pop_front() else {
        return false;
    };
    job.run();
    true
}

/// Ends the library's work in this process: refuses new calls, ends the jobs that wait with `Shutdown`, waits
/// until calls and jobs in flight have ended and the worker threads are gone. Calling it again is fine.
///
/// # Errors
/// `Busy` when called from inside a call (a callback) or a worker; `Timeout` when `timeout` passes first: new
/// calls stay refused and the call may be repeated.
pub fn shutdown(timeout: Option<Duration>) -> Result<()> {
    pool::shutdown(timeout, || {
        let jobs = std::mem::take(&mut *locked(&waiting().jobs));
        for job in jobs {
            job.end(Err(pool::shut_down()));
        }
    })
}

/// Marks this worker as being inside one document more while `work` runs, which must not unwind.
pub(crate) fn inside<T>(work: impl FnOnce() -> T) -> T {
    let before = INSIDE.get();
    INSIDE.set((before.0 + 1, Some(Instant::now())));
    let value = work();
    // The document outside begins a new turn: it has waited for this one.
    INSIDE.set((before.0, before.1.map(|_| Instant::now())));
    value
}

/// Lets a waiting job run first when this worker has been at its document for a turn.
pub(crate) fn give_way() {
    let (depth, since) = INSIDE.get();
    if depth == 0 || depth >= DEEPEST || since.is_none_or(|since| since.elapsed() < TURN) {
        return;
    }
    if !run_one() {
        pool::help();
    }
    INSIDE.set((depth, Some(Instant::now())));
}

/// Waits until `ready` gives something or `deadline` passes. A worker runs waiting jobs meanwhile, since it may
/// be waiting for itself; others wait on `pause`, which returns after at most the time it is given.
pub(crate) fn wait_until<T>(
    deadline: Option<Instant>,
    mut ready: impl FnMut() -> Option<T>,
    mut pause: impl FnMut(Option<Duration>),
) -> Option<T> {
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return None;
        }
        if !pool::on_worker() {
            pause(left);
        } else if !run_one() {
            pool::help();
            pause(Some(left.map_or(NAP, |left| left.min(NAP))));
        }
    }
}

impl Room {
    fn take(&self, count: u64, most: u64, patience: Duration) -> Result<()> {
        let generation = pool::generation();
        if self.generation.swap(generation, Ordering::SeqCst) != generation {
            // A forked child: the jobs that wait are its parent's.
            self.waiting.store(0, Ordering::SeqCst);
        }
        let fits = |waiting: u64| waiting.checked_add(count).filter(|sum| *sum <= most);
        let taken = wait_until(
            Some(Instant::now() + patience),
            || {
                self.waiting
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fits)
                    .ok()
            },
            |left| thread::sleep(left.map_or(NAP, |left| left.min(NAP))),
        );
        taken.map(drop).ok_or_else(|| {
            Error::new(
                ErrorKind::Busy,
                format!(
                    "{} jobs wait already and {count} more would exceed jobs.waiting = {most}: submit again \
                     later, or set jobs.patience_ms to wait for room",
                    self.waiting.load(Ordering::SeqCst)
                ),
            )
            .with("limit", "jobs.waiting")
            .with("allowed", most)
        })
    }

    fn give_back(&self) {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Job {
    /// The job's number: unique in the process, from 1.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// What the request was tagged with.
    pub fn tag(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.tag.as_ref()
    }

    /// The last progress event; `None` before the first.
    pub fn latest(&self) -> Option<Latest> {
        match self.forked() {
            true => self.0.state.try_lock().ok().and_then(|state| state.latest),
            false => locked(&self.0.state).latest,
        }
    }

    /// What came of the job; `None` while it has not ended. Looks at the deadline, too: a job that waits past it
    /// ends here. In a forked child a job of the parent that had not ended is `Forked`.
    pub fn outcome(&self) -> Option<Result<Arc<Report>>> {
        if self.forked() {
            // The lock may have been taken at the moment of the fork, for ever.
            let ended = self
                .0
                .state
                .try_lock()
                .ok()
                .and_then(|state| state.outcome.clone());
            return Some(ended.unwrap_or_else(|| Err(forked())));
        }
        if let Some(outcome) = &locked(&self.0.state).outcome {
            return Some(outcome.clone());
        }
        if let Err(error) = self.in_time() {
            self.end(Err(error));
        }
        locked(&self.0.state).outcome.clone()
    }

    /// Waits until the job has ended and its callback has returned, at most `timeout`; `None` is no limit. A worker
    /// thread that waits runs other jobs meanwhile.
    ///
    /// # Errors
    /// `Timeout` when the job has not ended by then; `Busy` from inside the job's own progress callback, which
    /// the job waits for; `Forked` when the job belongs to the parent process and had not ended. The job's own
    /// failure is in [`outcome`](Self::outcome).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let me = thread::current().id();
        if self.forked() {
            return match self.outcome() {
                Some(Err(error)) if error.kind() == ErrorKind::Forked => Err(error),
                _ => Ok(()),
            };
        }
        {
            let state = locked(&self.0.state);
            if state.outcome.is_none() && state.runner == Some(me) {
                let message = "a job cannot be waited for from inside its own progress callback";
                return Err(Error::new(ErrorKind::Busy, message));
            }
        }
        let over =
            |state: &State| state.outcome.is_some() && (state.settled || state.teller == Some(me));
        let ended = wait_until(
            deadline,
            || {
                let _ended = self.outcome()?;
                over(&locked(&self.0.state)).then_some(())
            },
            |left| {
                let state = locked(&self.0.state);
                if over(&state) {
                    return;
                }
                // The job's own deadline is looked at when it comes.
                let own = match state.outcome {
                    None => self
                        .0
                        .deadline
                        .map(|own| own.saturating_sub(self.0.submitted.elapsed())),
                    Some(_) => None,
                };
                match [left, own].into_iter().flatten().min() {
                    Some(left) => drop(self.0.ended.wait_timeout(state, left.max(NAP))),
                    None => drop(self.0.ended.wait(state)),
                }
            },
        );
        ended.ok_or_else(|| {
            Error::new(
                ErrorKind::Timeout,
                "the job has not ended in the time given",
            )
        })
    }

    /// Ends the job as `Cancelled`, at once; a worker that is at it stops soon. Whether it did: a job that has
    /// ended, or is just about to succeed, goes its way.
    pub fn cancel(&self) -> bool {
        if self.forked() || locked(&self.0.state).finishing {
            return false;
        }
        self.end(Err(Error::new(
            ErrorKind::Cancelled,
            "the job was cancelled",
        )))
    }

    /// Takes the last step to success: from here on nobody else ends the job. Whether it may.
    pub(crate) fn finish(&self) -> bool {
        let mut state = locked(&self.0.state);
        state.finishing = state.outcome.is_none();
        state.finishing
    }

    /// Set when nobody wants the result any more.
    pub(crate) fn stop_flag(&self) -> &AtomicBool {
        &self.0.stop
    }

    /// Time out when the job's own deadline has passed.
    pub(crate) fn in_time(&self) -> Result<()> {
        match self.0.deadline {
            Some(deadline) if self.0.submitted.elapsed() > deadline => Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the job did not end within jobs.deadline_ms = {} ms after it was submitted",
                    deadline.as_millis()
                ),
            )
            .with("limit", "jobs.deadline_ms")
            .with("allowed", deadline.as_millis() as u64)),
            _ => Ok(()),
        }
    }

    /// Remembers a progress event and tells the queue.
    pub(crate) fn progress(&self, latest: Latest) {
        {
            let mut state = locked(&self.0.state);
            if state.outcome.is_some() {
                return;
            }
            state.latest = Some(latest);
        }
        if let Some(queue) = &self.0.queue {
            queue.put(self);
        }
    }

    /// Marks the job as being in its queue; whether it is to be put there.
    pub(crate) fn enter_queue(&self) -> bool {
        let mut state = locked(&self.0.state);
        let enters = !state.queued && !state.told;
        state.queued |= enters;
        enters
    }

    /// Marks the job as out of its queue; what there is to tell.
    pub(crate) fn leave_queue(&self) -> Option<QueueEvent> {
        let mut state = locked(&self.0.state);
        state.queued = false;
        if state.outcome.is_some() {
            state.told = true;
            return Some(QueueEvent::Ended(self.clone()));
        }
        state
            .latest
            .map(|latest| QueueEvent::Progress(self.clone(), latest))
    }

    fn forked(&self) -> bool {
        self.0.generation != pool::generation()
    }

    fn run(&self) {
        let work = {
            let mut state = locked(&self.0.state);
            if state.outcome.is_some() {
                return;
            }
            state.runner = Some(thread::current().id());
            state.work.take()
        };
        let Some(work) = work else { return };
        self.0.room.give_back();
        let outcome = inside(|| {
            panics::guard(|| {
                self.in_time()?;
                work(self)
            })
        });
        if outcome.is_err() {
            locked(&self.0.state).finishing = false;
        }
        self.end(outcome);
    }

    /// Ends the job unless it has ended; whether it did.
    fn end(&self, outcome: Result<Arc<Report>>) -> bool {
        let (work, done) = {
            let mut state = locked(&self.0.state);
            // Once the last event is on its way, only the report itself ends the job.
            if state.outcome.is_some() || (state.finishing && outcome.is_err()) {
                return false;
            }
            state.outcome = Some(outcome);
            state.runner = None;
            state.teller = Some(thread::current().id());
            (state.work.take(), state.done.take())
        };
        self.0.stop.store(true, Ordering::Relaxed);
        if work.is_some() {
            self.0.room.give_back();
        }
        if let Some(queue) = &self.0.queue {
            queue.put(self);
        }
        if let Some(done) = done {
            // A panic in a Rust host's callback must not keep others waiting.
            let _ = panics::guard(|| {
                done(self);
                Ok(())
            });
        }
        locked(&self.0.state).settled = true;
        self.0.ended.notify_all();
        true
    }
}

fn forked() -> Error {
    Error::new(
        ErrorKind::Forked,
        "the job belongs to the process this one was forked from",
    )
}
