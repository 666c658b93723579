//! Errors as objects of their own.

use std::ffi::{CString, c_char};
use std::ptr;

use once_cell::sync::OnceCell;

use super::guard::{borrowed, free, store_len, value};
use super::strings::c_string;
use super::{TORI_E_ARGUMENT, tori_status};
use crate::error::Error;

/// An error. Belongs to whoever asked for it, who frees it with tori_error_free; belongs to no thread.
pub struct tori_error {
    error: Error,
    message: OnceCell<CString>,
    json: OnceCell<CString>,
}

impl tori_error {
    pub(super) fn boxed(error: Error) -> *mut Self {
        Box::into_raw(Box::new(tori_error {
            error,
            message: OnceCell::new(),
            json: OnceCell::new(),
        }))
    }
}

/// The status the failed call returned; TORI_E_ARGUMENT for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_error_status(e: *const tori_error) -> tori_status {
    // SAFETY: the caller hands in NULL or a live error.
    value(TORI_E_ARGUMENT, || {
        Ok(unsafe { borrowed(e, "error") }?.error.kind().status())
    })
}

/// What happened, in one sentence for people: what it was about, what was found, what is allowed, what to do.
/// UTF-8; borrowed from the error; "" for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_error_message(e: *const tori_error) -> *const c_char {
    value(c"".as_ptr(), || {
        // SAFETY: the caller hands in NULL or a live error.
        let e = unsafe { borrowed(e, "error") }?;
        Ok(e.message
            .get_or_init(|| c_string(e.error.message()))
            .as_ptr())
    })
}

/// The error as a JSON object: status, name, message, and what the message names as fields of their own: path,
/// page, offset, line, column, entry, key, limit, found, allowed, unit, os_error, places, input,
/// location. len (may be NULL) receives the
/// length in bytes. UTF-8; borrowed from the error; NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_error_json(e: *const tori_error, len: *mut usize) -> *const c_char {
    // SAFETY: the caller hands in NULL or a valid place for the length.
    unsafe { store_len(len, 0) };
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live error.
        let e = unsafe { borrowed(e, "error") }?;
        let json = e
            .json
            .get_or_init(|| c_string(e.error.to_json().to_string()));
        // SAFETY: as above.
        unsafe { store_len(len, json.count_bytes()) };
        Ok(json.as_ptr())
    })
}

/// Frees an error; NULL is fine. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_error_free(e: *mut tori_error) {
    // SAFETY: the caller hands in NULL or its own error, and does not use it again.
    unsafe { free(e) };
}
