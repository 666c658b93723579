//! A limit on what is decoded and looked through, and a way to stop. Not part of the upstream crate.
//!
//! A few bytes of a PDF file can decode to gigabytes, and a file can ask for the same work again and again.
//! While [`Budget::run`] runs a function, everything that the calling thread decodes or looks through is
//! counted, decoders fail once the budget is spent, and long loops give up once `stop` says so.

use alloc::vec::Vec;
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that may be decoded and looked through, by one thread or by several that share the budget.
pub struct Budget<'s> {
    limit: u64,
    stream_limit: u64,
    page_limit: u64,
    pages_left_out: AtomicU64,
    used: AtomicU64,
    kept: AtomicU64,
    exhausted: AtomicBool,
    stream_exhausted: AtomicBool,
    starved: AtomicBool,
    stop: &'s (dyn Fn() -> bool + Sync),
}

/// Steps of a loop between two questions to `stop`, which may read a clock.
const STEPS_PER_QUESTION: u32 = 64;

std::thread_local! {
    static STEPS: Cell<u32> = const { Cell::new(0) };
    // Points to a budget that a `run` further up this thread's stack borrows.
    static ACTIVE: Cell<*const Budget<'static>> = const { Cell::new(ptr::null()) };
}

impl<'s> Budget<'s> {
    /// A budget of `limit` bytes in all, and of `stream_limit` bytes for each stream and for the object streams
    /// that are kept, all together. Pages after the first `page_limit` are counted and not kept. Loops that may
    /// take long ask `stop` and give up when it returns true.
    pub fn new(
        limit: u64,
        stream_limit: u64,
        page_limit: u64,
        stop: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            limit,
            stream_limit,
            page_limit,
            pages_left_out: AtomicU64::new(0),
            used: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            exhausted: AtomicBool::new(false),
            stream_exhausted: AtomicBool::new(false),
            starved: AtomicBool::new(false),
            stop,
        }
    }

    /// The bytes used so far.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether something was not decoded, or not looked for, because the budget was spent.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted.load(Ordering::Relaxed)
    }

    /// Whether a stream was not decoded, or not kept, because it is longer than one may be.
    pub fn is_stream_exhausted(&self) -> bool {
        self.stream_exhausted.load(Ordering::Relaxed)
    }

    /// Whether a stream was not decoded because the system had no memory for it.
    pub fn is_starved(&self) -> bool {
        self.starved.load(Ordering::Relaxed)
    }

    /// Pages found after the first `page_limit` ones.
    pub fn pages_left_out(&self) -> u64 {
        self.pages_left_out.load(Ordering::Relaxed)
    }

    /// Counts `bytes` of work or memory.
    pub fn charge(&self, bytes: u64) {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limit {
            self.exhausted.store(true, Ordering::Relaxed);
        }
    }

    /// Counts what was counted against another budget.
    pub fn absorb(&self, other: &Budget<'_>) {
        self.charge(other.used());
        self.stream_exhausted
            .fetch_or(other.is_stream_exhausted(), Ordering::Relaxed);
        self.starved.fetch_or(other.is_starved(), Ordering::Relaxed);
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

/// The bytes that a stream may still decode to. A decoder whose output is longer than this must fail.
pub(crate) fn room() -> usize {
    Budget::with_active(|budget| {
        let left = budget.limit.saturating_sub(budget.used());
        usize::try_from(left.min(budget.stream_limit)).unwrap_or(usize::MAX)
    })
    .unwrap_or(usize::MAX)
}

/// Counts `len` bytes of work or memory against the budget in force on this thread.
pub fn charge(len: usize) {
    Budget::with_active(|budget| budget.charge(len as u64));
}

/// Parsing in vain costs this much more than decoding.
const VAIN: usize = 4;

/// Counts `len` bytes that were parsed in vain.
pub(crate) fn charge_vain(len: usize) {
    charge(VAIN * len);
}

/// What is shorter than this is not worth counting: it is counted where the whole is that it is a part of.
const LONG: usize = 4_096;

/// Counts `len` bytes of an object that was read, when it is a long one: many references may lead to it.
#[inline]
pub(crate) fn charge_long(len: usize) {
    if len >= LONG {
        charge(len);
    }
}

/// Counts a stream decoded to `len` bytes; `None` when the budget does not have them.
pub(crate) fn charge_stream(len: usize) -> Option<()> {
    Budget::with_active(|budget| {
        budget.charge(len as u64);
        let too_long = len as u64 > budget.stream_limit;
        if too_long {
            budget.stream_exhausted.store(true, Ordering::Relaxed);
        }
        (!too_long && !budget.is_exhausted()).then_some(())
    })
    .unwrap_or(Some(()))
}

/// Counts `len` decoded bytes that are kept for the life of the file; `None` when the budget does not have them.
pub(crate) fn keep(len: usize) -> Option<()> {
    Budget::with_active(|budget| {
        let kept = budget.kept.fetch_add(len as u64, Ordering::Relaxed);
        let too_much = kept.saturating_add(len as u64) > budget.stream_limit;
        if too_much {
            budget.stream_exhausted.store(true, Ordering::Relaxed);
        }
        (!too_much).then_some(())
    })
    .unwrap_or(Some(()))
}

/// A vector with room for `len` decoded bytes; `None` when the system has no memory for it.
pub(crate) fn reserve(len: usize) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    match data.try_reserve(len) {
        Ok(()) => Some(data),
        Err(_) => {
            starve();
            None
        }
    }
}

/// Remembers that the system had no memory for a stream.
pub(crate) fn starve() {
    Budget::with_active(|budget| budget.starved.store(true, Ordering::Relaxed));
}

/// Whether there is room for one more page after `len` others. Counts it when there is none.
pub(crate) fn room_for_page(len: usize) -> bool {
    Budget::with_active(|budget| {
        let room = (len as u64) < budget.page_limit;
        if !room {
            budget.pages_left_out.fetch_add(1, Ordering::Relaxed);
        }
        room
    })
    .unwrap_or(true)
}

/// Whether to give up, in every step of a loop.
pub(crate) fn stopped() -> bool {
    Budget::with_active(|budget| {
        let step = STEPS.get().wrapping_add(1);
        STEPS.set(step);
        budget.is_exhausted()
            || budget.is_stream_exhausted()
            || budget.is_starved()
            || (step.is_multiple_of(STEPS_PER_QUESTION) && (budget.stop)())
    })
    .unwrap_or(false)
}
