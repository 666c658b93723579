//! Whether there is memory left, in a process that may use only so much of it.
//!
//! An allocation that fails ends a Rust program. Where the system may refuse memory (`ulimit -v`), the library
//! therefore asks for a good piece of it between any two units of work, gives it back, and stops the call with an
//! error when it was refused. Processes without such a limit do not pay for this.

use crate::error::{Error, ErrorKind, Result};

/// More than one unit of work takes, and more than an allocator keeps in its own store (32 MiB in glibc), so that
/// the system is asked.
const ROOM: usize = 64 << 20;

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

/// Refuses when the system would not give a good piece of memory now; `beside` bytes are needed besides.
pub(crate) fn check(beside: usize) -> Result<()> {
    let wanted = ROOM.saturating_add(beside);
    // Never written to, so that no page of it is made.
    if Vec::<u8>::new().try_reserve_exact(wanted).is_ok() {
        return Ok(());
    }
    let message = format!(
        "the system refuses {} MiB of memory, and the call was stopped before it ran out: raise the limit on the \
         address space (ulimit -v), or use fewer workers",
        wanted >> 20
    );
    Err(Error::new(ErrorKind::Io, message).with("limit", "RLIMIT_AS"))
}

/// As [`check`] where the process has a limit.
pub(crate) fn check_where_limited(beside: usize) -> Result<()> {
    match limited() {
        true => check(beside),
        false => Ok(()),
    }
}
