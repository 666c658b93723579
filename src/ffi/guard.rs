//! What stands between C and the rest: pointers are checked, panics end here.

use std::mem::{MaybeUninit, size_of};
use std::ptr;
use std::sync::Arc;

use super::error::tori_error;
use super::{TORI_OK, tori_status};
use crate::error::{Error, ErrorKind, Result};
use crate::panics;

/// An [`Argument`](ErrorKind::Argument) error.
pub(super) fn argument(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Argument, message)
}

/// Runs the body of an export that returns a status and stores an error.
///
/// # Safety
/// `err` is null or valid for writing a pointer.
pub(super) unsafe fn checked(
    err: *mut *mut tori_error,
    body: impl FnOnce() -> Result<()>,
) -> tori_status {
    if !err.is_null() {
        // SAFETY: not null, so valid for writing by this function's contract.
        unsafe { err.write(ptr::null_mut()) };
    }
    panics::remember_locations();
    match panics::guard(body) {
        Ok(()) => TORI_OK,
        Err(error) => {
            let status = error.kind().status();
            if !err.is_null() {
                // SAFETY: as above.
                unsafe { err.write(tori_error::boxed(error)) };
            }
            status
        }
    }
}

/// Runs the body of an export that returns only a status.
pub(super) fn status(body: impl FnOnce() -> Result<()>) -> tori_status {
    // SAFETY: a null pointer is allowed.
    unsafe { checked(ptr::null_mut(), body) }
}

/// Runs the body of an export that returns a value; `fallback` stands for every failure.
pub(super) fn value<T>(fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    panics::remember_locations();
    panics::guard(body).unwrap_or(fallback)
}

/// The object behind a handle the library gave out.
///
/// # Safety
/// `pointer` is null or a live handle of type `T`, not being changed by another thread.
pub(super) unsafe fn borrowed<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: null is checked by `as_ref`; all else is this function's contract.
    unsafe { pointer.as_ref() }.ok_or_else(|| null(name))
}

/// As [`borrowed`], to be changed.
///
/// # Safety
/// `pointer` is null or a live handle of type `T` that no other thread is using.
pub(super) unsafe fn borrowed_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: null is checked by `as_mut`; all else is this function's contract.
    unsafe { pointer.as_mut() }.ok_or_else(|| null(name))
}

fn null(name: &str) -> Error {
    argument(format!("{name} is NULL"))
}

/// A place for a pointer that goes out; set to null before anything else happens.
pub(super) struct Out<T>(*mut *mut T);

impl<T> Out<T> {
    /// # Safety
    /// `out` is null or valid for writing a pointer until the export returns.
    pub(super) unsafe fn new(out: *mut *mut T) -> Self {
        if !out.is_null() {
            // SAFETY: not null, so valid by this function's contract.
            unsafe { out.write(ptr::null_mut()) };
        }
        Out(out)
    }

    /// Refuses a null place before any work is done for it.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.is_null() {
            Err(null("out"))
        } else {
            Ok(())
        }
    }

    pub(super) fn set(self, pointer: *mut T) {
        if !self.0.is_null() {
            // SAFETY: not null, so valid by the contract of `new`.
            unsafe { self.0.write(pointer) };
        }
    }
}

/// Stores a length where the caller wants to know it.
///
/// # Safety
/// `len` is null or valid for writing.
pub(super) unsafe fn store_len(len: *mut usize, value: usize) {
    if !len.is_null() {
        // SAFETY: not null, so valid by this function's contract.
        unsafe { len.write(value) };
    }
}

/// A struct that begins with its own size as the caller knows it.
///
/// # Safety
/// `T` is `repr(C)`, its first field is `struct_size: u32`, and all bit patterns that the library writes are
/// plain data.
pub(super) unsafe trait Sized32: Sized {
    /// Size of the struct in the first version of the interface.
    const FIRST: usize = size_of::<Self>();
    /// Sizes above this are taken for a forgotten initialisation.
    const MOST: usize = 4096;

    fn set_struct_size(&mut self, size: u32);
}

/// Fills the caller's struct as far as the caller knows it.
///
/// # Safety
/// `out` is null or points to a struct of the type, of which at least `struct_size` can be read and as many
/// bytes as it says can be written.
pub(super) unsafe fn fill<T: Sized32>(out: *mut T, mut value: T) -> Result<()> {
    if out.is_null() {
        return Err(null("out"));
    }
    // SAFETY: not null; `struct_size` is the first field by the contract of `Sized32` and readable by this
    // function's. It may be less aligned than T says only if the caller broke C's rules.
    let size = unsafe { out.cast::<u32>().read() };
    let known = size as usize;
    if known < T::FIRST || known > T::MOST {
        let message = format!(
            "struct_size is {known}, expected {} or more: set it to the size of the struct before the call",
            T::FIRST
        );
        return Err(Error::new(ErrorKind::Abi, message));
    }
    value.set_struct_size(size);
    let value = MaybeUninit::new(value);
    // SAFETY: the caller's struct is `known` bytes long and so is not shorter than what is copied; source and
    // target do not overlap. Copying as bytes keeps padding as it is.
    unsafe {
        ptr::copy_nonoverlapping(
            value.as_ptr().cast::<u8>(),
            out.cast::<u8>(),
            known.min(size_of::<T>()),
        );
    }
    Ok(())
}

/// Gives out a counted reference.
pub(super) fn share<T>(value: T) -> *mut T {
    Arc::into_raw(Arc::new(value)).cast_mut()
}

/// One more reference to a shared handle; null stays null.
///
/// # Safety
/// `pointer` is null or comes from [`share`] and has not been freed as often as it was shared.
pub(super) unsafe fn shared_again<T>(pointer: *mut T) -> *mut T {
    if !pointer.is_null() {
        // SAFETY: by this function's contract the count is at least one.
        unsafe { Arc::increment_strong_count(pointer.cast_const()) };
    }
    pointer
}

/// Gives one reference back; null is fine.
///
/// # Safety
/// As [`shared_again`], and the caller gives its reference up.
pub(super) unsafe fn release<T>(pointer: *mut T) {
    if !pointer.is_null() {
        value((), || {
            // SAFETY: by this function's contract this reference is the caller's to give back.
            drop(unsafe { Arc::from_raw(pointer.cast_const()) });
            Ok(())
        });
    }
}

/// Frees a handle of one owner; null is fine.
///
/// # Safety
/// `pointer` is null or comes from `Box::into_raw` and is not used again.
pub(super) unsafe fn free<T>(pointer: *mut T) {
    if !pointer.is_null() {
        value((), || {
            // SAFETY: by this function's contract the box is the caller's to give back.
            drop(unsafe { Box::from_raw(pointer) });
            Ok(())
        });
    }
}
