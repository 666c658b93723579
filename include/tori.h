/* tori.h - turn documents into ranked concepts. Written by cbindgen from src/ffi; do not edit.
 *
 * Rules
 *  - Only handles are freed, each by its own _free; every other pointer is borrowed and lives as long as the
 *    handle it came from. _free(NULL) is fine. _free in any order; reference counts keep what is still needed.
 *  - const T* may be used by many threads at once, T* by one at a time. Always safe: _ref, _free of a reference
 *    of your own, and setting callbacks. Inside a callback everything may be called except tori_shutdown, which
 *    answers TORI_E_BUSY.
 *  - Strings in: pointer and length, TORI_NUL_TERMINATED for C strings; UTF-8, checked. Strings out: UTF-8,
 *    NUL-terminated.
 *  - *out and *err are set to NULL on entry. err may be NULL. An error belongs to whoever asked for it; there is
 *    no last error of a thread.
 *  - Structs begin with struct_size: set by the caller for what the library fills, by the library for what
 *    callbacks get.
 *  - Progress callbacks are looked up in the request, then the engine, then the process: the first found is
 *    called, it alone.
 *  - Levels: simple (tori_ingest_path: one call), explicit (engine and request), advanced (jobs and queues).
 *  - After fork() a child may go on using every handle and gets worker threads of its own; jobs of the parent that
 *    had not ended, and queues of the parent, answer TORI_E_FORKED.
 */

#ifndef TORI_H
#define TORI_H

#include <stddef.h>
#include <stdint.h>

#if defined(TORI_STATIC)
#  define TORI_API
#elif defined(_WIN32)
#  define TORI_API __declspec(dllimport)
#elif defined(__GNUC__)
#  define TORI_API __attribute__((visibility("default")))
#else
#  define TORI_API
#endif

/* The version of this header; tori_version() tells the library's. */
#define TORI_VERSION_MAJOR 0
#define TORI_VERSION_MINOR 1
#define TORI_VERSION_PATCH 0
#define TORI_VERSION_NUMBER (TORI_VERSION_MAJOR * 1000000 + TORI_VERSION_MINOR * 1000 + TORI_VERSION_PATCH)

/* As the length of a string: it ends at its NUL. */
#define TORI_NUL_TERMINATED ((size_t)-1)
/* As a time in milliseconds: no limit. */
#define TORI_WAIT_FOREVER ((int64_t)-1)


/**
 * Version of the binary interface. Raised only when a program compiled against an older header would break.
 */
#define TORI_ABI 1

/**
 * tori_queue_wake was called.
 */
#define TORI_EVENT_WAKE 1

/**
 * A job went on; several steps between two events are one.
 */
#define TORI_EVENT_PROGRESS 2

/**
 * A job has ended; the last event of the job.
 */
#define TORI_EVENT_DONE 3

/**
 * The concept was found by the statistics of the document alone.
 */
#define TORI_SOURCE_STATISTICAL 1

/**
 * The concept was found as one of the database alone.
 */
#define TORI_SOURCE_DATABASE 2

/**
 * The concept was found both ways.
 */
#define TORI_SOURCE_BOTH 3

/**
 * The document is a PDF.
 */
#define TORI_KIND_PDF 1

/**
 * The document is Markdown.
 */
#define TORI_KIND_MARKDOWN 2

/**
 * The document is plain text.
 */
#define TORI_KIND_TEXT 3

/**
 * The document is HTML.
 */
#define TORI_KIND_HTML 4

/**
 * The document is DOCX, of Word.
 */
#define TORI_KIND_DOCX 5

/**
 * For tori_database_related: the others are broader, as science is to physics.
 */
#define TORI_RELATION_BROADER 1

/**
 * For tori_database_related: the others are narrower, as optics is to physics.
 */
#define TORI_RELATION_NARROWER 2

/**
 * A set of settings. Used by one thread at a time.
 */
typedef struct tori_config tori_config;

/**
 * A concept database. Used by any number of threads at once: each call sees it as it is at one moment, and who
 * changes it disturbs nobody who reads it.
 */
typedef struct tori_database tori_database;

/**
 * Settings and a concept database, ready to take documents. Used by any number of threads at once.
 */
typedef struct tori_engine tori_engine;

/**
 * An error. Belongs to whoever asked for it, who frees it with tori_error_free; belongs to no thread.
 */
typedef struct tori_error tori_error;

/**
 * A document being worked on. Used by any number of threads at once.
 */
typedef struct tori_job tori_job;

/**
 * A completion queue. Used by any number of threads at once.
 */
typedef struct tori_queue tori_queue;

/**
 * One document to take in, with settings and a progress callback of its own. Filled by one thread at a time;
 * may then be ingested any number of times, by several threads at once.
 */
typedef struct tori_request tori_request;

/**
 * What was found in one document. Never changes; used by any number of threads at once.
 */
typedef struct tori_result tori_result;

/**
 * The mentions of database concepts in one text. Never changes; used by any number of threads at once.
 */
typedef struct tori_tags tori_tags;

/**
 * What a call came to: TORI_OK, or one of the TORI_E_ numbers, which are all negative. The numbers are never
 * reused.
 */
typedef int32_t tori_status;

/**
 * Called once when the library no longer needs user_data, on any thread.
 */
typedef void (*tori_drop_fn)(void *user_data);

/**
 * A progress event. Pointers in it are valid until the callback returns.
 */
typedef struct tori_progress {
  /**
   * Size of this struct, set by the library; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * 0 init, 1 document, 2 structure, 3 concepts, 4 database, 5 analysis, 6 pruning, 7 finalize, 8 complete.
   */
  int32_t stage;
  /**
   * 0 to 100; never lower than in the event before, 100 only on success.
   */
  uint32_t percent;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * The number of the job; 0 for a call that waits.
   */
  uint64_t job_id;
  /**
   * Units of the stage finished: pages or chunks.
   */
  uint64_t units_done;
  /**
   * Units of the stage in all; 0 when it has none.
   */
  uint64_t units_total;
  /**
   * The stage's name.
   */
  const char *stage_name;
  /**
   * What is being done, for people; UTF-8.
   */
  const char *message;
  /**
   * The request's tag; NULL when it has none.
   */
  const void *tag;
} tori_progress;

/**
 * Called with each progress event of a call, one at a time: on the thread that made the call when that waits
 * (tori_ingest), on a thread of the library for jobs (tori_submit). Returning
 * anything but 0, except at 100 percent, cancels the call, which then returns TORI_E_CANCELLED. May call every function of the library
 * but tori_shutdown. Must not throw.
 */
typedef int (*tori_progress_fn)(void *user_data, const struct tori_progress *progress);

/**
 * Called once for each job, when it has ended and before tori_job_wait returns, on any thread: one of the
 * library's, or the one that cancelled the job. job is borrowed until the callback returns; tori_job_ref keeps it.
 * May call every function of the library but tori_shutdown. Must not throw.
 */
typedef void (*tori_done_fn)(void *user_data, struct tori_job *job);

/**
 * What happened to a job.
 */
typedef struct tori_event {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * TORI_EVENT_WAKE, TORI_EVENT_PROGRESS or TORI_EVENT_DONE.
   */
  int32_t kind;
  /**
   * The job's number; 0 for TORI_EVENT_WAKE.
   */
  uint64_t job_id;
  /**
   * The request's tag; NULL when it has none.
   */
  const void *tag;
  /**
   * TORI_PENDING, or what the job ended with.
   */
  tori_status status;
  /**
   * The stage as in tori_progress.
   */
  int32_t stage;
  /**
   * 0 to 100.
   */
  uint32_t percent;
  /**
   * 0.
   */
  uint32_t reserved;
} tori_event;

/**
 * One concept of a result. Pointers in it are borrowed from the result.
 */
typedef struct tori_concept {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * Mentions in the text that was read.
   */
  uint32_t occurrences;
  /**
   * The probability that a reader would list it among the document's keyphrases, 0 to 1.
   */
  double score;
  /**
   * The score with the operators' weights on it, 0 to 1; concepts are in the order of this.
   */
  double quality;
  /**
   * The database's number for it; 0 for concepts not in the database.
   */
  uint64_t concept_id;
  /**
   * The concept's name, UTF-8, NUL-terminated.
   */
  const char *label;
  /**
   * Length of the label in bytes.
   */
  size_t label_len;
  /**
   * The database's category; "general" for concepts not in the database.
   */
  const char *category;
  /**
   * Name of the section that speaks most for it.
   */
  const char *section;
  /**
   * Page of the first mention, from 1.
   */
  uint32_t first_page;
  /**
   * TORI_SOURCE_STATISTICAL, TORI_SOURCE_DATABASE or TORI_SOURCE_BOTH.
   */
  uint32_t source;
  /**
   * The sections it occurs in: bit n stands for section n of tori_section_name.
   */
  uint32_t sections;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Number of mentions tori_result_span knows.
   */
  uint64_t span_count;
  /**
   * The form most used in the document, UTF-8, NUL-terminated: the label, or what the text calls a concept of the
   * database.
   */
  const char *form;
  /**
   * Length of the form in bytes.
   */
  size_t form_len;
  /**
   * With the setting report.explain, why it has its score: this and the effects of its factors add up to sum.
   */
  double base;
  /**
   * The sum that the score is made of; as base, 0 without report.explain.
   */
  double sum;
  /**
   * Number of factors tori_result_factor knows; 0 without report.explain.
   */
  uint64_t factor_count;
  /**
   * Number of acronyms tori_result_acronym knows: those that the document defines for it.
   */
  uint64_t acronym_count;
} tori_concept;

/**
 * Bytes of a document's text, start included, end not.
 */
typedef struct tori_span {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * First byte, from 0.
   */
  uint64_t start;
  /**
   * The byte after the last one.
   */
  uint64_t end;
} tori_span;

/**
 * What one aspect of a concept does to its score. Pointers in it are borrowed from the result.
 */
typedef struct tori_factor {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * What it adds to the sum: above 0 it lifts the score, below it sinks it.
   */
  double effect;
  /**
   * Name of the aspect, such as "title" or "count".
   */
  const char *aspect;
  /**
   * How the concept is in it, for people: "in the title", "named 14 times".
   */
  const char *words;
} tori_factor;

/**
 * Why a candidate is not among the concepts. Pointers in it are borrowed from the result.
 */
typedef struct tori_decision {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Its score; -1 when it names nothing and so has none.
   */
  double score;
  /**
   * Its quality; -1 when it has no score.
   */
  double quality;
  /**
   * Its usual form in the text, UTF-8, NUL-terminated.
   */
  const char *form;
  /**
   * Name of the reason, as in counts.dropped of the JSON.
   */
  const char *reason;
  /**
   * The reason for people, with what decided it.
   */
  const char *why;
  /**
   * The label of the concept it was dropped for; NULL where there is none.
   */
  const char *better;
} tori_decision;

/**
 * What was read, and how many concepts were left after each stage. Pointers in it are borrowed from the result.
 */
typedef struct tori_document {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * One of TORI_KIND_PDF and its like; told by the content.
   */
  uint32_t kind;
  /**
   * The file's name without folders; that of tori_request_name for documents in memory, or else "bytes" or "text".
   */
  const char *name;
  /**
   * SHA-256 of the input in lower-case hexadecimal.
   */
  const char *sha256;
  /**
   * The title in one line; NULL when there is none.
   */
  const char *title;
  /**
   * Size of the input in bytes.
   */
  uint64_t bytes;
  /**
   * Bytes of text; spans count in them.
   */
  uint64_t text_bytes;
  /**
   * Number of pages; 1 for inputs without pages.
   */
  uint64_t pages;
  /**
   * 1 when an abstract was found, else 0.
   */
  uint32_t abstract_found;
  /**
   * Number of warnings tori_result_warning knows.
   */
  uint32_t warning_count;
  /**
   * Candidates and database concepts before any filter.
   */
  uint64_t raw_count;
  /**
   * Left after the purity filter.
   */
  uint64_t pure_count;
  /**
   * Reported: tori_result_count.
   */
  uint64_t final_count;
  /**
   * Number of authors tori_result_author knows.
   */
  uint32_t author_count;
  /**
   * Number of keywords tori_result_keyword knows.
   */
  uint32_t keyword_count;
  /**
   * Number of decisions tori_result_decision knows; 0 without the setting report.explain.
   */
  uint64_t decision_count;
} tori_document;

/**
 * One mention of a database concept in a text. Pointers in it are borrowed from the tags.
 */
typedef struct tori_tag {
  /**
   * Size of this struct, set by the caller before the call; later versions append fields.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * The database's number for the concept.
   */
  uint64_t concept_id;
  /**
   * First byte of the mention in the text, from 0.
   */
  uint64_t start;
  /**
   * The byte after the last one.
   */
  uint64_t end;
  /**
   * The concept's name, UTF-8, NUL-terminated; not always the words of the text.
   */
  const char *label;
  /**
   * Length of the label in bytes.
   */
  size_t label_len;
} tori_tag;

/**
 * Called with each log message, from any thread, from several at once: level (1 error, 2 warning, 3 info,
 * 4 debug, 5 trace), where it comes from ("tori::database"), and the message with its length in bytes, both
 * UTF-8, NUL-terminated, valid until the callback returns. May call every function of the library but
 * tori_shutdown. Must not throw.
 */
typedef void (*tori_log_fn)(void *user_data,
                            int32_t level,
                            const char *target,
                            const char *message,
                            size_t len);

/**
 * The call did what it was asked to.
 */
#define TORI_OK 0

/**
 * The job has not ended.
 */
#define TORI_PENDING 1

/**
 * There is nothing more.
 */
#define TORI_END 2

/**
 * An argument the call cannot take: a null pointer, an index out of range, text that is not UTF-8.
 */
#define TORI_E_ARGUMENT -1

/**
 * A setting is unknown, of the wrong type or out of its range.
 */
#define TORI_E_CONFIG -2

/**
 * The operating system refused to open or read a file, or to start a thread.
 */
#define TORI_E_IO -3

/**
 * The input is not a document this library reads, or is damaged beyond reading.
 */
#define TORI_E_FORMAT -4

/**
 * The document is encrypted and the password is missing or wrong.
 */
#define TORI_E_ENCRYPTED -5

/**
 * The document exceeds a limit; the error names the limit and the value found.
 */
#define TORI_E_LIMIT -6

/**
 * No concept database could be loaded, or the one named is damaged.
 */
#define TORI_E_DATABASE -7

/**
 * A callback asked to stop.
 */
#define TORI_E_CANCELLED -8

/**
 * The time allowed passed first.
 */
#define TORI_E_TIMEOUT -9

/**
 * The library cannot take the call at this moment.
 */
#define TORI_E_BUSY -10

/**
 * The library has been shut down in this process.
 */
#define TORI_E_SHUTDOWN -11

/**
 * The object belongs to the process this one was forked from.
 */
#define TORI_E_FORKED -12

/**
 * The input or option is known and not supported.
 */
#define TORI_E_UNSUPPORTED -13

/**
 * The caller was compiled against another version of the interface, or did not set struct_size.
 */
#define TORI_E_ABI -14

/**
 * A bug in the library was caught; everything stays usable.
 */
#define TORI_E_PANIC -15

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * The version of the library that runs, "MAJOR.MINOR.PATCH". Valid for ever. Any thread. Since 0.1.
 */
TORI_API const char *tori_version(void);

/**
 * The version of the library that runs as TORI_VERSION_NUMBER counts: major * 1000000 + minor * 1000 + patch.
 * Any thread. Since 0.1.
 */
TORI_API
uint32_t tori_version_number(void);

/**
 * Whether a program compiled with TORI_ABI = header_abi can use the library that runs: TORI_OK or TORI_E_ABI.
 * Call it first when the library is loaded by name. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_check_abi(uint32_t header_abi);

/**
 * What this build can do, as words parted by spaces: "pdf markdown text database". Valid for ever. Any
 * thread. Since 0.1.
 */
TORI_API
const char *tori_features(void);

/**
 * The name of a status, "TORI_E_LIMIT"; "TORI_UNKNOWN" for a number that is none. Valid for ever. Any thread.
 * Since 0.1.
 */
TORI_API
const char *tori_status_name(tori_status s);

/**
 * Ends the library's work in this process: calls that take documents in get TORI_E_SHUTDOWN from then on, jobs
 * that wait end with it; returns when calls and jobs in flight have ended and the worker threads are gone. timeout_ms is in milliseconds, TORI_WAIT_FOREVER for no limit;
 * TORI_E_TIMEOUT when it passes first (the call may be repeated), TORI_E_BUSY from inside a callback. Handles
 * stay valid, can still be read and must still be freed. A program need not call it before it ends. Any
 * thread. Since 0.1.
 */
TORI_API
tori_status tori_shutdown(int64_t timeout_ms);

/**
 * The status the failed call returned; TORI_E_ARGUMENT for NULL. Any thread. Since 0.1.
 */
TORI_API tori_status tori_error_status(const struct tori_error *e);

/**
 * What happened, in one sentence for people: what it was about, what was found, what is allowed, what to do.
 * UTF-8; borrowed from the error; "" for NULL. Any thread. Since 0.1.
 */
TORI_API
const char *tori_error_message(const struct tori_error *e);

/**
 * The error as a JSON object: status, name, message, and what the message names as fields of their own: path,
 * page, offset, line, column, entry, key, limit, found, allowed, unit, os_error, places, input,
 * location. len (may be NULL) receives the
 * length in bytes. UTF-8; borrowed from the error; NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
const char *tori_error_json(const struct tori_error *e,
                            size_t *len);

/**
 * Frees an error; NULL is fine. Since 0.1.
 */
TORI_API void tori_error_free(struct tori_error *e);

/**
 * Every setting at its default. The caller frees it with tori_config_free. NULL only when memory is out. Any
 * thread. Since 0.1.
 */
TORI_API
struct tori_config *tori_config_new(void);

/**
 * Sets key (a C string, "limits.pages") to value, given as text of len bytes or with TORI_NUL_TERMINATED:
 * whole numbers in decimal, numbers with a decimal point, "true" or "false", texts as they are.
 * TORI_E_CONFIG for an unknown key or a value that is not allowed; the old value stays then. Since 0.1.
 */
TORI_API
tori_status tori_config_set(struct tori_config *c,
                            const char *key,
                            const char *value,
                            size_t len,
                            struct tori_error **err);

/**
 * All settings as a JSON object: for each key its value, origin, default, type, range, unit and meaning. len
 * (may be NULL) receives the length in bytes. UTF-8; borrowed from the config until it is next set or freed;
 * NULL for NULL. Since 0.1.
 */
TORI_API
const char *tori_config_json(struct tori_config *c,
                             size_t *len);

/**
 * Frees a config; NULL is fine. Engines and databases made from it have copies. Since 0.1.
 */
TORI_API void tori_config_free(struct tori_config *c);

/**
 * Makes an engine from settings (NULL: all defaults) and loads the concept database they lead to. The caller
 * frees it with tori_engine_free. TORI_E_DATABASE lists every path tried with the reason it failed. Any
 * thread. Since 0.1.
 */
TORI_API
tori_status tori_engine_new(const struct tori_config *c,
                            struct tori_engine **out,
                            struct tori_error **err);

/**
 * One more reference to the same engine, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
struct tori_engine *tori_engine_ref(struct tori_engine *e);

/**
 * Frees one reference to an engine; NULL is fine. Calls in flight keep what they need; never waits for them.
 * Any thread. Since 0.1.
 */
TORI_API
void tori_engine_free(struct tori_engine *e);

/**
 * The engine's database (of the default engine for NULL), as a reference of the caller's own, to be freed with
 * tori_database_free. What changes it changes it for the engine, too. NULL when there is none. Any thread. Since 0.1.
 */
TORI_API
struct tori_database *tori_engine_database(const struct tori_engine *e);

/**
 * Puts another database in the engine's place of it. Calls that begin later see it; those in flight keep
 * theirs. The engine takes a reference of its own; the caller keeps its reference. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_engine_set_database(struct tori_engine *e,
                                     struct tori_database *d);

/**
 * An empty request. The caller frees it with tori_request_free. NULL only when memory is out. Any thread.
 * Since 0.1.
 */
TORI_API
struct tori_request *tori_request_new(void);

/**
 * The document is the file at path, a C string in the file system's encoding. The file is opened when the
 * request is ingested. Replaces any document given before. Since 0.1.
 */
TORI_API
tori_status tori_request_path(struct tori_request *r,
                              const char *path);

/**
 * The document is these len bytes, of any supported kind; they are copied. Replaces any document given before.
 * Since 0.1.
 */
TORI_API
tori_status tori_request_bytes(struct tori_request *r,
                               const void *data,
                               size_t len);

/**
 * The document is these len bytes, which are not copied: they must stay, unchanged, until drop is called with
 * drop_data (drop may be NULL for bytes that stay for ever). That happens once, on any thread, when the request no
 * longer needs them and every job and call made from it has ended. When the call fails, drop is not called.
 * Replaces any document given before. Since 0.1.
 */
TORI_API
tori_status tori_request_bytes_static(struct tori_request *r,
                                      const void *data,
                                      size_t len,
                                      tori_drop_fn drop,
                                      void *drop_data);

/**
 * The document is this text or Markdown, UTF-8, of len bytes or with TORI_NUL_TERMINATED; it is copied.
 * TORI_E_ARGUMENT when it is not UTF-8. Replaces any document given before. Since 0.1.
 */
TORI_API
tori_status tori_request_text(struct tori_request *r,
                              const char *text,
                              size_t len);

/**
 * Names a document in memory, for the report and for errors: UTF-8, len bytes or with TORI_NUL_TERMINATED; copied.
 * One of length 0 takes the name away. Documents in files keep the names of their files. Since 0.1.
 */
TORI_API
tori_status tori_request_name(struct tori_request *r,
                              const char *name,
                              size_t len);

/**
 * Overrides a setting of the engine for this request; arguments as tori_config_set. Settings that begin with
 * "database." belong to the engine and are refused. Since 0.1.
 */
TORI_API
tori_status tori_request_set(struct tori_request *r,
                             const char *key,
                             const char *value,
                             size_t len,
                             struct tori_error **err);

/**
 * A pointer of the caller's that comes back in the request's progress events; never followed. Since 0.1.
 */
TORI_API
tori_status tori_request_tag(struct tori_request *r,
                             const void *tag);

/**
 * The progress callback of this request, in place of the engine's and the process's; fn NULL takes it away.
 * drop (may be NULL) is called with user_data once, when the request no longer needs it. When the call fails,
 * drop is not called. Since 0.1.
 */
TORI_API
tori_status tori_request_progress(struct tori_request *r,
                                  tori_progress_fn fn,
                                  void *user_data,
                                  tori_drop_fn drop);

/**
 * What is called when a job made from this request has ended, before its queue is told; fn NULL takes it away. drop (may be NULL) is called
 * with user_data once, when neither the request nor a job made from it needs it any more. When the call fails,
 * drop is not called. Since 0.1.
 */
TORI_API
tori_status tori_request_done(struct tori_request *r,
                              tori_done_fn fn,
                              void *user_data,
                              tori_drop_fn drop);

/**
 * Where the events of jobs made from this request go; NULL takes it away. The request and its jobs hold
 * references of their own. Since 0.1.
 */
TORI_API
tori_status tori_request_queue(struct tori_request *r,
                               struct tori_queue *q);

/**
 * Frees a request; NULL is fine. Jobs made from it go on. Since 0.1.
 */
TORI_API void tori_request_free(struct tori_request *r);

/**
 * Takes the file at path through the whole pipeline and waits for it. e NULL uses the process's default
 * engine, made once with default settings. The result is freed with tori_result_free. The calling thread
 * waits, with any stack of 64 KiB or more; the work is done by the library's threads. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_ingest_path(const struct tori_engine *e,
                             const char *path,
                             struct tori_result **out,
                             struct tori_error **err);

/**
 * As tori_ingest_path, for a document of len bytes in memory, which is not copied and must stay unchanged
 * until the call returns. Since 0.1.
 */
TORI_API
tori_status tori_ingest_bytes(const struct tori_engine *e,
                              const void *data,
                              size_t len,
                              struct tori_result **out,
                              struct tori_error **err);

/**
 * As tori_ingest_bytes, for plain text or Markdown: UTF-8 of len bytes or with TORI_NUL_TERMINATED. Since 0.1.
 */
TORI_API
tori_status tori_ingest_text(const struct tori_engine *e,
                             const char *text,
                             size_t len,
                             struct tori_result **out,
                             struct tori_error **err);

/**
 * Runs a request and waits for it; otherwise as tori_ingest_path. Since 0.1.
 */
TORI_API
tori_status tori_ingest(const struct tori_engine *e,
                        const struct tori_request *r,
                        struct tori_result **out,
                        struct tori_error **err);

/**
 * Takes a request's document in without waiting; e NULL uses the process's default engine. out (may be NULL: the
 * job then goes on without a handle) receives the job, to be freed with tori_job_free. Never blocks unless
 * jobs.patience_ms allows it to; TORI_E_BUSY when jobs.waiting jobs wait already. What goes wrong with the
 * document is told by the job. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_submit(const struct tori_engine *e,
                        const struct tori_request *r,
                        struct tori_job **out,
                        struct tori_error **err);

/**
 * Takes the documents of count requests in without waiting: all of them or, when there is not room for all, none
 * (TORI_E_BUSY). jobs (may be NULL) is an array of count places for the jobs. Otherwise as tori_submit. Since 0.1.
 */
TORI_API
tori_status tori_submit_batch(const struct tori_engine *e,
                              const struct tori_request *const *requests,
                              size_t count,
                              struct tori_job **jobs,
                              struct tori_error **err);

/**
 * The job's number: unique in the process, from 1; 0 for NULL. Any thread. Since 0.1.
 */
TORI_API uint64_t tori_job_id(const struct tori_job *j);

/**
 * Whether the job has ended: TORI_PENDING, or else the status tori_job_result gives. latest (may be NULL; the caller
 * sets latest->struct_size before) receives the last progress event; its stage_name is valid for ever, its message
 * is NULL. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_job_poll(const struct tori_job *j,
                          struct tori_progress *latest);

/**
 * Waits until the job has ended and its callback has returned, at most timeout_ms milliseconds, TORI_WAIT_FOREVER
 * for no limit. TORI_OK when it has ended, whatever came of it; TORI_E_TIMEOUT; TORI_E_BUSY from inside the job's
 * own progress callback; TORI_E_FORKED for a job of the parent process. Inside callbacks on the library's threads it
 * works on other jobs meanwhile. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_job_wait(const struct tori_job *j,
                          int64_t timeout_ms);

/**
 * Ends the job as cancelled, at once; a thread that is at it stops soon. TORI_OK also when the job had ended
 * before. Any thread, also inside callbacks. Since 0.1.
 */
TORI_API
tori_status tori_job_cancel(const struct tori_job *j);

/**
 * What came of the job: TORI_PENDING while it has not ended; TORI_OK and its result, a reference of the caller's
 * own; or the status and error it ended with. May be called any number of times. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_job_result(const struct tori_job *j,
                            struct tori_result **out,
                            struct tori_error **err);

/**
 * One more reference to the same job, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
 */
TORI_API struct tori_job *tori_job_ref(struct tori_job *j);

/**
 * Frees one reference to a job; NULL is fine. The job goes on; never waits for it. Any thread. Since 0.1.
 */
TORI_API
void tori_job_free(struct tori_job *j);

/**
 * An empty queue. The caller frees it with tori_queue_free. TORI_E_IO when no descriptor is to be had. Any thread.
 * Since 0.1.
 */
TORI_API
tori_status tori_queue_new(struct tori_queue **out,
                           struct tori_error **err);

/**
 * A descriptor that is readable while there are events, and now and then once more after the last was taken, for
 * epoll, libuv, asyncio and the like; -1 for NULL. Take events until TORI_E_TIMEOUT. It belongs to the queue: do not
 * read from it or close it, and take it out of the event loop before the queue is freed. Any thread. Since 0.1.
 */
TORI_API
ptrdiff_t tori_queue_fd(struct tori_queue *q);

/**
 * Takes out the next event and fills out with it; the caller sets out->struct_size before. Waits at most timeout_ms
 * milliseconds, 0 not at all, TORI_WAIT_FOREVER without limit; TORI_E_TIMEOUT when there is no event by then.
 * TORI_E_FORKED for a queue of the parent process. Each job has at most one event waiting, its latest progress or
 * its end; the end comes when the job's done callback has returned. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_queue_next(struct tori_queue *q,
                            int64_t timeout_ms,
                            struct tori_event *out);

/**
 * Gives the next taker a TORI_EVENT_WAKE; several calls before it is taken are one. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_queue_wake(struct tori_queue *q);

/**
 * Frees a queue; NULL is fine. Requests that use it keep it alive; with the last of them, events that were not taken
 * are gone, and jobs go on without it. Its descriptor stays open until those jobs are gone. Since 0.1.
 */
TORI_API
void tori_queue_free(struct tori_queue *q);

/**
 * Number of concepts; 0 for NULL. Any thread. Since 0.1.
 */
TORI_API size_t tori_result_count(const struct tori_result *r);

/**
 * Fills out with concept number index, from 0, best first. The caller sets out->struct_size before.
 * TORI_E_ARGUMENT when there is no such concept, TORI_E_ABI when struct_size is not set. Any thread. Since
 * 0.1.
 */
TORI_API
tori_status tori_result_concept(const struct tori_result *r,
                                size_t index,
                                struct tori_concept *out);

/**
 * Fills out with mention number span, from 0, of concept number index. The caller sets out->struct_size
 * before. Statuses as tori_result_concept. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_result_span(const struct tori_result *r,
                             size_t index,
                             size_t span,
                             struct tori_span *out);

/**
 * Fills out with factor number factor, from 0, of why concept number index has its score, the greatest effect first;
 * there are factors with the setting report.explain. The caller sets out->struct_size before. Statuses as
 * tori_result_concept. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_result_factor(const struct tori_result *r,
                               size_t index,
                               size_t factor,
                               struct tori_factor *out);

/**
 * Acronym number acronym, from 0, that the document defines for concept number index, as "SVM" in "support vector machine
 * (SVM)"; its mentions are the concept's. UTF-8; borrowed from the result; NULL when there is no such concept or acronym.
 * Any thread. Since 0.1.
 */
TORI_API
const char *tori_result_acronym(const struct tori_result *r,
                                size_t index,
                                size_t acronym);

/**
 * Fills out with decision number index, from 0: why a candidate is not among the concepts. First come those that name
 * something, best first, then those that name nothing, in the order of the text; there are decisions with the setting
 * report.explain, at most report.decisions. The caller sets out->struct_size before. Statuses as tori_result_concept.
 * Any thread. Since 0.1.
 */
TORI_API
tori_status tori_result_decision(const struct tori_result *r,
                                 size_t index,
                                 struct tori_decision *out);

/**
 * Fills out with what was read. The caller sets out->struct_size before. Any thread. Since 0.1.
 */
TORI_API tori_status tori_result_document(const struct tori_result *r, struct tori_document *out);

/**
 * The name of author number index, from 0, of those found below the title. UTF-8; borrowed from the result; NULL
 * when there is no such author. Any thread. Since 0.1.
 */
TORI_API
const char *tori_result_author(const struct tori_result *r,
                               size_t index);

/**
 * Keyword number index, from 0, of the list that the authors give in the document. UTF-8; borrowed from the result;
 * NULL when there is no such keyword. Any thread. Since 0.1.
 */
TORI_API
const char *tori_result_keyword(const struct tori_result *r,
                                size_t index);

/**
 * Warning number index, from 0: what was passed over or looks wrong, for people. UTF-8; borrowed from the
 * result; NULL when there is no such warning. Any thread. Since 0.1.
 */
TORI_API
const char *tori_result_warning(const struct tori_result *r,
                                size_t index);

/**
 * The whole result as JSON, described in README.md; rendered on the first call. len (may be NULL) receives the
 * length in bytes. UTF-8; borrowed from the result; NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
const char *tori_result_json(const struct tori_result *r,
                             size_t *len);

/**
 * The name of section number section, from 0: title, abstract, introduction, background, literature_review,
 * methodology, results, discussion, conclusion, references, acknowledgments, appendix, body. NULL for another
 * number. Valid for ever. Any thread. Since 0.1.
 */
TORI_API
const char *tori_section_name(uint32_t section);

/**
 * One more reference to the same result, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
struct tori_result *tori_result_ref(struct tori_result *r);

/**
 * Frees one reference to a result; NULL is fine. Any thread. Since 0.1.
 */
TORI_API void tori_result_free(struct tori_result *r);

/**
 * Opens the database that the settings (NULL: all defaults) lead to: database.path, then the environment
 * variable TORI_CONCEPT_DB, then beside the shared library, then data/ in the working directory, then the one
 * compiled into the library. The caller frees it with tori_database_free. TORI_E_DATABASE lists every path
 * tried with the reason it failed. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_open(const struct tori_config *c,
                               struct tori_database **out,
                               struct tori_error **err);

/**
 * Opens the concept file at path, or the folder of concept files, and nothing else. Otherwise as
 * tori_database_open. Since 0.1.
 */
TORI_API
tori_status tori_database_open_path(const char *path,
                                    struct tori_database **out,
                                    struct tori_error **err);

/**
 * Opens the database in len bytes of data, JSON or compiled, which are told apart by their beginning; origin (NULL: "bytes")
 * is what messages call it. A compiled one is copied and verified: the caller may change or free the bytes
 * afterwards. Otherwise as tori_database_open_path. Since 0.1.
 */
TORI_API
tori_status tori_database_open_bytes(const void *data,
                                     size_t len,
                                     const char *origin,
                                     struct tori_database **out,
                                     struct tori_error **err);

/**
 * Compiles count source files into the file at target, which tori_database_open_path and the setting database.path
 * take like any other and open without reading it. Sources are .json, .jsonl or .ndjson (one entry a line), .csv
 * and .tsv (a header line names the fields, names in a list are separated by '|'), and SKOS in .ttl, .nt, .rdf, .owl and .xml; they are read as streams, in order; of
 * entries with one name the first keeps its fields and gets the aliases of the others. The target is replaced when
 * the new file is on the disk, whole at any moment; processes that have the old one open keep it. out (may be NULL)
 * receives the new database, whose JSON tells what was loaded, merged and skipped, and why. TORI_E_DATABASE names
 * the file, line and entry where a source cannot be used, TORI_E_IO why the target cannot be written,
 * TORI_E_BUSY that somebody else is writing it. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_compile(const char *const *sources,
                                  size_t count,
                                  const char *target,
                                  struct tori_database **out,
                                  struct tori_error **err);

/**
 * As tori_database_compile, with settings (NULL: all defaults), of which database.diacritics and database.language count here. Since 0.1.
 */
TORI_API
tori_status tori_database_compile_with(const struct tori_config *c,
                                       const char *const *sources,
                                       size_t count,
                                       const char *target,
                                       struct tori_database **out,
                                       struct tori_error **err);

/**
 * Reads the whole of a database that was opened from a compiled file, and checks it: opening reads the header
 * alone. TORI_E_DATABASE when the file is damaged; such a file makes wrong answers, and does no other harm. A file
 * that others may change is opened with the setting database.copy or tori_database_open_bytes, which verify:
 * when a file is cut off under a process that has it open, the system ends the process with SIGBUS. Any thread.
 * Since 0.1.
 */
TORI_API
tori_status tori_database_verify(const struct tori_database *d,
                                 struct tori_error **err);

/**
 * Number of concepts; 0 for NULL. Any thread. Since 0.1.
 */
TORI_API size_t tori_database_count(const struct tori_database *d);

/**
 * Where the database came from and what is in it at this moment, as a JSON object: origin, every place tried and what
 * came of it, counts, warnings. len (may be NULL) receives the length in bytes. UTF-8; borrowed from the database, where
 * it stays as it is when the database changes; NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
const char *tori_database_json(const struct tori_database *d,
                               size_t *len);

/**
 * Finds the concept of a name or alias, of len bytes or with TORI_NUL_TERMINATED, in any casing, and stores
 * its number. TORI_E_ARGUMENT when there is none. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_find(const struct tori_database *d,
                               const char *name,
                               size_t len,
                               uint64_t *concept_id);

/**
 * Writes the concept with a number, as a JSON object with id, name, aliases, category, priority,
 * boost_multiplier, exact, broader and narrower (names, as tori_database_related tells the concepts), into buffer: at most
 * capacity bytes with the NUL, UTF-8. len (may be NULL) receives the length
 * in bytes of the whole object without the NUL. TORI_E_ARGUMENT when there is no such concept, TORI_E_LIMIT when
 * it does not fit, in which case nothing is written; a capacity of 0 with a buffer of NULL asks for the length.
 * Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_concept(const struct tori_database *d,
                                  uint64_t concept_id,
                                  char *buffer,
                                  size_t capacity,
                                  size_t *len);

/**
 * Writes the numbers of the concepts that are broader or narrower (relation: TORI_RELATION_BROADER or
 * TORI_RELATION_NARROWER) than the one with a number into ids, at most capacity of them: those that its entry says are,
 * and those whose entries say it of it, in the order of the database; one step, not what is broader than those. Circles
 * are possible. count (may be NULL) receives the number of all. TORI_E_ARGUMENT when there is no such concept or
 * relation, TORI_E_LIMIT when they do not fit, in which case nothing is written; a capacity of 0 with ids of NULL asks for
 * the number. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_related(const struct tori_database *d,
                                  uint64_t concept_id,
                                  uint32_t relation,
                                  uint64_t *ids,
                                  size_t capacity,
                                  size_t *count);

/**
 * Puts concepts in, given as JSON of len bytes or with TORI_NUL_TERMINATED: one entry of a source, a list of them, or a whole
 * source. Each takes the place of the concept of the same name, with all its fields, or comes behind all others.
 * concept_id (may be NULL) receives the number of the first. When one cannot be used nothing is changed, and
 * TORI_E_ARGUMENT names the entry and the field. Takes time with the concepts put in now and before, not with the size
 * of the database; several at once are cheaper than one by one. Engines that have the database see the change in
 * documents that begin later; calls in flight, tags and results keep what they began with. Nothing is written to a
 * file: see tori_database_save. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_upsert(struct tori_database *d,
                                 const char *json,
                                 size_t len,
                                 uint64_t *concept_id,
                                 struct tori_error **err);

/**
 * Takes out the concept with a number. TORI_E_ARGUMENT when there is none. Otherwise as tori_database_upsert. Since 0.1.
 */
TORI_API
tori_status tori_database_remove(struct tori_database *d,
                                 uint64_t concept_id,
                                 struct tori_error **err);

/**
 * Takes out the concept of a name, of len bytes or with TORI_NUL_TERMINATED, in any casing; an alias does not do.
 * TORI_E_ARGUMENT when there is none. Otherwise as tori_database_upsert. Since 0.1.
 */
TORI_API
tori_status tori_database_remove_named(struct tori_database *d,
                                       const char *name,
                                       size_t len,
                                       struct tori_error **err);

/**
 * Writes the database as it is at this moment into the file at target, which opens like one of tori_database_compile, and
 * is replaced in the same way: when the new file is on the disk, whole at any moment. All that was put in and taken out by
 * calls that returned before this one began is in it when it returns TORI_OK. The database goes on from
 * where it came from; target may be that file. TORI_E_IO why the target cannot be written, TORI_E_BUSY that somebody
 * else is writing it, TORI_E_DATABASE that the file the database came from is damaged. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_save(const struct tori_database *d,
                               const char *target,
                               struct tori_error **err);

/**
 * Finds every mention of a database concept in a text, UTF-8 of len bytes or with TORI_NUL_TERMINATED: whole
 * words, in any casing, across line breaks, the leftmost and longest of those that overlap. The caller frees
 * the tags with tori_tags_free. Runs on the calling thread. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_database_tag(const struct tori_database *d,
                              const char *text,
                              size_t len,
                              struct tori_tags **out,
                              struct tori_error **err);

/**
 * Finds every place in a text where a name or alias of the database stands, overlapping or not, and every concept
 * that has it, at most 1,000 of one name; by their beginnings, the shorter first. Otherwise as tori_database_tag.
 * Since 0.1.
 */
TORI_API
tori_status tori_database_tag_all(const struct tori_database *d,
                                  const char *text,
                                  size_t len,
                                  struct tori_tags **out,
                                  struct tori_error **err);

/**
 * Number of mentions; 0 for NULL. Any thread. Since 0.1.
 */
TORI_API size_t tori_tags_count(const struct tori_tags *t);

/**
 * Fills out with mention number index, from 0, in the order of the text. The caller sets out->struct_size
 * before. TORI_E_ARGUMENT when there is no such mention, TORI_E_ABI when struct_size is not set. Any thread.
 * Since 0.1.
 */
TORI_API
tori_status tori_tags_get(const struct tori_tags *t,
                          size_t index,
                          struct tori_tag *out);

/**
 * Frees tags; NULL is fine. Since 0.1.
 */
TORI_API void tori_tags_free(struct tori_tags *t);

/**
 * One more reference to the same database, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
 */
TORI_API
struct tori_database *tori_database_ref(struct tori_database *d);

/**
 * Frees one reference to a database; NULL is fine. Any thread. Since 0.1.
 */
TORI_API void tori_database_free(struct tori_database *d);

/**
 * The progress callback of every call in the process whose request and engine have none; fn NULL takes it
 * away. Returns when calls of the former callback on other threads have ended; the former's drop has been
 * called then, or is called when the callback this was called from returns. drop (may be NULL) is called with
 * user_data once, when the callback is no longer needed. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_set_progress(tori_progress_fn fn,
                              void *user_data,
                              tori_drop_fn drop);

/**
 * The progress callback of every call of this engine whose request has none; otherwise as tori_set_progress.
 * When the call fails, drop is not called. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_engine_set_progress(struct tori_engine *e,
                                     tori_progress_fn fn,
                                     void *user_data,
                                     tori_drop_fn drop);

/**
 * Sends log messages of max_level (1 error, 2 warning, 3 info, 4 debug, 5 trace) and graver to fn; fn NULL
 * makes the library silent again, as it is at first. When the environment variable ENABLE_EMOJI_LOGS is "true"
 * at this call, a pictograph stands before each message. Replacing and drop as in tori_set_progress; when the
 * call fails, drop is not called. Any thread. Since 0.1.
 */
TORI_API
tori_status tori_set_log(int32_t max_level,
                         tori_log_fn fn,
                         void *user_data,
                         tori_drop_fn drop);

#ifdef __cplusplus
}  // extern "C"
#endif  /* __cplusplus */

#endif  /* TORI_H */
