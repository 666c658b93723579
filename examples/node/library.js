// Finds the shared library, loads it once for each thread, and declares the functions of tori.h that the package uses.

import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

// TORI_ABI of the header that these declarations were taken from.
const ABI = 1;
const FILE = 'libtori.so.0';
// Of dlfcn.h on Linux.
const RTLD_LAZY = 1;
const RTLD_NODELETE = 0x1000;
const here = dirname(fileURLToPath(import.meta.url));

let loaded = null;

/**
 * The functions of the library. Looked for, the first that is there is loaded: the file or folder given; the folder or
 * file named by the environment variable TORI_LIB; beside this module; where cargo builds it in the project. A place
 * that was named must hold it: the ones after it are then not tried. A thread loads it once, later paths are ignored.
 */
export function library(given) {
  loaded ??= declare(find(given));
  return loaded;
}

function find(given) {
  const named = given ?? process.env.TORI_LIB;
  const places = named
    ? [named]
    : [here, join(process.env.CARGO_TARGET_DIR ?? join(here, '../../target'), 'release')];
  const tried = [];
  for (const place of places.map((place) => resolve(place))) {
    const files = isFolder(place) ? [join(place, FILE), join(place, 'libtori.so')] : [place];
    const found = files.find(existsSync);
    if (found) return found;
    tried.push(...files);
  }
  throw new Error(
    `libtori is not where it was looked for: ${tried.join(', ')}. ` +
      'Build it with "cargo build --release", and name its folder in the environment variable TORI_LIB.',
  );
}

function isFolder(place) {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function declare(path) {
  let shared;
  try {
    shared = koffi.load(path);
  } catch (error) {
    throw new Error(`${path} cannot be loaded: ${error.message}`, { cause: error });
  }
  const version = shared.func('const char *tori_version()')();
  if (shared.func('int32_t tori_check_abi(uint32_t abi)')(ABI) !== 0) {
    throw new Error(`${path} is libtori ${version}, which has another binary interface than ${ABI}, the one this package was written for`);
  }
  for (const handle of ['config', 'engine', 'error', 'job', 'queue', 'request', 'result']) {
    koffi.opaque(`tori_${handle}`);
  }
  const progress = koffi.struct('tori_progress', {
    struct_size: 'uint32_t',
    stage: 'int32_t',
    percent: 'uint32_t',
    reserved: 'uint32_t',
    job_id: 'uint64_t',
    units_done: 'uint64_t',
    units_total: 'uint64_t',
    stage_name: 'const char *',
    message: 'const char *',
    tag: 'void *',
  });
  const event = koffi.struct('tori_event', {
    struct_size: 'uint32_t',
    kind: 'int32_t',
    job_id: 'uint64_t',
    tag: 'void *',
    status: 'int32_t',
    stage: 'int32_t',
    percent: 'uint32_t',
    reserved: 'uint32_t',
  });
  const libc = koffi.load(null);
  pin(libc);
  const functions = {
    path,
    version,
    PROGRESS_SIZE: koffi.sizeof(progress),
    EVENT_SIZE: koffi.sizeof(event),
    malloc: libc.func('void *malloc(size_t size)'),
    free: libc.func('void free(void *block)'),
    // The address, to be called by the library: no JavaScript ever runs on its threads.
    free_fn: libc.symbol('free'),
  };
  for (const declaration of [
    'const char *tori_status_name(int32_t status)',
    'const char *tori_error_json(const tori_error *e, void *len)',
    'void tori_error_free(tori_error *e)',
    'tori_config *tori_config_new()',
    'int32_t tori_config_set(tori_config *c, const char *key, const void *value, size_t len, _Out_ tori_error **err)',
    'void tori_config_free(tori_config *c)',
    'int32_t tori_engine_new(const tori_config *c, _Out_ tori_engine **out, _Out_ tori_error **err)',
    'void tori_engine_free(tori_engine *e)',
    'tori_request *tori_request_new()',
    'int32_t tori_request_path(tori_request *r, const char *path)',
    'int32_t tori_request_text(tori_request *r, const void *text, size_t len)',
    'int32_t tori_request_bytes_static(tori_request *r, void *data, size_t len, void *drop, void *drop_data)',
    'int32_t tori_request_set(tori_request *r, const char *key, const void *value, size_t len, _Out_ tori_error **err)',
    'int32_t tori_request_queue(tori_request *r, tori_queue *q)',
    'void tori_request_free(tori_request *r)',
    'int32_t tori_submit(const tori_engine *e, const tori_request *r, _Out_ tori_job **out, _Out_ tori_error **err)',
    'uint64_t tori_job_id(const tori_job *j)',
    'int32_t tori_job_poll(const tori_job *j, _Inout_ tori_progress *latest)',
    'int32_t tori_job_cancel(const tori_job *j)',
    'int32_t tori_job_result(const tori_job *j, _Out_ tori_result **out, _Out_ tori_error **err)',
    'void tori_job_free(tori_job *j)',
    'int32_t tori_queue_new(_Out_ tori_queue **out, _Out_ tori_error **err)',
    'intptr_t tori_queue_fd(tori_queue *q)',
    'int32_t tori_queue_next(tori_queue *q, int64_t timeout_ms, _Inout_ tori_event *out)',
    'void tori_queue_free(tori_queue *q)',
    'const void *tori_result_json(const tori_result *r, _Out_ size_t *len)',
    'void tori_result_free(tori_result *r)',
  ]) {
    functions[/\btori_\w+(?=\()/.exec(declaration)[0]] = shared.func(declaration);
  }
  return functions;
}

// Node unloads koffi with the last thread that uses it, and then closes the handles which that thread left open: it
// would call into memory that is gone.
function pin(libc) {
  const dlopen = libc.func('void *dlopen(const char *path, int flags)');
  for (const path of Object.keys(createRequire(import.meta.url).cache)) {
    if (path.endsWith('koffi.node')) dlopen(path, RTLD_LAZY | RTLD_NODELETE);
  }
}
