//! The envelope of the model files in `data/`: what they are, which version, and a checksum.
//!
//! A file is eight letters that name the kind of model, a version, the length of what follows, the first
//! eight bytes of its SHA-256, and the model itself; numbers are little-endian.

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// Bytes before the model.
const HEADER: usize = 8 + 4 + 4 + 8;

/// A kind of model: its eight letters, the version this library reads, and its name in messages.
pub(crate) struct Kind {
    pub(crate) magic: &'static [u8; 8],
    pub(crate) version: u32,
    pub(crate) name: &'static str,
}

impl Kind {
    /// Puts `model` into its envelope.
    pub(crate) fn seal(&self, model: &[u8]) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEADER + model.len());
        file.extend_from_slice(self.magic);
        file.extend_from_slice(&self.version.to_le_bytes());
        file.extend_from_slice(&(model.len() as u32).to_le_bytes());
        file.extend_from_slice(&Sha256::digest(model)[..8]);
        file.extend_from_slice(model);
        file
    }

    /// The model in `file`.
    ///
    /// # Errors
    /// `Format` when the file is something else, of another version, cut short or damaged.
    pub(crate) fn open<'a>(&self, file: &'a [u8]) -> Result<&'a [u8]> {
        let number = |at: usize| {
            let bytes = file.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u32::from_le_bytes)
        };
        if file.get(..8) != Some(&self.magic[..]) {
            return Err(self.refuse("it does not begin like one"));
        }
        let version = number(8).ok_or_else(|| self.refuse("it ends inside its header"))?;
        if version != self.version {
            let (name, reads) = (self.name, self.version);
            return Err(self.refuse(&format!(
                "it is of version {version}, this library reads version {reads}; train a new {name}"
            )));
        }
        let length = number(12).ok_or_else(|| self.refuse("it ends inside its header"))? as usize;
        let model = file.get(HEADER..).unwrap_or_default();
        if model.len() != length {
            return Err(self.refuse(&format!(
                "it holds {} bytes where its header says {length}",
                model.len()
            )));
        }
        if file.get(16..HEADER) != Some(&Sha256::digest(model)[..8]) {
            return Err(self.refuse("its checksum does not fit its bytes"));
        }
        Ok(model)
    }

    /// The error for a file that is no model of this kind.
    pub(crate) fn refuse(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::Format,
            format!("this is no {} that can be used: {why}", self.name),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        magic: b"TORITEST",
        version: 3,
        name: "test model",
    };

    #[test]
    fn a_file_that_is_cut_changed_or_of_another_version_is_refused_with_its_reason() {
        let file = KIND.seal(b"weights");
        assert_eq!(KIND.open(&file).unwrap(), b"weights");
        for length in 0..file.len() {
            assert!(KIND.open(&file[..length]).is_err(), "{length} bytes");
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            assert!(KIND.open(&damaged).is_err(), "byte {at}");
        }
        let newer = Kind { version: 4, ..KIND }.seal(b"weights");
        let error = KIND.open(&newer).unwrap_err();
        assert!(error.message().contains("version 4"), "{error}");
    }
}
