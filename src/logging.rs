//! From `tracing` inside to one callback outside.
//!
//! The library is silent until a host sets a callback with [`set_log`]. A Rust host that has a `tracing`
//! subscriber of its own does not need this: the library's events, with targets that begin with `tori`, reach
//! that subscriber by themselves.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use once_cell::sync::OnceCell;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use crate::error::{Error, ErrorKind, Result};
use crate::hook::Hook;

/// The environment variable that, set to `true`, puts a pictograph before each message.
pub const EMOJI_VARIABLE: &str = "ENABLE_EMOJI_LOGS";

/// How grave a message is; the numbers are those of the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// Something failed.
    Error = 1,
    /// Something was passed over or ignored.
    Warn = 2,
    /// What an operator wants to know.
    Info = 3,
    /// What a developer of the host wants to know.
    Debug = 4,
    /// Everything.
    Trace = 5,
}

impl Level {
    fn of(level: &tracing::Level) -> Self {
        match *level {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG => Level::Debug,
            tracing::Level::TRACE => Level::Trace,
        }
    }

    const fn emoji(self) -> &'static str {
        match self {
            Level::Error => "\u{274c} ",
            Level::Warn => "\u{26a0}\u{fe0f} ",
            Level::Info => "\u{2139}\u{fe0f} ",
            Level::Debug => "\u{1f50d} ",
            Level::Trace => "\u{1f463} ",
        }
    }
}

/// A log callback: level, target (`tori::database`), message. Called from any thread, from several at once.
pub type LogFn = dyn Fn(Level, &str, &str) + Send + Sync;

static HOOK: Hook<LogFn> = Hook::new();
static MOST: AtomicUsize = AtomicUsize::new(0);
static EMOJI: AtomicBool = AtomicBool::new(false);

/// Sends messages as grave as `most` or graver to `callback`; `None` makes the library silent again. Returns
/// when calls of the former callback on other threads have ended; the former callback is dropped then.
///
/// # Errors
/// `Unsupported` when the program has a `tracing` subscriber of its own, which gets the messages then.
pub fn set_log(most: Level, callback: Option<Arc<LogFn>>) -> Result<()> {
    if callback.is_some() {
        check()?;
    }
    EMOJI.store(
        std::env::var_os(EMOJI_VARIABLE).is_some_and(|value| value == "true"),
        Ordering::Relaxed,
    );
    MOST.store(
        if callback.is_some() { most as usize } else { 0 },
        Ordering::Relaxed,
    );
    HOOK.replace(callback);
    Ok(())
}

/// Makes sure that this library's subscriber is the program's; the errors of [`set_log`].
pub(crate) fn check() -> Result<()> {
    static INSTALLED: OnceCell<bool> = OnceCell::new();
    if *INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Forward).is_ok()) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        "the program has a tracing subscriber of its own; the library's messages go there",
    ))
}

/// The subscriber that hands events to the hook. The library has no spans.
struct Forward;

impl Subscriber for Forward {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        Level::of(metadata.level()) as usize <= MOST.load(Ordering::Relaxed)
            && (target == "tori" || target.starts_with("tori::"))
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = Level::of(event.metadata().level());
        let mut line = Line::default();
        if EMOJI.load(Ordering::Relaxed) {
            line.message.push_str(level.emoji());
        }
        event.record(&mut line);
        line.message.push_str(&line.fields);
        HOOK.call(|callback| callback(level, event.metadata().target(), &line.message));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// The message first, then ` name=value` for each field.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn only_messages_grave_enough_reach_the_callback_and_none_after_it_is_taken_away() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let callback = move |level, target: &str, message: &str| {
            if target == "tori::logging_test" {
                sink.lock().unwrap().push((level, message.to_owned()));
            }
        };
        set_log(Level::Warn, Some(Arc::new(callback))).unwrap();
        tracing::warn!(target: "tori::logging_test", entry = 7, "skipped");
        tracing::info!(target: "tori::logging_test", "not wanted");
        set_log(Level::Warn, None).unwrap();
        tracing::error!(target: "tori::logging_test", "too late");
        assert_eq!(
            *seen.lock().unwrap(),
            [(Level::Warn, "skipped entry=7".to_owned())]
        );
    }
}
