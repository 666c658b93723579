//! The C interface: `include/tori.h` is written from this room by cbindgen.
//!
//! One file per noun of the header. Nothing is decided here: pointers become Rust values, the call goes to
//! [`crate::engine`] or [`crate::database`], and what comes back becomes handles and statuses. Every exported
//! function runs inside a guard, so that neither a null pointer nor a panic reaches the host.
//!
//! The comments on the functions are the header's comments; they speak C.
#![allow(unsafe_code, non_camel_case_types, clippy::missing_safety_doc)]

use std::ffi::{c_char, c_int, c_void};

mod guard;
mod strings;

// The order of the nouns is the order of the header; the empty lines keep rustfmt from sorting them.
pub mod library;

pub mod error;

pub mod config;

pub mod engine;

pub mod request;

pub mod job;

pub mod queue;

pub mod result;

pub mod database;

pub mod hooks;

/// What a call came to: TORI_OK, or one of the TORI_E_ numbers, which are all negative. The numbers are never
/// reused.
pub type tori_status = i32;

/// The call did what it was asked to.
pub const TORI_OK: tori_status = 0;
/// The job has not ended.
pub const TORI_PENDING: tori_status = 1;
/// There is nothing more.
pub const TORI_END: tori_status = 2;
/// An argument the call cannot take: a null pointer, an index out of range, text that is not UTF-8.
pub const TORI_E_ARGUMENT: tori_status = -1;
/// A setting is unknown, of the wrong type or out of its range.
pub const TORI_E_CONFIG: tori_status = -2;
/// The operating system refused to open or read a file, or to start a thread.
pub const TORI_E_IO: tori_status = -3;
/// The input is not a document this library reads, or is damaged beyond reading.
pub const TORI_E_FORMAT: tori_status = -4;
/// The document is encrypted and the password is missing or wrong.
pub const TORI_E_ENCRYPTED: tori_status = -5;
/// The document exceeds a limit; the error names the limit and the value found.
pub const TORI_E_LIMIT: tori_status = -6;
/// No concept database could be loaded, or the one named is damaged.
pub const TORI_E_DATABASE: tori_status = -7;
/// A callback asked to stop.
pub const TORI_E_CANCELLED: tori_status = -8;
/// The time allowed passed first.
pub const TORI_E_TIMEOUT: tori_status = -9;
/// The library cannot take the call at this moment.
pub const TORI_E_BUSY: tori_status = -10;
/// The library has been shut down in this process.
pub const TORI_E_SHUTDOWN: tori_status = -11;
/// The object belongs to the process this one was forked from.
pub const TORI_E_FORKED: tori_status = -12;
/// The input or option is known and not supported.
pub const TORI_E_UNSUPPORTED: tori_status = -13;
/// The caller was compiled against another version of the interface, or did not set struct_size.
pub const TORI_E_ABI: tori_status = -14;
/// A bug in the library was caught; everything stays usable.
pub const TORI_E_PANIC: tori_status = -15;

/// Version of the binary interface. Raised only when a program compiled against an older header would break.
pub const TORI_ABI: u32 = 1;

/// A progress event. Pointers in it are valid until the callback returns.
#[repr(C)]
pub struct tori_progress {
    /// Size of this struct, set by the library; later versions append fields.
    pub struct_size: u32,
    /// 0 init, 1 document, 2 structure, 3 concepts, 4 database, 5 analysis, 6 pruning, 7 finalize, 8 complete.
    pub stage: i32,
    /// 0 to 100; never lower than in the event before, 100 only on success.
    pub percent: u32,
    /// 0.
    pub reserved: u32,
    /// The number of the job; 0 for a call that waits.
    pub job_id: u64,
    /// Units of the stage finished: pages or chunks.
    pub units_done: u64,
    /// Units of the stage in all; 0 when it has none.
    pub units_total: u64,
    /// The stage's name.
    pub stage_name: *const c_char,
    /// What is being done, for people; UTF-8.
    pub message: *const c_char,
    /// The request's tag; NULL when it has none.
    pub tag: *const c_void,
}

/// Called with each progress event of a call, one at a time: on the thread that made the call when that waits
/// (tori_ingest), on a thread of the library for jobs (tori_submit). Returning
/// anything but 0, except at 100 percent, cancels the call, which then returns TORI_E_CANCELLED. May call every function of the library
/// but tori_shutdown. Must not throw.
pub type tori_progress_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, progress: *const tori_progress) -> c_int>;

/// Called with each log message, from any thread, from several at once: level (1 error, 2 warning, 3 info,
/// 4 debug, 5 trace), where it comes from ("tori::database"), and the message with its length in bytes, both
/// UTF-8, NUL-terminated, valid until the callback returns. May call every function of the library but
/// tori_shutdown. Must not throw.
pub type tori_log_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        level: i32,
        target: *const c_char,
        message: *const c_char,
        len: usize,
    ),
>;

/// Called once for each job, when it has ended and before tori_job_wait returns, on any thread: one of the
/// library's, or the one that cancelled the job. job is borrowed until the callback returns; tori_job_ref keeps it.
/// May call every function of the library but tori_shutdown. Must not throw.
pub type tori_done_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, job: *mut job::tori_job)>;

/// Called once when the library no longer needs user_data, on any thread.
pub type tori_drop_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;
