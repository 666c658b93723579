//! The one error type of the crate, and the one table that ties its kinds to the C status numbers.
//!
//! A message is lower-case, names the thing it is about and says what was found, what the limit was and
//! what to do. The same facts are kept apart as named fields, so that a host can act on them without
//! reading prose: see [`Error::to_json`].

use std::fmt;
use std::path::Path;

use serde_json::{Map, Number, Value};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:literal, $name:literal;)*) => {
        /// What went wrong, in the classes a host can act on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of the status numbers.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind,)*];

            /// The number the C interface gives this kind; never reused.
            pub const fn status(self) -> i32 {
                match self { $(ErrorKind::$kind => $status,)* }
            }

            /// The name of the number in `tori.h`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// A call was made with an argument it cannot take: a null pointer, an index out of range, invalid UTF-8.
    Argument = -1, "TORI_E_ARGUMENT";
    /// A setting is unknown, of the wrong type or out of its range.
    Config = -2, "TORI_E_CONFIG";
    /// The operating system refused to open or read a file.
    Io = -3, "TORI_E_IO";
    /// The input is not a document this library reads, or is damaged beyond reading.
    Format = -4, "TORI_E_FORMAT";
    /// The document is encrypted and the password is missing or wrong.
    Encrypted = -5, "TORI_E_ENCRYPTED";
    /// The document exceeds a configured limit.
    Limit = -6, "TORI_E_LIMIT";
    /// No concept database could be loaded, or the one named is damaged.
    Database = -7, "TORI_E_DATABASE";
    /// The caller asked to stop.
    Cancelled = -8, "TORI_E_CANCELLED";
    /// The deadline passed.
    Timeout = -9, "TORI_E_TIMEOUT";
    /// The library cannot take the call at this moment.
    Busy = -10, "TORI_E_BUSY";
    /// The library has been shut down.
    Shutdown = -11, "TORI_E_SHUTDOWN";
    /// The object belongs to the process this one was forked from.
    Forked = -12, "TORI_E_FORKED";
    /// The input or option is known and not supported.
    Unsupported = -13, "TORI_E_UNSUPPORTED";
    /// The caller was compiled against another version of the interface.
    Abi = -14, "TORI_E_ABI";
    /// A bug in the library was caught; the engine stays usable.
    Panic = -15, "TORI_E_PANIC";
}

/// An error: a [kind](ErrorKind), a message for people and the same facts as fields for programs.
///
/// The value is one pointer wide.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    fields: Map<String, Value>,
}

impl Error {
    /// An error of `kind` with a message: lower-case, naming the thing, no final stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            fields: Map::new(),
        }))
    }

    /// A [`Limit`](ErrorKind::Limit) error that names the limit's configuration key, what was found and what
    /// is allowed, both in `unit`.
    pub fn limit(
        key: &str,
        found: impl fmt::Display + Into<Number>,
        allowed: impl fmt::Display + Into<Number>,
        unit: &str,
    ) -> Self {
        Error::new(
            ErrorKind::Limit,
            format!("limit {key} exceeded: found {found} {unit}, at most {allowed} {unit} allowed; raise {key} to accept it"),
        )
        .with("limit", key)
        .with("found", Value::Number(found.into()))
        .with("allowed", Value::Number(allowed.into()))
        .with("unit", unit)
    }

    /// An [`Io`](ErrorKind::Io) error that names the file and what was being done to it.
    pub fn io(action: &str, path: &Path, error: &std::io::Error) -> Self {
        Error::new(
            ErrorKind::Io,
            format!("cannot {action} \"{}\": {error}", path.display()),
        )
        .with("path", path.to_string_lossy())
        .with("os_error", error.raw_os_error().unwrap_or(0))
    }

    /// Adds a named fact. Names in use: `path`, `page` (from 1), `offset` (bytes from 0), `line` and
    /// `column` (from 1), `entry`, `key`, `limit`, `found`, `allowed`, `unit`, `os_error`,
    /// `places`, `input`, `location`.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Puts `prefix` and a colon before the message, to name the thing the inner error happened to.
    #[must_use]
    pub fn prefixed(mut self, prefix: impl fmt::Display) -> Self {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message, without a final stop.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The value of a named fact, when the error carries it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.0.fields.get(name)
    }

    /// `{"status": -6, "name": "TORI_E_LIMIT", "message": "…", …fields}`.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("status".into(), self.0.kind.status().into());
        object.insert("name".into(), self.0.kind.name().into());
        object.insert("message".into(), self.0.message.clone().into());
        for (name, value) in &self.0.fields {
            object.insert(name.clone(), value.clone());
        }
        Value::Object(object)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.name(), self.0.message)?;
        if !self.0.fields.is_empty() {
            write!(f, " {}", Value::Object(self.0.fields.clone()))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_pinned_and_distinct() {
        let pinned: Vec<i32> = ErrorKind::ALL.iter().map(|kind| kind.status()).collect();
        assert_eq!(pinned, (1..=15).map(|n| -n).collect::<Vec<_>>());
    }

    #[test]
    fn json_carries_the_fields_of_the_message() {
        let json = Error::limit("limits.pages", 7, 5, "pages").to_json();
        assert_eq!(json["name"], "TORI_E_LIMIT");
        assert_eq!(json["limit"], "limits.pages");
        assert_eq!(json["found"], 7);
        assert!(
            json["message"]
                .as_str()
                .unwrap()
                .contains("found 7 pages, at most 5")
        );
    }
}
