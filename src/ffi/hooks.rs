//! Callbacks of the process and of engines.

use std::ffi::{c_int, c_void};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::engine::tori_engine;
use super::guard::{argument, borrowed, status};
use super::request::Tag;
use super::strings::c_string;
use super::{tori_drop_fn, tori_log_fn, tori_progress, tori_progress_fn, tori_status};
use crate::engine::{self, ProgressFn};
use crate::logging::{self, Level, LogFn};
use crate::progress::{Event, Stage};

/// The host's pointer that goes with a callback, and what is called when it is no longer needed.
pub(super) struct UserData {
    pub(super) pointer: *mut c_void,
    pub(super) drop: tori_drop_fn,
}

// SAFETY: the pointer is handed to the host's own functions and never followed here; the header says that these
// may be called from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(drop) = self.drop {
            // SAFETY: the host gave this function for this pointer; it is called once, here.
            unsafe { drop(self.pointer) };
        }
    }
}

/// A host's progress callback.
pub(super) struct ProgressCallback {
    function: unsafe extern "C" fn(*mut c_void, *const tori_progress) -> c_int,
    user_data: UserData,
}

impl ProgressCallback {
    /// `None` when there is no function; the user data is let go then.
    pub(super) fn new(
        function: tori_progress_fn,
        pointer: *mut c_void,
        drop: tori_drop_fn,
    ) -> Option<Self> {
        let user_data = UserData { pointer, drop };
        function.map(|function| ProgressCallback {
            function,
            user_data,
        })
    }

    /// The callback as the engine takes it; its events carry `tag`.
    pub(super) fn tagged(self: &Arc<Self>, tag: Tag) -> Arc<ProgressFn> {
        let callback = Arc::clone(self);
        Arc::new(move |event| {
            // Naming the whole of `tag` keeps the closure from capturing the bare pointer in it.
            let tag = &tag;
            callback.call(event, tag.0)
        })
    }

    fn call(&self, event: &Event<'_>, tag: *const c_void) -> ControlFlow<()> {
        let message = c_string(event.message);
        let progress = tori_progress {
            struct_size: size_of::<tori_progress>() as u32,
            stage: event.stage as i32,
            percent: event.percent,
            reserved: 0,
            job_id: event.job,
            units_done: event.units_done,
            units_total: event.units_total,
            stage_name: stage_name(event.stage).as_ptr(),
            message: message.as_ptr(),
            tag,
        };
        // SAFETY: the host gave this function for this pointer; the struct and its strings live until it
        // returns.
        match unsafe { (self.function)(self.user_data.pointer, &progress) } {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

pub(super) const fn stage_name(stage: Stage) -> &'static std::ffi::CStr {
    match stage {
        Stage::Init => c"init",
        Stage::Document => c"document",
        Stage::Structure => c"structure",
        Stage::Concepts => c"concepts",
        Stage::Database => c"database",
        Stage::Analysis => c"analysis",
        Stage::Pruning => c"pruning",
        Stage::Finalize => c"finalize",
        Stage::Complete => c"complete",
    }
}

fn progress(
    function: tori_progress_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> Option<Arc<ProgressFn>> {
    let callback = Arc::new(ProgressCallback::new(function, user_data, drop)?);
    Some(callback.tagged(Tag(std::ptr::null())))
}

/// The progress callback of every call in the process whose request and engine have none; fn NULL takes it
/// away. Returns when calls of the former callback on other threads have ended; the former's drop has been
/// called then, or is called when the callback this was called from returns. drop (may be NULL) is called with
/// user_data once, when the callback is no longer needed. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_set_progress(
    r#fn: tori_progress_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> tori_status {
    status(|| {
        engine::set_progress(progress(r#fn, user_data, drop));
        Ok(())
    })
}

/// The progress callback of every call of this engine whose request has none; otherwise as tori_set_progress.
/// When the call fails, drop is not called. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_engine_set_progress(
    e: *mut tori_engine,
    r#fn: tori_progress_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live engine.
        let e = unsafe { borrowed(e, "engine") }?;
        e.engine.set_progress(progress(r#fn, user_data, drop));
        Ok(())
    })
}

/// Sends log messages of max_level (1 error, 2 warning, 3 info, 4 debug, 5 trace) and graver to fn; fn NULL
/// makes the library silent again, as it is at first. When the environment variable ENABLE_EMOJI_LOGS is "true"
/// at this call, a pictograph stands before each message. Replacing and drop as in tori_set_progress; when the
/// call fails, drop is not called. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_set_log(
    max_level: i32,
    r#fn: tori_log_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> tori_status {
    status(|| {
        let Some(function) = r#fn else {
            std::mem::drop(UserData {
                pointer: user_data,
                drop,
            });
            return logging::set_log(Level::Error, None);
        };
        let level = match max_level {
            1 => Level::Error,
            2 => Level::Warn,
            3 => Level::Info,
            4 => Level::Debug,
            5 => Level::Trace,
            other => return Err(argument(format!("max_level is {other}, expected 1 to 5"))),
        };
        logging::check()?;
        let user_data = UserData {
            pointer: user_data,
            drop,
        };
        let callback: Arc<LogFn> = Arc::new(move |level, target, message| {
            let user_data = &user_data;
            let (target, message) = (c_string(target), c_string(message));
            // SAFETY: the host gave this function for this pointer; the strings live until it returns.
            unsafe {
                function(
                    user_data.pointer,
                    level as i32,
                    target.as_ptr(),
                    message.as_ptr(),
                    message.count_bytes(),
                );
            }
        });
        logging::set_log(level, Some(callback))
    })
}
