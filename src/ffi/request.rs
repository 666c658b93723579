//! Requests, and running them.

use std::ffi::{c_char, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

use super::engine::{engine_or_shared, tori_engine};
use super::error::tori_error;
use super::guard::{
    Out, argument, borrowed, borrowed_mut, checked, free, release, share, status, value,
};
use super::hooks::{ProgressCallback, UserData};
use super::job::tori_job;
use super::queue::tori_queue;
use super::result::tori_result;
use super::strings::{NUL_TERMINATED, bytes, path, text};
use super::{tori_done_fn, tori_drop_fn, tori_progress_fn, tori_status};
use crate::engine::Request;
use crate::error::Result;
use crate::job::{DoneFn, Job};
use crate::queue::Queue;

/// One document to take in, with settings and a progress callback of its own. Filled by one thread at a time;
/// may then be ingested any number of times, by several threads at once.
pub struct tori_request {
    document: Option<Document>,
    name: Option<String>,
    settings: Vec<(String, String)>,
    progress: Option<Arc<ProgressCallback>>,
    done: Option<Arc<DoneCallback>>,
    queue: Option<Queue>,
    tag: Tag,
}

enum Document {
    Path(PathBuf),
    Bytes(Arc<dyn AsRef<[u8]> + Send + Sync>),
    Text(Arc<str>),
}

/// Bytes of the host's, lent until they are let go.
struct Lent {
    data: *const u8,
    len: usize,
    _let_go: UserData,
}

// SAFETY: the bytes do not change while they are lent, as the header says, and are only read here.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        match self.len {
            0 => &[],
            // SAFETY: the pointer is not null when the length is not 0, and the host has lent as many bytes.
            len => unsafe { std::slice::from_raw_parts(self.data, len) },
        }
    }
}

/// A host's completion callback.
struct DoneCallback {
    function: unsafe extern "C" fn(*mut c_void, *mut tori_job),
    user_data: UserData,
}

impl DoneCallback {
    fn call(&self, job: &Job) {
        let handle = share(tori_job::new(job.clone()));
        // SAFETY: the host gave this function for this pointer; the handle lives until it returns.
        unsafe {
            (self.function)(self.user_data.pointer, handle);
            release(handle);
        }
    }
}

/// The host's pointer, carried and never followed.
#[derive(Clone, Copy)]
pub(super) struct Tag(pub(super) *const c_void);

// SAFETY: the pointer is handed back to the host as it came; the library never reads through it.
unsafe impl Send for Tag {}
// SAFETY: as above.
unsafe impl Sync for Tag {}

impl tori_request {
    /// The request as the engine takes it: a view of this one, or one of its own.
    pub(super) fn complete(&self) -> Result<Request<'static>> {
        let mut request = match &self.document {
            Some(Document::Path(path)) => Request::path(path),
            Some(Document::Bytes(bytes)) => Request::shared(Arc::clone(bytes)),
            Some(Document::Text(text)) => Request::shared_text(Arc::clone(text)),
            None => {
                return Err(argument(
                    "the request has no document: give it a path, bytes or text",
                ));
            }
        };
        if let Some(name) = &self.name {
            request = request.named(name);
        }
        for (key, value) in &self.settings {
            request.set(key, value)?;
        }
        let progress = self
            .progress
            .as_ref()
            .map(|callback| callback.tagged(self.tag));
        request.set_progress(progress);
        request.set_done(self.done.as_ref().map(|callback| {
            let callback = Arc::clone(callback);
            Arc::new(move |job: &Job| callback.call(job)) as Arc<DoneFn>
        }));
        request.set_queue(self.queue.clone());
        request.set_tag(Some(Arc::new(self.tag)));
        Ok(request)
    }
}

/// An empty request. The caller frees it with tori_request_free. NULL only when memory is out. Any thread.
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_request_new() -> *mut tori_request {
    value(ptr::null_mut(), || {
        let request = tori_request {
            document: None,
            name: None,
            settings: Vec::new(),
            progress: None,
            done: None,
            queue: None,
            tag: Tag(ptr::null()),
        };
        Ok(Box::into_raw(Box::new(request)))
    })
}

/// The document is the file at path, a C string in the file system's encoding. The file is opened when the
/// request is ingested. Replaces any document given before. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_path(
    r: *mut tori_request,
    path: *const c_char,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
        let (r, path) = unsafe { (borrowed_mut(r, "request")?, self::path(path, "path")?) };
        r.document = Some(Document::Path(path));
        Ok(())
    })
}

/// The document is these len bytes, of any supported kind; they are copied. Replaces any document given before.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_bytes(
    r: *mut tori_request,
    data: *const c_void,
    len: usize,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
        let (r, data) = unsafe {
            (
                borrowed_mut(r, "request")?,
                bytes(data.cast(), len, "data")?,
            )
        };
        let mut copy = Vec::new();
        copy.try_reserve_exact(data.len())
            .map_err(|_| argument(format!("there is no memory for a copy of {len} bytes")))?;
        copy.extend_from_slice(data);
        r.document = Some(Document::Bytes(Arc::new(copy)));
        Ok(())
    })
}

/// The document is these len bytes, which are not copied: they must stay, unchanged, until drop is called with
/// drop_data (drop may be NULL for bytes that stay for ever). That happens once, on any thread, when the request no
/// longer needs them and every job and call made from it has ended. When the call fails, drop is not called.
/// Replaces any document given before. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_bytes_static(
    r: *mut tori_request,
    data: *const c_void,
    len: usize,
    drop: tori_drop_fn,
    drop_data: *mut c_void,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says.
        let (r, data) = unsafe {
            (
                borrowed_mut(r, "request")?,
                bytes(data.cast(), len, "data")?,
            )
        };
        r.document = Some(Document::Bytes(Arc::new(Lent {
            data: data.as_ptr(),
            len: data.len(),
            _let_go: UserData {
                pointer: drop_data,
                drop,
            },
        })));
        Ok(())
    })
}

/// The document is this text or Markdown, UTF-8, of len bytes or with TORI_NUL_TERMINATED; it is copied.
/// TORI_E_ARGUMENT when it is not UTF-8. Replaces any document given before. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_text(
    r: *mut tori_request,
    text: *const c_char,
    len: usize,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
        let (r, text) = unsafe { (borrowed_mut(r, "request")?, self::text(text, len, "text")?) };
        r.document = Some(Document::Text(text.into()));
        Ok(())
    })
}

/// Names a document in memory, for the report and for errors: UTF-8, len bytes or with TORI_NUL_TERMINATED; copied.
/// One of length 0 takes the name away. Documents in files keep the names of their files. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_name(
    r: *mut tori_request,
    name: *const c_char,
    len: usize,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
        let (r, name) = unsafe { (borrowed_mut(r, "request")?, self::text(name, len, "name")?) };
        if let Some(offset) = name.find('\0') {
            return Err(argument(format!("name has a NUL at offset {offset}")));
        }
        r.name = (!name.is_empty()).then(|| name.to_owned());
        Ok(())
    })
}

/// Overrides a setting of the engine for this request; arguments as tori_config_set. Settings that begin with
/// "database." belong to the engine and are refused. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_set(
    r: *mut tori_request,
    key: *const c_char,
    value: *const c_char,
    len: usize,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        checked(err, || {
            let r = borrowed_mut(r, "request")?;
            let (key, value) = (
                text(key, NUL_TERMINATED, "key")?,
                text(value, len, "value")?,
            );
            Request::text("").set(key, value)?;
            r.settings.push((key.to_owned(), value.to_owned()));
            Ok(())
        })
    }
}

/// A pointer of the caller's that comes back in the request's progress events; never followed. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_tag(r: *mut tori_request, tag: *const c_void) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live request for this call alone.
        unsafe { borrowed_mut(r, "request") }?.tag = Tag(tag);
        Ok(())
    })
}

/// The progress callback of this request, in place of the engine's and the process's; fn NULL takes it away.
/// drop (may be NULL) is called with user_data once, when the request no longer needs it. When the call fails,
/// drop is not called. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_progress(
    r: *mut tori_request,
    r#fn: tori_progress_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live request for this call alone.
        let r = unsafe { borrowed_mut(r, "request") }?;
        r.progress = ProgressCallback::new(r#fn, user_data, drop).map(Arc::new);
        Ok(())
    })
}

/// What is called when a job made from this request has ended, before its queue is told; fn NULL takes it away. drop (may be NULL) is called
/// with user_data once, when neither the request nor a job made from it needs it any more. When the call fails,
/// drop is not called. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_done(
    r: *mut tori_request,
    r#fn: tori_done_fn,
    user_data: *mut c_void,
    drop: tori_drop_fn,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live request for this call alone.
        let r = unsafe { borrowed_mut(r, "request") }?;
        let user_data = UserData {
            pointer: user_data,
            drop,
        };
        r.done = r#fn.map(|function| {
            Arc::new(DoneCallback {
                function,
                user_data,
            })
        });
        Ok(())
    })
}

/// Where the events of jobs made from this request go; NULL takes it away. The request and its jobs hold
/// references of their own. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_queue(
    r: *mut tori_request,
    q: *mut tori_queue,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or live handles of the types the header says.
        let (r, q) = unsafe { (borrowed_mut(r, "request")?, q.as_ref()) };
        r.queue = q.map(|q| q.queue.clone());
        Ok(())
    })
}

/// Frees a request; NULL is fine. Jobs made from it go on. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_request_free(r: *mut tori_request) {
    // SAFETY: the caller hands in NULL or its own request, and does not use it again.
    unsafe { free(r) };
}

/// Runs `request` and stores what comes of it.
///
/// # Safety
/// `e` is null or a live engine; `out` and `err` are null or valid for writing.
unsafe fn run<'a>(
    e: *const tori_engine,
    request: impl FnOnce() -> Result<Request<'a>>,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: this function's contract is the one of what it calls.
    unsafe {
        let out = Out::new(out);
        checked(err, || {
            out.check()?;
            let request = request()?;
            let report = engine_or_shared(e)?.ingest(&request)?;
            out.set(share(tori_result::new(report)));
            Ok(())
        })
    }
}

/// Takes the file at path through the whole pipeline and waits for it. e NULL uses the process's default
/// engine, made once with default settings. The result is freed with tori_result_free. The calling thread
/// waits, with any stack of 64 KiB or more; the work is done by the library's threads. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_ingest_path(
    e: *const tori_engine,
    path: *const c_char,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { run(e, || Ok(Request::path(self::path(path, "path")?)), out, err) }
}

/// As tori_ingest_path, for a document of len bytes in memory, which is not copied and must stay unchanged
/// until the call returns. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_ingest_bytes(
    e: *const tori_engine,
    data: *const c_void,
    len: usize,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        run(
            e,
            || Ok(Request::bytes(bytes(data.cast(), len, "data")?)),
            out,
            err,
        )
    }
}

/// As tori_ingest_bytes, for plain text or Markdown: UTF-8 of len bytes or with TORI_NUL_TERMINATED. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_ingest_text(
    e: *const tori_engine,
    text: *const c_char,
    len: usize,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe {
        run(
            e,
            || Ok(Request::text(self::text(text, len, "text")?)),
            out,
            err,
        )
    }
}

/// Runs a request and waits for it; otherwise as tori_ingest_path. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_ingest(
    e: *const tori_engine,
    r: *const tori_request,
    out: *mut *mut tori_result,
    err: *mut *mut tori_error,
) -> tori_status {
    // SAFETY: the caller hands in NULL or valid pointers of the types the header says, for this call alone.
    unsafe { run(e, || borrowed(r, "request")?.complete(), out, err) }
}
