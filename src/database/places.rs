//! Where a database is looked for, in which order, and what became of every place.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use once_cell::race::OnceBox;
use serde_json::{Map, Value, json};

use super::build::Builder;
use super::image::{Image, MAGIC, SourceFile};
use super::layers::Layers;
use super::read::{Failure, Part};
use super::{Content, Database, MAIN_FILE, SEED_FILE, beside};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};

/// The environment variable that names a database file or folder.
const VARIABLE: &str = "TORI_CONCEPT_DB";

/// What a search may use.
struct Limits {
    file_bytes: u64,
    keys: u64,
    /// Whether compiled files are read and verified, not mapped.
    copy: bool,
    /// Whether names are found without their diacritics, too.
    diacritics: bool,
}

impl Limits {
    fn of(config: &Config) -> Self {
        Limits {
            file_bytes: config.database_file_bytes,
            keys: config.database_keys,
            copy: config.database_copy,
            diacritics: config.database_diacritics,
        }
    }
}

/// A tier of the search order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Config,
    Environment,
    Library,
    WorkingDirectory,
    Builtin,
    File,
}

impl Tier {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Tier::Config => "config",
            Tier::Environment => "environment",
            Tier::Library => "library",
            Tier::WorkingDirectory => "working_directory",
            Tier::Builtin => "builtin",
            Tier::File => "file",
        }
    }

    /// Whether somebody asked for this very place, and so must hear when it was not used.
    const fn is_named(self) -> bool {
        matches!(self, Tier::Config | Tier::Environment | Tier::File)
    }

    /// What to call the place by, beside its path.
    const fn asked_by(self) -> &'static str {
        match self {
            Tier::Config => "setting database.path",
            Tier::Environment => VARIABLE,
            Tier::Library => "beside the library",
            Tier::WorkingDirectory => "working directory",
            Tier::Builtin => "compiled in",
            Tier::File => "named",
        }
    }
}

/// A search under way: the places seen so far.
struct Search {
    limits: Limits,
    places: Vec<Value>,
    notes: Vec<String>,
}

impl Search {
    fn new(limits: Limits) -> Self {
        Search {
            limits,
            places: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn loaded(&mut self, tier: Tier, path: &str, concepts: u64) {
        self.places.push(
            json!({"tier": tier.name(), "path": path, "outcome": "loaded", "concepts": concepts}),
        );
    }

    fn failed(&mut self, tier: Tier, path: &Path, failure: &Failure, needed: bool) {
        let mut place: Map<String, Value> = failure.to_json();
        place.insert("tier".into(), tier.name().into());
        place.insert("path".into(), path.to_string_lossy().into());
        place.insert("outcome".into(), "failed".into());
        self.places.push(place.into());
        if failure.reason != "missing" || (tier.is_named() && needed) {
            let by = tier.asked_by();
            let note = format!(
                "concept database \"{}\" ({by}) was not used: {}",
                path.display(),
                failure.message
            );
            tracing::warn!("{note}");
            self.notes.push(note);
        }
    }

    /// A place that is a file or a folder.
    fn named(&mut self, tier: Tier, path: &Path) -> Option<Arc<Content>> {
        let path = absolute(path);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => self.folder(tier, &path),
            Ok(_) if is_compiled(&path) => self.image(tier, &path),
            Ok(_) => {
                let seed = (path.file_name() == Some(MAIN_FILE.as_ref()))
                    .then(|| path.with_file_name(SEED_FILE));
                self.files(tier, Some(path), seed)
            }
            Err(error) => {
                self.failed(tier, &path, &refused(&error), true);
                None
            }
        }
    }

    /// A place that is a compiled file.
    fn image(&mut self, tier: Tier, path: &Path) -> Option<Arc<Content>> {
        let image = match self.limits.copy {
            true => read_file(path, self.limits.file_bytes).and_then(|bytes| Image::copy(&bytes)),
            false => open_file(path).and_then(|file| Image::map(&file)),
        };
        match image {
            Ok(image) => {
                self.loaded(tier, &path.to_string_lossy(), image.concepts().into());
                Some(Arc::new(Content::of(image)))
            }
            Err(failure) => {
                self.failed(tier, path, &failure, true);
                None
            }
        }
    }

    fn folder(&mut self, tier: Tier, folder: &Path) -> Option<Arc<Content>> {
        self.files(
            tier,
            Some(folder.join(MAIN_FILE)),
            Some(folder.join(SEED_FILE)),
        )
    }

    /// A place's two files. One may be missing; a damaged one spoils the place, since half a database would go
    /// unnoticed.
    fn files(
        &mut self,
        tier: Tier,
        main: Option<PathBuf>,
        seed: Option<PathBuf>,
    ) -> Option<Arc<Content>> {
        if let (Some(main), Some(seed)) = (&main, &seed)
            && let Some(content) = self.compiled(tier, [main, seed])
        {
            return Some(content);
        }
        let limit = self.limits.file_bytes;
        let files = [(main, Part::Main), (seed, Part::Seed)];
        let files = files
            .into_iter()
            .filter_map(|(path, part)| path.map(|path| (path, part)));
        let mut builder = None;
        let mut spoilt = false;
        let mut missing = Vec::new();
        for (path, part) in files {
            let file = path.to_string_lossy();
            let taken = read_file(&path, limit).and_then(|bytes| {
                let builder = builder.get_or_insert_with(|| {
                    let mut builder = Builder::new(self.limits.keys);
                    builder.diacritics = self.limits.diacritics;
                    builder
                });
                builder.read(&bytes, &file, part)
            });
            match taken {
                Ok(concepts) => self.loaded(tier, &file, concepts),
                Err(failure) if failure.reason == "missing" => missing.push((path, failure)),
                Err(failure) => {
                    spoilt = true;
                    self.failed(tier, &path, &failure, true);
                }
            }
        }
        if spoilt {
            builder = None;
            self.withdraw(tier);
        }
        for (path, failure) in missing {
            self.failed(tier, &path, &failure, builder.is_none());
        }
        match builder?.finish() {
            Ok(content) => Some(Arc::new(content)),
            Err(failure) => {
                self.failed(tier, Path::new(""), &failure, true);
                None
            }
        }
    }

    /// The compiled-in content, when it was made from these very files: they need not be parsed then.
    fn compiled(&mut self, tier: Tier, paths: [&PathBuf; 2]) -> Option<Arc<Content>> {
        let content = Database::builtin().layers.opened().clone();
        let meta = content.image.meta();
        let counts = meta.counts;
        if counts.keys(content.image.concepts()) > self.limits.keys
            || meta.diacritics != self.limits.diacritics
            || !is_made_from(&meta.sources, paths, self.limits.file_bytes)
        {
            return None;
        }
        let [main, seed] = paths.map(|path| path.to_string_lossy());
        self.loaded(tier, &main, counts.from_main);
        self.loaded(tier, &seed, counts.from_seed);
        Some(content)
    }

    /// A file that was read is not used after all.
    fn withdraw(&mut self, tier: Tier) {
        for place in &mut self.places {
            if place["tier"] == tier.name() && place["outcome"] == "loaded" {
                place["outcome"] = "not used".into();
                place["reason"] = "not used".into();
                place["message"] = "readable, but the other file of this place is damaged".into();
            }
        }
    }

    fn finish(self, tier: Tier, content: Arc<Content>) -> Database {
        let database = Database {
            layers: Layers::new(content),
            origin: tier.name(),
            places: self.places,
            notes: self.notes,
        };
        tracing::info!(
            "concept database: {} concepts ({})",
            database.len(),
            tier.asked_by()
        );
        database
    }

    fn error(self, note: &str) -> Error {
        let error = none_loaded(self.places, note);
        tracing::error!("{error}");
        error
    }
}

/// The error when no place could be used.
fn none_loaded(places: Vec<Value>, note: &str) -> Error {
    let mut message = String::from("no concept database could be loaded");
    for (index, place) in places.iter().enumerate() {
        let text = |field: &str| place.get(field).and_then(Value::as_str).unwrap_or_default();
        let separator = if index == 0 { ": " } else { "; " };
        message += &format!(
            "{separator}{}. \"{}\": {}",
            index + 1,
            text("path"),
            text("message")
        );
    }
    message += note;
    Error::new(ErrorKind::Database, message).with("places", places)
}

/// The path as the system resolves it now, so that a message holds when the working directory has changed.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

pub(super) fn refused(error: &io::Error) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "missing",
        io::ErrorKind::PermissionDenied => "permission",
        _ => "unreadable",
    };
    let message = match reason {
        "missing" => "missing: no such file".to_owned(),
        "permission" => "permission: this process may not read it".to_owned(),
        _ => format!("unreadable: {error}"),
    };
    Failure::new(reason, message).with("os_error", error.raw_os_error().unwrap_or(0))
}

/// Opens a regular file for reading.
pub(super) fn open_file(path: &Path) -> Result<File, Failure> {
    // Opening a pipe would wait for a writer.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| refused(&error))?;
    let found = file.metadata().map_err(|error| refused(&error))?;
    if !found.is_file() {
        return Err(Failure::new(
            "not a file",
            "not a file: neither a regular file nor a folder",
        ));
    }
    Ok(file)
}

/// Whether a file begins as a compiled database does.
fn is_compiled(path: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    open_file(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok() && begin == MAGIC)
}

/// Reads a whole file of at most `limit` bytes.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let file = open_file(path)?;
    let found = file.metadata().map_err(|error| refused(&error))?;
    let too_large = |size: u64| {
        let error = Error::limit("database.file_bytes", size, limit, "bytes");
        Failure::new("limit", error.message()).with("limit", "database.file_bytes")
    };
    if found.len() > limit {
        return Err(too_large(found.len()));
    }
    let mut bytes = Vec::new();
    let no_memory = |_| Failure::new("limit", format!("no memory for {} bytes", found.len()));
    let expected = usize::try_from(found.len()).unwrap_or(usize::MAX);
    bytes.try_reserve_exact(expected).map_err(no_memory)?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&error))?;
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// The folders that are searched unasked.
fn folders() -> Vec<(Tier, PathBuf)> {
    let mut folders = Vec::new();
    if let Some(folder) = beside::folder() {
        let data = folder.join("data");
        folders.push((Tier::Library, folder));
        folders.push((Tier::Library, data));
    }
    folders.push((Tier::WorkingDirectory, absolute(Path::new("data"))));
    folders
}

/// Bytes at the beginning of a cache line.
#[repr(C, align(64))]
struct Aligned<B: ?Sized>(B);

static COMPILED_IN: &Aligned<[u8]> = &Aligned(*include_bytes!("../../data/concepts.toridb"));

/// The compiled-in database.
///
/// It is made from the JSON files by a test, `TORI_BLESS=1 cargo test --lib of_the_files`, and the same test fails when
/// it and the files differ. It holds that the image is whole, too; were it not, there would be no concepts.
pub(super) fn compiled_in() -> Result<Image, Failure> {
    Image::of_static(&COMPILED_IN.0)
}

/// Whether an image was made from files of this content, in this order, none of which has more than `limit` bytes.
fn is_made_from(sources: &[SourceFile], paths: [&PathBuf; 2], limit: u64) -> bool {
    let [Some(main), Some(seed)] = paths.map(|path| open_file(path).ok()) else {
        return false;
    };
    let mut files = [main, seed];
    let pairs = || sources.iter().zip(&files);
    sources.len() == files.len()
        && pairs().all(|(source, file)| source.bytes <= limit && source.may_be(file))
        && sources
            .iter()
            .zip(&mut files)
            .all(|(source, file)| source.is(file))
}

impl Database {
    /// Opens the database, searching in this order; the first place that has one wins:
    ///
    /// 1. the setting `database.path`, a file or a folder,
    /// 2. the environment variable `TORI_CONCEPT_DB`, a file or a folder,
    /// 3. the folder of the shared library (of the executable, when linked statically), then its `data`,
    /// 4. `data` in the working directory,
    /// 5. the concepts compiled into the library, unless `database.require_external` is set.
    ///
    /// A folder has `concept_file_storage.json`, `concept_seed_universal.json` or both. A file named
    /// `concept_file_storage.json` takes the other one beside it along; any other file stands alone. A damaged file
    /// spoils its place. When a place that was asked for (1, 2) or holds a damaged file is passed over,
    /// [`describe`](Self::describe) and the log say so.
    ///
    /// # Errors
    /// [`Database`](ErrorKind::Database) when no place has a database; the message and the field `places` list
    /// every path tried with its reason.
    pub fn open(config: &Config) -> Result<Database> {
        Self::open_in(config, std::env::var_os(VARIABLE), folders())
    }

    pub(super) fn open_in(
        config: &Config,
        variable: Option<OsString>,
        folders: Vec<(Tier, PathBuf)>,
    ) -> Result<Database> {
        let mut search = Search::new(Limits::of(config));
        let setting = Some(&config.database_path).filter(|path| !path.is_empty());
        let variable = variable.filter(|path| !path.is_empty());
        let named = [
            (Tier::Config, setting.map(OsString::from)),
            (Tier::Environment, variable),
        ];
        for (tier, path) in named {
            if let Some(content) = path.and_then(|path| search.named(tier, Path::new(&path))) {
                return Ok(search.finish(tier, content));
            }
        }
        for (tier, folder) in folders {
            if let Some(content) = search.folder(tier, &folder) {
                return Ok(search.finish(tier, content));
            }
        }
        if config.database_require_external {
            return Err(search
                .error("; the compiled-in concepts are turned off by database.require_external"));
        }
        let content = Self::builtin().layers.opened().clone();
        search.loaded(
            Tier::Builtin,
            "compiled in",
            content.image.concepts().into(),
        );
        Ok(Database {
            layers: Layers::new(content),
            origin: Tier::Builtin.name(),
            places: search.places,
            notes: search.notes,
        })
    }

    /// Opens the database at `path`, a file or a folder as in [`open`](Self::open), and nowhere else.
    ///
    /// # Errors
    /// [`Database`](ErrorKind::Database), with the reason in the field `places`.
    pub fn open_path(path: &Path) -> Result<Database> {
        let mut search = Search::new(Limits::of(&Config::new()));
        match search.named(Tier::File, path) {
            Some(content) => Ok(search.finish(Tier::File, content)),
            None => Err(search.error("")),
        }
    }

    /// Reads a database from the bytes of a JSON file; messages call it `origin`.
    ///
    /// # Errors
    /// [`Database`](ErrorKind::Database), with the reason in the field `places`.
    pub fn from_json(json: impl AsRef<[u8]>, origin: &str) -> Result<Database> {
        let json = json.as_ref();
        let mut builder = Builder::new(Limits::of(&Config::new()).keys);
        let content = builder
            .read(json, origin, Part::Main)
            .and_then(|_| builder.finish());
        Self::in_memory(content, origin)
    }

    /// A database from the bytes of a file, compiled or JSON, as they are told apart by their beginning. A compiled
    /// one is copied and verified. Messages call it `origin`.
    ///
    /// # Errors
    /// [`Database`](ErrorKind::Database), with the reason in the field `places`.
    pub fn from_bytes(bytes: impl AsRef<[u8]>, origin: &str) -> Result<Database> {
        let bytes = bytes.as_ref();
        match bytes.starts_with(&MAGIC) {
            true => Self::in_memory(Image::copy(bytes).map(Content::of), origin),
            false => Self::from_json(bytes, origin),
        }
    }

    fn in_memory(content: Result<Content, Failure>, origin: &str) -> Result<Database> {
        match content {
            Ok(content) => Ok(Database {
                places: vec![
                    json!({"tier": "memory", "path": origin, "outcome": "loaded", "concepts": content.image.concepts()}),
                ],
                layers: Layers::new(Arc::new(content)),
                origin: "memory",
                notes: Vec::new(),
            }),
            Err(failure) => {
                let mut place = failure.to_json();
                place.insert("tier".into(), "memory".into());
                place.insert("path".into(), origin.into());
                Err(none_loaded(vec![place.into()], ""))
            }
        }
    }

    /// The database compiled into the library, read once per process and shared.
    ///
    /// No lock is held while it is read: threads that come first at the same moment each read it and one result
    /// is kept, so a process forked in that moment can still read it.
    pub fn builtin() -> Arc<Database> {
        static BUILTIN: OnceBox<Arc<Database>> = OnceBox::new();
        let read = || {
            let image = compiled_in().unwrap_or_else(|_| Image::empty());
            let concepts = image.concepts();
            let content = Arc::new(Content::of(image));
            Box::new(Arc::new(Database {
                layers: Layers::new(content),
                origin: Tier::Builtin.name(),
                places: vec![
                    json!({"tier": "builtin", "path": "compiled in", "outcome": "loaded", "concepts": concepts}),
                ],
                notes: Vec::new(),
            }))
        };
        BUILTIN.get_or_init(read).clone()
    }
}
