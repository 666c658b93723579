//! The concept database, on its own.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::config::tori_config;
use super::error::tori_error;
use super::guard::{
    Out, Sized32, argument, borrowed, checked, fill, free, release, share, shared_again, status,
    store_len, value,
};
use super::strings::{NUL_TERMINATED, bytes, c_string, path, text};
use super::tori_status;
use crate::config::Config;
use crate::database::{Database, Mention, Relation};
use crate::error::Error;
use crate::pool;
use crate::store::Store;

/// Most sources of one compilation: a larger number is a mistake.
const SOURCES: usize = 1 << 20;

/// A concept database. Used by any number of threads at once: each call sees it as it is at one moment, and who
/// changes it disturbs nobody who reads it.
pub struct tori_database {
    pub(super) store: Arc<Store>,
    /// What was told of it, by the number of changes it had then: the caller may still read it.
    json: Mutex<HashMap<u64, CString>>,
}

impl tori_database {
    pub(super) fn shared(store: Arc<Store>) -> *mut Self {
        share(tori_database {
            store,
            json: Mutex::default(),
        })
    }

    fn opened(database: Database) -> *mut Self {
        Self::shared(Arc::new(Store::new(database)))
    }
}

/// The mentions of database concepts in one text. Never changes; used by any number of threads at once.
pub struct tori_tags {
    database: Arc<Database>,
    mentions: Vec<Mention>,
    /// One for each concept mentioned, by its index.
    labels: HashMap<u32, CString>,
}

/// One mention of a database concept in a text. Pointers in it are borrowed from the tags.
#[repr(C)]
pub struct tori_tag {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The database's number for the concept.
    pub concept_id: u64,
    /// First byte of the mention in the text, from 0.
    pub start: u64,
    /// The byte after the last one.
    pub end: u64,
    /// The concept's name, UTF-8, NUL-terminated; not always the words of the text.
    pub label: *const c_char,
    /// Length of the label in bytes.
    pub label_len: usize,
}

// SAFETY: repr(C), struct_size is the first field, and all fields are numbers and pointers.
unsafe impl Sized32 for tori_tag {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

/// For tori_database_related: the others are broader, as science is to physics.
pub const TORI_RELATION_BROADER: u32 = 1;
/// For tori_database_related: the others are narrower, as optics is to physics.
pub const TORI_RELATION_NARROWER: u32 = 2;

/// Opens the database that the settings (NULL: all defaults) lead to: database.path, then the environment
/// variable TORI_CONCEPT_DB, then beside the shared library, then data/ in the working directory, then the one
/// compiled into the library. The caller frees it with tori_database_free. TORI_E_DATABASE lists every path
/// tried with the reason it failed. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_open(
    c: *const tori_config,
    out: *mut *mut tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let default = Config::new();
            let config = c.as_ref().map_or(&default, |c| &c.config);
            out.set(tori_database::opened(Database::open(config)?));
            Ok(())
        })
    }
}

/// Opens the concept file at path, or the folder of concept files, and nothing else. Otherwise as
/// tori_database_open. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_open_path(
    path: *const c_char,
    out: *mut *mut tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let path = self::path(path, "path")?;
            out.set(tori_database::opened(Database::open_path(&path)?));
            Ok(())
        })
    }
}

/// Opens the database in len bytes of data, JSON or compiled, which are told apart by their beginning; origin (NULL: "bytes")
/// is what messages call it. A compiled one is copied and verified: the caller may change or free the bytes
/// afterwards. Otherwise as tori_database_open_path. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_open_bytes(
    data: *const c_void,
    len: usize,
    origin: *const c_char,
    out: *mut *mut tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let bytes = bytes(data.cast(), len, "data")?;
            let origin = match origin.is_null() {
                true => "bytes",
                false => text(origin, NUL_TERMINATED, "origin")?,
            };
            let database = Database::from_bytes(bytes, origin)?;
            out.set(tori_database::opened(database));
            Ok(())
        })
    }
}

/// Compiles count source files into the file at target, which tori_database_open_path and the setting database.path
/// take like any other and open without reading it. Sources are .json, .jsonl or .ndjson (one entry a line), .csv
/// and .tsv (a header line names the fields, names in a list are separated by '|'), and SKOS in .ttl, .nt, .rdf, .owl and .xml; they are read as streams, in order; of
/// entries with one name the first keeps its fields and gets the aliases of the others. The target is replaced when
/// the new file is on the disk, whole at any moment; processes that have the old one open keep it. out (may be NULL)
/// receives the new database, whose JSON tells what was loaded, merged and skipped, and why. TORI_E_DATABASE names
/// the file, line and entry where a source cannot be used, TORI_E_IO why the target cannot be written,
/// TORI_E_BUSY that somebody else is writing it. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_compile(
    sources: *const *const c_char,
    count: usize,
    target: *const c_char,
    out: *mut *mut tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { tori_database_compile_with(ptr::null(), sources, count, target, out, err) }
}

/// As tori_database_compile, with settings (NULL: all defaults), of which database.diacritics and database.language count here. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_compile_with(
    c: *const tori_config,
    sources: *const *const c_char,
    count: usize,
    target: *const c_char,
    out: *mut *mut tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            let list = match (sources.is_null(), count) {
                (true, _) => return Err(argument("sources is NULL")),
                (_, SOURCES..) => {
                    return Err(argument(format!(
                        "count is {count}, at most {SOURCES} are taken"
                    )));
                }
                _ => std::slice::from_raw_parts(sources, count),
            };
            let sources = list
                .iter()
                .map(|source| path(*source, "a source"))
                .collect::<Result<Vec<_>, _>>()?;
            let target = path(target, "target")?;
            let default = Config::new();
            let config = c.as_ref().map_or(&default, |c| &c.config);
            let database = Database::compile_with(config, &sources, &target, &mut |_| ())?;
            if out.check().is_ok() {
                out.set(tori_database::opened(database));
            }
            Ok(())
        })
    }
}

/// Reads the whole of a database that was opened from a compiled file, and checks it: opening reads the header
/// alone. TORI_E_DATABASE when the file is damaged; such a file makes wrong answers, and does no other harm. A file
/// that others may change is opened with the setting database.copy or tori_database_open_bytes, which verify:
/// when a file is cut off under a process that has it open, the system ends the process with SIGBUS. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_verify(
    d: *const tori_database,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { checked(err, || borrowed(d, "database")?.store.snapshot().verify()) }
}

/// Number of concepts; 0 for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_count(d: *const tori_database) -> usize {
    // SAFETY: the caller hands in NULL or a live database.
    value(0, || {
        Ok(unsafe { borrowed(d, "database") }?.store.snapshot().len())
    })
}

/// Where the database came from and what is in it at this moment, as a JSON object: origin, every place tried and what
/// came of it, counts, warnings. len (may be NULL) receives the length in bytes. UTF-8; borrowed from the database, where
/// it stays as it is when the database changes; NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_json(
    d: *const tori_database,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller hands in NULL or a valid place for the length.
    unsafe { store_len(len, 0) };
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live database.
        let d = unsafe { borrowed(d, "database") }?;
        let database = d.store.snapshot();
        let described = c_string(database.describe().to_string());
        let (json, bytes) = pool::apart_from_forks(|| {
            let mut told = d.json.lock().unwrap_or_else(PoisonError::into_inner);
            let json = told.entry(database.changes()).or_insert(described);
            // What it points to stays where it is when the map grows.
            (json.as_ptr(), json.count_bytes())
        });
        // SAFETY: as above.
        unsafe { store_len(len, bytes) };
        Ok(json)
    })
}

/// Finds the concept of a name or alias, of len bytes or with TORI_NUL_TERMINATED, in any casing, and stores
/// its number. TORI_E_ARGUMENT when there is none. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_find(
    d: *const tori_database,
    name: *const c_char,
    len: usize,
    concept_id: *mut u64,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
        let (d, name) = unsafe { (borrowed(d, "database")?, text(name, len, "name")?) };
        if concept_id.is_null() {
            return Err(argument("concept_id is NULL"));
        }
        let database = d.store.snapshot();
        let index = database.find(name);
        let id = index.and_then(|index| database.concept_id(index));
        let id = id.ok_or_else(|| argument(format!("the database has no concept \"{name}\"")))?;
        // SAFETY: not null, so valid for writing by the caller's word.
        unsafe { concept_id.write(id) };
        Ok(())
    })
}

/// Writes the concept with a number, as a JSON object with id, name, aliases, category, priority,
/// boost_multiplier, exact, broader and narrower (names, as tori_database_related tells the concepts), into buffer: at most
/// capacity bytes with the NUL, UTF-8. len (may be NULL) receives the length
/// in bytes of the whole object without the NUL. TORI_E_ARGUMENT when there is no such concept, TORI_E_LIMIT when
/// it does not fit, in which case nothing is written; a capacity of 0 with a buffer of NULL asks for the length.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_concept(
    d: *const tori_database,
    concept_id: u64,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> tori_status {
    // SAFETY: the caller hands in NULL or a valid place for the length.
    unsafe { store_len(len, 0) };
    status(|| {
        // SAFETY: the caller hands in NULL or a live database.
        let database = unsafe { borrowed(d, "database") }?.store.snapshot();
        let index = numbered(&database, concept_id)?;
        let concept = database.concept(index).ok_or_else(|| none(concept_id))?;
        let names = |relation| {
            let related = database.related(index, relation).into_iter();
            Vec::from_iter(related.filter_map(|other| database.name(other)))
        };
        let json = c_string(
            json!({
                "id": concept_id, "name": concept.name, "aliases": concept.aliases,
                "category": concept.category, "priority": concept.priority,
                "boost_multiplier": concept.boost_multiplier, "exact": concept.exact,
                "broader": names(Relation::Broader), "narrower": names(Relation::Narrower),
            })
            .to_string(),
        );
        let json = json.as_bytes_with_nul();
        // SAFETY: as above.
        unsafe { store_len(len, json.len() - 1) };
        // SAFETY: the caller hands in NULL or a buffer with room for capacity bytes.
        unsafe { hand_out(json, "bytes", buffer.cast(), "buffer", capacity) }
    })
}

/// Writes all of `items` to a place of the caller's with room for `capacity` of them, or nothing.
///
/// # Safety
/// The place is NULL or has that room.
unsafe fn hand_out<T: Copy>(
    items: &[T],
    unit: &'static str,
    place: *mut T,
    name: &str,
    capacity: usize,
) -> Result<(), Error> {
    if place.is_null() && capacity > 0 {
        return Err(argument(format!("{name} is NULL")));
    }
    if items.len() > capacity {
        let (found, limit) = (items.len() as u64, capacity as u64);
        return Err(Error::limit("capacity", found, limit, unit));
    }
    if !place.is_null() {
        // SAFETY: not NULL, and there is room for that many by the caller's word.
        unsafe { ptr::copy_nonoverlapping(items.as_ptr(), place, items.len()) };
    }
    Ok(())
}

fn none(concept_id: u64) -> Error {
    argument(format!("the database has no concept {concept_id}"))
}

/// The index of the concept with a number.
fn numbered(database: &Database, concept_id: u64) -> Result<u32, Error> {
    database.by_id(concept_id).ok_or_else(|| none(concept_id))
}

/// Writes the numbers of the concepts that are broader or narrower (relation: TORI_RELATION_BROADER or
/// TORI_RELATION_NARROWER) than the one with a number into ids, at most capacity of them: those that its entry says are,
/// and those whose entries say it of it, in the order of the database; one step, not what is broader than those. Circles
/// are possible. count (may be NULL) receives the number of all. TORI_E_ARGUMENT when there is no such concept or
/// relation, TORI_E_LIMIT when they do not fit, in which case nothing is written; a capacity of 0 with ids of NULL asks for
/// the number. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_related(
    d: *const tori_database,
    concept_id: u64,
    relation: u32,
    ids: *mut u64,
    capacity: usize,
    count: *mut usize,
) -> tori_status {
    // SAFETY: the caller hands in NULL or a valid place for the number.
    unsafe { store_len(count, 0) };
    status(|| {
        // SAFETY: the caller hands in NULL or a live database.
        let database = unsafe { borrowed(d, "database") }?.store.snapshot();
        let relation = match relation {
            TORI_RELATION_BROADER => Relation::Broader,
            TORI_RELATION_NARROWER => Relation::Narrower,
            other => {
                return Err(argument(format!(
                    "relation is {other}, must be TORI_RELATION_BROADER or TORI_RELATION_NARROWER"
                )));
            }
        };
        let related = database.related(numbered(&database, concept_id)?, relation);
        let related = related
            .into_iter()
            .filter_map(|index| database.concept_id(index));
        let related: Vec<u64> = related.collect();
        // SAFETY: as above.
        unsafe { store_len(count, related.len()) };
        // SAFETY: the caller hands in NULL or a place with room for capacity numbers.
        unsafe { hand_out(&related, "concepts", ids, "ids", capacity) }
    })
}

/// Puts concepts in, given as JSON of len bytes or with TORI_NUL_TERMINATED: one entry of a source, a list of them, or a whole
/// source. Each takes the place of the concept of the same name, with all its fields, or comes behind all others.
/// concept_id (may be NULL) receives the number of the first. When one cannot be used nothing is changed, and
/// TORI_E_ARGUMENT names the entry and the field. Takes time with the concepts put in now and before, not with the size
/// of the database; several at once are cheaper than one by one. Engines that have the database see the change in
/// documents that begin later; calls in flight, tags and results keep what they began with. Nothing is written to a
/// file: see tori_database_save. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_upsert(
    d: *mut tori_database,
    json: *const c_char,
    len: usize,
    concept_id: *mut u64,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        checked(err, || {
            let (d, json) = (borrowed(d, "database")?, text(json, len, "json")?);
            let first = d.store.upsert_json(json)?;
            if !concept_id.is_null() {
                concept_id.write(first.unwrap_or(0));
            }
            Ok(())
        })
    }
}

/// Takes out the concept with a number. TORI_E_ARGUMENT when there is none. Otherwise as tori_database_upsert. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_remove(
    d: *mut tori_database,
    concept_id: u64,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { checked(err, || borrowed(d, "database")?.store.remove(concept_id)) }
}

/// Takes out the concept of a name, of len bytes or with TORI_NUL_TERMINATED, in any casing; an alias does not do.
/// TORI_E_ARGUMENT when there is none. Otherwise as tori_database_upsert. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_remove_named(
    d: *mut tori_database,
    name: *const c_char,
    len: usize,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        checked(err, || {
            let (d, name) = (borrowed(d, "database")?, text(name, len, "name")?);
            d.store.remove_named(name)
        })
    }
}

/// Writes the database as it is at this moment into the file at target, which opens like one of tori_database_compile, and
/// is replaced in the same way: when the new file is on the disk, whole at any moment. All that was put in and taken out by
/// calls that returned before this one began is in it when it returns TORI_OK. The database goes on from
/// where it came from; target may be that file. TORI_E_IO why the target cannot be written, TORI_E_BUSY that somebody
/// else is writing it, TORI_E_DATABASE that the file the database came from is damaged. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_save(
    d: *const tori_database,
    target: *const c_char,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        checked(err, || {
            let (d, target) = (borrowed(d, "database")?, path(target, "target")?);
            d.store.save(&target)
        })
    }
}

/// Finds every mention of a database concept in a text, UTF-8 of len bytes or with TORI_NUL_TERMINATED: whole
/// words, in any casing, across line breaks, the leftmost and longest of those that overlap. The caller frees
/// the tags with tori_tags_free. Runs on the calling thread. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_tag(
    d: *const tori_database,
    text: *const c_char,
    len: usize,
    out: *mut *mut tori_tags,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { tags(d, text, len, Database::tag, out, err) }
}

/// Finds every place in a text where a name or alias of the database stands, overlapping or not, and every concept
/// that has it, at most 1,000 of one name; by their beginnings, the shorter first. Otherwise as tori_database_tag.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_tag_all(
    d: *const tori_database,
    text: *const c_char,
    len: usize,
    out: *mut *mut tori_tags,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { tags(d, text, len, Database::tag_all, out, err) }
}

/// The tags that `find` finds in a text.
///
/// # Safety
/// Pointers are NULL or valid.
unsafe fn tags(
    d: *const tori_database,
    text: *const c_char,
    len: usize,
    find: fn(&Database, &str) -> Vec<Mention>,
    out: *mut *mut tori_tags,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let (d, text) = (borrowed(d, "database")?, self::text(text, len, "text")?);
            let database = d.store.snapshot();
            let mentions = find(&database, text);
            let mut labels = HashMap::new();
            for mention in &mentions {
                labels.entry(mention.concept).or_insert_with(|| {
                    c_string(database.name(mention.concept).unwrap_or_default())
                });
            }
            out.set(Box::into_raw(Box::new(tori_tags {
                database,
                mentions,
                labels,
            })));
            Ok(())
        })
    }
}

/// Number of mentions; 0 for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_tags_count(t: *const tori_tags) -> usize {
    // SAFETY: the caller hands in NULL or live tags.
    value(0, || Ok(unsafe { borrowed(t, "tags") }?.mentions.len()))
}

/// Fills out with mention number index, from 0, in the order of the text. The caller sets out->struct_size
/// before. TORI_E_ARGUMENT when there is no such mention, TORI_E_ABI when struct_size is not set. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_tags_get(
    t: *const tori_tags,
    index: usize,
    out: *mut tori_tag,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or live tags.
        let t = unsafe { borrowed(t, "tags") }?;
        let mention = t.mentions.get(index).ok_or_else(|| {
            argument(format!(
                "tag {index} is out of range: there are {}",
                t.mentions.len()
            ))
        })?;
        let label = t
            .labels
            .get(&mention.concept)
            .map_or(c"", CString::as_c_str);
        let filled = tori_tag {
            struct_size: 0,
            reserved: 0,
            concept_id: t.database.concept_id(mention.concept).unwrap_or(0),
            start: mention.range.start as u64,
            end: mention.range.end as u64,
            label: label.as_ptr(),
            label_len: label.count_bytes(),
        };
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe { fill(out, filled) }
    })
}

/// Frees tags; NULL is fine. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_tags_free(t: *mut tori_tags) {
    // SAFETY: the caller hands in NULL or its own tags, and does not use them again.
    unsafe { free(t) };
}

/// One more reference to the same database, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_ref(d: *mut tori_database) -> *mut tori_database {
    // SAFETY: the caller hands in NULL or a live database.
    unsafe { shared_again(d) }
}

/// Frees one reference to a database; NULL is fine. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_database_free(d: *mut tori_database) {
    // SAFETY: the caller hands in NULL or its own reference, and does not use it again.
    unsafe { release(d) };
}
