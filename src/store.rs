//! A database that changes while it is used.
//!
//! The present state is an immutable [`Database`] behind one pointer. Readers take it without a lock and keep it as long
//! as they like; writers, one at a time, put a changed one in its place.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::database::{Concept, Database};
use crate::error::{Error, ErrorKind, Result};
use crate::pool;

/// A concept database that changes while it is used, by any number of threads at once.
#[derive(Debug)]
pub struct Store {
    present: ArcSwap<Database>,
    turn: ArcSwap<Turn>,
}

/// Held by the writer whose turn it is, in one process: in a child, who held it when the parent forked is gone.
#[derive(Debug)]
struct Turn {
    process: u64,
    lock: Mutex<()>,
}

impl Turn {
    fn new(process: u64) -> Self {
        Turn {
            process,
            lock: Mutex::new(()),
        }
    }
}

impl Store {
    /// A store of a database as it is.
    pub fn new(database: impl Into<Arc<Database>>) -> Self {
        Store {
            present: ArcSwap::new(database.into()),
            turn: ArcSwap::from_pointee(Turn::new(pool::generation())),
        }
    }

    /// The database of this moment; it stays as it is. Never waits.
    pub fn snapshot(&self) -> Arc<Database> {
        self.present.load_full()
    }

    /// Puts concepts in, each in the place of the one of the same name or, where there is none, behind all others: all or,
    /// when one cannot be used, none. The identity of the first is returned. See [`Database::with`].
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) names the concept and the field that cannot be used.
    pub fn upsert(&self, concepts: &[Concept]) -> Result<Option<u64>> {
        self.change(|database| database.with(concepts))
    }

    /// As [`upsert`](Self::upsert), of concepts in JSON: an entry of a source, a list of them, or a whole source.
    ///
    /// # Errors
    /// As [`upsert`](Self::upsert).
    pub fn upsert_json(&self, json: impl AsRef<[u8]>) -> Result<Option<u64>> {
        self.change(|database| database.with_json(json.as_ref()))
    }

    /// Takes out the concept with an [identity](Database::concept_id).
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) when there is none.
    pub fn remove(&self, id: u64) -> Result<()> {
        self.change(|database| match database.by_id(id) {
            Some(index) => Ok((database.without(index)?, ())),
            None => Err(none(format!("{id}"))),
        })
    }

    /// Takes out the concept of a name, whatever the letter case, hyphens and spaces; an alias does not do.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub fn remove_named(&self, name: &str) -> Result<()> {
        self.change(|database| match database.named(name) {
            Some(index) => Ok((database.without(index)?, ())),
            None => Err(none(format!("named {name:?}"))),
        })
    }

    /// Writes the database of this moment into a compiled file: see [`Database::save`]. What was changed before the call
    /// is in it; changes go on meanwhile.
    ///
    /// # Errors
    /// Those of [`Database::save`].
    pub fn save(&self, target: &Path) -> Result<()> {
        self.snapshot().save(target)
    }

    fn change<T>(&self, change: impl FnOnce(&Database) -> Result<(Database, T)>) -> Result<T> {
        let turn = self.turn();
        let _turn = turn.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.snapshot();
        let (changed, told) = change(&before)?;
        self.present.store(Arc::new(changed));
        Ok(told)
    }

    /// The lock of this process.
    fn turn(&self) -> Arc<Turn> {
        let process = pool::generation();
        loop {
            let turn = self.turn.load_full();
            if turn.process == process {
                return turn;
            }
            self.turn
                .compare_and_swap(&turn, Arc::new(Turn::new(process)));
        }
    }
}

fn none(which: String) -> Error {
    Error::new(
        ErrorKind::Argument,
        format!("the database has no concept {which}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::config::Config;
    use crate::engine::{Engine, Request};

    fn store(json: &str) -> Store {
        Store::new(Database::from_json(json, "test").unwrap())
    }

    #[test]
    fn readers_see_every_change_whole_and_in_order() {
        let store = store(r#"[{"name": "state", "aliases": ["state 0"]}]"#);
        let (over, seen) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut before = 0;
                    while !over.load(Ordering::Relaxed) {
                        let database = store.snapshot();
                        let state = database.concept(database.named("state").unwrap()).unwrap();
                        let number: usize = state.aliases[0][6..].parse().unwrap();
                        assert!(number >= before, "{number} after {before}");
                        // Each change takes the twin of the one before out and puts its own in, with its alias.
                        let text = format!("state {number}, twin {number}; twin {}", number + 1);
                        let twins = usize::from(number > 0);
                        assert_eq!(database.tag(&text).len(), 1 + twins, "{text}");
                        assert_eq!(database.len(), 1 + twins);
                        before = number;
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            for number in 1..=1_000 {
                let changed = store.change(|database| {
                    let twin = database.named(&format!("twin {}", number - 1));
                    let database = twin.map_or_else(|| Ok(database.clone()), |twin| database.without(twin))?;
                    database.with_json(format!(
                        r#"[{{"name": "twin {number}"}}, {{"name": "state", "aliases": ["state {number}"]}}]"#
                    ))
                });
                assert!(changed.unwrap().is_some());
            }
            while seen.load(Ordering::Relaxed) < 100 {
                thread::yield_now();
            }
            over.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn no_change_of_several_writers_is_lost() {
        let store = store("[]");
        let together = Barrier::new(4);
        thread::scope(|scope| {
            for writer in 0..4 {
                let (store, together) = (&store, &together);
                scope.spawn(move || {
                    together.wait();
                    for number in 0..100 {
                        let concept = Concept::new(format!("concept {writer} {number}"));
                        store.upsert(&[concept]).unwrap();
                        if number % 3 == 0 {
                            store
                                .remove_named(&format!("CONCEPT {writer} {number}"))
                                .unwrap();
                        }
                    }
                });
            }
        });
        let database = store.snapshot();
        assert_eq!((database.len(), database.changes()), (4 * 66, 4 * 134));
        for (writer, number) in
            (0..4).flat_map(|writer| (0..100).map(move |number| (writer, number)))
        {
            let there = database
                .named(&format!("concept {writer} {number}"))
                .is_some();
            assert_eq!(there, number % 3 != 0);
        }
    }

    #[test]
    fn jobs_keep_the_database_they_began_with() {
        let shared = Arc::new(store(r#"[{"name": "flux capacitor"}]"#));
        let engine = Engine::with_store(Config::new(), Arc::clone(&shared));
        let text = "The flux capacitor makes time travel possible. A flux capacitor needs power.";
        let known =
            |report: &crate::report::Report| report.concepts.iter().any(|concept| concept.id != 0);
        let job = engine
            .submit(Request::text(text).on_progress({
                let shared = Arc::clone(&shared);
                move |_| {
                    // Gone while the job goes on.
                    let _ = shared.remove_named("flux capacitor");
                    std::ops::ControlFlow::Continue(())
                }
            }))
            .unwrap();
        job.wait(None).unwrap();
        let report = job.outcome().unwrap().unwrap();
        assert!(known(&report) && report.database.concepts == 1);
        assert!(shared.snapshot().is_empty());
        assert!(!known(&engine.ingest(&Request::text(text)).unwrap()));
        engine
            .store()
            .upsert_json(r#"{"name": "time travel"}"#)
            .unwrap();
        assert!(known(&engine.ingest(&Request::text(text)).unwrap()));
    }
}
