//! Whether there is memory left, in a process that may use only so much of it.
//!
//! An allocation that fails ends a Rust program. Where the system may refuse memory (`ulimit -v`), the library
//! therefore asks for a good piece of it every now and then, gives it back, and stops the call with an error when it
//! was refused. Processes without such a limit do not pay for this.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};

/// More than is taken between two questions, and more than an allocator keeps in its own store (32 MiB in glibc), so
/// that the system is asked.
const ROOM: usize = 64 << 20;

/// How long an answer is good for, in microseconds: asking takes some.
const GOOD_FOR: u64 = 200;

/// Whether the process has a limit on its address space.
#[cfg(unix)]
pub(crate) fn limited() -> bool {
    rustix::process::getrlimit(rustix::process::Resource::As)
        .current
        .is_some()
}

#[cfg(not(unix))]
pub(crate) fn limited() -> bool {
    false
}

/// Refuses when the system would not give a good piece of memory now.
pub(crate) fn check() -> Result<()> {
    // Never written to, so that no page of it is made.
    if Vec::<u8>::new().try_reserve_exact(ROOM).is_ok() {
        return Ok(());
    }
    let message = format!(
        "the system refuses {} MiB of memory, and the call was stopped before it ran out: raise the limit on the \
         address space (ulimit -v), or use fewer workers",
        ROOM >> 20
    );
    Err(Error::new(ErrorKind::Io, message).with("limit", "RLIMIT_AS"))
}

/// Asks during one call, often enough.
pub(crate) struct Watch {
    since: Instant,
    /// When the answer was given, in microseconds after `since`.
    asked: AtomicU64,
}

impl Watch {
    /// One where the process has a limit.
    pub(crate) fn where_limited() -> Option<Self> {
        limited().then(|| Watch {
            since: Instant::now(),
            asked: AtomicU64::new(0),
        })
    }

    /// As [`check`], when the last answer is too old.
    pub(crate) fn check(&self) -> Result<()> {
        let now = self.since.elapsed().as_micros() as u64;
        let asked = self.asked.load(Ordering::Relaxed);
        if asked != 0 && now.saturating_sub(asked) < GOOD_FOR {
            return Ok(());
        }
        self.asked.store(now.max(1), Ordering::Relaxed);
        check()
    }
}
