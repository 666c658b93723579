//! A place for a host's callback that can be replaced while it is being called.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crate::pool;

/// A slot for one callback of type `F`.
///
/// Replacing it returns when the calls in flight have ended, and the old callback is dropped then, once. From inside
/// a callback, of this or another hook, it returns at once, and the old callback is dropped when the last call of it
/// ends.
pub(crate) struct Hook<F: ?Sized> {
    state: Mutex<State<F>>,
}

struct State<F: ?Sized> {
    callback: Option<Arc<F>>,
    /// Counts replacements, so that a call is waited for only by whoever replaced its own callback.
    replacements: u64,
    calls: Vec<Call>,
}

/// A call in flight. One of another process, of which this one is a forked copy, will never end here.
#[derive(Clone, Copy, PartialEq)]
struct Call {
    thread: ThreadId,
    process: u64,
    replacements: u64,
}

/// How often a replacement looks whether calls have ended.
const PAUSE: Duration = Duration::from_micros(200);

impl<F: ?Sized> Hook<F> {
    pub(crate) const fn new() -> Self {
        Hook {
            state: Mutex::new(State {
                callback: None,
                replacements: 0,
                calls: Vec::new(),
            }),
        }
    }

    /// Puts `callback` in the place of the one before.
    pub(crate) fn replace(&self, callback: Option<Arc<F>>) {
        let (old, replaced) = self.with(|state| {
            let old = std::mem::replace(&mut state.callback, callback);
            state.replacements += 1;
            (old, state.replacements - 1)
        });
        let (me, process) = (thread::current().id(), pool::generation());
        let waits_for = |call: &Call| {
            call.replacements == replaced && call.process == process && call.thread != me
        };
        // From inside a callback nothing is waited for: two callbacks could wait for each other. Waiting on a
        // condition would leave the lock outside the gate when it is woken.
        while !pool::inside_callback() && self.with(|state| state.calls.iter().any(waits_for)) {
            thread::sleep(PAUSE);
        }
        drop(old);
    }

    /// Whether there is no callback at this moment.
    pub(crate) fn is_empty(&self) -> bool {
        self.with(|state| state.callback.is_none())
    }

    /// Hands the callback of this moment to `call`; `None` when there is none.
    pub(crate) fn call<T>(&self, call: impl FnOnce(&F) -> T) -> Option<T> {
        let (thread, process) = (thread::current().id(), pool::generation());
        let (callback, entry) = self.with(|state| {
            let callback = state.callback.clone()?;
            let entry = Call {
                thread,
                process,
                replacements: state.replacements,
            };
            state.calls.push(entry);
            Some((callback, entry))
        })?;
        // The struct takes the call off the list even when the callback unwinds.
        let running = Running {
            hook: self,
            callback: Some(callback),
            entry,
        };
        running
            .callback
            .as_deref()
            .map(|callback| pool::in_callback(|| call(callback)))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State<F>) -> T) -> T {
        pool::apart_from_forks(|| {
            work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}

struct Running<'a, F: ?Sized> {
    hook: &'a Hook<F>,
    callback: Option<Arc<F>>,
    entry: Call,
}

impl<F: ?Sized> Drop for Running<'_, F> {
    fn drop(&mut self) {
        // Let go of the callback first: whoever waits for this call goes on to drop the last reference.
        self.callback = None;
        self.hook.with(|state| {
            if let Some(index) = state.calls.iter().position(|call| *call == self.entry) {
                state.calls.swap_remove(index);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    type Callback = dyn Fn(&AtomicUsize) + Send + Sync;

    #[test]
    fn a_replaced_callback_is_dropped_once_and_after_its_calls() {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let hook: Hook<Callback> = Hook::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let guard = Dropped(drops.clone());
        hook.replace(Some(Arc::new(move |calls| {
            let _keep = &guard;
            calls.fetch_add(1, Ordering::SeqCst);
        })));
        let calls = AtomicUsize::new(0);
        hook.call(|callback| callback(&calls));
        hook.replace(None);
        assert!(hook.call(|callback| callback(&calls)).is_none());
        assert_eq!((calls.into_inner(), drops.load(Ordering::SeqCst)), (1, 1));
    }

    #[test]
    fn a_callback_may_replace_itself() {
        let hook: Arc<Hook<Callback>> = Arc::new(Hook::new());
        let inner = hook.clone();
        hook.replace(Some(Arc::new(move |calls| {
            calls.fetch_add(1, Ordering::SeqCst);
            inner.replace(None);
        })));
        let calls = AtomicUsize::new(0);
        hook.call(|callback| callback(&calls));
        assert!(hook.call(|_| ()).is_none());
        assert_eq!(calls.into_inner(), 1);
    }

    #[test]
    fn replacing_waits_for_a_call_on_another_thread() {
        let hook: Hook<Callback> = Hook::new();
        let (started, start) = std::sync::mpsc::channel();
        let started = Mutex::new(started);
        hook.replace(Some(Arc::new(move |calls| {
            started.lock().unwrap().send(()).unwrap();
            thread::sleep(std::time::Duration::from_millis(50));
            calls.store(1, Ordering::SeqCst);
        })));
        let calls = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| hook.call(|callback| callback(&calls)));
            start.recv().unwrap();
            hook.replace(None);
            assert_eq!(calls.load(Ordering::SeqCst), 1, "the call had not ended");
        });
    }
}
