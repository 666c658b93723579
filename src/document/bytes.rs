//! The bytes of an input, shared with its owner where that can be.

use std::ops::Deref;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

/// Bytes that live as long as somebody holds them.
#[derive(Clone)]
pub(crate) struct SharedBytes(pub(crate) Arc<dyn AsRef<[u8]> + Send + Sync>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// The bytes of an input.
pub(crate) enum Bytes<'a> {
    Borrowed(&'a [u8]),
    Shared(SharedBytes),
}

impl Bytes<'_> {
    /// The bytes for those who hold them longer: a copy where they are borrowed.
    ///
    /// # Errors
    /// `Io` when there is no memory for the copy.
    pub(crate) fn share(&self) -> Result<SharedBytes> {
        match self {
            Bytes::Shared(bytes) => Ok(bytes.clone()),
            Bytes::Borrowed(bytes) => {
                let mut copy = Vec::new();
                copy.try_reserve_exact(bytes.len()).map_err(|_| {
                    let message = format!(
                        "there is no memory for a copy of the input's {} bytes",
                        bytes.len()
                    );
                    Error::new(ErrorKind::Io, message)
                })?;
                copy.extend_from_slice(bytes);
                Ok(SharedBytes(Arc::new(copy)))
            }
        }
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Borrowed(bytes) => bytes,
            Bytes::Shared(bytes) => bytes.as_ref(),
        }
    }
}
