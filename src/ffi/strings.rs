//! Strings in and out.

use std::ffi::{CStr, CString, c_char};
use std::path::PathBuf;

use super::guard::argument;
use crate::error::Result;

/// The length that says "up to the NUL".
pub(super) const NUL_TERMINATED: usize = usize::MAX;

/// The bytes of an argument.
///
/// # Safety
/// `data` is null or valid for reading `len` bytes; with [`NUL_TERMINATED`] it is null or a C string. The bytes
/// are not changed while the result is in use.
pub(super) unsafe fn bytes<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a [u8]> {
    if data.is_null() {
        return match len {
            0 => Ok(&[]),
            _ => Err(argument(format!("{name} is NULL"))),
        };
    }
    if len > isize::MAX as usize {
        return Err(argument(format!(
            "{name} has a length of {len} bytes, more than memory can hold"
        )));
    }
    // SAFETY: not null, and readable for `len` bytes by this function's contract.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// A UTF-8 argument.
///
/// # Safety
/// As [`bytes`].
pub(super) unsafe fn text<'a>(data: *const c_char, len: usize, name: &str) -> Result<&'a str> {
    let bytes = if len == NUL_TERMINATED && !data.is_null() {
        // SAFETY: not null, and a C string by this function's contract.
        unsafe { CStr::from_ptr(data) }.to_bytes()
    } else {
        // SAFETY: as this function's contract says.
        unsafe { bytes(data.cast(), len, name)? }
    };
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        argument(format!(
            "{name} is not UTF-8: byte 0x{:02x} at offset {offset}",
            bytes[offset]
        ))
        .with("offset", offset as u64)
    })
}

/// A path argument: a C string in the encoding of the file system, not empty.
///
/// # Safety
/// `path` is null or a C string.
pub(super) unsafe fn path(path: *const c_char, name: &str) -> Result<PathBuf> {
    if path.is_null() {
        return Err(argument(format!("{name} is NULL")));
    }
    // SAFETY: not null, and a C string by this function's contract.
    let path = unsafe { CStr::from_ptr(path) };
    if path.is_empty() {
        return Err(argument(format!("{name} is empty")));
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(PathBuf::from(std::ffi::OsStr::from_bytes(path.to_bytes())))
    }
    #[cfg(not(unix))]
    {
        path.to_str()
            .map(PathBuf::from)
            .map_err(|_| argument(format!("{name} is not UTF-8")))
    }
}

/// A string as C takes it; a NUL inside, which C could not see past, becomes U+FFFD.
pub(super) fn c_string(text: impl Into<String>) -> CString {
    let text = text.into();
    let text = if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    };
    CString::new(text).unwrap_or_default()
}
