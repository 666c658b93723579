//! A limit on what is decoded, and a way to stop. Not part of the upstream crate.
//!
//! A few bytes of a PDF file can decode to gigabytes, and some searches take quadratic time in damaged files.
//! While [`Budget::run`] runs a function, everything that the calling thread decodes is counted, decoders fail
//! once the budget is spent, and long loops give up once `stop` says so.

use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that may be decoded, by one thread or by several that share the budget.
pub struct Budget<'s> {
    limit: u64,
    used: AtomicU64,
    exhausted: AtomicBool,
    stop: &'s (dyn Fn() -> bool + Sync),
}

std::thread_local! {
    // Points to a budget that a `run` further up this thread's stack borrows.
    static ACTIVE: Cell<*const Budget<'static>> = const { Cell::new(ptr::null()) };
}

impl<'s> Budget<'s> {
    /// A budget of `limit` bytes. Loops that may take long ask `stop` and give up when it returns true.
    pub fn new(limit: u64, stop: &'s (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            limit,
            used: AtomicU64::new(0),
            exhausted: AtomicBool::new(false),
            stop,
        }
    }

    /// The bytes decoded so far.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether something was not decoded because the budget was spent.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    /// Runs `f` with this budget in force on the calling thread; the one before is restored after it, also
    /// when `f` panics.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Restore(*const Budget<'static>);
        impl Drop for Restore {
            fn drop(&mut self) {
                ACTIVE.set(self.0);
            }
        }

        let active: *const Budget<'_> = self;
        let _restore = Restore(ACTIVE.replace(active.cast()));
        f()
    }

    fn with_active<R>(f: impl FnOnce(&Budget<'_>) -> R) -> Option<R> {
        let active = ACTIVE.get();
        // SAFETY: Not null only while `run` borrows the budget it points to, on this very thread.
        unsafe { active.as_ref() }.map(f)
    }
}

/// The bytes that may still be decoded. A decoder whose output is longer than this must fail.
pub(crate) fn room() -> usize {
    Budget::with_active(|budget| {
        usize::try_from(budget.limit.saturating_sub(budget.used())).unwrap_or(usize::MAX)
    })
    .unwrap_or(usize::MAX)
}

/// Counts `len` decoded bytes; `None` when the budget does not have them.
pub(crate) fn charge(len: usize) -> Option<()> {
    let within = Budget::with_active(|budget| {
        let used = budget.used.fetch_add(len as u64, Ordering::Relaxed);
        let within = used.saturating_add(len as u64) <= budget.limit;
        if !within {
            budget.exhausted.store(true, Ordering::Relaxed);
        }
        within
    })
    .unwrap_or(true);
    within.then_some(())
}

/// Whether to give up.
pub(crate) fn stopped() -> bool {
    Budget::with_active(|budget| budget.is_exhausted() || (budget.stop)()).unwrap_or(false)
}
