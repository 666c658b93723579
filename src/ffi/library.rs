//! Version, features, status names, shutdown.

use std::ffi::{CStr, c_char};
use std::time::Duration;

use super::guard::{argument, status};
use super::{TORI_ABI, TORI_OK, tori_status};
use crate::error::{Error, ErrorKind};
use crate::pool;

/// The version of the library that runs, "MAJOR.MINOR.PATCH". Valid for ever. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The version of the library that runs as TORI_VERSION_NUMBER counts: major * 1000000 + minor * 1000 + patch.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_version_number() -> u32 {
    const fn number(text: &str) -> u32 {
        let (bytes, mut value, mut index) = (text.as_bytes(), 0, 0);
        while index < bytes.len() {
            value = value * 10 + (bytes[index] - b'0') as u32;
            index += 1;
        }
        value
    }
    number(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
        + number(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
        + number(env!("CARGO_PKG_VERSION_PATCH"))
}

/// Whether a program compiled with TORI_ABI = header_abi can use the library that runs: TORI_OK or TORI_E_ABI.
/// Call it first when the library is loaded by name. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_check_abi(header_abi: u32) -> tori_status {
    status(|| match header_abi {
        TORI_ABI => Ok(()),
        other => Err(Error::new(
            ErrorKind::Abi,
            format!("the program was compiled for ABI {other}, the library has {TORI_ABI}"),
        )),
    })
}

/// What this build can do, as words parted by spaces: "pdf markdown text database". Valid for ever. Any
/// thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_features() -> *const c_char {
    c"pdf markdown text database".as_ptr()
}

/// The name of a status, "TORI_E_LIMIT"; "TORI_UNKNOWN" for a number that is none. Valid for ever. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_status_name(s: tori_status) -> *const c_char {
    let name: &CStr = match s {
        TORI_OK => c"TORI_OK",
        super::TORI_E_ARGUMENT => c"TORI_E_ARGUMENT",
        super::TORI_E_CONFIG => c"TORI_E_CONFIG",
        super::TORI_E_IO => c"TORI_E_IO",
        super::TORI_E_FORMAT => c"TORI_E_FORMAT",
        super::TORI_E_ENCRYPTED => c"TORI_E_ENCRYPTED",
        super::TORI_E_LIMIT => c"TORI_E_LIMIT",
        super::TORI_E_DATABASE => c"TORI_E_DATABASE",
        super::TORI_E_CANCELLED => c"TORI_E_CANCELLED",
        super::TORI_E_TIMEOUT => c"TORI_E_TIMEOUT",
        super::TORI_E_BUSY => c"TORI_E_BUSY",
        super::TORI_E_SHUTDOWN => c"TORI_E_SHUTDOWN",
        super::TORI_E_FORKED => c"TORI_E_FORKED",
        super::TORI_E_UNSUPPORTED => c"TORI_E_UNSUPPORTED",
        super::TORI_E_ABI => c"TORI_E_ABI",
        super::TORI_E_PANIC => c"TORI_E_PANIC",
        _ => c"TORI_UNKNOWN",
    };
    name.as_ptr()
}

/// Ends the library's work in this process: calls that take documents in get TORI_E_SHUTDOWN from then on, jobs
/// that wait end with it; returns when calls and jobs in flight have ended and the worker threads are gone. timeout_ms is in milliseconds, TORI_WAIT_FOREVER for no limit;
/// TORI_E_TIMEOUT when it passes first (the call may be repeated), TORI_E_BUSY from inside a callback. Handles
/// stay valid, can still be read and must still be freed. A program need not call it before it ends. Any
/// thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_shutdown(timeout_ms: i64) -> tori_status {
    status(|| {
        let timeout = match timeout_ms {
            -1 => None,
            ms => Some(Duration::from_millis(
                u64::try_from(ms).map_err(|_| argument("timeout_ms is negative"))?,
            )),
        };
        pool::shutdown(timeout)
    })
}
