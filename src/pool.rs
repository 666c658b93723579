//! The worker pool: the only file that knows what the threads are.
//!
//! One pool serves the process. It is made on first use, kept for the life of the process, and made anew in a
//! forked child, where the parent's threads do not exist: what belongs to one process carries the number of the
//! fork generation it was made in, a handler run in every forked child raises that number, and a value of
//! another generation is left alone (leaked) and replaced. No lock of the parent is touched in the child.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::error::{Error, ErrorKind, Result};
use crate::panics;

/// The environment variable that sets the number of workers.
pub const WORKERS_VARIABLE: &str = "MAX_PARALLEL_WORKERS_OVERRIDE";

/// Most workers that [`WORKERS_VARIABLE`] may ask for.
const MOST_WORKERS: usize = 1024;

/// Stack of a worker in bytes.
const STACK: usize = 4 << 20;

static GENERATION: AtomicU64 = AtomicU64::new(0);
static SLOT: PerProcess<Slot> = PerProcess::new();

/// What belongs to one process.
struct Slot {
    pool: OnceCell<Pool>,
    calls: Mutex<Calls>,
    idle: Condvar,
    waiting: Mutex<Waiting>,
    /// Wakes the worker on watch.
    called: Condvar,
}

/// The documents that wait for a worker, and those who take them.
#[derive(Default)]
struct Waiting {
    /// Oldest first.
    documents: VecDeque<Task>,
    /// Pieces of rayon's work that take documents from the list: at most one a worker, so that a worker that
    /// waits for pieces of its own document finds no pile of others to start in between.
    drivers: usize,
    /// Those of them that work on a document now.
    busy: usize,
    /// One of the others may stay and wait for documents here. Rayon, which wakes a second worker for every piece of
    /// work that a first one finds, takes twice as long to wake one.
    watch: Watch,
    /// How many loops run in parallel: a worker that waits for pieces of one may be given a driver to run, and must
    /// not stay in it.
    loops: usize,
    /// Nobody waits here any more.
    closed: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Watch {
    #[default]
    Nobody,
    Kept,
    /// The one on watch is needed by rayon.
    CalledOff,
}

impl Waiting {
    /// Counts in one driver more when there are documents for it.
    fn adds_driver(&mut self, workers: usize) -> bool {
        let adds = self.drivers < workers && self.drivers - self.busy < self.documents.len();
        self.drivers += usize::from(adds);
        adds
    }
}

/// What comes of a document that waits.
pub(crate) enum Turn {
    /// It is worked on now.
    Work,
    /// The library is being shut down.
    Refused,
}

/// A document that waits for a worker.
pub(crate) type Task = Box<dyn FnOnce(Turn) + Send>;

/// The calls in flight.
#[derive(Default)]
struct Calls {
    callers: VecDeque<thread::ThreadId>,
    /// Documents that wait or are worked on.
    tasks: usize,
    shut_down: bool,
}

struct Pool {
    /// Taken at shutdown.
    threads: Mutex<Option<Arc<rayon::ThreadPool>>>,
    handles: Mutex<Vec<thread::JoinHandle<()>>>,
    alive: Arc<Alive>,
}

/// How many workers have not yet ended.
#[derive(Default)]
struct Alive {
    count: Mutex<usize>,
    ended: Condvar,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Held for the moment of a fork, so that a child finds nothing half-changed and no lock taken: see
/// [`apart_from_forks`].
static GATE: Mutex<()> = Mutex::new(());

std::thread_local! {
    /// The gate while this thread forks; the child's only thread finds its copy here.
    static FORKING: RefCell<Option<MutexGuard<'static, ()>>> = const { RefCell::new(None) };
}

/// Runs `work` while no thread can fork the process. For every lock of the library that lives longer than a
/// call: `work` takes it, does something short and gives it back; it must not call out of the library.
pub(crate) fn apart_from_forks<T>(work: impl FnOnce() -> T) -> T {
    generation();
    let _gate = locked(&GATE);
    work()
}

/// The number of forks between this process and the one that loaded the library, as far as the library has
/// been used; equal numbers mean: the same process.
pub(crate) fn generation() -> u64 {
    static WATCHING: AtomicBool = AtomicBool::new(false);

    extern "C" fn before() {
        // A thread that is ending has no such place any more; it forks without the gate.
        let _ = FORKING.try_with(|forking| forking.replace(Some(locked(&GATE))));
    }

    extern "C" fn in_parent() {
        let _ = FORKING.try_with(|forking| forking.replace(None));
    }

    extern "C" fn in_child() {
        let _ = FORKING.try_with(|forking| forking.replace(None));
        GENERATION.fetch_add(1, Ordering::SeqCst);
    }

    if !WATCHING.load(Ordering::Acquire) {
        static REGISTERING: Mutex<()> = Mutex::new(());
        // A fork in the very moment of the first use is the one that is not seen.
        let _one = locked(&REGISTERING);
        if !WATCHING.load(Ordering::Acquire) {
            #[allow(unsafe_code)]
            // SAFETY: the handlers are functions of this library, which is never unloaded (linked with
            // `-z nodelete`). They take and give back one lock, on the forking thread, and add to an atomic.
            let status =
                unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
            WATCHING.store(status == 0, Ordering::Release);
        }
    }
    GENERATION.load(Ordering::SeqCst)
}

/// A value that a forked child makes anew, without touching a lock its parent's threads may have held.
///
/// Values are never freed: there is one per process, and a child cannot free its parent's.
pub(crate) struct PerProcess<T: 'static> {
    current: AtomicPtr<(u64, T)>,
}

impl<T: Sync> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess {
            current: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// This process's value. Where it has none yet, `make` makes it, from the parent's value when there is
    /// one; of a race between threads one value survives.
    pub(crate) fn get(&'static self, make: impl Fn(Option<&'static T>) -> T) -> &'static T {
        let generation = generation();
        loop {
            let current = self.current.load(Ordering::Acquire);
            #[allow(unsafe_code)]
            // SAFETY: a pointer in `current` is null or comes from `Box::into_raw` below, and what it points
            // to is never freed or changed once stored.
            let stored: Option<&'static (u64, T)> = unsafe { current.as_ref() };
            if let Some((owner, value)) = stored
                && *owner == generation
            {
                return value;
            }
            let fresh = Box::into_raw(Box::new((generation, make(stored.map(|(_, value)| value)))));
            if self
                .current
                .compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire)
                .is_err()
            {
                #[allow(unsafe_code)]
                // SAFETY: the exchange failed, so `fresh` was never shared and is still this thread's own box.
                drop(unsafe { Box::from_raw(fresh) });
            }
        }
    }
}

fn slot() -> &'static Slot {
    SLOT.get(|_| Slot {
        pool: OnceCell::new(),
        calls: Mutex::default(),
        idle: Condvar::new(),
        waiting: Mutex::default(),
        called: Condvar::new(),
    })
}

impl Slot {
    fn threads(&self) -> Result<Arc<rayon::ThreadPool>> {
        if locked(&self.calls).shut_down {
            return Err(shut_down());
        }
        let mut notes = Vec::new();
        let pool = self.pool.get_or_try_init(|| Pool::start(&mut notes));
        // Told only now: a log callback may call the library, which would look for the pool being made.
        for note in notes {
            tracing::warn!(target: "tori::pool", "{note}");
        }
        locked(&pool?.threads).clone().ok_or_else(shut_down)
    }
}

pub(crate) fn shut_down() -> Error {
    Error::new(
        ErrorKind::Shutdown,
        "the library has been shut down in this process",
    )
}

impl Pool {
    /// Starts the threads; `notes` receives what an operator should know.
    fn start(notes: &mut Vec<String>) -> Result<Pool> {
        let wanted = configured_workers(notes);
        match Pool::start_with(wanted) {
            Err(error) if wanted > 1 => {
                notes.push(format!(
                    "cannot start {wanted} workers ({error}); trying with one"
                ));
                Pool::start_with(1)
            }
            outcome => outcome,
        }
        .map_err(|error| {
            Error::new(
                ErrorKind::Io,
                format!("cannot start a worker thread: {error}"),
            )
        })
    }

    fn start_with(workers: usize) -> Result<Pool, rayon::ThreadPoolBuildError> {
        let alive = Arc::new(Alive {
            count: Mutex::new(workers),
            ended: Condvar::new(),
        });
        let ending = alive.clone();
        let mut handles = Vec::new();
        let threads = with_signals_blocked(|| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(workers)
                .exit_handler(move |_| {
                    *locked(&ending.count) -= 1;
                    ending.ended.notify_all();
                })
                // Every job is guarded; this is the net under the guard, so that nothing aborts the host.
                .panic_handler(|_| tracing::error!(target: "tori::pool", "a worker's job panicked"))
                .spawn_handler(|worker| {
                    let name = format!("tori-exec-{}", worker.index());
                    let builder = thread::Builder::new().name(name).stack_size(STACK);
                    handles.push(builder.spawn(|| worker.run())?);
                    Ok(())
                })
                .build()
        })?;
        Ok(Pool {
            threads: Mutex::new(Some(Arc::new(threads))),
            handles: Mutex::new(handles),
            alive,
        })
    }
}

/// Runs `start` with all signals blocked, so that threads started by it never receive a signal of the host.
fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    #[allow(unsafe_code)]
    // SAFETY: both sets are plain memory owned by this frame; `sigfillset` initialises the first and
    // `pthread_sigmask` the second before it is read.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        let mut before = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&mut all);
        let blocked = libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before) == 0;
        let outcome = start();
        if blocked {
            libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut());
        }
        outcome
    }
    #[cfg(not(unix))]
    start()
}

/// The number of workers to start: [`WORKERS_VARIABLE`] when it is a whole number from 1 to 1024, else the
/// number of cores, at most 16.
fn configured_workers(notes: &mut Vec<String>) -> usize {
    let default = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(16);
    let Some(text) = std::env::var_os(WORKERS_VARIABLE) else {
        return default;
    };
    let text = text.to_string_lossy();
    workers_from(&text).unwrap_or_else(|| {
        notes.push(format!(
            "{WORKERS_VARIABLE}=\"{text}\" is ignored: expected a whole number from 1 to {MOST_WORKERS}; \
             using {default} workers"
        ));
        default
    })
}

fn workers_from(text: &str) -> Option<usize> {
    text.trim()
        .parse()
        .ok()
        .filter(|workers| (1..=MOST_WORKERS).contains(workers))
}

/// The pool's identity and size, for those who want to see that it stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolInfo {
    /// Different for different pools of one process and its forked children.
    pub id: usize,
    /// Threads in the pool.
    pub workers: usize,
}

/// Tells which pool this process uses; starts it when no call has yet.
///
/// # Errors
/// `Io` when no thread can be started, `Shutdown` after [`shutdown`].
pub fn info() -> Result<PoolInfo> {
    let slot = slot();
    let threads = slot.threads()?;
    let workers = threads.current_num_threads();
    Ok(PoolInfo {
        id: ptr::from_ref(slot) as usize,
        workers,
    })
}

/// Takes a caller off the list of calls in flight.
struct InFlight(&'static Slot, thread::ThreadId, u64);

impl InFlight {
    fn new(slot: &'static Slot) -> Result<Self> {
        let me = thread::current().id();
        let mut calls = locked(&slot.calls);
        if calls.shut_down {
            return Err(shut_down());
        }
        calls.callers.push_back(me);
        Ok(InFlight(slot, me, generation()))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.2 != generation() {
            return;
        }
        let mut calls = locked(&self.0.calls);
        if let Some(index) = calls.callers.iter().position(|caller| *caller == self.1) {
            calls.callers.remove(index);
        }
        drop(calls);
        self.0.idle.notify_all();
    }
}

/// How deep a worker goes from one document into another to let it through, and to wait for it.
const DEEPEST_WAY: u32 = 4;
const DEEPEST_WAIT: u32 = 16;
/// How long a document is worked on, at least, before others are looked at.
const TURN: Duration = Duration::from_millis(10);
/// How long a worker that waits sleeps when there is nothing to help with.
const NAP: Duration = Duration::from_micros(500);

/// The documents a worker is inside of.
#[derive(Clone, Copy)]
struct Inside {
    depth: u32,
    /// Since when it has been at the innermost, and how long that one's turn is.
    since: Option<Instant>,
    turn: Duration,
}

std::thread_local! {
    /// The documents this worker is inside of.
    static INSIDE: Cell<Inside> = const { Cell::new(Inside { depth: 0, since: None, turn: TURN }) };
    /// Whether this worker takes documents from the list, below whatever else it is at.
    static DRIVES: Cell<bool> = const { Cell::new(false) };
    /// How many callbacks of the host this thread is inside of.
    static CALLBACKS: Cell<u32> = const { Cell::new(0) };
}

/// Marks the thread as being inside a callback of the host while `call` runs.
pub(crate) fn in_callback<T>(call: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CALLBACKS.set(CALLBACKS.get() - 1);
        }
    }
    CALLBACKS.set(CALLBACKS.get() + 1);
    let _leave = Leave;
    call()
}

/// Whether the caller is inside a callback of the host.
pub(crate) fn inside_callback() -> bool {
    CALLBACKS.get() > 0
}

/// Puts documents in the list and does not wait for them.
///
/// # Errors
/// `Io` when no thread can be started, `Shutdown`; no task is called then.
pub(crate) fn enqueue(tasks: Vec<Task>) -> Result<()> {
    let slot = slot();
    let threads = slot.threads()?;
    {
        let mut calls = locked(&slot.calls);
        if calls.shut_down {
            return Err(shut_down());
        }
        calls.tasks += tasks.len();
        locked(&slot.waiting).documents.extend(tasks);
    }
    start_drivers(slot, &threads);
    Ok(())
}

/// Makes sure that documents that wait are taken: as many drivers as there are documents, at most one a worker.
fn start_drivers(slot: &'static Slot, threads: &Arc<rayon::ThreadPool>) {
    let (on_watch, more) = {
        let mut waiting = locked(&slot.waiting);
        let workers = threads.current_num_threads();
        let on_watch = waiting.watch == Watch::Kept && !waiting.documents.is_empty();
        (
            on_watch,
            std::iter::from_fn(|| waiting.adds_driver(workers).then_some(())).count(),
        )
    };
    if on_watch {
        slot.called.notify_one();
    }
    for _ in 0..more {
        threads.spawn(move || drive(slot));
    }
}

fn drive(slot: &'static Slot) {
    // A worker that is inside a document or its callback, and takes this up while it waits for something there, comes
    // back to the list when it is out again.
    let free = INSIDE.get().depth == 0 && !DRIVES.get();
    if free {
        DRIVES.set(true);
        while let Some(task) = next_or_watch(slot) {
            end_task(slot, task, Turn::Work);
            locked(&slot.waiting).busy -= 1;
        }
        DRIVES.set(false);
    }
    locked(&slot.waiting).drivers -= 1;
    {
        // Whoever waits for the last driver must not miss it between its look and its sleep.
        let _calls = locked(&slot.calls);
        slot.idle.notify_all();
    }
    if free {
        come_back(slot);
    }
}

/// The next document for a driver, which is busy then. Waits for one where nobody else does.
fn next_or_watch(slot: &'static Slot) -> Option<Task> {
    let mut waiting = locked(&slot.waiting);
    let stays = waiting.watch == Watch::Nobody && waiting.loops == 0 && !waiting.closed;
    if waiting.documents.is_empty() && stays {
        waiting.watch = Watch::Kept;
        while waiting.documents.is_empty() && waiting.watch == Watch::Kept {
            waiting = slot
                .called
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        waiting.watch = Watch::Nobody;
    }
    let task = waiting.documents.pop_front()?;
    waiting.busy += 1;
    Some(task)
}

/// Sends the worker on watch back to rayon, after `change`.
fn call_off_watch(slot: &Slot, change: impl FnOnce(&mut Waiting)) {
    let mut waiting = locked(&slot.waiting);
    change(&mut waiting);
    if waiting.watch == Watch::Kept {
        waiting.watch = Watch::CalledOff;
        drop(waiting);
        slot.called.notify_one();
    }
}

/// Starts drivers for documents that came while nobody looked.
fn come_back(slot: &'static Slot) {
    if locked(&slot.waiting).documents.is_empty() {
        return;
    }
    let threads = slot
        .pool
        .get()
        .and_then(|pool| locked(&pool.threads).clone());
    if let Some(threads) = threads {
        start_drivers(slot, &threads);
    }
}

/// Works on the oldest document that waits; whether there was one.
fn take_turn(slot: &'static Slot) -> bool {
    let Some(task) = locked(&slot.waiting).documents.pop_front() else {
        return false;
    };
    end_task(slot, task, Turn::Work);
    true
}

fn end_task(slot: &'static Slot, task: Task, turn: Turn) {
    // Every task guards itself; this is the net that keeps the count right.
    let _ = panics::guard(|| {
        task(turn);
        Ok(())
    });
    locked(&slot.calls).tasks -= 1;
    slot.idle.notify_all();
}

/// Marks this worker as being inside one document more while `work` runs, which must not unwind.
pub(crate) fn inside<T>(work: impl FnOnce() -> T) -> T {
    let before = INSIDE.get();
    INSIDE.set(Inside {
        depth: before.depth + 1,
        since: Some(Instant::now()),
        turn: TURN,
    });
    let value = work();
    // The document outside begins a new turn: it has waited for this one.
    INSIDE.set(Inside {
        since: before.since.map(|_| Instant::now()),
        ..before
    });
    if before.depth == 0 {
        come_back(slot());
    }
    value
}

/// Lets a document that waits go first when this worker has been at its own for a turn. The next turn is as long as
/// the other took: however many wait, a document gets half of the time, at whatever depth it is.
pub(crate) fn give_way() {
    let inside = INSIDE.get();
    let turn_is_over = |since: Instant| since.elapsed() >= inside.turn;
    if inside.depth == 0 || inside.depth >= DEEPEST_WAY || !inside.since.is_some_and(turn_is_over) {
        return;
    }
    let given = Instant::now();
    take_turn(slot());
    INSIDE.set(Inside {
        since: Some(Instant::now()),
        turn: TURN.max(given.elapsed()),
        ..inside
    });
}

/// Waits until `ready` gives something or `deadline` passes. A worker works on other documents meanwhile, since it
/// may be waiting for itself; others wait in `pause`, which returns after at most the time it is given.
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
        if !on_worker() {
            pause(left);
        } else if INSIDE.get().depth >= DEEPEST_WAIT || !take_turn(slot()) {
            let _ = rayon::yield_now();
            pause(Some(left.map_or(NAP, |left| left.min(NAP))));
        }
    }
}

/// Whether the caller is one of the pool's threads.
pub(crate) fn on_worker() -> bool {
    let pool = slot().pool.get();
    pool.and_then(|pool| locked(&pool.threads).clone())
        .is_some_and(|threads| threads.current_thread_index().is_some())
}

enum Step<M, T> {
    Message(M),
    /// In a box: a channel makes room for many steps at once, and this one is large.
    End(Box<Result<T>>),
}

/// The calling thread's end of a job that borrows from it.
struct Caller<M, T> {
    receiver: ManuallyDrop<mpsc::Receiver<Step<M, T>>>,
    generation: u64,
    ended: bool,
}

impl<M, T> Caller<M, T> {
    fn forked(&self) -> bool {
        self.generation != generation()
    }

    /// The next step; `None` after the end.
    fn next(&mut self) -> Option<Step<M, T>> {
        let step = self.receiver.recv().ok();
        self.ended = !matches!(step, Some(Step::Message(_)));
        step
    }
}

impl<M, T> Drop for Caller<M, T> {
    fn drop(&mut self) {
        if self.forked() {
            // The worker that holds the other end is not in this process, and what it was doing to the channel
            // will never be finished: the channel is left as it is.
            return;
        }
        // Also when a callback unwinds: the job borrows what the unwinding would free.
        while !self.ended {
            self.next();
        }
        #[allow(unsafe_code)]
        // SAFETY: the receiver is dropped once, here, and not used again.
        unsafe {
            ManuallyDrop::drop(&mut self.receiver);
        }
    }
}

/// Runs `job` on the pool while the calling thread, and nothing else, waits. Each message the job sends is
/// handed to `deliver` on the calling thread, one after the other; the job does not wait for that.
///
/// Called from one of the pool's own threads (a callback may do so), the job runs right there, since a worker that
/// waited for another could wait for ever; its messages are delivered on whatever worker sends them.
///
/// # Errors
/// What the job returns, `Panic` when it panics, `Io` when no thread can be started, `Shutdown`; `Forked` in a child
/// that was forked by `deliver` and returns from it.
pub(crate) fn run<M: Send, T: Send>(
    job: impl FnOnce(&(dyn Fn(M) + Sync)) -> Result<T> + Send,
    mut deliver: impl FnMut(M) + Send,
) -> Result<T> {
    let slot = slot();
    let _call = InFlight::new(slot)?;
    slot.threads()?;
    if on_worker() {
        let deliver = Mutex::new(deliver);
        return inside(|| panics::guard(|| job(&|message| (locked(&deliver))(message))));
    }

    let (sender, receiver) = mpsc::channel();
    let task = move |turn: Turn| {
        let outcome = match turn {
            Turn::Work => inside(|| {
                panics::guard(|| {
                    job(&|message| {
                        // The receiver lives until the end was received; a failed send is impossible.
                        let _ = sender.send(Step::Message(message));
                    })
                })
            }),
            Turn::Refused => {
                drop(job);
                Err(shut_down())
            }
        };
        let _ = sender.send(Step::End(Box::new(outcome)));
    };
    let task: Box<dyn FnOnce(Turn) + Send + '_> = Box::new(task);
    #[allow(unsafe_code)]
    // SAFETY: only the lifetime changes. The task borrows from this frame and the callers'. It uses nothing
    // borrowed after it has sent its end (the job is consumed by then), and `Caller` does not let this frame go
    // before the end was received. In a forked child, where nobody runs the task, it is never called or dropped.
    let task: Task = unsafe { std::mem::transmute(task) };
    let mut caller = Caller {
        receiver: ManuallyDrop::new(receiver),
        generation: generation(),
        // Until the task is in the list there is no end to wait for: a refused one is dropped by `enqueue`.
        ended: true,
    };
    enqueue(vec![task])?;
    caller.ended = false;
    while let Some(step) = caller.next() {
        match step {
            Step::Message(message) => deliver(message),
            Step::End(outcome) => return *outcome,
        }
        if caller.forked() {
            return Err(Error::new(
                ErrorKind::Forked,
                "the call belongs to the process this one was forked from, by its callback",
            ));
        }
    }
    Err(Error::new(
        ErrorKind::Panic,
        "bug in the library: a job ended without a word",
    ))
}

/// Calls `work` for each index below `count`, in any order, on the pool that runs the caller. A panic in one of the
/// calls comes out of this one, with its place.
pub(crate) fn parallel_for(count: usize, work: &(dyn Fn(usize) + Sync)) {
    let failed = Mutex::new(None);
    let one = |index| {
        let outcome = panics::guard(|| {
            work(index);
            Ok(())
        });
        if let Err(error) = outcome {
            locked(&failed).get_or_insert(error);
        }
    };
    if count > 1 {
        let slot = slot();
        call_off_watch(slot, |waiting| waiting.loops += 1);
        (0..count).into_par_iter().for_each(one);
        locked(&slot.waiting).loops -= 1;
    } else {
        (0..count).for_each(one);
    }
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        panics::go_on(error);
    }
}

/// Ends the library's work in this process: refuses new calls, ends the documents that wait with `Shutdown`,
/// waits until those in flight have ended and the worker threads are gone. Calling it again is fine.
///
/// # Errors
/// `Busy` when called from inside a callback or a worker; `Timeout` when `timeout` passes first: new calls stay
/// refused and the call may be repeated.
pub fn shutdown(timeout: Option<Duration>) -> Result<()> {
    let slot = slot();
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let me = thread::current().id();
    let mut calls = locked(&slot.calls);
    if inside_callback() || on_worker() || calls.callers.contains(&me) {
        return Err(Error::new(
            ErrorKind::Busy,
            "the library cannot be shut down from inside a callback",
        ));
    }
    calls.shut_down = true;
    let mut refused = VecDeque::new();
    call_off_watch(slot, |waiting| {
        waiting.closed = true;
        refused = std::mem::take(&mut waiting.documents);
    });
    drop(calls);
    for task in refused {
        end_task(slot, task, Turn::Refused);
    }
    let mut calls = locked(&slot.calls);
    while !calls.callers.is_empty() || calls.tasks > 0 || locked(&slot.waiting).drivers > 0 {
        calls = wait(&slot.idle, calls, deadline, "calls are still in flight")?;
    }
    drop(calls);

    let Some(pool) = slot.pool.get() else {
        return Ok(());
    };
    drop(locked(&pool.threads).take());
    let mut alive = locked(&pool.alive.count);
    while *alive > 0 {
        alive = wait(
            &pool.alive.ended,
            alive,
            deadline,
            "worker threads are still ending",
        )?;
    }
    drop(alive);
    // The workers are past their last instruction of ours, so joining them takes no time.
    for handle in locked(&pool.handles).drain(..) {
        let _ = handle.join();
    }
    Ok(())
}

fn wait<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Option<Instant>,
    pending: &str,
) -> Result<MutexGuard<'a, T>> {
    let Some(deadline) = deadline else {
        return Ok(condition
            .wait(guard)
            .unwrap_or_else(PoisonError::into_inner));
    };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Error::new(
            ErrorKind::Timeout,
            format!("the time to shut down passed while {pending}"),
        ));
    }
    Ok(condition
        .wait_timeout(guard, left)
        .unwrap_or_else(PoisonError::into_inner)
        .0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_is_the_same_before_and_after_calls() {
        let before = info().unwrap();
        for _ in 0..3 {
            run(|_: &(dyn Fn(()) + Sync)| Ok(()), |()| ()).unwrap();
        }
        assert_eq!(info().unwrap(), before);
    }

    #[test]
    fn jobs_run_on_named_workers_and_messages_on_the_caller() {
        let caller = thread::current().id();
        let mut delivered = Vec::new();
        let name = run(
            |send: &(dyn Fn(u32) + Sync)| {
                send(1);
                send(2);
                Ok(thread::current().name().map(str::to_owned))
            },
            |message| {
                assert_eq!(thread::current().id(), caller);
                delivered.push(message);
            },
        )
        .unwrap();
        assert!(name.unwrap().starts_with("tori-exec-"));
        assert_eq!(delivered, [1, 2]);
    }

    #[test]
    fn a_panicking_job_is_an_error_and_the_pool_goes_on() {
        let error = run(
            |_: &(dyn Fn(()) + Sync)| -> Result<()> { panic!("on purpose") },
            |()| (),
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panic);
        run(|_: &(dyn Fn(()) + Sync)| Ok(()), |()| ()).unwrap();
    }

    #[test]
    fn a_call_from_a_worker_completes() {
        let depth = run(
            |_: &(dyn Fn(()) + Sync)| run(|_: &(dyn Fn(()) + Sync)| Ok(2), |()| ()),
            |()| (),
        );
        assert_eq!(depth.unwrap(), 2);
    }

    #[test]
    fn another_thread_goes_on_while_a_call_waits() {
        let ticks = AtomicU64::new(0);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    ticks.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                }
            });
            run(
                |_: &(dyn Fn(()) + Sync)| {
                    let seen = ticks.load(Ordering::SeqCst);
                    while ticks.load(Ordering::SeqCst) < seen + 100 {
                        thread::yield_now();
                    }
                    Ok(())
                },
                |()| (),
            )
            .unwrap();
            done.store(true, Ordering::SeqCst);
        });
    }

    #[test]
    fn documents_that_come_one_by_one_are_worked_on_at_once() {
        if info().unwrap().workers < 2 {
            eprintln!("skipped: the pool has one worker");
            return;
        }
        let begun = AtomicU64::new(0);
        let both = || {
            run(
                |_: &(dyn Fn(()) + Sync)| {
                    begun.fetch_add(1, Ordering::SeqCst);
                    let patience = Instant::now() + Duration::from_secs(20);
                    while begun.load(Ordering::SeqCst) < 2 && Instant::now() < patience {
                        thread::yield_now();
                    }
                    Ok(begun.load(Ordering::SeqCst))
                },
                |()| (),
            )
        };
        // Whatever is left on the pool from before: one worker on watch, or all of them in rayon.
        for _ in 0..3 {
            begun.store(0, Ordering::SeqCst);
            thread::scope(|scope| {
                let first = scope.spawn(both);
                while begun.load(Ordering::SeqCst) == 0 {
                    thread::yield_now();
                }
                assert_eq!(both().unwrap(), 2);
                assert_eq!(first.join().unwrap().unwrap(), 2);
            });
            let sum = AtomicU64::new(0);
            run(
                |_: &(dyn Fn(()) + Sync)| {
                    parallel_for(100, &|index| {
                        sum.fetch_add(index as u64, Ordering::SeqCst);
                    });
                    Ok(())
                },
                |()| (),
            )
            .unwrap();
            assert_eq!(sum.into_inner(), 4950);
        }
    }

    #[test]
    fn loops_and_short_documents_all_end() {
        let loops = |pieces: usize| {
            run(
                |_: &(dyn Fn(()) + Sync)| {
                    let done = AtomicU64::new(0);
                    for _ in 0..3 {
                        parallel_for(pieces, &|_| {
                            thread::yield_now();
                            done.fetch_add(1, Ordering::Relaxed);
                        });
                    }
                    Ok(done.into_inner())
                },
                |()| (),
            )
        };
        // One after the other: a driver for the next is on its way while the last one's still looks for work.
        for round in 0..3000 {
            let pieces = [1, 40][round % 2];
            assert_eq!(loops(pieces).unwrap(), 3 * pieces as u64);
        }
        thread::scope(|scope| {
            for caller in 0..8 {
                scope.spawn(move || {
                    for round in 0..400 {
                        let pieces = [1, 40][(caller + round) % 2];
                        assert_eq!(loops(pieces).unwrap(), 3 * pieces as u64);
                    }
                });
            }
        });
    }

    #[test]
    fn only_whole_numbers_in_range_override_the_worker_count() {
        assert_eq!(workers_from("3"), Some(3));
        assert_eq!(workers_from(" 8 "), Some(8));
        for refused in ["0", "-1", "", "two", "3.5", "1025"] {
            assert_eq!(workers_from(refused), None, "{refused:?}");
        }
    }
}
