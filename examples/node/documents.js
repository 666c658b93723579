// The documents of the upload server: each is worked on, watched, and kept for a while. Bounded in number, bytes and time.

import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { ToriError } from './tori.js';

/** A document from its upload to its report; emits "change" when there is something new to tell. */
export class Document extends EventEmitter {
  id = randomBytes(18).toString('base64url');
  state = 'working';
  progress = { stage: 'init', percent: 0, done: 0, total: 0 };
  /** Counts what there was to tell, for clients that come back. */
  step = 1;
  report = null;
  error = null;
  #controller = new AbortController();
  #abandoned = null;
  #wanted = false;

  constructor(name) {
    super();
    this.setMaxListeners(0);
    this.name = name;
  }

  get ended() {
    return this.state !== 'working';
  }

  async work(engine, pieces) {
    try {
      const report = await engine.ingest(pieces, {
        signal: this.#controller.signal,
        settings: { 'report.text': true },
        onProgress: (progress) => this.#change({ progress }),
      });
      this.#change({ state: 'done', report: report.json });
    } catch (error) {
      if (this.#controller.signal.aborted) {
        this.#change({ state: 'cancelled' });
      } else if (error instanceof ToriError) {
        this.#change({ state: 'failed', error: error.details });
      } else {
        this.#change({ state: 'failed', error: { name: error.name, message: error.message } });
      }
    }
  }

  cancel() {
    this.#controller.abort();
  }

  /** Listens to changes until the function that is returned is called; the last one to leave cancels, after a grace. */
  watch(listener, grace) {
    clearTimeout(this.#abandoned);
    this.on('change', listener);
    return () => {
      this.off('change', listener);
      if (this.listenerCount('change') === 0 && !this.ended && !this.#wanted) {
        this.#abandoned = setTimeout(() => this.cancel(), grace).unref();
      }
    };
  }

  /** Somebody asks for it without watching: it is worked on whoever leaves. */
  want() {
    this.#wanted = true;
    clearTimeout(this.#abandoned);
  }

  #change(fields) {
    Object.assign(this, fields);
    this.step += 1;
    this.emit('change');
  }
}

export class Documents {
  #engine;
  #bounds;
  #all = new Map();
  #working = 0;
  #keptBytes = 0;

  constructor(engine, bounds) {
    this.#engine = engine;
    this.#bounds = bounds;
  }

  get working() {
    return this.#working;
  }

  add(name, pieces) {
    const document = new Document(name);
    this.#all.set(document.id, document);
    this.#working += 1;
    document.work(this.#engine, pieces).then(() => this.#keep(document));
    return document;
  }

  get(id) {
    return this.#all.get(id);
  }

  remove(document) {
    document.cancel();
    if (this.#all.delete(document.id)) this.#keptBytes -= document.report?.length ?? 0;
  }

  close() {
    for (const document of this.#all.values()) this.remove(document);
  }

  #keep(document) {
    this.#working -= 1;
    if (!this.#all.has(document.id)) return;
    this.#keptBytes += document.report?.length ?? 0;
    setTimeout(() => this.remove(document), this.#bounds.keptMs).unref();
    for (const oldest of this.#all.values()) {
      if (this.#all.size <= this.#bounds.kept && this.#keptBytes <= this.#bounds.keptBytes) break;
      if (oldest.ended) this.remove(oldest);
    }
  }
}
