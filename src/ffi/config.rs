//! Settings.

use std::ffi::{CString, c_char};
use std::ptr;

use super::error::tori_error;
use super::guard::{borrowed_mut, checked, free, store_len, value};
use super::strings::{NUL_TERMINATED, c_string, text};
use super::tori_status;
use crate::config::Config;

/// A set of settings. Used by one thread at a time.
pub struct tori_config {
    pub(super) config: Config,
    json: Option<CString>,
}

/// Every setting at its default. The caller frees it with tori_config_free. NULL only when memory is out. Any
/// thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_config_new() -> *mut tori_config {
    value(ptr::null_mut(), || {
        Ok(Box::into_raw(Box::new(tori_config {
            config: Config::new(),
            json: None,
        })))
    })
}

/// Sets key (a C string, "limits.pages") to value, given as text of len bytes or with TORI_NUL_TERMINATED:
/// whole numbers in decimal, numbers with a decimal point, "true" or "false", texts as they are.
/// TORI_E_CONFIG for an unknown key or a value that is not allowed; the old value stays then. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_config_set(
    c: *mut tori_config,
    key: *const c_char,
    value: *const c_char,
    len: usize,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        checked(err, || {
            let c = borrowed_mut(c, "config")?;
            let key = text(key, NUL_TERMINATED, "key")?;
            c.config.set(key, text(value, len, "value")?)?;
            c.json = None;
            Ok(())
        })
    }
}

/// All settings as a JSON object: for each key its value, origin, default, type, range, unit and meaning. len
/// (may be NULL) receives the length in bytes. UTF-8; borrowed from the config until it is next set or freed;
/// NULL for NULL. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_config_json(c: *mut tori_config, len: *mut usize) -> *const c_char {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        store_len(len, 0);
        value(ptr::null(), || {
            let c = borrowed_mut(c, "config")?;
            let json = c
                .json
                .get_or_insert_with(|| c_string(c.config.to_json().to_string()));
            store_len(len, json.count_bytes());
            Ok(json.as_ptr())
        })
    }
}

/// Frees a config; NULL is fine. Engines and databases made from it have copies. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_config_free(c: *mut tori_config) {
    // SAFETY: the caller hands in NULL or its own config, and does not use it again.
    unsafe { free(c) };
}
