// The list of documents: uploads, progress and errors. Everything from outside is put into the page as text.

import { failure, notice, render } from './report.js';

const list = document.getElementById('documents');
const main = document.getElementById('main');
const status = document.getElementById('status');
const file = document.getElementById('file');
let opened = null;

class Entry {
  #upload = new XMLHttpRequest();
  #events = null;
  #address = null;
  #view = null;
  ended = false;

  constructor(source) {
    this.name = source.name;
    this.item = document.getElementById('document').content.cloneNode(true).firstElementChild;
    this.item.querySelector('.name').textContent = source.name;
    this.item.querySelector('.name').title = source.name;
    this.item.querySelector('progress').setAttribute('aria-label', `Progress of ${source.name}`);
    this.item.querySelector('.open').addEventListener('click', () => open(this, true));
    this.item.querySelector('.stop').addEventListener('click', () => this.stop());
    this.#show('working', 'sending', 0);
    this.#send(source);
  }

  get view() {
    if (this.#view !== null) return this.#view;
    return this.ended
      ? notice(this.name, 'Cancelled', 'Nothing was kept.')
      : notice(this.name, 'In work', 'Its concepts appear here when it is done.');
  }

  /** Cancels a document in work, and takes an ended one off the list. */
  stop() {
    if (this.#address !== null) fetch(this.#address, { method: 'DELETE' }).catch(() => {});
    this.#address = null;
    if (this.ended) {
      const next = this.item.nextElementSibling ?? this.item.previousElementSibling;
      this.item.remove();
      (next?.querySelector('.open') ?? file).focus();
      if (opened === this) close();
    } else {
      this.#upload.abort();
      this.#end('cancelled', 'cancelled');
    }
  }

  #send(source) {
    const upload = this.#upload;
    upload.open('POST', `/documents?name=${encodeURIComponent(this.name)}`);
    upload.responseType = 'json';
    upload.upload.onprogress = ({ loaded, total }) => this.#show('working', `sending ${Math.round((100 * loaded) / total)} %`, 0);
    upload.onerror = () => this.#fail({ name: 'No answer', message: 'The server cannot be reached, or it closed the connection.' });
    upload.onload = () => {
      if (upload.status !== 202) {
        this.#fail(upload.response?.error ?? { name: `HTTP ${upload.status}`, message: upload.statusText });
        return;
      }
      this.#address = upload.getResponseHeader('Location');
      this.#watch(upload.response.events);
    };
    upload.send(source);
  }

  #watch(address) {
    const events = new EventSource(address);
    this.#events = events;
    events.addEventListener('progress', ({ data }) => {
      const { stage, percent, done, total } = JSON.parse(data);
      this.#show('working', total > 0 ? `${stage} ${done}/${total}` : stage, percent);
    });
    events.addEventListener('done', () => this.#fetch());
    events.addEventListener('failed', ({ data }) => this.#fail(JSON.parse(data)));
    events.addEventListener('cancelled', () => this.#end('cancelled', 'cancelled'));
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) this.#fail({ name: 'No answer', message: 'The server no longer knows this document.' });
    };
  }

  async #fetch() {
    this.#events.close();
    try {
      const { report } = await (await fetch(this.#address)).json();
      if (this.ended) return;
      this.#view = render(this.name, report);
      this.#end('done', `${report.concepts.length} concepts`, 100);
    } catch {
      this.#fail({ name: 'No answer', message: 'The report was not received.' });
    }
  }

  #fail({ name, message }) {
    if (this.ended) return;
    this.#view = failure(this.name, name, message);
    this.#end('failed', name);
  }

  #end(state, text, percent) {
    if (this.ended) return;
    this.ended = true;
    this.#events?.close();
    this.#show(state, text, percent);
    status.textContent = `${this.name}: ${text}`;
    // The first of several to end is shown, and stays.
    if (opened === null || opened === this || !opened.ended) open(this);
  }

  #show(state, text, percent) {
    const { item } = this;
    item.dataset.state = state;
    item.querySelector('.stage').textContent = text;
    if (percent !== undefined) item.querySelector('progress').value = percent;
    item.querySelector('.percent').textContent = state === 'working' ? `${percent} %` : '';
    const stop = item.querySelector('.stop');
    stop.title = state === 'working' ? 'Cancel' : 'Remove';
    stop.setAttribute('aria-label', `${stop.title} ${this.name}`);
  }
}

function open(entry, focus = false) {
  opened?.item.querySelector('.open').removeAttribute('aria-current');
  opened = entry;
  entry.item.querySelector('.open').setAttribute('aria-current', 'true');
  main.replaceChildren(entry.view);
  document.title = `${entry.name}: tori`;
  if (focus) main.querySelector('h2').focus();
}

const empty = main.firstElementChild;

function close() {
  opened = null;
  document.title = 'tori: concepts of documents';
  main.replaceChildren(empty);
}

function add(files) {
  const entries = Array.from(files, (source) => new Entry(source));
  list.prepend(...entries.map((entry) => entry.item));
  if (entries.length > 0) open(entries[0]);
}

file.addEventListener('change', () => {
  add(file.files);
  file.value = '';
});

// The whole window takes documents; a drop beside the mark would otherwise open the file in place of the page.
let within = 0;
const drag = (change) => (event) => {
  event.preventDefault();
  within = Math.max(0, within + change);
  document.body.classList.toggle('dragging', within > 0);
};
addEventListener('dragenter', drag(1));
addEventListener('dragleave', drag(-1));
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  drag(-Infinity)(event);
  add(event.dataTransfer.files);
});
