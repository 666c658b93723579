//! Caught panics: a bug in this library or below it becomes an error that tells where it happened.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, Once};
use std::thread::{self, ThreadId};

use crate::error::{Error, ErrorKind, Result};

/// Where threads panicked last, until their panic is caught. A handful of entries at most.
static LOCATIONS: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

/// Replaces the standard panic hook, which prints, by one that remembers the place. Only for a library that
/// carries its own copy of the standard library, as the shared and static ones do: the hook of a Rust host is
/// the host's.
pub(crate) fn remember_locations() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info
                .location()
                .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
            // Taken meanwhile, or by a thread that a fork left behind: the place is not told then.
            if let Ok(mut locations) = LOCATIONS.try_lock() {
                let thread = thread::current().id();
                locations.retain(|(owner, _)| *owner != thread);
                locations.push((thread, place));
            }
        }));
    });
}

/// Runs `work`; a panic in it becomes a [`Panic`](ErrorKind::Panic) error. What `work` borrows must not be used
/// again if it can be left half-changed.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(error(payload.as_ref())))
}

/// Goes on panicking with what a [`guard`] on another thread caught.
pub(crate) fn go_on(error: Error) -> ! {
    resume_unwind(Box::new(error))
}

fn error(payload: &(dyn Any + Send)) -> Error {
    if let Some(error) = payload.downcast_ref::<Error>() {
        return error.clone();
    }
    let what = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("unknown panic");
    let thread = thread::current().id();
    let place = LOCATIONS.try_lock().ok().and_then(|mut locations| {
        let index = locations.iter().position(|(owner, _)| *owner == thread)?;
        Some(locations.swap_remove(index).1)
    });
    let message = match &place {
        Some(place) => format!("bug in the library: {what}, at {place}"),
        None => format!("bug in the library: {what}"),
    };
    let error = Error::new(ErrorKind::Panic, message);
    tracing::error!(target: "tori", "{error}");
    match place {
        Some(place) => error.with("location", place),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_panic_goes_on_as_it_was() {
        let caught = guard(|| -> Result<()> { panic!("somewhere else") }).unwrap_err();
        let message = caught.message().to_owned();
        let error = guard(|| -> Result<()> { go_on(caught) }).unwrap_err();
        assert_eq!(error.message(), message);
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let error = guard(|| -> Result<()> { panic!("seven is not {}", 8) }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panic);
        assert!(error.message().contains("seven is not 8"), "{error}");
    }
}
