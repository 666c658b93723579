//! Jobs: documents that are worked on while the caller goes on.
//!
//! A job waits in the process's list, runs on a worker, and ends exactly once: finished, failed, cancelled, out
//! of time, or refused by a shutdown. Whoever ends it first wins; what comes later is thrown away. A worker
//! that runs a long document looks, between two units of its work, whether others wait, and runs one of them
//! first: short documents get through even with one worker.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::panics;
use crate::pool::{self, PerProcess, Task, Turn};
use crate::progress::Stage;
use crate::queue::{QueueEvent, Sink};
use crate::report::Report;

/// Called once for each job, when it has ended and before those who wait for it go on, on any thread. May call
/// everything but [`pool::shutdown`].
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
    queue: Option<Sink>,
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
    /// Whether its callback has returned.
    called: bool,
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
    pub(crate) queue: Option<Sink>,
    pub(crate) deadline: Option<Duration>,
}

/// How many jobs of one engine wait to be run, in the process of a generation.
#[derive(Default)]
pub(crate) struct Room {
    waiting: AtomicU64,
    generation: AtomicU64,
}

/// The jobs of this process that have a deadline and have not ended, in the order of their deadlines. A job that is
/// worked on looks at its own; those that wait are ended by the workers that keep them waiting.
struct Deadlines {
    since: Instant,
    /// The next deadline, in microseconds after `since`.
    next: AtomicU64,
    jobs: Mutex<BTreeMap<(Instant, u64), Weak<Shared>>>,
}

static DEADLINES: PerProcess<Deadlines> = PerProcess::new();

impl Deadlines {
    fn of_this_process() -> &'static Self {
        DEADLINES.get(|_| Deadlines {
            since: Instant::now(),
            next: AtomicU64::new(u64::MAX),
            jobs: Mutex::default(),
        })
    }

    /// The clock is read only when there is a deadline.
    fn next_has_passed(&self) -> bool {
        let next = self.next.load(Ordering::Relaxed);
        next != u64::MAX && next < self.since.elapsed().as_micros() as u64
    }

    fn change<T>(&self, work: impl FnOnce(&mut BTreeMap<(Instant, u64), Weak<Shared>>) -> T) -> T {
        let mut jobs = locked(&self.jobs);
        let value = work(&mut jobs);
        let next = jobs.first_key_value().map_or(u64::MAX, |((at, _), _)| {
            at.saturating_duration_since(self.since).as_micros() as u64
        });
        self.next.store(next, Ordering::Relaxed);
        value
    }
}

/// Ends the jobs whose deadline has passed while they waited. Cheap when there are none.
pub(crate) fn end_overdue() {
    let deadlines = Deadlines::of_this_process();
    while deadlines.next_has_passed() {
        let overdue = deadlines.change(|jobs| jobs.pop_first());
        if let Some(shared) = overdue.and_then(|(_, job)| job.upgrade()) {
            // Looking at it ends it.
            let _ = Job(shared).outcome();
        }
    }
}

/// How often a submission looks whether there is room, and a wait at the deadline of its job.
const PAUSE: Duration = Duration::from_micros(500);

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
                    called: false,
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
    let tasks = jobs.iter().map(|job| {
        let job = job.clone();
        Box::new(move |turn| match turn {
            Turn::Work => job.run(),
            Turn::Refused => drop(job.end(Err(pool::shut_down()))),
        }) as Task
    });
    if let Err(error) = pool::enqueue(tasks.collect()) {
        // None of them ever was a job.
        room.waiting.fetch_sub(jobs.len() as u64, Ordering::SeqCst);
        return Err(error);
    }
    for job in &jobs {
        job.watch_deadline();
    }
    Ok(jobs)
}

impl Room {
    fn take(&self, count: u64, most: u64, patience: Duration) -> Result<()> {
        let generation = pool::generation();
        if self.generation.swap(generation, Ordering::SeqCst) != generation {
            // A forked child: the jobs that wait are its parent's.
            self.waiting.store(0, Ordering::SeqCst);
        }
        let fits = |waiting: u64| waiting.checked_add(count).filter(|sum| *sum <= most);
        let taken = pool::wait_until(
            Some(Instant::now() + patience),
            || {
                self.waiting
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fits)
                    .ok()
            },
            |left| thread::sleep(left.map_or(PAUSE, |left| left.min(PAUSE))),
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
        let ended = pool::wait_until(
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
                    Some(left) => drop(self.0.ended.wait_timeout(state, left.max(PAUSE))),
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

    /// Remembers a progress event, calls `deliver` and tells the queue, in this order: waking a host that waits at the
    /// queue takes as long as all else between two stages of a short text.
    pub(crate) fn progress(&self, latest: Latest, deliver: impl FnOnce()) {
        let goes_on = {
            let mut state = locked(&self.0.state);
            if state.outcome.is_none() {
                state.latest = Some(latest);
            }
            state.outcome.is_none()
        };
        deliver();
        if let Some(queue) = self.0.queue.as_ref().filter(|_| goes_on) {
            queue.put(self);
        }
    }

    /// Remembers that all is done and calls `deliver`. The queue is not told: the end comes at once.
    pub(crate) fn complete(&self, latest: Latest, deliver: impl FnOnce()) {
        locked(&self.0.state).latest = Some(latest);
        deliver();
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
            // Before the callback has returned there is nothing to tell: it is put in once more after that.
            state.told = state.called;
            return state.called.then(|| QueueEvent::Ended(self.clone()));
        }
        state
            .latest
            .map(|latest| QueueEvent::Progress(self.clone(), latest))
    }

    /// Where the job stands among the deadlines.
    fn deadline(&self) -> Option<(Instant, u64)> {
        let deadline = self.0.submitted.checked_add(self.0.deadline?)?;
        Some((deadline, self.0.id))
    }

    fn watch_deadline(&self) {
        let Some(deadline) = self.deadline() else {
            return;
        };
        Deadlines::of_this_process().change(|jobs| {
            // Under the lock that an end takes, too: one that has ended is not put in after it was taken out.
            if locked(&self.0.state).outcome.is_none() {
                jobs.insert(deadline, Arc::downgrade(&self.0));
            }
        });
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
        let outcome = pool::inside(|| {
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
        if let Some(deadline) = self.deadline() {
            Deadlines::of_this_process().change(|jobs| jobs.remove(&deadline));
        }
        if work.is_some() {
            self.0.room.give_back();
        }
        if let Some(done) = done {
            // A panic in a Rust host's callback must not keep others waiting.
            let _ = panics::guard(|| {
                pool::in_callback(|| done(self));
                Ok(())
            });
        }
        locked(&self.0.state).called = true;
        if let Some(queue) = &self.0.queue {
            queue.put(self);
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
