//! The library as a Rust program sees it: [`Engine`], [`Request`], and [`Report`] back.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use once_cell::sync::OnceCell;

use crate::config::Config;
use crate::database::Database;
use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::hook::Hook;
use crate::job::{self, DoneFn, Job, Latest, Plan, Room};
use crate::memory;
use crate::pipeline::{self, Input};
use crate::pool::{self, PerProcess};
use crate::progress::{Event, Meter, Observer, Stage};
use crate::queue::Queue;
use crate::report::Report;
use crate::store::Store;

/// A progress callback. [`Break`](ControlFlow::Break) cancels the call. Events of one call come one at a time,
/// on the thread that made the call.
pub type ProgressFn = dyn Fn(&Event<'_>) -> ControlFlow<()> + Send + Sync;

static PROGRESS: Hook<ProgressFn> = Hook::new();

/// Sets the progress callback for every call of the process whose request and engine have none; `None` takes it
/// away. Returns when calls of the former callback on other threads have ended; it is dropped then.
pub fn set_progress(callback: Option<Arc<ProgressFn>>) {
    PROGRESS.replace(callback);
}

/// Settings and a concept database, ready to take documents. Cheap to clone: clones are the same engine.
/// May be used by many threads at once.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: Config,
    store: ArcSwap<Store>,
    progress: Hook<ProgressFn>,
    room: Arc<Room>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({} concepts)", self.database().len())
    }
}

impl Engine {
    /// An engine with these settings and the database they lead to.
    ///
    /// # Errors
    /// `Database` when none can be loaded; the error lists every path tried.
    pub fn new(config: Config) -> Result<Self> {
        if memory::limited() {
            memory::check()?;
        }
        let store = Arc::new(Store::new(Database::open(&config)?));
        Ok(Self::with_store(config, store))
    }

    /// An engine with these settings and this database.
    pub fn with_store(config: Config, store: Arc<Store>) -> Self {
        Engine(Arc::new(Inner {
            config,
            store: ArcSwap::new(store),
            progress: Hook::new(),
            room: Arc::default(),
        }))
    }

    /// The engine that calls without an engine use: default settings, made once, and inherited by forked
    /// children.
    ///
    /// # Errors
    /// Those of [`Engine::new`]; a later call tries again.
    pub fn shared() -> Result<Self> {
        static SHARED: PerProcess<OnceCell<Engine>> = PerProcess::new();
        let shared = SHARED.get(|parents| parents.cloned().unwrap_or_default());
        if let Some(engine) = shared.get() {
            return Ok(engine.clone());
        }
        // Not made inside the cell: opening a database logs, and a log callback may ask for this very engine. Of
        // two made at once the first stays.
        let engine = Engine::new(Config::new())?;
        Ok(shared
            .try_insert(engine)
            .unwrap_or_else(|(first, _)| first)
            .clone())
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The database of this moment.
    pub fn database(&self) -> Arc<Database> {
        self.0.store.load().snapshot()
    }

    /// What the engine takes the database of each document from. Others may hold it, too; what changes it is seen by
    /// calls that begin later.
    pub fn store(&self) -> Arc<Store> {
        self.0.store.load_full()
    }

    /// Puts another store in place. Calls that begin later see it; those in flight keep their database.
    pub fn set_store(&self, store: Arc<Store>) {
        self.0.store.store(store);
    }

    /// Sets the progress callback for calls of this engine whose request has none; see [`set_progress`].
    pub fn set_progress(&self, callback: Option<Arc<ProgressFn>>) {
        self.0.progress.replace(callback);
    }

    /// Takes a document through the whole pipeline. The calling thread waits, and runs the progress callback;
    /// the work is done by the process's pool.
    ///
    /// # Errors
    /// Every kind of [`ErrorKind`] but `Abi` and `Forked`. A failed call changes nothing.
    pub fn ingest(&self, request: &Request<'_>) -> Result<Arc<Report>> {
        let database = self.database();
        self.run(request, |input, config, observer| {
            pipeline::run(input, config, &database, observer, &pool::parallel_for)
        })
        .map(Arc::new)
    }

    /// Reads a document to text without looking for concepts; otherwise as [`ingest`](Self::ingest).
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest).
    pub fn read(&self, request: &Request<'_>) -> Result<Document> {
        self.run(request, |input, config, observer| {
            pipeline::read(input, config, observer, &pool::parallel_for)
        })
    }

    /// Takes a document in without waiting: the job is worked on by the process's pool, and its progress callback
    /// is called on the pool's threads.
    ///
    /// # Errors
    /// `Busy` when `jobs.waiting` jobs of this engine wait already, and still do after `jobs.patience_ms`;
    /// `Config`, `Shutdown`, and `Io` when no thread can be started. What goes wrong with the document is the
    /// job's [outcome](Job::outcome).
    pub fn submit(&self, request: Request<'static>) -> Result<Job> {
        let mut jobs = self.submit_all(vec![request])?;
        jobs.pop()
            .ok_or_else(|| Error::new(ErrorKind::Panic, "bug in the library: no job"))
    }

    /// Takes several documents in without waiting: all of them or, when there is not room for all, none.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub fn submit_all(&self, requests: Vec<Request<'static>>) -> Result<Vec<Job>> {
        let plans = requests
            .into_iter()
            .map(|request| self.plan(request))
            .collect::<Result<Vec<_>>>()?;
        let patience = Duration::from_millis(self.0.config.jobs_patience_ms);
        job::submit(plans, &self.0.room, self.0.config.jobs_waiting, patience)
    }

    fn plan(&self, mut request: Request<'static>) -> Result<Plan> {
        let config = request.config(&self.0.config)?;
        let (engine, database) = (self.clone(), self.database());
        Ok(Plan {
            done: request.done.take(),
            tag: request.tag.take(),
            queue: request.queue.take().map(|queue| queue.sink()),
            deadline: milliseconds(config.jobs_deadline_ms),
            work: Box::new(move |job| engine.work(job, &request, &config, &database)),
        })
    }

    /// What a worker does for a job.
    fn work(
        &self,
        job: &Job,
        request: &Request<'_>,
        config: &Config,
        database: &Database,
    ) -> Result<Arc<Report>> {
        let watch = Watch {
            cancelled: [job.stop_flag(), &request.cancel.0],
            started: Instant::now(),
            allowed: milliseconds(config.limits_wall_ms),
            job: Some(job),
            memory: memory::Watch::where_limited(),
        };
        let meter = Meter::new(job.id());
        let send = |step: Progress| {
            let latest = Latest {
                stage: step.stage,
                percent: step.percent,
                units_done: step.done,
                units_total: step.total,
            };
            job.progress(latest, || {
                if watch.cancellation().is_ok() && self.deliver(request, &step).is_break() {
                    job.cancel();
                }
            });
        };
        let observer = Reporting {
            watch: &watch,
            meter: &meter,
            // The job tells how far it is to whoever asks.
            heard: &|| true,
            send: &send,
        };
        let report = pipeline::run(
            &request.input,
            config,
            database,
            &observer,
            &pool::parallel_for,
        );
        let report = report.and_then(|report| {
            watch.cancellation()?;
            Ok(report)
        });
        tell(&request.input, job.id(), &watch, report.as_ref().err());
        let report = report?;
        if job.finish() {
            meter.report(Stage::Complete, 0, 0, "complete", |event| {
                let step = Progress::of(event);
                let latest = Latest {
                    stage: event.stage,
                    percent: event.percent,
                    units_done: 0,
                    units_total: 0,
                };
                job.complete(latest, || {
                    // There is nothing left to cancel.
                    let _ = self.deliver(request, &step);
                });
            });
        }
        Ok(Arc::new(report))
    }

    fn run<T: Send>(
        &self,
        request: &Request<'_>,
        work: impl FnOnce(&Input<'_>, &Config, &dyn Observer) -> Result<T> + Send,
    ) -> Result<T> {
        let config = request.config(&self.0.config)?;
        let stopped = AtomicBool::new(false);
        let watch = Watch {
            cancelled: [&stopped, &request.cancel.0],
            started: Instant::now(),
            allowed: milliseconds(config.limits_wall_ms),
            job: None,
            memory: memory::Watch::where_limited(),
        };
        let meter = Meter::new(0);
        let deliver = |step: Progress| {
            if watch.cancellation().is_ok() && self.deliver(request, &step).is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
        };
        let job = |send: &(dyn Fn(Progress) + Sync)| {
            let observer = Reporting {
                watch: &watch,
                meter: &meter,
                heard: &|| self.is_heard(request),
                send,
            };
            work(&request.input, &config, &observer)
        };
        let outcome = pool::run(job, deliver).and_then(|outcome| {
            // A callback that answered while the last stages ran is heard too.
            watch.cancellation()?;
            Ok(outcome)
        });
        tell(&request.input, 0, &watch, outcome.as_ref().err());
        let outcome = outcome?;
        meter.report(Stage::Complete, 0, 0, "complete", |event| {
            // There is nothing left to cancel.
            let _ = self.deliver(request, &Progress::of(event));
        });
        Ok(outcome)
    }

    /// Whether the next progress event of the call has a callback to go to.
    fn is_heard(&self, request: &Request<'_>) -> bool {
        request.progress.is_some() || !self.0.progress.is_empty() || !PROGRESS.is_empty()
    }

    fn deliver(&self, request: &Request<'_>, step: &Progress) -> ControlFlow<()> {
        let event = step.event();
        if let Some(callback) = &request.progress {
            return pool::in_callback(|| callback(&event));
        }
        let engines = self.0.progress.call(|callback| callback(&event));
        engines
            .or_else(|| PROGRESS.call(|callback| callback(&event)))
            .unwrap_or(ControlFlow::Continue(()))
    }
}

/// Cancels the calls it was given to, from any thread. Clones are the same token.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that cancels nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the calls that hold the token return `Cancelled` soon.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One document to take in, with settings and callback of its own.
#[derive(Clone)]
pub struct Request<'a> {
    input: Input<'a>,
    settings: Vec<(String, String)>,
    progress: Option<Arc<ProgressFn>>,
    cancel: CancelToken,
    done: Option<Arc<DoneFn>>,
    queue: Option<Queue>,
    tag: Option<Arc<dyn Any + Send + Sync>>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("input", &self.input)
            .field("settings", &self.settings)
            .finish()
    }
}

impl<'a> Request<'a> {
    fn new(input: Input<'a>) -> Self {
        Request {
            input,
            settings: Vec::new(),
            progress: None,
            cancel: CancelToken::new(),
            done: None,
            queue: None,
            tag: None,
        }
    }

    /// The document in a file.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::new(Input::Path(path.into()))
    }

    /// The document in memory, of any supported kind.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::new(Input::Bytes {
            name: None,
            bytes: bytes.into(),
        })
    }

    /// The document in memory that others hold, too: it is not copied, and let go when the request and its jobs are.
    pub fn shared(bytes: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Self {
        Self::new(Input::Shared { name: None, bytes })
    }

    /// Plain text or Markdown in memory; never taken for another kind.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::new(Input::Text {
            name: None,
            text: text.into(),
        })
    }

    /// Plain text or Markdown in memory that others hold, too.
    pub fn shared_text(text: Arc<str>) -> Self {
        Self::new(Input::SharedText { name: None, text })
    }

    /// Names a document in memory, for the report and for errors.
    #[must_use]
    pub fn named(mut self, given: &str) -> Self {
        match &mut self.input {
            Input::Path(_) => {}
            Input::Bytes { name, .. }
            | Input::Shared { name, .. }
            | Input::SharedText { name, .. }
            | Input::Text { name, .. } => {
                *name = Some(given.to_owned());
            }
        }
        self
    }

    /// Overrides a setting of the engine for this call.
    ///
    /// # Errors
    /// `Config` as in [`Config::set`], also for `database.` settings, which belong to the engine.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        if key.starts_with("database.") {
            let message =
                format!("setting {key} belongs to the engine and cannot be set for one request");
            return Err(Error::new(ErrorKind::Config, message).with("key", key));
        }
        Config::new().set(key, value)?;
        self.settings.push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Sets the progress callback of this call, in place of the engine's and the process's.
    #[must_use]
    pub fn on_progress(
        mut self,
        callback: impl Fn(&Event<'_>) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        self.set_progress(Some(Arc::new(callback)));
        self
    }

    /// As [`on_progress`](Self::on_progress), in place; `None` takes the callback away.
    pub fn set_progress(&mut self, callback: Option<Arc<ProgressFn>>) {
        self.progress = callback;
    }

    /// Sets what is called when a [submitted](Engine::submit) request's job has ended.
    #[must_use]
    pub fn on_done(mut self, callback: impl Fn(&Job) + Send + Sync + 'static) -> Self {
        self.set_done(Some(Arc::new(callback)));
        self
    }

    /// As [`on_done`](Self::on_done), in place; `None` takes the callback away.
    pub fn set_done(&mut self, callback: Option<Arc<DoneFn>>) {
        self.done = callback;
    }

    /// Sets where the events of a [submitted](Engine::submit) request's job go.
    pub fn set_queue(&mut self, queue: Option<Queue>) {
        self.queue = queue;
    }

    /// Gives the job something of the caller's to be known by: [`Job::tag`].
    pub fn set_tag(&mut self, tag: Option<Arc<dyn Any + Send + Sync>>) {
        self.tag = tag;
    }

    /// Gives the call a token to cancel it by.
    #[must_use]
    pub fn cancelled_by(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    fn config(&self, base: &Config) -> Result<Config> {
        let mut config = base.clone();
        for (key, value) in &self.settings {
            config.set(key, value)?;
        }
        Ok(config)
    }
}

/// A progress event on its way from a worker to the calling thread.
struct Progress {
    job: u64,
    stage: Stage,
    percent: u32,
    message: String,
    done: u64,
    total: u64,
}

impl Progress {
    fn of(event: &Event<'_>) -> Self {
        Progress {
            job: event.job,
            stage: event.stage,
            percent: event.percent,
            message: event.message.to_owned(),
            done: event.units_done,
            total: event.units_total,
        }
    }

    fn event(&self) -> Event<'_> {
        Event {
            job: self.job,
            stage: self.stage,
            percent: self.percent,
            message: &self.message,
            units_done: self.done,
            units_total: self.total,
        }
    }
}

/// Tells the stages to stop: at the caller's word, or when the time is over.
struct Watch<'a> {
    /// The callback's word and the caller's token.
    cancelled: [&'a AtomicBool; 2],
    started: Instant,
    allowed: Option<Duration>,
    /// The job that is being worked on, which has a deadline of its own.
    job: Option<&'a Job>,
    /// Looks after the memory where it may run out.
    memory: Option<memory::Watch>,
}

/// Logs what came of a document.
fn tell(input: &Input<'_>, job: u64, watch: &Watch<'_>, error: Option<&Error>) {
    let ms = watch.started.elapsed().as_millis() as u64;
    match error {
        None => tracing::info!(target: "tori::engine", job, ms, "{}: done", input.name()),
        Some(error) => {
            let kind = error.kind().name();
            tracing::info!(target: "tori::engine", job, ms, "{}: {kind}: {error}", input.name());
        }
    }
}

/// A time in a setting, where 0 is none.
fn milliseconds(setting: u64) -> Option<Duration> {
    (setting > 0).then(|| Duration::from_millis(setting))
}

impl Watch<'_> {
    fn cancellation(&self) -> Result<()> {
        if self
            .cancelled
            .iter()
            .any(|flag| flag.load(Ordering::Relaxed))
        {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        Ok(())
    }
}

struct Reporting<'a> {
    watch: &'a Watch<'a>,
    meter: &'a Meter,
    /// Whether anybody wants to hear of the next step: sending one wakes the thread that waits for the document.
    heard: &'a (dyn Fn() -> bool + Sync),
    send: &'a (dyn Fn(Progress) + Sync),
}

impl Observer for Reporting<'_> {
    fn check(&self) -> Result<()> {
        pool::give_way();
        job::end_overdue();
        self.watch.cancellation()?;
        self.watch.job.map_or(Ok(()), Job::in_time)?;
        if let Some(memory) = &self.watch.memory {
            memory.check()?;
        }
        match self.watch.allowed {
            Some(allowed) if self.watch.started.elapsed() > allowed => Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "the document took longer than limits.wall_ms = {} ms allows; raise it to wait longer",
                    allowed.as_millis()
                ),
            )
            .with("limit", "limits.wall_ms")
            .with("allowed", allowed.as_millis() as u64)
            .with("unit", "ms")),
            _ => Ok(()),
        }
    }

    fn progress(&self, stage: Stage, done: u64, total: u64, message: &str) {
        #[cfg(feature = "inject-panics")]
        if std::env::var_os("TORI_PANIC_AT").is_some_and(|at| at == stage.name()) {
            panic!("injected at {}", stage.name());
        }
        if (self.heard)() {
            self.meter.report(stage, done, total, message, |event| {
                (self.send)(Progress::of(event))
            });
        }
    }
}
