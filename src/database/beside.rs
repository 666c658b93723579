//! Where this library lies.

#![allow(unsafe_code)]

use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The folder of the shared library this code is in; of the executable when it is linked statically.
pub(super) fn folder() -> Option<PathBuf> {
    let here = folder as fn() -> Option<PathBuf> as *const libc::c_void;
    let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `here` is an address in this program's own code and `info` is writable for its whole size. `Dl_info`
    // is pointers only, so all zeros is a value of it even where the call fills in nothing. The name it points to
    // belongs to the loader and lives as long as the object is loaded, that is, as long as this code runs.
    let name = unsafe {
        if libc::dladdr(here, info.as_mut_ptr()) == 0 {
            return None;
        }
        let info = info.assume_init();
        if info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    let file = Path::new(OsStr::from_bytes(name.to_bytes()));
    // For an executable the name is what it was started as, perhaps without a folder.
    let file = match file.is_absolute() {
        true => file.to_path_buf(),
        false => std::fs::canonicalize(file)
            .or_else(|_| std::env::current_exe())
            .ok()?,
    };
    file.parent().map(Path::to_path_buf)
}
