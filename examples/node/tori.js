// libtori for Node: documents in, promises of ranked concepts out. The event loop goes on meanwhile: the library works on
// its own threads and tells of it through a queue whose descriptor the loop watches. Nothing here waits for it.

import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import koffi from 'koffi';
import { library } from './library.js';

const OK = 0;
const PENDING = 1;
const EVENT_DONE = 3;

const CLOSED = 'the engine is closed';

// As much memory as is copied in one turn of the loop: well under a millisecond.
const PIECE = 1 << 20;
// As many events as are taken in one turn of the loop; the descriptor stays readable while there are more.
const EVENTS = 64;

/** What the library says went wrong. */
export class ToriError extends Error {
  constructor(details) {
    super(details.message);
    this.name = details.name;
    this.code = details.name;
    this.status = details.status;
    this.details = details;
  }
}

/** What was found in a document: the fields of the JSON report, parsed when the first of them is read. */
export class Report {
  #json;
  #fields;

  constructor(json) {
    this.#json = json;
  }

  /** The report as the library wrote it, UTF-8: to be sent or stored without being parsed. */
  get json() {
    return this.#json;
  }

  toJSON() {
    this.#fields ??= JSON.parse(this.#json.toString());
    return this.#fields;
  }

  [inspect.custom](depth, options) {
    return inspect(this.toJSON(), options);
  }
}

for (const field of [
  'version', 'library', 'status', 'document', 'counts', 'sections', 'diversity', 'database', 'warnings', 'concepts',
  'text', 'timings_ms',
]) {
  Object.defineProperty(Report.prototype, field, {
    enumerable: true,
    get() {
      return this.toJSON()[field];
    },
  });
}

// Frees an engine that was forgotten and not closed; one with documents in flight is held by the loop.
const forgotten = new FinalizationRegistry((native) => library().tori_engine_free(native));

// Engines with documents in flight: a thread that ends must not be told of them any more.
const busy = new Set();
process.on('exit', () => {
  for (const engine of busy) engine.close();
});

/** Settings and a concept database, ready to take documents. */
export class Engine {
  #tori;
  #native = null;
  #queue = null;
  #poll = null;
  #jobs = new Map();

  constructor({ settings, library: path } = {}) {
    this.#tori = library(path);
    const config = this.#tori.tori_config_new();
    try {
      this.#set('tori_config_set', config, settings);
      this.#native = this.#made('tori_engine_new', config);
    } finally {
      this.#tori.tori_config_free(config);
    }
    forgotten.register(this, this.#native, this);
  }

  /** The number of documents in flight. */
  get pending() {
    return this.#jobs.size;
  }

  /**
   * Takes in a document: the path of a file, or its bytes, whole or in pieces. Bytes are copied, the first MiB before
   * this returns and the rest in later turns of the loop; they must not change until then, so best not at all.
   */
  ingest(source, options) {
    if (typeof source === 'string' || source instanceof URL) {
      return this.#ingest(options, (request) => {
        const path = source instanceof URL ? fileURLToPath(source) : source;
        this.#check(this.#tori.tori_request_path(request, withoutNul(path, 'a path')));
      });
    }
    return this.#ingest(options, (request) => this.#fill(request, Array.isArray(source) ? source : [source], options));
  }

  /** Takes in a string of plain text or Markdown. */
  ingestText(text, options) {
    return this.#ingest(options, (request) => {
      const bytes = Buffer.from(text);
      this.#check(this.#tori.tori_request_text(request, bytes, bytes.length));
    });
  }

  /** Cancels what is in flight and frees the engine. */
  close() {
    if (this.#native === null) return;
    for (const job of [...this.#jobs.values()]) {
      this.#cancel(job, new Error(CLOSED));
    }
    forgotten.unregister(this);
    this.#tori.tori_engine_free(this.#native);
    this.#native = null;
  }

  [Symbol.dispose]() {
    this.close();
  }

  async #ingest({ signal, onProgress, settings } = {}, give) {
    const request = this.#tori.tori_request_new();
    try {
      this.#set('tori_request_set', request, settings);
      await give(request);
      signal?.throwIfAborted();
      if (this.#native === null) throw new Error(CLOSED);
      return this.#submit(request, signal, onProgress);
    } finally {
      this.#tori.tori_request_free(request);
      this.#rest();
    }
  }

  // The copy is the library's own, of memory that no garbage collector moves or frees, given back by free() itself, which
  // the library calls on whatever thread lets go of it last.
  async #fill(request, pieces, { signal } = {}) {
    if (!pieces.every((piece) => piece instanceof Uint8Array)) {
      throw new TypeError('a document is a path, a file: URL, a Uint8Array or an array of them');
    }
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    let block = this.#tori.malloc(length + 1);
    if (block === null) throw new RangeError(`no memory for a document of ${length} bytes`);
    try {
      await copy(pieces, new Uint8Array(koffi.view(block, length)), signal);
      this.#check(this.#tori.tori_request_bytes_static(request, block, length, this.#tori.free_fn, block));
      block = null;
    } finally {
      this.#tori.free(block);
    }
  }

  #submit(request, signal, onProgress) {
    this.#queue ??= this.#listen();
    this.#check(this.#tori.tori_request_queue(request, this.#queue));
    const handle = this.#made('tori_submit', this.#native, request);
    return new Promise((resolve, reject) => {
      const id = this.#tori.tori_job_id(handle);
      const abort = () => this.#cancel(job, signal.reason);
      const job = { id, handle, signal, abort, onProgress, resolve, reject };
      this.#jobs.set(id, job);
      if (signal !== undefined) {
        // One signal for many documents is no leak.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', abort, { once: true });
      }
    });
  }

  // The queue is there while documents are in flight, so that an idle engine neither keeps the loop alive nor holds a
  // descriptor.
  #listen() {
    const queue = this.#made('tori_queue_new');
    // koffi calls outside of the scope in which Node runs microtasks and reports exceptions; an immediate is inside.
    this.#poll = koffi.node.poll(Number(this.#tori.tori_queue_fd(queue)), { readable: true }, () => {
      setImmediate(() => this.#drain());
    });
    busy.add(this);
    return queue;
  }

  #rest() {
    if (this.#queue === null || this.#jobs.size > 0) return;
    this.#poll.close();
    this.#tori.tori_queue_free(this.#queue);
    this.#poll = this.#queue = null;
    busy.delete(this);
  }

  #drain() {
    const event = { struct_size: this.#tori.EVENT_SIZE };
    for (let taken = 0; taken < EVENTS && this.#queue !== null; taken++) {
      if (this.#tori.tori_queue_next(this.#queue, 0, event) !== OK) return;
      // An aborted job may be gone before its last event.
      const job = this.#jobs.get(event.job_id);
      if (job === undefined) continue;
      this.#progress(job);
      if (event.kind === EVENT_DONE && this.#jobs.has(job.id)) this.#finish(job);
    }
  }

  #progress(job) {
    if (job.onProgress === undefined) return;
    const latest = { struct_size: this.#tori.PROGRESS_SIZE };
    const status = this.#tori.tori_job_poll(job.handle, latest);
    if (status !== PENDING && status !== OK || latest.percent === job.percent && latest.units_done === job.units) return;
    job.percent = latest.percent;
    job.units = latest.units_done;
    try {
      job.onProgress({ stage: latest.stage_name, percent: latest.percent, done: latest.units_done, total: latest.units_total });
    } catch (error) {
      this.#cancel(job, error);
    }
  }

  #finish(job) {
    let result;
    try {
      result = this.#made('tori_job_result', job.handle);
    } catch (error) {
      this.#settle(job, job.reject, error);
      return;
    }
    rendered(this.#tori, result).then(
      (report) => this.#settle(job, job.resolve, report),
      (error) => this.#settle(job, job.reject, error),
    );
  }

  #settle(job, settle, value) {
    if (!this.#jobs.delete(job.id)) return;
    job.signal?.removeEventListener('abort', job.abort);
    this.#tori.tori_job_free(job.handle);
    this.#rest();
    settle(value);
  }

  #cancel(job, reason) {
    this.#tori.tori_job_cancel(job.handle);
    this.#settle(job, job.reject, reason);
  }

  #set(name, target, settings = {}) {
    for (const [key, value] of Object.entries(settings)) {
      const bytes = Buffer.from(String(value));
      const error = [null];
      const status = this.#tori[name](target, withoutNul(key, 'a setting'), bytes, bytes.length, error);
      if (status !== OK) throw this.#failure(status, error[0]);
    }
  }

  // Calls a function that makes something: its last two arguments are where the handle and where the error goes.
  #made(name, ...inputs) {
    const made = [null];
    const error = [null];
    const status = this.#tori[name](...inputs, made, error);
    if (status !== OK) throw this.#failure(status, error[0]);
    return made[0];
  }

  #check(status) {
    if (status !== OK) throw this.#failure(status, null);
  }

  #failure(status, error) {
    const name = this.#tori.tori_status_name(status);
    if (error === null) return new ToriError({ status, name, message: name });
    const details = JSON.parse(this.#tori.tori_error_json(error, null));
    this.#tori.tori_error_free(error);
    return new ToriError(details);
  }
}

// A C string would end there, and name another file.
function withoutNul(text, what) {
  if (text.includes('\0')) throw new TypeError(`${what} has a NUL character: ${JSON.stringify(text)}`);
  return text;
}

async function copy(pieces, target, signal) {
  let length = 0;
  let paused = 0;
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += PIECE) {
      if (length - paused >= PIECE) {
        await turn();
        signal?.throwIfAborted();
        paused = length;
      }
      const part = piece.subarray(start, start + PIECE);
      target.set(part, length);
      length += part.length;
    }
  }
  if (length !== target.length) throw new TypeError('a document was transferred or resized while it was copied');
}

// Large reports take milliseconds to write: on another thread, one after the other, for koffi bounds such calls.
let last = Promise.resolve();

function rendered(tori, result) {
  const report = last.then(() => render(tori, result)).finally(() => tori.tori_result_free(result));
  last = report.catch(() => {});
  return report;
}

async function render(tori, result) {
  const length = [0];
  const start = await promisify(tori.tori_result_json.async)(result, length);
  const json = Buffer.allocUnsafeSlow(length[0]);
  await copy([new Uint8Array(koffi.view(start, length[0]))], json);
  return new Report(json);
}
