//! Candidates, their scores, and which of them are kept.

/// A parallel loop handed in by whoever owns the threads: calls the closure once for each index below the
/// count, in any order and on any thread, and returns when all calls have ended.
pub type ParallelFor<'a> = &'a (dyn Fn(usize, &(dyn Fn(usize) + Sync)) + Sync);
