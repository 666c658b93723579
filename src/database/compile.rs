//! Compiling sources into a file, and putting the file in place.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::build::{Builder, SEED};
use super::image::{Image, Parts};
use super::layers::Layers;
use super::places::{Tier, open_file};
use super::read::{Failure, Part};
use super::{Content, Database};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};

/// Most names and aliases of a compiled database.
const KEYS: u64 = 1 << 30;

impl Database {
    /// Compiles source files into one file at `target`, and opens it. [`describe`](Self::describe) tells what became
    /// of the entries.
    ///
    /// The sources are told apart by their extension: `.json` as in the [module](super), `.jsonl` and `.ndjson` with
    /// one entry a line, `.csv` and `.tsv` with a header line that names the fields, aliases separated by `|`; and of SKOS
    /// `.ttl`, `.nt`, `.rdf`, `.owl` and `.xml`. They
    /// are read in order and as streams. The same sources give the same file, byte for byte.
    ///
    /// `progress` is called with the number of bytes read so far, of all sources together.
    ///
    /// The file is written beside the target under the name with `.tmp` after it, and takes the target's place when it
    /// is on the disk: at any moment the target is the old file or the new one, whole.
    ///
    /// # Errors
    /// [`Database`](ErrorKind::Database) when a source cannot be used, with `path`, `reason` and where they are known
    /// `line` and `entry`; [`Io`](ErrorKind::Io) when the target cannot be written, [`Busy`](ErrorKind::Busy) when
    /// somebody else is writing it.
    pub fn compile(
        sources: &[impl AsRef<Path>],
        target: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Database> {
        Self::compile_with(&Config::new(), sources, target, progress)
    }

    /// As [`compile`](Self::compile), with the settings `database.diacritics` and `database.language`.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    pub fn compile_with(
        config: &Config,
        sources: &[impl AsRef<Path>],
        target: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Database> {
        let mut builder = Builder::seeded(SEED, KEYS);
        builder.diacritics = config.database_diacritics;
        config.database_language.clone_into(&mut builder.language);
        let mut before = 0;
        let mut places = Vec::new();
        for source in sources {
            let source = source.as_ref();
            let taken = builder
                .read_source(source, Part::Main, &mut |bytes| progress(before + bytes))
                .map_err(|failure| refused(source, &failure))?;
            before += builder.sources.last().map_or(0, |source| source.bytes);
            places.push(json!({"tier": "source", "path": source.to_string_lossy(), "outcome": "loaded", "concepts": taken}));
        }
        if sources.is_empty() {
            return Err(Error::new(
                ErrorKind::Argument,
                "there are no sources to compile",
            ));
        }
        let (parts, warnings, warned) = builder
            .parts()
            .map_err(|failure| refused(target, &failure))?;
        publish(&parts, target)?;
        drop(parts);
        let image = open_file(target)
            .and_then(|file| Image::map(&file))
            .map_err(|failure| refused(target, &failure))?;
        Ok(Database {
            layers: Layers::new(Arc::new(Content {
                image,
                warnings,
                warned,
            })),
            origin: Tier::File.name(),
            places,
            notes: Vec::new(),
        })
    }
}

impl Database {
    /// Writes the database as it is into a compiled file at `target`, as [`compile`](Self::compile) does: what a
    /// compilation of its concepts in their order would write. Takes time with the size of the database.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) when the target cannot be written, [`Busy`](ErrorKind::Busy) when somebody else is writing
    /// it, [`Database`](ErrorKind::Database) when the file that the database was opened from is damaged.
    pub fn save(&self, target: &Path) -> Result<()> {
        let mut builder = Builder::whole(SEED, KEYS);
        builder.diacritics = self.layers.opened().image.meta().diacritics;
        for index in self.indices() {
            let concept = self.concept(index);
            if concept.is_none_or(|concept| builder.take(concept).is_err()) {
                let message = format!("damaged: concept {index} is not what it should be");
                return Err(refused(target, &Failure::new("damaged", message)));
            }
        }
        let parts = builder.parts();
        let (parts, _, _) = parts.map_err(|failure| refused(target, &failure))?;
        publish(&parts, target)
    }
}

fn refused(path: &Path, failure: &Failure) -> Error {
    let message = format!(
        "the concept database cannot be compiled: \"{}\": {}",
        path.display(),
        failure.message
    );
    let mut error = Error::new(ErrorKind::Database, message)
        .with("path", path.to_string_lossy())
        .with("reason", failure.reason);
    for (field, value) in &failure.fields {
        error = error.with(field, value.clone());
    }
    error
}

/// Writes an image so that the target is the old file or the new one at any moment, be it the last of this machine.
fn publish(parts: &Parts, target: &Path) -> Result<()> {
    let mut draft = target.as_os_str().to_owned();
    draft.push(".tmp");
    let draft = PathBuf::from(draft);
    let file = lock(&draft)?;
    let written = write(parts, &file).and_then(|()| std::fs::rename(&draft, target));
    if let Err(error) = written {
        // Whether or not it can be removed: the next writer takes it over.
        let _ = std::fs::remove_file(&draft);
        return Err(Error::io("write", &draft, &error));
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("write", folder, &error))
}

/// Opens a file that nobody else writes, and that a writer who died may have left.
fn lock(path: &Path) -> Result<File> {
    loop {
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| Error::io("write", path, &error))?;
        match file.try_lock() {
            Ok(()) => (),
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorKind::Busy,
                    format!("\"{}\" is being written by somebody else", path.display()),
                ));
            }
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(Error::io("lock", path, &error));
            }
        }
        // Between opening and locking, another writer may have put this very file in the target's place.
        let same = file.metadata().and_then(|own| {
            let there = std::fs::symlink_metadata(path)?;
            Ok((own.dev(), own.ino()) == (there.dev(), there.ino()))
        });
        if same.unwrap_or(false) {
            return Ok(file);
        }
    }
}

fn write(parts: &Parts, file: &File) -> io::Result<()> {
    file.set_len(0)?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    parts.write(|part| writer.write_all(part))?;
    writer.flush()?;
    file.sync_all()
}
