//! Progress of one call: stages, a percent that never goes back, and no event twice.

use std::sync::{Mutex, TryLockError};

use crate::error::Result;

/// A stage of the pipeline, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Stage {
    /// Limits and input are checked.
    Init = 0,
    /// The document is read to text, page by page.
    Document = 1,
    /// Title, abstract, sections and chunks are found.
    Structure = 2,
    /// Candidates are collected, chunk by chunk.
    Concepts = 3,
    /// Mentions of database concepts are found.
    Database = 4,
    /// Candidates are scored.
    Analysis = 5,
    /// Weak and redundant candidates are dropped.
    Pruning = 6,
    /// The report is built.
    Finalize = 7,
    /// The call has succeeded.
    Complete = 8,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Stage; 9] = [
        Stage::Init,
        Stage::Document,
        Stage::Structure,
        Stage::Concepts,
        Stage::Database,
        Stage::Analysis,
        Stage::Pruning,
        Stage::Finalize,
        Stage::Complete,
    ];

    /// The stage's name in reports and events: lower-case English.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Init => "init",
            Stage::Document => "document",
            Stage::Structure => "structure",
            Stage::Concepts => "concepts",
            Stage::Database => "database",
            Stage::Analysis => "analysis",
            Stage::Pruning => "pruning",
            Stage::Finalize => "finalize",
            Stage::Complete => "complete",
        }
    }

    /// The percents at which the stage begins and ends.
    pub const fn percents(self) -> (u32, u32) {
        match self {
            Stage::Init => (0, 0),
            Stage::Document => (5, 40),
            Stage::Structure => (42, 42),
            Stage::Concepts => (45, 75),
            Stage::Database => (80, 80),
            Stage::Analysis => (85, 85),
            Stage::Pruning => (92, 92),
            Stage::Finalize => (98, 98),
            Stage::Complete => (100, 100),
        }
    }
}

/// What a stage of the pipeline asks and tells between two units of work.
pub trait Observer: Sync {
    /// `Err` when the call was cancelled or its deadline has passed; the stage returns it at once. Cheap:
    /// an atomic load and a clock reading.
    fn check(&self) -> Result<()>;

    /// `done` of `total` units of `stage` are finished (pages, chunks…; `total` 0 when the stage has none).
    fn progress(&self, stage: Stage, done: u64, total: u64, message: &str);
}

/// An [`Observer`] that never stops anything and hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn progress(&self, _stage: Stage, _done: u64, _total: u64, _message: &str) {}
}

/// A parallel loop handed in by whoever owns the threads: calls the closure once for each index below the
/// count, in any order and on any thread, and returns when all calls have ended.
pub type ParallelFor<'a> = &'a (dyn Fn(usize, &(dyn Fn(usize) + Sync)) + Sync);

/// A [`ParallelFor`] that uses the calling thread only.
pub fn in_sequence(count: usize, call: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(call);
}

/// One progress event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The number of the job; 0 for a call that waits.
    pub job: u64,
    /// The stage under way.
    pub stage: Stage,
    /// 0 to 100, never lower than in the event before; 100 only on success.
    pub percent: u32,
    /// What is being done, for people.
    pub message: &'a str,
    /// Units of the stage finished: pages, chunks.
    pub units_done: u64,
    /// Units of the stage in all, 0 when it has none.
    pub units_total: u64,
}

/// Turns (stage, units) into [`Event`]s: monotone, without repetition, one at a time.
pub(crate) struct Meter {
    job: u64,
    last: Mutex<Option<(Stage, u32)>>,
}

impl Meter {
    /// A meter for the job with this number, 0 for none.
    pub(crate) fn new(job: u64) -> Self {
        Meter {
            job,
            last: Mutex::new(None),
        }
    }

    /// Calls `deliver` with the event unless its stage and percent are those of the event before or would go
    /// back. Events of one meter never overlap: the lock is held while `deliver` runs, and an event that comes
    /// meanwhile is dropped. It must not wait: a callback that waits for other work may find itself running a
    /// piece of the very job it was called for.
    pub(crate) fn report(
        &self,
        stage: Stage,
        done: u64,
        total: u64,
        message: &str,
        deliver: impl FnOnce(&Event<'_>),
    ) {
        let (from, to) = stage.percents();
        let percent = match total {
            0 => from,
            _ => from + (u64::from(to - from).saturating_mul(done.min(total)) / total) as u32,
        };
        let mut last = match self.last.try_lock() {
            Ok(last) => last,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if last.is_some_and(|before| (stage, percent) <= before || percent < before.1) {
            return;
        }
        *last = Some((stage, percent));
        deliver(&Event {
            job: self.job,
            stage,
            percent,
            message,
            units_done: done,
            units_total: total,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_backward_events_are_dropped() {
        let meter = Meter::new(0);
        let mut seen = Vec::new();
        let steps = [
            (Stage::Init, 0, 0),
            (Stage::Document, 0, 1000),
            (Stage::Document, 1, 1000),
            (Stage::Document, 500, 1000),
            (Stage::Document, 400, 1000),
            (Stage::Structure, 0, 0),
            (Stage::Document, 1000, 1000),
            (Stage::Complete, 0, 0),
            (Stage::Complete, 0, 0),
        ];
        for (stage, done, total) in steps {
            meter.report(stage, done, total, "", |event| {
                seen.push((event.stage, event.percent))
            });
        }
        assert_eq!(
            seen,
            [
                (Stage::Init, 0),
                (Stage::Document, 5),
                (Stage::Document, 22),
                (Stage::Structure, 42),
                (Stage::Complete, 100)
            ]
        );
    }

    #[test]
    fn an_event_inside_an_event_is_dropped() {
        let meter = Meter::new(0);
        let mut seen = 0;
        meter.report(Stage::Init, 0, 0, "", |_| {
            meter.report(Stage::Document, 0, 0, "", |_| seen += 10);
            seen += 1;
        });
        assert_eq!(seen, 1);
    }

    #[test]
    fn stages_cover_the_percents_in_order() {
        let mut before = 0;
        for stage in Stage::ALL {
            let (from, to) = stage.percents();
            assert!(from >= before && to >= from, "{}", stage.name());
            before = to;
        }
        assert_eq!(before, 100);
    }
}
