//! Engines.

use std::sync::Arc;

use super::config::tori_config;
use super::database::tori_database;
use super::error::tori_error;
use super::guard::{Out, borrowed, checked, release, share, shared_again, status, value};
use super::tori_status;
use crate::config::Config;
use crate::engine::Engine;
use crate::error::Result;

/// Settings and a concept database, ready to take documents. Used by any number of threads at once.
pub struct tori_engine {
    pub(super) engine: Engine,
}

/// The caller's engine, or the process's default one for NULL.
///
/// # Safety
/// `e` is null or a live engine.
pub(super) unsafe fn engine_or_shared(e: *const tori_engine) -> Result<Engine> {
    match e.is_null() {
        true => Engine::shared(),
        // SAFETY: not null, so live by this function's contract.
        false => Ok(unsafe { borrowed(e, "engine") }?.engine.clone()),
    }
}

/// Makes an engine from settings (NULL: all defaults) and loads the concept database they lead to. The caller
/// frees it with tori_engine_free. TORI_E_DATABASE lists every path tried with the reason it failed. Any
/// thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_new(
    c: *const tori_config,
    out: *mut *mut tori_engine,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let config = c.as_ref().map_or_else(Config::new, |c| c.config.clone());
            out.set(share(tori_engine {
                engine: Engine::new(config)?,
            }));
            Ok(())
        })
    }
}

/// One more reference to the same engine, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_ref(e: *mut tori_engine) -> *mut tori_engine {
    // SAFETY: the caller hands in NULL or a live engine.
    unsafe { shared_again(e) }
}

/// Frees one reference to an engine; NULL is fine. Calls in flight keep what they need; never waits for them.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_free(e: *mut tori_engine) {
    // SAFETY: the caller hands in NULL or its own reference, and does not use it again.
    unsafe { release(e) };
}

/// The engine's database (of the default engine for NULL), as a reference of the caller's own, to be freed with
/// tori_database_free. What changes it changes it for the engine, too. NULL when there is none. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_database(e: *const tori_engine) -> *mut tori_database {
    value(std::ptr::null_mut(), || {
        // SAFETY: the caller hands in NULL or a live engine.
        let engine = unsafe { engine_or_shared(e) }?;
        Ok(tori_database::shared(engine.store()))
    })
}

/// Puts another database in the engine's place of it. Calls that begin later see it; those in flight keep
/// theirs. The engine takes a reference of its own; the caller keeps its reference. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_set_database(
    e: *mut tori_engine,
    d: *mut tori_database,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or live handles of the types the header says.
        let (e, d) = unsafe { (borrowed(e, "engine")?, borrowed(d, "database")?) };
        e.engine.set_store(Arc::clone(&d.store));
        Ok(())
    })
}
